using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>Which groups go back to a better node, and when.</summary>
internal static class Failback
{
    /// <summary>A started group goes back where an operator or its domain wants it.</summary>
    public static Step Look(Draft draft, GroupState group, string owner)
    {
        if (group.Order.ReturnTo is { } home)
        {
            // At once or not at all: what stands in the way today is no reason to move tomorrow.
            if (home == owner || IsClosed(draft, group, home))
            {
                draft.SetGroup(group with { Order = group.Order with { ReturnTo = null } });
                return Step.Again;
            }

            return Move(draft, group, owner, home, CauseKind.BroughtBack.With(home));
        }

        if (group.Order.FailbackTo is not { } better)
        {
            return Step.Done;
        }

        if (!Better(draft, group, better, owner))
        {
            draft.SetGroup(group with { Order = group.Order with { FailbackTo = null } });
            return Step.Done;
        }

        // It may become free later; until then the group stays.
        return IsClosed(draft, group, better)
            ? Step.Done
            : Move(draft, group, owner, better, CauseKind.FailsBack.With(better, owner, group.Definition.Domain!));
    }

    private static bool IsClosed(Draft draft, GroupState group, string node) =>
        Placement.Obstacle(draft.State, group, node) is not null || GroupDependencies.Misfit(draft.State, group, node) is not null;

    private static Step Move(Draft draft, GroupState group, string from, string to, Cause why)
    {
        if (group.Definition.Migrates is { } kind && Groups.IsWhole(group))
        {
            // One that can't be moved so stays where it is.
            return Migrating.Begin(
                draft, group with { Order = group.Order with { ReturnTo = null, FailbackTo = null } }, to, kind, why, who: null);
        }

        draft.Journal(
            JournalSeverity.Information, JournalKind.GroupFailback, $"Group '{group.Name}' moves from {from} to {to}: {why}.", to,
            group.Name);
        draft.SetGroup(group with { Order = group.Order.To(to) with { ReturnTo = null, FailbackTo = null }, By = null, Reason = why });
        return Stopping.Begin(draft, draft.State.Groups[group.Name], GroupPhase.Stopping);
    }

    /// <summary>The group with the best node that is up, if that is better than where it is, as the one to go back to.</summary>
    public static GroupState WithFailback(Draft draft, GroupState group)
    {
        if (group.Owner is not { } owner || !Placement.FailsBack(draft.Configuration, group.Definition))
        {
            return group;
        }

        foreach (string node in draft.Configuration.FailoverDomains[group.Definition.Domain!].Members.Keys)
        {
            if (draft.State.Nodes[node].Eligible && Better(draft, group, node, group.Order.FailbackTo ?? owner))
            {
                group = group with { Order = group.Order with { FailbackTo = node } };
            }
        }

        return group;
    }

    public static bool Better(Draft draft, GroupState group, string node, string than) =>
        Placement.Rank(draft.Configuration, group.Definition, node) is { } rank
        && rank < (Placement.Rank(draft.Configuration, group.Definition, than) ?? int.MaxValue);

    /// <summary>A changed domain may prefer another node.</summary>
    public static void Reconsider(Draft draft, GroupState group, ClusterConfiguration old, ClusterConfiguration next)
    {
        if (group.Frozen || !Placement.FailsBack(next, group.Definition))
        {
            return;
        }

        string domain = group.Definition.Domain!;
        if (old.Groups.GetValueOrDefault(group.Name)?.Domain == domain
            && ConfigurationEquality.Same(old.FailoverDomains[domain], next.FailoverDomains[domain]))
        {
            return;
        }

        draft.SetGroup(WithFailback(draft, group));
    }
}
