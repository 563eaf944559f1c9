using System.CommandLine;
using ClusterTools.Host.Commands;

namespace ClusterTools.Host;

/// <summary>The verbs of <c>clusterd</c>.</summary>
internal static class CommandLine
{
    public static async Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand("The ClusterTools daemon and its command line.")
        {
            VersionCommand.Create(),
            CheckCommand.Create(),
            PlanCommand.Create(),
            new Command("fence-lab", "The lab's fence agent; speaks the fence agents' protocol on standard input."),
        };
        ParseResult parsed = root.Parse(args);
        // Ctrl-C and SIGTERM cancel the token; what must end in good order takes the time it needs.
        var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = Timeout.InfiniteTimeSpan };
        try
        {
            int exitCode = await parsed.InvokeAsync(configuration).ConfigureAwait(false);
            return parsed.Errors.Count > 0 ? ExitCode.Unusable : exitCode;
        }
        catch (UnreadableFileException e)
        {
            Console.Error.WriteLine($"clusterd: {e.Message}");
            return ExitCode.Unusable;
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Interrupted;
        }
    }
}
