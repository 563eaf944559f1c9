namespace ClusterTools.Core;

/// <summary>What must hold of every state, whatever has happened: checked by scenarios, by the simulation and of every snapshot.</summary>
public static class StateInvariants
{
    /// <summary>What does not hold, in words; mostly nothing.</summary>
    public static IEnumerable<string> Broken(ClusterState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return OfGroups(state).Concat(OfNodes(state)).Concat(OfIndices(state)).Concat(OfOperations(state)).Concat(OfFences(state));
    }

    private static IEnumerable<string> OfGroups(ClusterState state)
    {
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

            if (!group.Frozen && group.ActiveOn.FirstOrDefault(n => state.Nodes.GetValueOrDefault(n)?.ProvenDown == true) is { } down)
            {
                yield return $"{group.Name} counts as active on {down}, which is proven down.";
            }

            if (group.Follows.FirstOrDefault(f => state.Groups.GetValueOrDefault(f) is not { } held || !Handover.LetsGo(held)) is { } free)
            {
                yield return $"{group.Name} waits for {free} to let go of something, and that does not.";
            }

            if (group.Order.AwaitsVerdict && !state.EventScripts.Values.Any(
                s => s.Placing.Contains(group.Name) || s.Call?.Placing.Contains(group.Name) == true))
            {
                yield return $"{group.Name} waits for the word of an event script, and none is asked about it.";
            }

            if (group.Instance.Final is { } final
                && group.Instance.Resources.TryGetValue(final.Resource, out ResourcePhase phase) && phase == ResourcePhase.Running)
            {
                yield return $"{group.Name} awaits the final action of {final.Resource}, which counts as running.";
            }

            if (Ended(state, group.Operation) is { } ended)
            {
                yield return $"{group.Name} still has the operation {ended.Id}, which has {ended.Phase}.";
            }
        }
    }

    private static IEnumerable<string> OfNodes(ClusterState state)
    {
        foreach (NodeState node in state.Nodes.Values)
        {
            if (!state.Configuration.Nodes.ContainsKey(node.Name))
            {
                yield return $"{node.Name} is a node, and is not configured.";
            }

            if (Ended(state, node.Operation) is { } ended)
            {
                yield return $"{node.Name} still has the operation {ended.Id}, which has {ended.Phase}.";
            }

            if (node is { Member: false, Phase: NodePhase.Online or NodePhase.Joining or NodePhase.Draining })
            {
                yield return $"{node.Name} is {node.Phase} and no member.";
            }

            if (state.Quorum == Quorum.Quorate && node is { MaintenanceUntil: not null, Phase: not NodePhase.Maintenance })
            {
                yield return $"{node.Name} is {node.Phase} and may be away for maintenance.";
            }

            if (node is { Member: true, Phase: NodePhase.Lost or NodePhase.LeftCluster })
            {
                yield return $"{node.Name} is a member and {node.Phase}.";
            }

            if (node.LostAt is not null && node.Phase is not (NodePhase.Lost or NodePhase.Fencing or NodePhase.LeftCluster))
            {
                yield return $"{node.Name} is {node.Phase} and was lost at {node.LostAt}.";
            }

            if (node is { Phase: NodePhase.Joining, ProbedVersion: not 0 })
            {
                yield return $"{node.Name} is Joining and has answered probe {node.ProbedVersion}.";
            }

            if (state.Quorum == Quorum.Quorate && node is { Vote.IsTaken: true, Phase: NodePhase.Online })
            {
                yield return $"{node.Name} is Online, and its votes are not counted.";
            }

            if (node is { Drain: { Goal: DrainGoal.None, To: { } to } })
            {
                yield return $"The groups of {node.Name} are to go to {to}, and it has no order to be emptied.";
            }

            if (node is { Drain: { Shutdown: { } policy, Goal: not DrainGoal.Leave } })
            {
                yield return $"The machine of {node.Name} is being shut down ({policy}), and it is not to leave.";
            }

            if (node.Drain.Moved.FirstOrDefault(g => !state.Groups.ContainsKey(g)) is { } gone)
            {
                yield return $"{gone} counts as moved away from {node.Name}, and is no group.";
            }

            foreach ((string group, InstanceAnswer answer) in node.Answers)
            {
                if (!state.Groups.ContainsKey(group) || (answer.Blocks && answer.Answer != FoundAnswer.Unknown))
                {
                    yield return $"{node.Name} keeps the answer {answer.Answer} for {group}, which is not there, or keeps it off by it.";
                }
            }

            if (node is { Operation: not null, Drain.Goal: DrainGoal.None })
            {
                yield return $"{node.Name} has the operation {node.Operation} and no order to be emptied.";
            }
        }
    }

    /// <summary>The operation, if it has ended; null: it runs, or is forgotten, or there is none.</summary>
    private static OperationState? Ended(ClusterState state, string? operation) =>
        operation is not null && state.Operations.GetValueOrDefault(operation) is { Phase: not OperationPhase.Running } ended
            ? ended
            : null;

    /// <summary>The indices that save the Core from looking at everything.</summary>
    private static IEnumerable<string> OfIndices(ClusterState state)
    {
        int working = 0;
        int waiting = 0;
        var here = new Dictionary<string, (int All, int Exclusive)>(StringComparer.Ordinal);
        foreach (GroupState group in state.Groups.Values)
        {
            working += group.Pending is null ? 0 : 1;
            if (group.Pending is not null && !state.Working.Contains(group.Name))
            {
                yield return $"An action is under way for {group.Name}, which is not listed as working.";
            }

            bool waits = group is { Goal: GroupGoal.Run, Owner: null, Frozen: false } && group.Phase != GroupPhase.Failed;
            waiting += waits ? 1 : 0;
            if (waits && !state.Waiting.Contains(group.Name))
            {
                yield return $"{group.Name} should run, has no owner, and is not listed as waiting.";
            }

            foreach (string node in group.ActiveOn)
            {
                (int all, int exclusive) = here.GetValueOrDefault(node);
                here[node] = (all + 1, exclusive + (group.Definition.Exclusive ? 1 : 0));
                if (!state.Nodes.TryGetValue(node, out NodeState? at) || !at.Groups.Contains(group.Name))
                {
                    yield return $"{group.Name} is active on {node} and is not listed there.";
                }
            }
        }

        if (working != state.Working.Count || waiting != state.Waiting.Count)
        {
            yield return $"{working} groups work and {waiting} wait; {state.Working.Count} and {state.Waiting.Count} are listed.";
        }

        foreach (NodeState node in state.Nodes.Values)
        {
            (int all, int exclusive) = here.GetValueOrDefault(node.Name);
            if (node.Groups.Count != all || node.ExclusiveGroups != exclusive)
            {
                yield return $"{node.Name} lists {node.Groups.Count} groups, {node.ExclusiveGroups} of them exclusive; active there are "
                    + $"{all}, {exclusive} of them exclusive.";
            }
        }
    }

    private static IEnumerable<string> OfOperations(ClusterState state)
    {
        foreach (OperationState operation in state.Operations.Values)
        {
            if (operation.Phase == OperationPhase.Running && !IsCarried(state, operation.Id))
            {
                yield return $"Operation {operation.Id} ({operation.Kind} {operation.Target}) runs, and nothing carries it.";
            }
        }

        foreach (RolloutState rollout in state.Rollouts.Values)
        {
            if (rollout.IsOver)
            {
                yield return $"The rollout of configuration version {rollout.Version} awaits nothing and has not ended.";
            }
        }
    }

    private static bool IsCarried(ClusterState state, string operation) =>
        state.Rollouts.ContainsKey(operation)
        || state.Stop?.Operation == operation
        || state.Groups.Values.Any(g => g.Operation == operation)
        || state.Nodes.Values.Any(n => n.Operation == operation)
        || state.Fences.Values.Any(f => f.Operation == operation);

    private static IEnumerable<string> OfFences(ClusterState state)
    {
        foreach (NodeState node in state.Nodes.Values)
        {
            if (state.Disarmed is not null && state.Fences.ContainsKey(node.Name))
            {
                yield return $"{node.Name} is fenced, and the cluster is disarmed.";
            }

            if (node.Phase == NodePhase.Fencing && !state.Fences.ContainsKey(node.Name))
            {
                yield return $"{node.Name} is Fencing, and nobody fences it.";
            }
        }
    }
}
