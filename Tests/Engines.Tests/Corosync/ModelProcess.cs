using ClusterTools.Engines.Corosync;

namespace ClusterTools.Engines.Tests.Corosync;

/// <summary>A life of a node's protocol, its way to the ring and to its disk.</summary>
internal sealed class ModelProcess(ModelNode node, Protocol protocol, Peer peer)
{
    public ModelNode Node => node;

    public Protocol Protocol => protocol;

    public Peer Peer => peer;

    /// <summary>Its way to the shared disk; null: there is none.</summary>
    public ModelDiskAccess? Disk { get; init; }

    /// <summary>Its heuristics are against it.</summary>
    public bool IsUnfit { get; set; }

    /// <summary>What the arbiter was asked last; null: nothing.</summary>
    public long? Question { get; set; }

    /// <summary>Said, and not agreed on yet.</summary>
    public Queue<Message> Outbox { get; } = new();

    /// <summary>Where it is in its ring's sequence.</summary>
    public int Position { get; set; }

    public ModelRing? Ring { get; set; }

    /// <summary>It gets no processor for a while; the ring below goes on.</summary>
    public bool IsStalled { get; set; }

    public bool IsOver { get; set; }

    /// <summary>It takes another node for being fenced.</summary>
    public bool IsBarring { get; set; }

    public long Events { get; set; }

    /// <summary>How many of them its consumer is done with.</summary>
    public long Handled { get; set; }

    /// <summary>Its consumer handles nothing for a while.</summary>
    public bool IsConsumerHung { get; set; }

    /// <summary>Of the last view that it was told.</summary>
    public ViewQuorum? Quorum { get; set; }

    /// <summary>Of the last quorate view that it was told.</summary>
    public int Members { get; set; }

    public override string ToString() => $"{node.Name}:{protocol.Self.Incarnation}";
}
