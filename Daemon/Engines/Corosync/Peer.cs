namespace ClusterTools.Engines.Corosync;

/// <summary>A process in the closed process group: one life of a daemon, as the ring below names it.</summary>
internal readonly record struct Peer(uint Node, uint Process) : IComparable<Peer>
{
    public int CompareTo(Peer other) => (Node, Process).CompareTo((other.Node, other.Process));
}
