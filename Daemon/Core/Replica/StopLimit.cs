using System.Collections.Immutable;

namespace ClusterTools.Core;

/// <summary>By when a node without quorum has stopped its work, and that its machine is reset if it has not, once for one cause.</summary>
internal sealed class StopLimit(Life self, List<Effect> effects)
{
    private bool isOver;
    private bool wasWithCluster;

    /// <summary>In local monotonic milliseconds; null: it has quorum, or nothing runs.</summary>
    public long? By { get; private set; }

    /// <summary>Why this machine has reset itself in an earlier life; null: it has not.</summary>
    public string? ResetBefore { get; set; }

    /// <summary>From now on what runs is to be stopped.</summary>
    public void Begin(ClusterState state, long now) =>
        By = state.Disarmed is null ? now + state.Configuration.Timing.QuorumLossDeadline : null;

    /// <summary>It has quorum, or may fence for it.</summary>
    public void Lift() => By = null;

    /// <summary>This life is, or was, a member of a quorate view: what runs was started by it.</summary>
    public void WithCluster() => wasWithCluster = true;

    /// <summary>Time has gone on.</summary>
    public void OnTime(ClusterState committed, long now)
    {
        if (now >= By)
        {
            GiveUp(committed, "work could not be stopped in time after quorum was lost");
        }
    }

    /// <summary>Looks what is left to stop.</summary>
    /// <param name="alone">The private copy.</param>
    /// <param name="committed">What is committed.</param>
    /// <param name="forGood">This life does not come back: that all is stopped is told.</param>
    public void Follow(ClusterState alone, ClusterState committed, bool forGood)
    {
        // While the cluster is disarmed, as far as this node knows, nothing is to be stopped.
        ImmutableSortedSet<string> all = alone.Disarmed is null && alone.Nodes.TryGetValue(self.Node, out NodeState? node)
            ? node.Groups
            : Names.None;
        ImmutableArray<GroupState> here = [.. all.Select(name => alone.Groups[name]).Where(g => !g.Frozen)];
        if (here.IsEmpty)
        {
            By = null;
            if (forGood && !isOver)
            {
                isOver = true;
                effects.Add(new StoppedAll());
            }
        }
        else if (here.FirstOrDefault(g => g.Phase == GroupPhase.Failed && g.Pending is null) is { } failed)
        {
            GiveUp(committed, $"group '{failed.Name}' can't be stopped after quorum was lost: {failed.Why}");
        }
    }

    private void GiveUp(ClusterState committed, string why)
    {
        By = null;
        if (isOver)
        {
            return;
        }

        isOver = true;
        effects.Add(ResetBefore is { } before && !wasWithCluster
            ? self.Says(
                committed, "node.stuck",
                $"{why}. This node does not reset itself again: it did for \"{before}\", and nothing was started here since. "
                    + "Check by hand what runs here; it takes part again when the others are back.")
            : new ResetSelf(why));
    }
}
