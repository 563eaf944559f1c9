using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>A group that can't go on: what it waits for is told beside its phase.</summary>
internal static class Waiting
{
    public static Step End(Draft draft, GroupState group)
    {
        if (group.Waits is not null)
        {
            draft.SetGroup(group with { Waits = null });
        }

        return Step.Done;
    }

    /// <summary>It runs; why that is not sure, or why nothing may be done with it now, is told beside.</summary>
    public static Step Runs(Draft draft, GroupState group, Cause why)
    {
        if (group.Phase != GroupPhase.Started || group.Waits != why)
        {
            draft.SetGroup(group with { Phase = GroupPhase.Started, Waits = why });
        }

        return Step.Done;
    }

    /// <summary>Nothing is known to run, and a node that may have it can't tell.</summary>
    public static Step ForWord(Draft draft, GroupState group, Cause why)
    {
        if (group.Waits != why)
        {
            // Told once, however the agent's words change from answer to answer.
            if (group.Waits?.Kind != CauseKind.NotKnown)
            {
                draft.Journal(JournalSeverity.Warning, JournalKind.GroupWaits, $"Group '{group.Name}' waits: {why}.", group: group.Name);
            }

            draft.SetGroup(group with { Waits = why });
        }

        Operations.EndOf(draft, group, false, $"Group '{group.Name}' runs nowhere: {why}.");
        return Step.Done;
    }

    public static Step For(Draft draft, GroupState group, Cause why, bool recovering)
    {
        if ((group.Phase != GroupPhase.Started || group.Waits is not null) && Groups.IsWhole(group)
            && Groups.IsInReach(draft, group, group.Owner!))
        {
            return Runs(draft, group, why);
        }

        // At rest it waits for nothing, and a joining node costs no copy of every group.
        if (!recovering && group is { Phase: GroupPhase.Started, Operation: null, Owner: { } owner } && Groups.IsWhole(group)
            && !draft.State.Nodes[owner].Answers.ContainsKey(group.Name) && Groups.MayStay(draft, group, owner))
        {
            return End(draft, group);
        }

        GroupPhase phase = recovering && group.Phase is GroupPhase.Started or GroupPhase.Starting ? GroupPhase.Recovering : group.Phase;
        if (group.Waits != why || phase != group.Phase)
        {
            draft.SetGroup(group with { Waits = why, Phase = phase });
            if (recovering)
            {
                draft.Journal(
                    JournalSeverity.Warning, JournalKind.GroupBlocked, $"Group '{group.Name}' waits: {why}.", group.Owner, group.Name);
            }
        }

        return Step.Done;
    }
}
