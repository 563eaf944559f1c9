using System.CommandLine;
using ClusterTools.Core;
using ClusterTools.Core.Configuration;
using ClusterTools.Import;

namespace ClusterTools.Host.Commands;

/// <summary><c>clusterd plan</c>: what would be done, computed from a configuration file alone.</summary>
internal static class PlanCommand
{
    private static readonly char[] Separators = [',', ' '];

    private static readonly string[] ToldOfALoss =
    [
        JournalKind.NodeLost.Word, JournalKind.NodeLeftCluster.Word, JournalKind.FenceBegin.Word, JournalKind.FenceSuccess.Word,
    ];

    public static Command Create()
    {
        var config = new Option<string>("--config")
        {
            Description = "The configuration: a cluster.conf, or JSON.",
            Required = true,
            HelpName = "FILE",
        };
        return new Command("plan", "Say what would be done, from a configuration file alone; touches nothing.")
        {
            CreateOrder(
                "start", "The order in which a group's resources start, one a line as 'start fs:data', its own line included.",
                ResourcePlan.Start, config),
            CreateOrder(
                "stop", "The order in which a group's resources stop, one a line as 'stop fs:data', its own line included.",
                ResourcePlan.Stop, config),
            CreateDelta(),
            CreatePlace(config),
            CreateFail(config),
        };
    }

    private static Command CreateOrder(
        string word, string description, Func<GroupConfiguration, IEnumerable<ResourceStep>> order, Option<string> config)
    {
        var group = new Argument<string>("GROUP") { Description = "Name of the group." };
        var command = new Command(word, description) { group, config };
        command.SetAction(async (parsed, cancel) =>
        {
            string name = parsed.GetRequiredValue(group);
            string file = parsed.GetRequiredValue(config);
            ImportResult result = await ConfigurationSource.ReadAsync(file, cancel).ConfigureAwait(false);
            if (!Usable(file, result, name))
            {
                return ExitCode.Failure;
            }

            if (result.Groups.FirstOrDefault(g => g.Name == name) is not { } definition)
            {
                Console.Error.WriteLine($"clusterd: there is no group '{name}'. Groups: {Names(result.Groups.Select(g => g.Name))}.");
                return ExitCode.Failure;
            }

            Write(order(definition));
            return ExitCode.Success;
        });
        return command;
    }

    private static Command CreateDelta()
    {
        var old = new Argument<string>("OLD") { Description = "The configuration that runs: a cluster.conf, or JSON." };
        var next = new Argument<string>("NEW") { Description = "The configuration as it shall be." };
        var command = new Command(
            "delta",
            "What a change of configuration would stop and start while all groups of the old one run: "
                + "every stop, then every start, one a line. What is the same in the same place goes on running.")
        {
            old,
            next,
        };
        command.SetAction(async (parsed, cancel) =>
        {
            string oldFile = parsed.GetRequiredValue(old);
            string nextFile = parsed.GetRequiredValue(next);
            ImportResult before = await ConfigurationSource.ReadAsync(oldFile, cancel).ConfigureAwait(false);
            ImportResult after = await ConfigurationSource.ReadAsync(nextFile, cancel).ConfigureAwait(false);
            bool usable = Usable(oldFile, before, null);
            if (!Usable(nextFile, after, null) || !usable)
            {
                return ExitCode.Failure;
            }

            foreach (GroupConfiguration group in after.Groups.Where(g => !g.Autostart && before.Groups.All(b => b.Name != g.Name)))
            {
                Console.Error.WriteLine(
                    $"clusterd: group '{group.Name}' is new and autostart is off: it waits in Disabled until Start-ClusterGroup "
                        + $"{group.Name}.");
            }

            ResourceStep[] steps = [.. ResourcePlan.Change(before.Groups, after.Groups, ClassicTypes.KnowsChildren)];
            if (!steps.SequenceEqual(ResourcePlan.Change(before.Groups, after.Groups)))
            {
                Console.Error.WriteLine(
                    "clusterd: siblings stand in the classic tool's order; the cluster itself keeps to the order of 'plan stop' and 'plan "
                        + "start' among them.");
            }

            Write(steps);
            return ExitCode.Success;
        });
        return command;
    }

    /// <summary>
    /// Tells the problems, and whether the trees in question are whole. A file of trees alone, without nodes or fencing, can be planned,
    /// as with the classic tool.
    /// </summary>
    private static bool Usable(string file, ImportResult result, string? group)
    {
        ConfigurationSource.Print(file, result.Problems);
        if (result.TreeErrors(group).Any())
        {
            return false;
        }

        if (result.Configuration is null && !result.Groups.IsEmpty)
        {
            Console.Error.WriteLine(
                $"clusterd: a cluster can't use '{file}' as it is, for the errors above; "
                    + "the order of its resources is not touched by them.");
        }

        return result.Configuration is not null || !result.Groups.IsEmpty;
    }

    private static void Write(IEnumerable<ResourceStep> steps)
    {
        foreach (ResourceStep step in steps)
        {
            Console.Out.WriteLine(step.ToString());
        }
    }

    private static Command CreatePlace(Option<string> config)
    {
        var down = new Option<string[]>("--down")
        {
            Description = "Nodes that are not there, separated by commas.",
            HelpName = "NODE,NODE",
            DefaultValueFactory = _ => [],
        };
        var command = new Command("place", "Where each group would run in a cluster that forms now, and why.") { config, down };
        command.SetAction(async (parsed, cancel) =>
        {
            if (await ConfigurationSource.ReadUsableAsync(parsed.GetRequiredValue(config), cancel)
                .ConfigureAwait(false) is not { } configuration)
            {
                return ExitCode.Failure;
            }

            HashSet<string> absent =
            [
                .. (parsed.GetValue(down) ?? []).SelectMany(d => d.Split(Separators, StringSplitOptions.RemoveEmptyEntries)),
            ];
            if (absent.FirstOrDefault(n => !configuration.Nodes.ContainsKey(n)) is { } unknown)
            {
                return UnknownNode(configuration, unknown);
            }

            Prediction prediction = Prediction.Form(configuration, absent);
            Console.Out.WriteLine(Description.QuorumOf(prediction.State));
            foreach (GroupState group in prediction.State.Groups.Values)
            {
                Console.Out.WriteLine(prediction.QuorumLost
                    ? $"{group.Name}: nowhere: no quorum"
                    : $"{group.Name}: {Place(group)}: {Reason(prediction, group)}");
            }

            return ExitCode.Success;
        });
        return command;
    }

    private static Command CreateFail(Option<string> config)
    {
        var what = new Argument<string>("NODE|GROUP")
        {
            Description = "The node that falls silent, or the group that fails where it runs.",
        };
        var state = new Option<string?>("--state")
        {
            Description = "Where the groups run now: JSON, as 'clusterd status --json' gives it, or {\"GROUP\": \"NODE\"}; "
                + "a group that is null is down. "
                + "Without it: where they would run after all nodes have started.",
            HelpName = "FILE",
        };
        var command = new Command(
            "fail", "What would happen if a node or a group failed: who is fenced, what moves where and why, and what stays down.")
        {
            what,
            config,
            state,
        };
        command.SetAction(async (parsed, cancel) =>
        {
            if (await ConfigurationSource.ReadUsableAsync(parsed.GetRequiredValue(config), cancel)
                .ConfigureAwait(false) is not { } configuration)
            {
                return ExitCode.Failure;
            }

            string name = parsed.GetRequiredValue(what);
            bool isNode = configuration.Nodes.ContainsKey(name);
            if (!isNode && !configuration.Groups.ContainsKey(name))
            {
                Console.Error.WriteLine(
                    $"clusterd: there is no node and no group '{name}'. Nodes: {Names(configuration.Nodes.Keys)}. Groups: "
                        + $"{Names(configuration.Groups.Keys)}.");
                return ExitCode.Failure;
            }

            if (isNode && configuration.Groups.ContainsKey(name))
            {
                Console.Error.WriteLine($"clusterd: '{name}' is a node and a group; the node is meant.");
            }

            RunningGroups? now = null;
            if (parsed.GetValue(state) is { } file)
            {
                now = await RunningGroups.ReadAsync(file, configuration, cancel).ConfigureAwait(false);
                if (now is null)
                {
                    return ExitCode.Failure;
                }
            }

            return Fail(configuration, now, name, isNode);
        });
        return command;
    }

    private static int Fail(ClusterConfiguration configuration, RunningGroups? now, string name, bool isNode)
    {
        Prediction Begin() => now is null
            ? Prediction.Form(configuration, new HashSet<string>())
            : Prediction.Found(configuration, now.Down, now.Owners, now.Frozen);
        Prediction prediction = Begin();
        if (prediction.QuorumLost)
        {
            Console.Error.WriteLine(now is null || now.Down.Count == 0
                ? "clusterd: even with all nodes there is no quorum. Check the votes with 'clusterd check'."
                : "clusterd: the nodes that are there have no quorum: nothing runs that could fail.");
            return ExitCode.Failure;
        }

        if (configuration.Groups.Values.Any(g => ResourceTree.Of(g).StartOrder.Any(r => r.Type == "vm")))
        {
            Console.Error.WriteLine(
                "clusterd: what guests need of memory and processors, and what the nodes have, is not known and not counted.");
        }

        return isNode ? FailNode(prediction, name) : FailGroup(prediction, Begin, name);
    }

    private static int FailNode(Prediction prediction, string name)
    {
        if (!prediction.State.Members.ContainsKey(name))
        {
            Console.Error.WriteLine($"clusterd: node '{name}' is down already.");
            return ExitCode.Failure;
        }

        ClusterState before = prediction.State;
        int known = prediction.Journal.Count;
        prediction.Lose(name);
        Tell(prediction, known, before);
        return ExitCode.Success;
    }

    private static int FailGroup(Prediction prediction, Func<Prediction> begin, string name)
    {
        ClusterState before = prediction.State;
        int known = prediction.Journal.Count;
        if (!prediction.Fail(name, forGood: false))
        {
            GroupState down = before.Groups[name];
            Console.Out.WriteLine(
                $"{name}: {(down.Frozen ? $"stays on {down.Owner}: it is frozen" : $"stays nowhere: {Reason(prediction, down)}")}");
            return ExitCode.Success;
        }

        GroupState after = prediction.State.Groups[name];
        if (after.Phase == GroupPhase.Started && after.Owner == before.Groups[name].Owner)
        {
            Console.Out.WriteLine($"{name}: {after.Owner} -> {after.Owner}: restarted in place; if it can't be started there again:");
            prediction = begin();
            before = prediction.State;
            known = prediction.Journal.Count;
            prediction.Fail(name, forGood: true);
        }

        Tell(prediction, known, before);
        return ExitCode.Success;
    }

    private static void Tell(Prediction prediction, int known, ClusterState before)
    {
        Console.Out.WriteLine(Description.QuorumOf(prediction.State));
        foreach (JournalEntry entry in prediction.Journal.Skip(known)
            .Where(static e => ToldOfALoss.Contains(e.Kind)))
        {
            Console.Out.WriteLine(entry.Message);
        }

        foreach (GroupState old in before.Groups.Values)
        {
            Console.Out.WriteLine(Change(prediction, old, prediction.State.Groups[old.Name]));
        }
    }

    private static string Change(Prediction prediction, GroupState old, GroupState now)
    {
        if (prediction.QuorumLost)
        {
            return old.Owner is null ? $"{old.Name}: stays nowhere" : $"{old.Name}: {old.Owner} -> nowhere: those left have no quorum";
        }

        return old.Owner == now.Owner && old.Phase == now.Phase
            ? $"{old.Name}: stays {(now.Owner is null ? "nowhere" : $"on {now.Owner}")}"
                + $"{(now.Owner is null ? $": {Reason(prediction, now)}" : "")}"
            : $"{old.Name}: {Place(old)} -> {Place(now)}: {Reason(prediction, now)}";
    }

    private static string Place(GroupState group) => group is { Owner: { } owner, Phase: GroupPhase.Started } ? owner : "nowhere";

    /// <summary>Why it was placed there; without a place, what keeps every node from it.</summary>
    private static string Reason(Prediction prediction, GroupState group) =>
        group is { Owner: not null, Phase: GroupPhase.Started } ? $"{group.Reason}"
        : group.Goal == GroupGoal.Run ? group.Waits?.ToString() ?? Description.Unplaced(prediction.State, group)
        : group.Definition.Autostart ? $"{group.Why}"
        : "autostart is off";

    private static int UnknownNode(ClusterConfiguration configuration, string name)
    {
        Console.Error.WriteLine($"clusterd: there is no node '{name}'. Nodes: {Names(configuration.Nodes.Keys)}.");
        return ExitCode.Failure;
    }

    private static string Names(IEnumerable<string> names) => string.Join(", ", names.Take(10)) + (names.Skip(10).Any() ? " …" : "");
}
