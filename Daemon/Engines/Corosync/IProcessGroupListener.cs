namespace ClusterTools.Engines.Corosync;

/// <summary>What a process group hands on, in the order that all of its members see.</summary>
internal interface IProcessGroupListener
{
    /// <summary>Who is in the group from here on.</summary>
    void OnMembers(IReadOnlyList<Peer> peers);

    /// <summary>A member has said something.</summary>
    void OnBytes(Peer from, ReadOnlySpan<byte> bytes);
}
