using System.Collections.Immutable;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>What this node has been asked to do, each action once, and what was answered as long as it is asked for.</summary>
internal sealed class ActionsUnderWay(Life self, List<Effect> effects)
{
    private readonly Dictionary<ActionId, ClusterEvent?> actions = [];
    private readonly HashSet<ActionId> ended = [];

    /// <summary>What executors have answered.</summary>
    public ClusterEvent[] Answers => [.. actions.Values.OfType<ClusterEvent>()];

    /// <summary>Takes an answer. False: it was not asked for, or is answered already.</summary>
    public bool Take(ClusterEvent answer)
    {
        ActionId id = IdOf(answer) ?? throw new ArgumentException($"{answer.GetType().Name} does not answer an action.", nameof(answer));
        if (!actions.TryGetValue(id, out ClusterEvent? known) || known is not null)
        {
            return false;
        }

        actions[id] = answer;
        return true;
    }

    /// <summary>Whether this answers something that is still asked for.</summary>
    public bool Owes(ClusterEvent e) => IdOf(e) is { } id && actions.ContainsKey(id);

    /// <summary>Does this node's share of what the state asks for.</summary>
    /// <param name="plan">What it asks for.</param>
    /// <param name="state">The state.</param>
    /// <param name="isPrivate">It is the copy of a node without quorum.</param>
    public void Follow(ImmutableArray<ClusterAction> plan, ClusterState state, bool isPrivate)
    {
        int mine = 0;
        foreach (ClusterAction action in plan)
        {
            if (action.Node != self.Node || action.Id.Incarnation != self.Incarnation)
            {
                continue;
            }

            // The private copy carries the committed actions under way; it starts none of them.
            mine++;
            if (!actions.ContainsKey(action.Id) && !(isPrivate && action.Id.Epoch > 0))
            {
                actions.Add(action.Id, null);
                effects.Add(EffectOf(action, state));
            }

            if (action is MigrationAction { Id: var id } && actions.TryGetValue(id, out ClusterEvent? answer) && answer is null
                && state.Groups[action.Id.Target].Migration is { Ends: true } && ended.Add(id))
            {
                effects.Add(new EndMigration(id));
            }
        }

        if (!isPrivate && actions.Count > mine)
        {
            Forget(plan);
        }
    }

    /// <summary>What is no longer asked for needs no answer.</summary>
    private void Forget(ImmutableArray<ClusterAction> plan)
    {
        HashSet<ActionId> wanted = [.. plan.Select(action => action.Id)];
        foreach (ActionId done in actions.Keys.Where(id => !wanted.Contains(id)).ToArray())
        {
            actions.Remove(done);
            ended.Remove(done);
        }
    }

    private static ActionId? IdOf(ClusterEvent answer) => answer switch
    {
        Probed e => e.Id,
        ActionCompleted e => e.Id,
        FenceCompleted e => e.Id,
        EventScriptCompleted e => e.Id,
        _ => null,
    };

    private Effect EffectOf(ClusterAction action, ClusterState state) => action switch
    {
        ResourceAction run => new RunResource(run, state.Groups.GetValueOrDefault(run.Group)?.Instance.Final?.Action),
        MigrationAction migrate => new RunMigration(migrate, state.Configuration.Nodes[migrate.To]),
        ProbeNodeAction probe => new RunProbe(probe, Asked(state, probe)),
        FenceDeviceAction fence => new RunFence(
            fence, state.Configuration.FenceDevices.GetValueOrDefault(fence.Call.Device), state.Configuration.Timing.FenceTimeout,
            state.Quorum),
        EventScriptAction script => new RunEventScript(script, state),
        _ => throw new InvalidOperationException($"Unknown action {action.GetType().Name}."),
    };

    private ImmutableArray<ProbedGroup> Asked(ClusterState state, ProbeNodeAction probe)
    {
        NodeState node = state.Nodes[self.Node];
        IEnumerable<GroupState> asked = probe.Id.Operation == ActionOperation.Ask
            ? node.Ask!.Groups.Where(state.Groups.ContainsKey).Select(name => state.Groups[name])
            : state.Groups.Values.Where(g => g.ProbeVersion > node.ProbedVersion && g.ProbeVersion <= probe.Covers);
        return [.. asked.Select(g => new ProbedGroup(g.Name, ResourcesOf(g)))];
    }

    private static ImmutableArray<ResourceConfiguration> ResourcesOf(GroupState group)
    {
        ResourceTree tree = ResourceTree.Of(group.Definition);
        return group.OldDefinition is null
            ? [.. tree.StartOrder]
            : [.. tree.StartOrder, .. ResourceTree.Of(group.OldDefinition).StartOrder.Where(r => tree.Find(r.Id) is null)];
    }
}
