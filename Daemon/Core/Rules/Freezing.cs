using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>Frozen groups, and how they come back.</summary>
internal static class Freezing
{
    public static void Freeze(Draft draft, GroupRequest e, GroupState group)
    {
        InstanceState instance = group.Instance with { Final = null, Checks = group.Instance.Checks.Clear() };
        draft.SetGroup(group with { Frozen = true, Unfreezing = false, Instance = instance });
        Operations.EndOf(draft, group, false, "The group was frozen meanwhile.");
        Operations.Succeed(draft, e, $"Group '{e.Group}' is frozen.");
    }

    public static void Unfreeze(Draft draft, GroupRequest e, GroupState group)
    {
        if (!group.Frozen)
        {
            Operations.Succeed(draft, e, $"Group '{e.Group}' is not frozen.");
            return;
        }

        Cause reason = group.Owner is { } owner ? CauseKind.UnfreezesWithOwner.With(owner) : group.Reason;
        draft.SetGroup(GroupRequests.Take(draft, group, e) with { Unfreezing = true, Reason = reason });
    }

    public static Step Settle(Draft draft, GroupState group)
    {
        if (!group.Unfreezing || (group.Owner is { } owner && !OwnerIsBack(draft, group, owner)))
        {
            return Waiting.End(draft, group);
        }

        // What happened while nobody looked is found out before anything is done.
        draft.DemandProbes(draft.State.ProbeCounter + 1);
        // A final action of what failed while it was frozen would come out of the blue: what is to start or stop is tried again first.
        GroupState next = Failback.WithFailback(draft, group);
        draft.SetGroup(next with
        {
            Frozen = false,
            Unfreezing = false,
            // Where it was in doubt, and the node was proven down since, there is nothing of it.
            ActiveOn = next.ActiveOn.Except(next.ActiveOn.Where(n => draft.State.Nodes[n].ProvenDown)),
            Instance = next.Instance with { Final = null },
            Order = next.Order with { Tried = Names.None },
            ProbeVersion = draft.State.ProbeCounter,
            Reason = CauseKind.Unfrozen.With(),
        });
        draft.Journal(JournalSeverity.Information, JournalKind.GroupUnfrozen, $"Group '{group.Name}' is unfrozen.", group: group.Name);
        Operations.EndOf(draft, group, true, $"Group '{group.Name}' is unfrozen.");
        return Step.Again;
    }

    private static bool OwnerIsBack(Draft draft, GroupState group, string owner) =>
        draft.State.Nodes[owner] is { Member: true } node
        && node.Phase is not (NodePhase.Fencing or NodePhase.Down)
        // Who is joining has answered nothing yet.
        && node.ProbedVersion >= group.ProbeVersion;
}
