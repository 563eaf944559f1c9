using System.CommandLine;
using ClusterTools.Fencing.Lab;
using ClusterTools.Host.Daemon;
using ClusterTools.Node;

namespace ClusterTools.Host.Commands;

/// <summary><c>clusterd stop</c> and <c>clusterd restart</c>: ask this machine's daemon to end in good order.</summary>
internal static class EndCommand
{
    private const int SignalPower = 30;
    private const int SignalUser2 = 12;
    private const int SignalUser1 = 10;
    private const int DefaultLimit = 600;
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    public static Command CreateStop()
    {
        var machine = new Option<bool>("--machine")
        {
            Description = "The machine is being shut down: groups go by the shutdown policy, and what can't be moved or stopped keeps "
                + "nobody. With systemd the daemon finds that out by itself.",
        };
        Command command = Create(
            "stop",
            "Move or stop this node's groups, leave the cluster, and end the daemon.",
            async (parsed, folder, limit, cancel) =>
            {
                DaemonFile? ended = await EndAsync(folder, parsed.GetValue(machine) ? SignalPower : SignalUser2, limit, cancel)
                    .ConfigureAwait(false);
                return ended is null ? Host.ExitCode.Failure
                    : ended.ExitCode == Host.ExitCode.Success ? Host.ExitCode.Success
                    : Host.ExitCode.Failure;
            });
        command.Options.Add(machine);
        return command;
    }

    public static Command CreateRestart() => Create(
        "restart",
        "End the daemon and leave this node's groups running; its service manager starts it again, and it finds them.",
        async (_, folder, limit, cancel) =>
        {
            DaemonFile? ended = await EndAsync(folder, SignalUser1, limit, cancel).ConfigureAwait(false);
            if (ended?.ExitCode != Host.ExitCode.Restart)
            {
                return Host.ExitCode.Failure;
            }

            NodeSettings settings = NodeSettings.Read(folder);
            if (settings.Lab is { } lab)
            {
                // A lab node has no service manager; its power socket starts daemons.
                new LabPower(lab, settings.Node).RequestStart();
            }

            return Host.ExitCode.Success;
        });

    private static Command Create(string name, string description, Func<ParseResult, string, TimeSpan, CancellationToken, Task<int>> act)
    {
        var state = new Option<string>("--state") { Description = "The node's state folder.", Required = true, HelpName = "DIR" };
        var limit = new Option<int>("--limit")
        {
            Description = "Seconds to wait for its end.",
            DefaultValueFactory = _ => DefaultLimit,
            HelpName = "SECONDS",
        };
        var command = new Command(name, description) { state, limit };
        command.SetAction((parsed, cancel) => act(
            parsed, Path.GetFullPath(parsed.GetRequiredValue(state)), TimeSpan.FromSeconds(Math.Max(1, parsed.GetValue(limit))), cancel));
        return command;
    }

    /// <returns>What the daemon said of its end; null: it did not end, or without a word.</returns>
    private static async Task<DaemonFile?> EndAsync(string folder, int signal, TimeSpan limit, CancellationToken cancel)
    {
        if (DaemonFile.Read(folder) is not { IsAlive: true } daemon)
        {
            Console.Error.WriteLine(
                $"clusterd: no daemon runs with the state folder '{folder}'. Check the folder; 'clusterd run --state DIR' starts one.");
            return null;
        }

        if (!daemon.Signal(signal))
        {
            Console.Error.WriteLine(
                $"clusterd: the daemon, process {daemon.Pid}, could not be asked. Run this as the user it runs as, or as root.");
            return null;
        }

        using var timer = new CancellationTokenSource(limit);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancel);
        try
        {
            while (daemon.IsAlive)
            {
                await Task.Delay(Poll, either.Token).ConfigureAwait(false);
                if (DaemonFile.Read(folder) is { Refused: { } why } now && now.Pid == daemon.Pid && now.Refusals > daemon.Refusals)
                {
                    Console.Error.WriteLine($"clusterd: {why} The daemon goes on.");
                    return null;
                }
            }
        }
        catch (OperationCanceledException) when (timer.IsCancellationRequested && !cancel.IsCancellationRequested)
        {
            Console.Error.WriteLine(
                $"clusterd: the daemon, process {daemon.Pid}, has not ended within {limit.TotalSeconds:0} s; it goes on trying. "
                    + "See its journal for what it waits for.");
            return null;
        }

        DaemonFile? last = DaemonFile.Read(folder);
        if (last is not { Ended: { } words } || last.Pid != daemon.Pid)
        {
            Console.Error.WriteLine("clusterd: the daemon ended without saying how. See its log.");
            return null;
        }

        Console.Out.WriteLine(words);
        return last;
    }
}
