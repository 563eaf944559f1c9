using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>Where a group may, should and will run (FEATURES B1, B8).</summary>
public static class Placement
{
    /// <summary>Rank of a member without priority in an ordered domain: behind all that have one.</summary>
    private const int WithoutPriority = 101;

    /// <summary>Rank of a node outside the domain: behind all members.</summary>
    private const int Outside = 1000;

    /// <summary>How much a group wants a node, lower first; null: it may not run there.</summary>
    public static int? Rank(ClusterConfiguration configuration, GroupConfiguration group, string node)
    {
        if (group.Domain is null || !configuration.FailoverDomains.TryGetValue(group.Domain, out FailoverDomain? domain))
        {
            return 0;
        }

        if (!domain.Members.TryGetValue(node, out int priority))
        {
            return domain.Restricted ? null : Outside;
        }

        return !domain.Ordered ? 0 : priority == 0 ? WithoutPriority : priority;
    }

    /// <summary>Whether the group goes back to a better node by itself.</summary>
    public static bool FailsBack(ClusterConfiguration configuration, GroupConfiguration group) =>
        group.Domain is not null
        && configuration.FailoverDomains.TryGetValue(group.Domain, out FailoverDomain? domain)
        && !domain.NoFailback;

    /// <summary>Why the group can't be started on the node now; null: it can.</summary>
    public static string? Obstacle(ClusterState state, GroupState group, string node) =>
        !state.Nodes.TryGetValue(node, out NodeState? at) ? "is not configured"
        : Rank(state.Configuration, group.Definition, node) is null ? $"is not in the restricted domain '{group.Definition.Domain}'"
        : Obstacle(state, group, at, GroupDependencies.IsBound(state, group));

    /// <summary>
    /// The node to start on: the asked one, else one that suits all that share it, else the best by domain, then the one with the fewest
    /// groups, then the lowest node id; the one to be tried last only when there is no other. Null: none.
    /// </summary>
    public static string? Choose(ClusterState state, GroupState group)
    {
        if (group.Order.Preferred is { } asked && Obstacle(state, group, asked) is null)
        {
            return asked;
        }

        // Nobody is kept down by what follows it: where there is no node for all of them there is one for some.
        return (GroupDependencies.Leads(state.Configuration, group.Name) ? ForAll(state, group) : null)
            ?? ByDomain(state, group, node => true);
    }

    /// <summary>The best node that suits all that share it; null: there is none now.</summary>
    public static string? ForAll(ClusterState state, GroupState group) =>
        ByDomain(state, group, node => GroupDependencies.Misfit(state, group, node.Name) is null);

    private static string? ByDomain(ClusterState state, GroupState group, Func<NodeState, bool> suits)
    {
        FailoverDomain? domain = group.Definition.Domain is { } name ? state.Configuration.FailoverDomains.GetValueOrDefault(name) : null;
        if (domain is not null)
        {
            NodeState? best = Best(state, group, domain.Members.Keys.Select(n => state.Nodes[n]).Where(suits));
            // Outside the domain everything is worse than any member but the one to be tried last.
            if (domain.Restricted || (best is not null && best.Name != group.Order.Avoided))
            {
                return best?.Name;
            }
        }

        return Best(state, group, state.Nodes.Values.Where(suits))?.Name;
    }

    private static NodeState? Best(ClusterState state, GroupState group, IEnumerable<NodeState> candidates)
    {
        NodeState? best = null;
        (bool Last, int Rank, int Load, int Id) bestKey = default;
        bool bound = GroupDependencies.IsBound(state, group);
        foreach (NodeState at in candidates)
        {
            if (Obstacle(state, group, at, bound) is not null || Rank(state.Configuration, group.Definition, at.Name) is not { } rank)
            {
                continue;
            }

            var key = (at.Name == group.Order.Avoided, rank, at.Groups.Count, state.Configuration.Nodes[at.Name].Id);
            if (best is null || key.CompareTo(bestKey) < 0)
            {
                (best, bestKey) = (at, key);
            }
        }

        return best;
    }

    /// <summary>Every node that the configuration lets the group run on.</summary>
    public static IEnumerable<string> Candidates(ClusterConfiguration configuration, GroupConfiguration group) =>
        group.Domain is { } name && configuration.FailoverDomains.TryGetValue(name, out FailoverDomain? domain) && domain.Restricted
            ? domain.Members.Keys.Where(configuration.Nodes.ContainsKey)
            : configuration.Nodes.Keys;

    private static string? Obstacle(ClusterState state, GroupState group, NodeState at, bool bound)
    {
        // A paused node keeps its groups: one that is restarted in place comes back to it.
        bool keeps = at is { Phase: NodePhase.Online, Member: true } && group.Order.Preferred == at.Name
            // One that was lost too often may have been so since the group was told to go there.
            && (!at.KeptOut || group.LastMove?.To == at.Name);
        if (!at.Eligible && !keeps)
        {
            return $"is {at.Standing}";
        }

        if (group.Order.Tried.Contains(at.Name))
        {
            return "was tried and failed";
        }

        if (at.Answers.TryGetValue(group.Name, out InstanceAnswer? answer))
        {
            return answer.Answer == FoundAnswer.CannotRun
                ? $"can't run it ({answer.Resource}: {answer.Message})"
                : $"can't tell whether it runs there ({answer.Resource}: {answer.Message})";
        }

        return group.Definition.Exclusive && at.Groups.Any(g => g != group.Name) ? "runs other groups, and this one is exclusive"
            : at.ExclusiveGroups > 0 && !group.Definition.Exclusive ? "runs an exclusive group"
            : bound ? GroupDependencies.Obstacle(state, group, at)
            : null;
    }
}
