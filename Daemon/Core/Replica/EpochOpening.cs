namespace ClusterTools.Core;

/// <summary>A lone node of two opens an epoch once its peer is proven off; until that epoch begins it does nothing else.</summary>
internal sealed class EpochOpening(Life self, List<Effect> effects)
{
    /// <summary>It has been asked for, and its first entry is not there yet.</summary>
    public bool IsUnderWay { get; private set; }

    /// <summary>It has begun, or came to nothing.</summary>
    public void End() => IsUnderWay = false;

    /// <summary>Asks for one if the private copy of this contested node has the proof.</summary>
    /// <returns>Whether it is under way.</returns>
    public bool Follow(ClusterState alone, ClusterState committed)
    {
        foreach (NodeState peer in alone.Nodes.Values)
        {
            if (peer.Name != self.Node && peer is { Phase: NodePhase.Down, Member: false }
                && committed.Nodes[peer.Name].Phase != NodePhase.Down)
            {
                IsUnderWay = true;
                effects.Add(new OpenEpoch(FirstEntry(alone, peer)));
            }
        }

        return IsUnderWay;
    }

    private ClusterEvent FirstEntry(ClusterState alone, NodeState peer)
    {
        if (peer.TakenOut)
        {
            // It was empty as far as this node knows; what its log has beyond that is judged by the epoch, which fences it if need be.
            return new Tick();
        }

        FenceRecord? record = alone.FenceHistory.LastOrDefault(r => r.Target == peer.Name && r.Success);
        return new FenceProven(
            peer.Name, peer.Incarnation, self.Node, $"{peer.Why}", record?.Method,
            Took: record is null ? 0 : record.Ended - record.Started);
    }
}
