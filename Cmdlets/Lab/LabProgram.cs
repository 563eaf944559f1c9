using System.Diagnostics;
using System.Reflection;
using System.Text;

namespace ClusterTools.Client;

/// <summary>The program <c>clusterd</c>, as far as labs need it.</summary>
internal static class LabProgram
{
    /// <summary>Names the program.</summary>
    public const string Variable = "CLUSTERTOOLS_DAEMON";

    private const string Name = "clusterd";

    /// <summary>Where it is: as named, else by the variable, on PATH, or beside the module.</summary>
    /// <exception cref="LabException">There is none.</exception>
    public static string Find(string? named)
    {
        if ((named ?? Environment.GetEnvironmentVariable(Variable)) is { Length: > 0 } given)
        {
            return File.Exists(given)
                ? Path.GetFullPath(given)
                : throw new LabException(
                    LabException.DaemonNotFound, $"There is no program '{given}'.",
                    $"Name the clusterd that is to run with -Daemon or in ${Variable}.");
        }

        string module = Path.GetDirectoryName(Path.GetDirectoryName(Assembly.GetExecutingAssembly().Location)) ?? "";
        return (Environment.GetEnvironmentVariable("PATH") ?? "").Split([Path.PathSeparator], StringSplitOptions.RemoveEmptyEntries)
            .Append(Path.Combine(module, "..", Name))
            .Select(folder => Path.Combine(folder, Name))
            .FirstOrDefault(File.Exists) is { } found
            ? Path.GetFullPath(found)
            : throw new LabException(
                LabException.DaemonNotFound, "There is no clusterd on PATH, nor beside the module.",
                $"Install it, or name it with -Daemon or in ${Variable}.");
    }

    /// <summary>The example that comes with the module; null when it is not there.</summary>
    public static (string Configuration, string Root)? Example
    {
        get
        {
            string folder = Path.Combine(
                Path.GetDirectoryName(Path.GetDirectoryName(Assembly.GetExecutingAssembly().Location)) ?? "", "Lab", "webshop");
            string configuration = Path.Combine(folder, "cluster.conf");
            return File.Exists(configuration) ? (configuration, Path.Combine(folder, "root")) : null;
        }
    }

    /// <summary>A process to start, with pipes.</summary>
    public static ProcessStartInfo Prepare(string program, IEnumerable<string> arguments) =>
        new(program, string.Join(" ", arguments.Select(Quoted)))
    {
        UseShellExecute = false,
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    };

    /// <summary>Runs it to its end.</summary>
    /// <returns>What it wrote.</returns>
    /// <exception cref="LabException">It failed, with what it said; or it did not end in time.</exception>
    public static string Run(string program, IReadOnlyList<string> arguments, TimeSpan limit, CancellationToken cancellationToken)
    {
        using Process process = Process.Start(Prepare(program, arguments))!;
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        try
        {
            if (!Task.WaitAll([output, error], (int)limit.TotalMilliseconds, cancellationToken)
                || !process.WaitForExit((int)limit.TotalMilliseconds))
            {
                throw new LabException(
                    LabException.LabTimedOut, $"clusterd {string.Join(" ", arguments)} did not end within {limit.TotalSeconds:0} s.",
                    "Try again; see whether the machine is overloaded.");
            }
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }

        return process.ExitCode == 0
            ? output.Result
            : throw new LabException(LabException.LabFailed, Said(error.Result), "");
    }

    /// <summary>What the program says is wrong, without its name before it.</summary>
    public static string Said(string error)
    {
        string text = error.Trim();
        return text.StartsWith(Name + ": ", StringComparison.Ordinal) ? text.Substring(Name.Length + 2)
            : text.Length > 0 ? text
            : "clusterd failed and did not say why.";
    }

    // As .NET takes a command line apart, on every system.
    private static string Quoted(string argument)
    {
        var quoted = new StringBuilder("\"");
        int backslashes = 0;
        foreach (char c in argument)
        {
            if (c == '\\')
            {
                backslashes++;
                continue;
            }

            quoted.Append('\\', c == '"' ? (2 * backslashes) + 1 : backslashes).Append(c);
            backslashes = 0;
        }

        return quoted.Append('\\', 2 * backslashes).Append('"').ToString();
    }
}
