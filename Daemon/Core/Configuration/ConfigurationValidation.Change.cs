using System.Collections.Immutable;

namespace ClusterTools.Core.Configuration;

public static partial class ConfigurationValidation
{
    /// <summary>
    /// What is wrong with going from one configuration to another, beyond what <see cref="Validate"/> says of the new one by
    /// itself: a stale version, votes changed by more than one step, the last administrator taken out, and what will be
    /// stopped. Where things run now is not known here.
    /// </summary>
    public static ImmutableArray<ConfigurationProblem> ValidateChange(ClusterConfiguration old, ClusterConfiguration @new)
    {
        ArgumentNullException.ThrowIfNull(old);
        ArgumentNullException.ThrowIfNull(@new);
        var problems = new ProblemList();
        if (@new.Version != old.Version + 1)
        {
            problems.Error("version",
                @new.Version <= old.Version
                    ? $"The new configuration is version {@new.Version}, but version {old.Version} is in force: "
                        + "it was made from an older one and would undo what was changed since."
                    : $"The new configuration is version {@new.Version}, but version {old.Version} is in force: "
                        + "versions between would be missing.",
                $"Take the current configuration, make the change again, and give it version {old.Version + 1}.");
        }
        if (@new.Name != old.Name)
        {
            problems.Error(
                "name",
                $"The cluster is called '{old.Name}'; the new configuration calls it '{@new.Name}'. "
                    + "The name is its identity and cannot be changed.",
                $"Set the name to '{old.Name}', or make a new cluster.");
        }
        VoteSteps(old, @new, problems);
        if (@new.Timing.Token != old.Timing.Token && !@new.KeepsCorosync)
        {
            problems.Warning("timing/token",
                $"The token time changes from {SpanText.Of(old.Timing.Token)} to {SpanText.Of(@new.Timing.Token)}, which has no effect on "
                    + "daemons that run: they go by \"token\" in their node.json, and must all have the same.",
                "Stop all daemons (clusterd stop on every node), set \"token\" in every node.json, and start them again.");
        }
        NodeChanges(old, @new, problems);
        foreach (var (name, group) in old.Groups)
        {
            if (!@new.Groups.ContainsKey(name))
            {
                problems.Warning($"groups/{name}",
                    group.IsGuest
                        ? $"Guest '{name}' is taken out: where it runs it goes on running, and nobody watches it any more."
                        : $"Group '{name}' is taken out: where it runs, its resources are stopped.",
                    "Nothing, if that is meant.");
            }
        }
        if (old.Access.Values.Any(g => g.Role == AccessRole.Administrator)
            && @new.Access.Values.All(g => g.Role != AccessRole.Administrator))
        {
            problems.Error("access", "The new configuration has no administrator, so nobody could change it ever again.",
                "Keep the access grants of the current configuration, or name at least one administrator.");
        }
        return problems.ToImmutable();
    }

    private static void NodeChanges(ClusterConfiguration old, ClusterConfiguration @new, ProblemList problems)
    {
        foreach (var (name, node) in old.Nodes)
        {
            if (!@new.Nodes.TryGetValue(name, out var kept))
            {
                problems.Warning(
                    $"nodes/{name}", $"Node '{name}' is taken out of the cluster; what it runs is stopped and moves to other nodes.",
                    $"Stop its daemon once its groups have moved (Suspend-ClusterNode {name} -Drain moves them beforehand).");
            }
            else if (kept.Id != node.Id)
            {
                problems.Error(
                    $"nodes/{name}/id",
                    $"Node '{name}' has the id {node.Id}; the new configuration gives it {kept.Id}. "
                        + "The id is its identity and cannot be changed.",
                    $"Set its id to {node.Id}, or take the node out in one change and add it in the next.");
            }
        }
        foreach (var (name, node) in @new.Nodes)
        {
            if (!old.Nodes.ContainsKey(name) && old.Nodes.Values.FirstOrDefault(n => n.Id == node.Id) is { } owner
                && !@new.Nodes.ContainsKey(owner.Name))
            {
                problems.Error(
                    $"nodes/{name}/id",
                    $"The new node '{name}' has the id {node.Id} of node '{owner.Name}', which is taken out in the same change.",
                    $"Give '{name}' an id that was not in use, or take '{owner.Name}' out first, in a change of its own.");
            }
        }
    }

    /// <summary>
    /// Both the old and the new majority must agree to a change of votes, which is only sure to be possible, and safe to follow, in single
    /// steps.
    /// </summary>
    private static void VoteSteps(ClusterConfiguration old, ClusterConfiguration @new, ProblemList problems)
    {
        var changed = old.Nodes.Keys.Union(@new.Nodes.Keys, StringComparer.Ordinal)
            .Where(name => (old.Nodes.GetValueOrDefault(name)?.Votes ?? 0) != (@new.Nodes.GetValueOrDefault(name)?.Votes ?? 0))
            .Order(StringComparer.Ordinal)
            .ToArray();
        if (changed.Length > 1)
        {
            problems.Error(
                "nodes",
                $"The votes of {changed.Length} nodes change at once "
                    + $"({string.Join(", ", changed.Take(10))}{(changed.Length > 10 ? " …" : "")}): "
                        + "for a moment two majorities without a common node could exist (split brain).",
                "Change one at a time: add or remove one node, or change one node's votes, per version.");
        }
        if (@new.TwoNode && !old.TwoNode && changed.Length > 0)
        {
            problems.Error(
                "twoNode", "two_node is set and votes change at once.", "Change the votes first, then set two_node in the next version.");
        }
        var expectedStep = Math.Abs((long)@new.TotalVotes - old.TotalVotes);
        var votesStep = Math.Abs(@new.Nodes.Values.Sum(n => (long)n.Votes) - old.Nodes.Values.Sum(n => (long)n.Votes));
        if (changed.Length <= 1 && !old.TwoNode && !@new.TwoNode && expectedStep > Math.Max(votesStep, 1))
        {
            problems.Error("expectedVotes", $"The expected votes go from {old.TotalVotes} to {@new.TotalVotes} at once.",
                $"Change them by {Math.Max(votesStep, 1)} per version, together with the node whose votes change.");
        }
    }
}
