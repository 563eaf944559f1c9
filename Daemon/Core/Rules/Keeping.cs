using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>A group that was stopped because its node's machine is shut down waits for that node (FEATURES A11).</summary>
internal static class Keeping
{
    /// <summary>For whom, and how long, a group waits that leaves the node; null: it goes to another.</summary>
    public static KeptPlace? Of(Draft draft, NodeState node) => node.Drain.Shutdown switch
    {
        ShutdownPolicy.Stop => new KeptPlace(node.Name, null),
        ShutdownPolicy.Keep => new KeptPlace(node.Name, draft.State.Time + draft.Configuration.Timing.KeepLimitOrDefault),
        ShutdownPolicy.Move or null => null,
        _ => throw new InvalidOperationException($"Unknown policy {node.Drain.Shutdown}."),
    };

    /// <returns>Null: it waits for nobody, and goes where its rules say.</returns>
    public static Step? Look(Draft draft, GroupState group)
    {
        if (group.Order.Kept is not { } kept)
        {
            return null;
        }

        NodeState? node = draft.State.Nodes.GetValueOrDefault(kept.Node);
        bool late = draft.State.Time >= kept.Until;
        if (late || node is null || IsBack(node))
        {
            PlacementOrder order = group.Order with { Kept = null };
            draft.SetGroup(node is { Eligible: true }
                ? group with { Order = order.To(kept.Node), Reason = CauseKind.KeptAndBack.With(kept.Node) }
                : group with { Order = order });
            if (late && node is { Eligible: false })
            {
                draft.Journal(
                    JournalSeverity.Warning, JournalKind.GroupWaits,
                    $"Group '{group.Name}' waits for node {kept.Node} no longer, which was shut down and is not back in time.", kept.Node,
                    group.Name);
            }

            return Step.Again;
        }

        if (kept.Until is { } until)
        {
            draft.At(until, DeadlineKind.Group, group.Name);
        }

        Cause why = kept.Until is null
            ? CauseKind.KeptFor.With(kept.Node)
            : CauseKind.KeptForAWhile.With(kept.Node, SpanText.Of(draft.Configuration.Timing.KeepLimitOrDefault));
        if (group.Phase != GroupPhase.Stopped || group.Reason.Kind != why.Kind)
        {
            draft.SetGroup(group with { Phase = GroupPhase.Stopped, Reason = why, Order = group.Order with { Unplaced = false } });
            draft.Journal(
                JournalSeverity.Information, JournalKind.GroupWaits, $"Group '{group.Name}' waits: {why}.", kept.Node, group.Name);
        }

        Operations.EndOf(draft, group, false, $"Group '{group.Name}' runs nowhere: {why}.");
        return Step.Done;
    }

    /// <summary>It takes part again, or will not go: whether groups may come to it is another matter.</summary>
    private static bool IsBack(NodeState node) => node is { Member: true, MaintenanceUntil: null, Drain.Goal: not DrainGoal.Leave }
        && node.Phase is NodePhase.Online or NodePhase.Draining or NodePhase.Maintenance;
}
