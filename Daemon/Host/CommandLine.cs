using System.CommandLine;
using ClusterTools.Agents;
using ClusterTools.Client;
using ClusterTools.Fencing.Lab;
using ClusterTools.Host.Commands;
using ClusterTools.Lab;

namespace ClusterTools.Host;

/// <summary>The verbs of <c>clusterd</c>.</summary>
internal static class CommandLine
{
    public static async Task<int> RunAsync(string[] args)
    {
        // A terminal's Ctrl-C reaches a lab and its nodes' supervisors alike, however often it is pressed.
        using var signals = new Signals(patient: args is ["lab" or "lab-node", ..]);
        var root = new RootCommand("The ClusterTools daemon and its command line.")
        {
            VersionCommand.Create(),
            CheckCommand.Create(),
            ImportCommand.Create(),
            PlanCommand.Create(),
            InitCommand.Create(),
            InviteCommand.Create(),
            JoinCommand.Create(),
            RunCommand.Create(signals),
            StatusCommand.Create(),
            EndCommand.CreateStop(),
            EndCommand.CreateRestart(),
            RecoverCommand.Create(),
            QuorumDiskCommand.Create(),
            LabCommand.Create(),
            LabCommand.CreateNode(),
            new Command("fence-lab", "The lab's fence agent; speaks the fence agents' protocol on standard input."),
        };
        ParseResult parsed = root.Parse(args);
        // Signals are ours: what must end in good order takes the time it needs.
        var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
        try
        {
            int exitCode = await parsed.InvokeAsync(configuration, signals.Token).ConfigureAwait(false);
            return parsed.Errors.Count > 0 ? ExitCode.Unusable : exitCode;
        }
        catch (UnreadableFileException e)
        {
            return Fail(e, ExitCode.Unusable);
        }
        catch (Exception e) when (e is InvalidDataException or ContextException)
        {
            return Fail(e, ExitCode.Unusable);
        }
        catch (Exception e) when (e is ClusterUnreachableException or ClusterApiException or LabException or LabPowerException
            or ProcessStartException or IOException or UnauthorizedAccessException or TimeoutException)
        {
            return Fail(e, ExitCode.Failure);
        }
        catch (OperationCanceledException) when (signals.Token.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
    }

    private static int Fail(Exception error, int exitCode)
    {
        Console.Error.WriteLine($"clusterd: {DiskRemedy.With(error)}");
        return exitCode;
    }
}
