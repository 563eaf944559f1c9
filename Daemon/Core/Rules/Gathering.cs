using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>Groups that share a node go together to one that suits them all (FEATURES B17).</summary>
internal static class Gathering
{
    /// <summary>The leader of a set takes it where all of it may run; where there is no such node now, it stays and looks again.</summary>
    public static Step Apply(Draft draft, GroupState group, string owner)
    {
        if (GroupDependencies.Misfit(draft.State, group, owner) is not { } misfit)
        {
            draft.SetGroup(group with { Order = group.Order with { Gathers = false } });
            return Step.Again;
        }

        if (Placement.ForAll(draft.State, group) is not { } node)
        {
            return Step.Done;
        }

        Cause why = CauseKind.DoesNotSuitAll.With(owner, misfit);
        if (group.Definition.Migrates is { } kind && Groups.IsWhole(group))
        {
            return Migrating.Begin(
                draft, group with { Order = group.Order with { Gathers = false, FailbackTo = null, ReturnTo = null } }, node, kind, why,
                who: null);
        }

        draft.Journal(
            JournalSeverity.Information, JournalKind.GroupGather, $"Group '{group.Name}' moves from {owner} to {node}: {why}.", node,
            group.Name);
        draft.SetGroup(group with
        {
            Order = group.Order with { Gathers = false, FailbackTo = null, ReturnTo = null, Preferred = node, Avoided = owner },
            By = null,
            Reason = why,
        });
        return Stopping.Begin(draft, draft.State.Groups[group.Name], GroupPhase.Stopping);
    }

    /// <summary>
    /// What shares the group's node has come to want another one, or another one has come up. Only leaders behind a name in order, or all.
    /// </summary>
    public static void MayGather(Draft draft, string name, string? after = null)
    {
        foreach (string leader in GroupDependencies.Together(draft.Configuration, name)
            .Where(other => GroupDependencies.Leads(draft.Configuration, other)))
        {
            // Every name stands behind none.
            if (string.CompareOrdinal(leader, after) > 0
                && draft.State.Groups[leader] is { Owner: { } owner, Frozen: false, Order.Gathers: false } group
                && GroupDependencies.Misfit(draft.State, group, owner) is not null)
            {
                draft.SetGroup(group with { Order = group.Order with { Gathers = true } });
            }
        }
    }

    public static void AllMayGather(Draft draft)
    {
        foreach (IReadOnlyCollection<string> set in GroupDependencies.Sets(draft.Configuration))
        {
            MayGather(draft, set.First());
        }
    }
}
