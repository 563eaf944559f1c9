using ClusterTools.Engines.Corosync;

namespace ClusterTools.Engines.Tests.Corosync;

/// <summary>
/// One configuration of the ring below (extended virtual synchrony): a sequence of messages that all of its processes deliver in this
/// order, each at its own pace. Where the network is cut it goes on on every side by itself until that side notices: a sender that is cut
/// off sees its own messages alone.
/// </summary>
internal sealed class ModelRing(RingId id, IReadOnlyList<ModelProcess> processes)
{
    public RingId Id => id;

    public IReadOnlyList<ModelProcess> Processes => processes;

    /// <summary>Who was in it when it was made.</summary>
    public IReadOnlySet<Peer> Made { get; private init; } = processes.Select(p => p.Peer).ToHashSet();

    /// <summary>In the agreed order.</summary>
    public List<(Peer From, Message Message)> Sequence { get; } = [];

    /// <summary>What a side of it has agreed on when it was cut, and how it goes on there.</summary>
    public ModelRing Fork(IReadOnlyList<ModelProcess> side)
    {
        var fork = new ModelRing(id, side) { Made = Made };
        fork.Sequence.AddRange(Sequence);
        return fork;
    }
}
