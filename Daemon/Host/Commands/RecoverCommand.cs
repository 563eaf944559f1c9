using System.CommandLine;
using ClusterTools.Agents;
using ClusterTools.Engines.Local;
using ClusterTools.Host.Daemon;

namespace ClusterTools.Host.Commands;

/// <summary>
/// <c>clusterd recover</c>: goes on with the newest configuration that is known when the log is lost, on somebody's word.
/// </summary>
internal static class RecoverCommand
{
    public static Command Create()
    {
        var state = new Option<string[]>("--state")
        {
            Description = "A node's state folder; give it once for each node of this machine.",
            Required = true,
            HelpName = "DIR",
        };
        var version = new Option<long?>("--version")
        {
            Description = "The configuration version to go on with; the newest when left out.",
            HelpName = "N",
        };
        var accept = new Option<bool>("--accept-loss") { Description = "Do it. Without this only what is known is shown." };
        var discard = new Option<bool>("--discard-log")
        {
            Description = "Go on without a log that is whole: an event in it can't be handled.",
        };
        var command = new Command(
            "recover", "After the cluster's log was lost or damaged: show what the nodes know, and go on with the newest configuration.")
        {
            state, version, accept, discard,
        };
        command.SetAction(async (parsed, cancel) =>
        {
            FileStatus.KeepToOwner();
            string[] folders = [.. parsed.GetRequiredValue(state).Select(Path.GetFullPath).Distinct()];
            foreach (string folder in folders)
            {
                PrivateFolder.Check(folder);
            }

            using Recovery recovery = await Recovery.LookAsync(folders, cancel).ConfigureAwait(false);
            Print(recovery);
            if (recovery.Obstacle is { } obstacle)
            {
                Console.Error.WriteLine($"clusterd: {obstacle}");
                return ExitCode.Failure;
            }

            bool anew = recovery.NeedsNewLog || parsed.GetValue(discard);
            if (!anew && recovery.Strangers.Count == 0)
            {
                Console.Out.WriteLine(
                    "The log is whole and is the one that these nodes know: there is nothing to recover. "
                        + "If an event in it can't be handled by the newest clusterd either, add --discard-log.");
                return ExitCode.Success;
            }

            return Act(recovery, anew, parsed.GetValue(version), parsed.GetValue(accept), cancel);
        });
        return command;
    }

    private static void Print(Recovery recovery)
    {
        Console.Out.WriteLine($"Log: {recovery.Log.Words}");
        foreach (NodeKnowledge node in recovery.Nodes)
        {
            string kept = node.Newest is { } newest
                ? $"keeps configuration version {newest.Version}{newest.Dated}"
                : "keeps no configuration";
            string seen = node.Seen is { } memory
                ? $"has seen index {memory.Index} of "
                    + (recovery.Log.Condition != LogCondition.Whole ? "the log"
                        : memory.Log == recovery.Log.Log ? "this log"
                        : "another log")
                : "does not know what it has seen of a log";
            Console.Out.WriteLine($"{node.Settings.Node}: {kept}; {seen}");
        }
    }

    private static int Act(Recovery recovery, bool anew, long? version, bool accept, CancellationToken cancel)
    {
        if (!anew)
        {
            Console.Out.WriteLine(
                $"The log is whole, and {string.Join(", ", recovery.Strangers.Select(n => n.Settings.Node))} has known another one. "
                    + "What was committed only there is lost when it joins this one.");
        }
        else if (recovery.Choose(version) is { } chosen)
        {
            Console.Out.WriteLine(
                $"""
                The cluster would go on with configuration version {chosen.Record.Version}{chosen.Record.Dated}, as {chosen.Node} keeps it, and a new log.
                Lost is what was committed after that version: changes of the configuration, rights that were taken away since, which groups are disabled or frozen,
                which nodes are in maintenance. Groups that run are found again. What is there of the old log is set aside, not deleted.
                Look on every other machine of the cluster first: a node there may keep a newer version.
                """);
        }
        else
        {
            Console.Error.WriteLine(version is null
                ? "clusterd: none of these nodes keeps a configuration. Name the other nodes' state folders too, or make the cluster anew "
                    + "with 'clusterd init'."
                : $"clusterd: none of these nodes keeps configuration version {version}. Leave --version out for the newest.");
            return ExitCode.Failure;
        }

        if (!accept)
        {
            Console.Out.WriteLine("Nothing was changed. To do it, add --accept-loss.");
            return ExitCode.Failure;
        }

        foreach (string line in recovery.Apply(anew, version, cancel))
        {
            Console.Out.WriteLine(line);
        }

        return ExitCode.Success;
    }
}
