using System.Text.Json;

namespace ClusterTools.Core.Tests.Scenarios;

/// <summary>What must hold of every state, whatever the scenario.</summary>
internal static class StateChecks
{
    public static string Json(ClusterState state) => JsonSerializer.Serialize(state, CoreJson.Options);

    public static ClusterState Reread(ClusterState state) => JsonSerializer.Deserialize<ClusterState>(Json(state), CoreJson.Options)!;

    public static IEnumerable<string> Of(ClusterState state)
    {
        if (!Cluster.Plan(state).SequenceEqual(Cluster.PlanInFull(state)))
        {
            yield return $"Plan says [{Words(Cluster.Plan(state))}], PlanInFull says [{Words(Cluster.PlanInFull(state))}].";
        }

        if (Cluster.Unsettled(state) is { } more)
        {
            yield return $"Looking at everything finds more: {more}.";
        }

        string[] working = [.. state.Groups.Values.Where(g => g.Pending is not null).Select(g => g.Name)];
        if (!state.Working.SequenceEqual(working))
        {
            yield return $"Working is [{string.Join(' ', state.Working)}], but actions are under way for [{string.Join(' ', working)}].";
        }

        string[] waiting =
        [
            .. state.Groups.Values
                .Where(g => g.Goal == GroupGoal.Run && g.Owner is null && !g.Frozen && g.Phase != GroupPhase.Failed)
                .Select(g => g.Name),
        ];
        if (!state.Waiting.SequenceEqual(waiting))
        {
            yield return $"Waiting is [{string.Join(' ', state.Waiting)}], but those without an owner are [{string.Join(' ', waiting)}].";
        }

        foreach (NodeState node in state.Nodes.Values)
        {
            GroupState[] groups = [.. state.Groups.Values.Where(g => g.ActiveOn.Contains(node.Name))];
            if (!node.Groups.SequenceEqual(groups.Select(g => g.Name)))
            {
                yield return $"{node.Name}.Groups is [{string.Join(' ', node.Groups)}], but active there are "
                    + $"[{string.Join(' ', groups.Select(g => g.Name))}].";
            }

            if (node.ExclusiveGroups != groups.Count(g => g.Definition.Exclusive))
            {
                yield return $"{node.Name}.ExclusiveGroups is {node.ExclusiveGroups}, not {groups.Count(g => g.Definition.Exclusive)}.";
            }
        }

        foreach (GroupState group in state.Groups.Values)
        {
            if (group.Owner is { } owner && !group.ActiveOn.Contains(owner))
            {
                yield return $"{group.Name} is owned by {owner} and not active there.";
            }

            if (group.Owner is null && !group.Instance.Resources.IsEmpty)
            {
                yield return $"{group.Name} has resources and no owner.";
            }

            if (group.Pending is { } pending && pending.Node != group.Owner)
            {
                yield return $"{group.Name} is worked on by {pending.Node}, and its owner is {group.Owner ?? "nobody"}.";
            }

            if (group.Operation is { } operation && state.Operations.TryGetValue(operation, out OperationState? asked)
                && asked.Phase != OperationPhase.Running)
            {
                yield return $"{group.Name} still has the operation {operation}, which has {asked.Phase}.";
            }
        }

        foreach (OperationState operation in state.Operations.Values.Where(o => o.Phase == OperationPhase.Running))
        {
            if (!state.Groups.Values.Any(g => g.Operation == operation.Id)
                && !state.Nodes.Values.Any(n => n.Operation == operation.Id)
                && !state.Fences.Values.Any(f => f.Operation == operation.Id)
                && state.Stop?.Operation != operation.Id)
            {
                yield return $"Operation {operation.Id} ({operation.Kind} {operation.Target}) runs, and nothing carries it.";
            }
        }

        foreach (NodeState node in state.Nodes.Values)
        {
            if (node.Phase == NodePhase.Fencing && !state.Fences.ContainsKey(node.Name))
            {
                yield return $"{node.Name} is Fencing, and nobody fences it.";
            }
        }

        string json = Json(state);
        if (Json(Reread(state)) != json)
        {
            yield return "The state changes when it is written and read.";
        }

        if (Json(Cluster.SettleInFull(state)) is var settled && settled != json)
        {
            yield return $"The state is not settled.{Difference(json, settled)}";
        }
    }

    /// <summary>Where two JSON texts part.</summary>
    public static string Difference(string a, string b)
    {
        int at = a.AsSpan().CommonPrefixLength(b);
        return $" From there on:\n  {a[Math.Max(0, at - 120)..Math.Min(a.Length, at + 200)]}\n  "
            + $"{b[Math.Max(0, at - 120)..Math.Min(b.Length, at + 200)]}";
    }

    private static string Words(IEnumerable<ClusterAction> actions) => string.Join("; ", actions.Select(StateText.Of));
}
