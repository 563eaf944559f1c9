namespace ClusterTools.Core.Configuration;

/// <summary>A third machine that says which of two nodes goes on when they lose sight of each other (corosync-qnetd(8)).</summary>
public sealed record QuorumArbiterConfiguration
{
    /// <summary>Name or address of the machine on which corosync-qnetd runs.</summary>
    public required string Host { get; init; }

    /// <summary>Whether it is spoken to by TLS only; the certificates are made by corosync's own tools.</summary>
    public bool Tls { get; init; } = true;
}
