using System.Collections.Immutable;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>Folds one event into a state by the rules of its subject, and settles what follows from it.</summary>
internal static class Fold
{
    // Far above what one event can cause; a settled state is reached in a few rounds.
    public const int MaxRounds = 100;

    public static ClusterState Of(ClusterState state, long epoch, long index, EventEnvelope envelope)
    {
        var draft = new Draft(state, epoch, index) { WallTime = envelope.WallTime };
        ClusterTime.Advance(draft, envelope);
        // Whoever proposed it: what is too long must not get into the state of every node.
        Apply(draft, BoundedEvent.Of(envelope.Event));
        return Finish(draft);
    }

    public static ClusterState Of(ClusterState state, long epoch, long index, ViewEvent view)
    {
        var draft = new Draft(state, epoch, index) { Dated = false };
        Membership.Apply(draft, view);
        return Finish(draft);
    }

    public static ClusterState WithoutQuorum(
        ClusterState state, long index, string node, long incarnation, ImmutableSortedDictionary<string, long> members)
    {
        var draft = new Draft(state, state.Epoch, index);
        Core.WithoutQuorum.Begin(draft, node, incarnation, members);
        return Finish(draft);
    }

    public static ClusterState InFull(ClusterState state)
    {
        var draft = new Draft(state, state.Epoch, state.Index);
        draft.MarkNodes();
        draft.MarkAll();
        return Finish(draft);
    }

    /// <summary>What looking at everything decides, or says, beyond what stands in the state; null: nothing.</summary>
    public static string? FindsMore(ClusterState before)
    {
        var draft = new Draft(before, before.Epoch, before.Index);
        draft.MarkNodes();
        draft.Marks.Groups.UnionWith(before.Groups.Keys);
        Settle(draft);
        ClusterState after = draft.State;
        return Differs(before.Groups, after.Groups, Words)
            ?? Differs(before.Nodes, after.Nodes, n => $"node {n.Name} {n.Phase} with {n.Probe?.Id} because {n.Why}")
            ?? Differs(before.Fences, after.Fences, f => $"fencing of {f.Target} at {f.Method}.{f.Step} with {f.Pending?.Id}")
            ?? Differs(before.Operations, after.Operations, o => $"operation {o.Id} {o.Kind} {o.Target} {o.Phase}")
            ?? (draft.Journalled.Count > 0 ? draft.Journalled[0].Message : null)
            ?? (ReferenceEquals(before.Deadlines, after.Deadlines)
                ? null
                : $"{after.Deadlines.Except(before.Deadlines).First()} was not awaited");
    }

    private static string Words(GroupState group) =>
        $"group {group.Name} {group.Phase} to {group.Goal} on '{group.Owner}' with {group.Pending?.Id.Operation} "
            + $"because {group.Reason} waits for {group.Waits}";

    private static string? Differs<T>(
        ImmutableSortedDictionary<string, T> before, ImmutableSortedDictionary<string, T> after, Func<T, string> words)
        where T : class
    {
        if (ReferenceEquals(before, after))
        {
            return null;
        }

        string name = before.Keys.Union(after.Keys)
            .First(key => !ReferenceEquals(before.GetValueOrDefault(key), after.GetValueOrDefault(key)));
        string Of(T? value) => value is null ? $"no {name}" : words(value);
        return $"{Of(before.GetValueOrDefault(name))} becomes {Of(after.GetValueOrDefault(name))}";
    }

    private static void Apply(Draft draft, ClusterEvent first)
    {
        switch (first)
        {
            case Tick or StateHashed:
                break;
            case Probed e:
                Probes.Apply(draft, e);
                break;
            case ActionCompleted e:
                Starting.Apply(draft, e);
                break;
            case MigrationTold e:
                Migrating.Apply(draft, e);
                break;
            case GuestNoticed e:
                Guests.Apply(draft, e);
                break;
            case GuestTold e:
                Guests.Apply(draft, e);
                break;
            case MonitorFailed e:
                StatusChecks.Apply(draft, e);
                break;
            case MonitorUnknown e:
                StatusChecks.Apply(draft, e);
                break;
            case FenceCompleted e:
                Fencing.Apply(draft, e);
                break;
            case FenceProven e:
                Fencing.Apply(draft, e);
                break;
            case WatchdogArmed e:
                Watchdogs.Apply(draft, e);
                break;
            case NodeLeft e:
                Draining.Apply(draft, e);
                break;
            case EventScriptCompleted e:
                EventScripts.Apply(draft, e);
                break;
            case Request e:
                Requests.Apply(draft, e);
                break;
            default:
                draft.Ignore();
                break;
        }
    }

    private static ClusterState Finish(Draft draft)
    {
        Settle(draft);
        EventScripts.Call(draft);
        return draft.Done();
    }

    private static void Settle(Draft draft)
    {
        SettleRounds(draft);
        while (ClusterStopping.Settle(draft))
        {
            SettleRounds(draft);
        }

        Rollouts.Settle(draft);
        ClusterTime.EnsureClock(draft);
    }

    private static void SettleRounds(Draft draft)
    {
        Marks marks = draft.Marks;
        for (int round = 0; marks.Any; round++)
        {
            if (round == MaxRounds)
            {
                Unsettled(draft, marks.Groups.FirstOrDefault());
                return;
            }

            if (marks.Nodes)
            {
                marks.Nodes = false;
                Nodes.Settle(draft);
                Fencing.Settle(draft);
            }

            MarkGroups(draft);
            string[] names = [.. marks.Groups];
            marks.Groups.Clear();
            foreach (string name in names)
            {
                Groups.Settle(draft, name);
                // A group that settled has had its say; what others change about it marks it again.
                marks.Groups.Remove(name);
            }
        }
    }

    /// <summary>The groups that are meant where they were not marked by name.</summary>
    private static void MarkGroups(Draft draft)
    {
        Marks marks = draft.Marks;
        if (marks.All)
        {
            marks.All = false;
            marks.Groups.UnionWith(draft.State.Groups.Values.Where(g => !Groups.Rests(draft, g)).Select(g => g.Name));
        }

        if (marks.Restless)
        {
            marks.Restless = false;
            foreach (string name in draft.State.Restless)
            {
                draft.Mark(name);
            }
        }

        if (marks.Groups.Count == 0 && marks.Places)
        {
            // Last, when all else is decided: once, however many groups have found their places.
            marks.Places = false;
            marks.Groups.UnionWith(draft.State.Waiting.Where(name => GroupDependencies.Shares(draft.State.Groups[name])));
        }
    }

    /// <summary>Whatever it is, the next event goes on with it; that it is a fault must not stay hidden.</summary>
    public static void Unsettled(Draft draft, string? group) => draft.Journal(
        JournalSeverity.Error, JournalKind.DaemonUnsettled,
        $"Decisions{(group is null ? "" : $" about group '{group}'")} did not come to rest after {MaxRounds} looks: "
            + "a fault of ClusterTools. They go on with the next event; please report it, with this node's journal.",
        group: group);
}
