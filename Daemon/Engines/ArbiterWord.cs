namespace ClusterTools.Engines;

/// <summary>What the arbiter of a pair says of this node's side (corosync-qnetd(8)).</summary>
public enum ArbiterWord
{
    /// <summary>Nothing: it is not asked, or the program that asks it does not run.</summary>
    Unknown,

    /// <summary>It gives its vote to this side.</summary>
    Here,

    /// <summary>It does not: it gives it to the other side, or can't be reached from here.</summary>
    Elsewhere,
}
