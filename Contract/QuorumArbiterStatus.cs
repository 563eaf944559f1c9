namespace ClusterTools.Contract;

/// <summary>The arbiter of a pair, as the node that answered hears it.</summary>
public sealed class QuorumArbiterStatus
{
    /// <summary>The machine on which corosync-qnetd runs.</summary>
    public string Host { get; set; } = "";

    /// <summary>It is spoken to by TLS only.</summary>
    public bool Tls { get; set; }

    /// <summary>It gives its vote to the node that answered, and to whom that one sees.</summary>
    public bool Votes { get; set; }

    /// <summary>Why it does not, and what to do; null: it does.</summary>
    public string? Trouble { get; set; }
}
