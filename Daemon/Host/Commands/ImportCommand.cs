using System.CommandLine;
using System.Text;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Host.Commands;

/// <summary>
/// <c>clusterd import FILE</c>: what was understood of a file, as a tree, beside it what was lost, and as configuration. Changes nothing in
/// a cluster.
/// </summary>
internal static class ImportCommand
{
    private const int WidestTree = 110;

    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "A classic cluster.conf, or a configuration in JSON." };
        var output = new Option<string?>("--output")
        {
            Description = "Write the configuration there as JSON, secrets included, readable by its owner alone.",
            HelpName = "FILE",
        };
        var force = new Option<bool>("--force") { Description = "Overwrite the file of --output." };
        var command = new Command(
            "import",
            "Show what was understood of a configuration: as a tree, beside it what was lost or means something else, and as JSON. "
                + "Exit code 0: usable; 1: errors; 2: the file can't be read.")
        {
            file,
            output,
            force,
        };
        command.SetAction(
            (parsed, cancel) => RunAsync(parsed.GetRequiredValue(file), parsed.GetValue(output), parsed.GetValue(force), cancel));
        return command;
    }

    private static async Task<int> RunAsync(string file, string? output, bool force, CancellationToken cancel)
    {
        ImportResult result = await ConfigurationSource.ReadAsync(file, cancel).ConfigureAwait(false);
        Console.Out.WriteLine(Understood(result));
        if (result.Configuration is not { } configuration)
        {
            Console.Error.WriteLine(
                $"clusterd: '{file}' can't be used, for the errors above{(output is null ? "" : "; nothing is written")}.");
            return ExitCode.Failure;
        }

        if (output is null)
        {
            Console.Out.WriteLine("As configuration, without its secrets (--output FILE writes it with them):");
            Console.Out.WriteLine(Encoding.UTF8.GetString(ConfigurationJson.Write(SecretParameters.Redact(configuration))));
            return ExitCode.Success;
        }

        return await WriteAsync(output, force, ConfigurationJson.Write(configuration), cancel).ConfigureAwait(false);
    }

    /// <summary>The tree, with numbers beside it that stand for what is listed below it.</summary>
    private static string Understood(ImportResult result)
    {
        ConfigurationTreeLine[] lines = result.Configuration is { } configuration
            ? [.. ConfigurationTree.Of(configuration)]
            : [new ConfigurationTreeLine(0, "", "what could be read of its groups"), .. ConfigurationTree.Of(result.Groups)];
        ILookup<int, int> beside = result.Problems.Select((p, i) => (At: Nearest(lines, p.Path), Number: i + 1)).ToLookup(
            p => p.At, p => p.Number);
        string[] tree = [.. lines.Select(l => new string(' ', 2 * l.Depth) + l.Text)];
        int width = Math.Min(WidestTree, tree.Max(t => t.Length));
        var text = new StringBuilder();
        text.AppendLine($"{"As it was understood".PadRight(width)}  What was lost or means something else");
        for (int i = 0; i < tree.Length; i++)
        {
            string numbers = string.Join(' ', beside[i].Select(n => $"({n})"));
            text.AppendLine(numbers.Length == 0 ? tree[i] : $"{tree[i].PadRight(width)}  {numbers}");
        }

        text.AppendLine();
        foreach ((int index, ConfigurationProblem problem) in result.Problems.Index())
        {
            string line = problem.Line is { } number ? $"line {number}: " : "";
            text.AppendLine($"({index + 1}) {line}{(problem.Severity == ProblemSeverity.Error ? "error: " : "")}{problem.Message}");
            text.AppendLine($"    {problem.Remedy}");
        }

        return text.ToString();
    }

    /// <summary>The line of the tree that a place is about, or that it lies under.</summary>
    private static int Nearest(ConfigurationTreeLine[] lines, string path)
    {
        int best = 0;
        for (int i = 1; i < lines.Length; i++)
        {
            string at = lines[i].Path;
            if (at.Length > lines[best].Path.Length && path.StartsWith(at, StringComparison.Ordinal)
                && (path.Length == at.Length || path[at.Length] == '/'))
            {
                best = i;
            }
        }

        return best;
    }

    private static async Task<int> WriteAsync(string output, bool force, byte[] json, CancellationToken cancel)
    {
        if (force)
        {
            File.Delete(output);
        }

        try
        {
            var options = new FileStreamOptions
            {
                Access = FileAccess.Write,
                Mode = FileMode.CreateNew,
                Options = FileOptions.Asynchronous,
            };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            await using var stream = new FileStream(output, options);
            await stream.WriteAsync(json, cancel).ConfigureAwait(false);
        }
        catch (IOException) when (!force && File.Exists(output))
        {
            Console.Error.WriteLine($"clusterd: '{output}' is there already and was left as it is. Name another file, or add --force.");
            return ExitCode.Failure;
        }

        Console.Out.WriteLine(
            $"Written to {output}, secrets included. 'clusterd check {output}' reads it, and so does everything that takes a "
                + "configuration.");
        return ExitCode.Success;
    }
}
