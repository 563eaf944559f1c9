using System.Collections.Immutable;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>The private copy of a node without quorum: it stops what runs there, frozen groups aside, and nothing else.</summary>
internal static class WithoutQuorum
{
    public static void Begin(Draft draft, string node, long incarnation, ImmutableSortedDictionary<string, long> members)
    {
        // What is due in the cluster is not due here; the time for another try of a stop is.
        draft.State = draft.State with { Quorum = Quorum.None, StopOnly = node, Members = members, Deadlines = [] };
        foreach (NodeState other in draft.State.Nodes.Values)
        {
            if (other.Member && !members.ContainsKey(other.Name))
            {
                draft.SetNode(other with
                {
                    Member = false,
                    Phase = NodePhase.Lost,
                    LostAt = draft.State.Time,
                    Why = CauseKind.SilentHere.With($"{other.Phase}"),
                });
            }
        }

        draft.State.Nodes.TryGetValue(node, out NodeState? self);
        if (self is not null && self.Incarnation != incarnation)
        {
            // A daemon that restarted alone stops what its last life left running; nobody answers for that life any more.
            draft.SetNode(self with { Incarnation = incarnation, Probe = null });
            Membership.DropPending(draft, node);
        }

        if (draft.State.Disarmed is not null)
        {
            draft.Journal(
                JournalSeverity.Warning, JournalKind.ClusterDisarmed,
                $"Node {node} has lost quorum; the cluster is disarmed, and what runs here goes on running.", node);
            return;
        }

        foreach (string name in MayRunHere(self))
        {
            GroupState group = draft.State.Groups[name];
            if (!group.Frozen)
            {
                group = group with { ActiveOn = group.ActiveOn.Add(node) };
                // A script before a final action is not waited for: there will be none.
                bool mine = group.Pending is { Id.Operation: not ActionOperation.FinalScript } pending && pending.Node == node;
                GroupState stops = group.Owner == node ? Stopping.DoomAll(group) : Stopping.TakeOver(draft, group, node);
                draft.SetGroup(stops with
                {
                    Pending = mine ? group.Pending : null,
                    Instance = stops.Instance with
                    {
                        Final = null,
                        StopTries = group.Instance.StopTries.Clear(),
                        StopAgain = null,
                        Stuck = Names.None,
                    },
                    Phase = GroupPhase.Stopping,
                    Reason = CauseKind.QuorumLost.With(),
                });
                draft.Journal(
                    JournalSeverity.Warning, JournalKind.GroupStop, $"Group '{name}' is stopped on {node}: the node has lost quorum.", node,
                    name);
            }
        }
    }

    /// <summary>
    /// What a node has by the record, and what it could not tell of while nothing else says where that is: a stop is always safe.
    /// </summary>
    private static string[] MayRunHere(NodeState? self) => self is null
        ? []
        : [
            .. self.Groups.Union(self.Answers.Where(a => a.Value.Blocks).Select(a => a.Key)),
        ];

    public static Step Look(Draft draft, GroupState group, string self)
    {
        if (group is { Phase: GroupPhase.Stopping, ActiveOn.IsEmpty: true, Frozen: false })
        {
            draft.SetGroup(group with { Phase = GroupPhase.Stopped });
            return Step.Done;
        }

        // What was active here is owned by this node since it has no quorum.
        if (group.Frozen || group.Owner != self || group.Phase == GroupPhase.Failed || Stopping.Awaits(draft, group) is not null)
        {
            return Step.Done;
        }

        if (Stopping.Next(group) is { } doomed)
        {
            return Groups.Record(draft, group, doomed, ActionOperation.Stop);
        }

        return Stopping.Begin(draft, group, GroupPhase.Stopping);
    }
}
