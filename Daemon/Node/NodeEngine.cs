namespace ClusterTools.Node;

/// <summary>Which engine a daemon takes part by; the same on all nodes of a cluster.</summary>
public enum NodeEngine
{
    /// <summary>All daemons are on one machine and share a folder.</summary>
    Local,

    /// <summary>Several machines, joined by corosync; each has a log on its own disk.</summary>
    Corosync,
}
