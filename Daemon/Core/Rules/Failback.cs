using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>Which groups go back to a better node, and when.</summary>
internal static class Failback
{
    /// <summary>The group with the best node that is up, if that is better than where it is, as the one to go back to.</summary>
    public static GroupState WithFailback(Draft draft, GroupState group)
    {
        if (group.Owner is not { } owner || !Placement.FailsBack(draft.Configuration, group.Definition))
        {
            return group;
        }

        foreach (string node in draft.Configuration.FailoverDomains[group.Definition.Domain!].Members.Keys)
        {
            if (draft.State.Nodes.TryGetValue(node, out NodeState? at) && at.Eligible && Better(draft, group, node, group.Order.FailbackTo ?? owner))
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
        if (group.Owner is null || group.Frozen || !Placement.FailsBack(next, group.Definition))
        {
            return;
        }

        string domain = group.Definition.Domain!;
        if (old.Groups.GetValueOrDefault(group.Name)?.Domain == domain
            && old.FailoverDomains.TryGetValue(domain, out FailoverDomain? before) && ConfigurationEquality.Same(before, next.FailoverDomains[domain]))
        {
            return;
        }

        draft.SetGroup(WithFailback(draft, group));
    }
}
