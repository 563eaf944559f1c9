using System.Collections.Immutable;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>The two pure functions that everything rests on.</summary>
public static class Cluster
{
    /// <summary>The newest rules that this program knows.</summary>
    public const int FunctionalLevel = 1;

    /// <summary>The rules that every cluster begins with.</summary>
    public const int FirstLevel = 1;

    /// <summary>Most that one event moves cluster time on, in milliseconds.</summary>
    public const long MaxTimeJump = 600_000;

    /// <summary>Longest time without an event; keeps cluster time from lagging by more than a jump.</summary>
    public const long ClockInterval = 300_000;

    /// <summary>Wait between two rounds through all fence methods, in milliseconds.</summary>
    public const long FenceRetryPause = 5_000;

    public const int MaxFenceHistory = 200;

    public const int MaxOperations = 1_000;

    /// <summary>Documents kept for runbooks.</summary>
    public const int MaxRunbooks = 64;

    /// <summary>Longest document kept for a runbook, in bytes of UTF-8.</summary>
    public const int MaxRunbookLength = 16 * 1024;

    /// <summary>Longest name of such a document, in characters.</summary>
    public const int MaxRunbookName = 64;

    /// <summary>Events that wait to be told to one script; beyond it the oldest are forgotten.</summary>
    public const int MaxScriptEvents = 1_000;

    /// <summary>Characters of the events that wait to be told to one script; beyond it the oldest are forgotten.</summary>
    public const int MaxScriptEventText = 256 * 1024;

    /// <summary>Decisions of one answer of an event script that count.</summary>
    public const int MaxScriptDecisions = 1_000;

    /// <summary>
    /// How much longer than its limit an event script's answer is waited for, in milliseconds: for the end of its processes and the commit.
    /// </summary>
    public const long ScriptGrace = 10_000;

    /// <summary>Longest name of a user event, in characters.</summary>
    public const int MaxUserEventName = 64;

    /// <summary>Longest data of a user event, in characters.</summary>
    public const int MaxUserEventData = 4_096;

    /// <summary>Folds an entry into the state and settles it. Total: any event in any state gives a state.</summary>
    public static ClusterState Apply(ClusterState state, long epoch, long index, EventEnvelope envelope) =>
        Fold.Of(state, epoch, index, envelope);

    /// <summary>Folds a change of membership into the state and settles it.</summary>
    public static ClusterState Apply(ClusterState state, long index, ViewEvent view) =>
        Fold.Of(state, view.Quorum == Quorum.Quorate ? view.Epoch : state.Epoch, index, view);

    /// <summary>Why a configuration would not come into force now; null: it would.</summary>
    public static string? ObstacleTo(ClusterState state, ClusterConfiguration next)
    {
        ArgumentNullException.ThrowIfNull(state);
        return ConfigurationChange.Obstacle(new Draft(state, state.Epoch, state.Index), next);
    }

    /// <summary>The private copy of a node without quorum: it stops what runs on the node, frozen groups aside, and nothing else.</summary>
    /// <param name="state">What is committed.</param>
    /// <param name="node">The node.</param>
    /// <param name="incarnation">Its life.</param>
    /// <param name="index">Of the private event.</param>
    /// <param name="members">Whom it sees, itself among them; null: itself alone.</param>
    public static ClusterState WithoutQuorum(
        ClusterState state, string node, long incarnation, long index, ImmutableSortedDictionary<string, long>? members = null) =>
        Fold.WithoutQuorum(state, index, node, incarnation, members ?? ClusterConfiguration.Sorted<long>().Add(node, incarnation));

    /// <summary>
    /// The state settled from scratch. A settled state comes back as it was: what the marking of changes is checked against.
    /// </summary>
    public static ClusterState SettleInFull(ClusterState state) => Fold.InFull(state);

    /// <summary>
    /// What looking at every node and group, not just at those that the last event concerned, would decide, or say in other words.
    /// Anything but null is a bug: something was left undecided, or is told of a state that has gone.
    /// </summary>
    public static string? Unsettled(ClusterState state) => Fold.FindsMore(state);

    /// <summary>
    /// What recorded transitions still need, and whose it is. Looks only at groups with work under way, so its cost does not
    /// grow with the groups at rest.
    /// </summary>
    public static ImmutableArray<ClusterAction> Plan(ClusterState state) =>
        Plan(state, state.Working.Select(name => state.Groups[name]));

    /// <summary>The same answer from all groups, without the index; what the index is checked against.</summary>
    public static ImmutableArray<ClusterAction> PlanInFull(ClusterState state) => Plan(state, state.Groups.Values);

    /// <summary>What the group still needs; null: nothing.</summary>
    public static ClusterAction? Plan(ClusterState state, GroupState group)
    {
        if (group.Pending is not { } pending)
        {
            return null;
        }

        ResourceConfiguration? resource =
            ResourceTree.Of(group.OldDefinition ?? group.Definition).Find(pending.Resource)
            ?? ResourceTree.Of(group.Definition).Find(pending.Resource);
        return resource is null ? null
            : pending.Id.Operation == ActionOperation.Migrate && group.Migration is { } migration
            ? new MigrationAction(pending.Id, pending.Node, group.Name, resource, migration.To, migration.Kind)
            : new ResourceAction(pending.Id, pending.Node, group.Name, resource);
    }

    private static ImmutableArray<ClusterAction> Plan(ClusterState state, IEnumerable<GroupState> groups)
    {
        ImmutableArray<ClusterAction>.Builder actions = ImmutableArray.CreateBuilder<ClusterAction>();
        foreach (FenceState fence in state.Fences.Values)
        {
            if (fence.Pending is { } call)
            {
                actions.Add(new FenceDeviceAction(call.Id, call.Node, fence.Target, call));
            }
        }

        foreach (NodeState node in state.Nodes.Values)
        {
            if (node.Probe is { } probe)
            {
                actions.Add(new ProbeNodeAction(probe.Id, node.Name, probe.Covers));
            }

            if (node.Ask is { } ask)
            {
                actions.Add(new ProbeNodeAction(ask.Id, node.Name, node.ProbedVersion));
            }
        }

        foreach (EventScriptState script in state.EventScripts.Values)
        {
            if (script.Call is { } call && state.Configuration.EventScripts.TryGetValue(script.Name, out EventScript? definition))
            {
                actions.Add(new EventScriptAction(call.Id, call.Node, definition, call));
            }
        }

        foreach (GroupState group in groups)
        {
            if (Plan(state, group) is { } action)
            {
                actions.Add(action);
            }
        }

        return actions.ToImmutable();
    }
}
