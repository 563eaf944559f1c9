using ClusterTools.Contract;

namespace ClusterTools.Client;

/// <summary>What one daemon says of itself when it is asked itself.</summary>
public sealed class ClusterNodeHealth
{
    /// <summary>The node; null: it did not answer, so that only its address is known.</summary>
    public string? Node { get; set; }

    /// <summary>The address that was asked.</summary>
    public string Server { get; set; } = "";

    /// <summary>The daemon answers.</summary>
    public bool Answers { get; set; }

    /// <summary>This life of the node.</summary>
    public long Incarnation { get; set; }

    /// <summary>Of the daemon's program.</summary>
    public string? Version { get; set; }

    /// <summary>Whether it counts itself into a quorate cluster.</summary>
    public Quorum Quorum { get; set; }

    /// <summary>Version of the configuration that it has applied; 0: none.</summary>
    public long ConfigurationVersion { get; set; }

    /// <summary>The same on nodes that have the same configuration.</summary>
    public string? ConfigurationHash { get; set; }

    /// <summary>How far its clock is ahead of this machine's; exact to half of <see cref="RoundTrip"/>. Null: not told.</summary>
    public TimeSpan? ClockOffset { get; set; }

    /// <summary>How long the question took.</summary>
    public TimeSpan RoundTrip { get; set; }

    /// <summary>When the certificate that the daemon shows expires; null: not told.</summary>
    public DateTimeOffset? CertificateExpires { get; set; }

    /// <summary>
    /// Why it does not answer; of one that does: what is wrong there, such as a full disk or a log that can't be written. Empty: nothing.
    /// </summary>
    public string Message { get; set; } = "";
}
