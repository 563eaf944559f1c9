using ClusterTools.Contract;

namespace ClusterTools.Client;

/// <summary>Who may do what: the right of one certificate.</summary>
public sealed class ClusterAccess
{
    /// <summary>Whose it is; stands in the journal as who asked.</summary>
    public string Name { get; set; } = "";

    /// <summary>What it may do.</summary>
    public AccessRole Role { get; set; }

    /// <summary>SHA-256 of the certificate, hexadecimal, upper case.</summary>
    public string Fingerprint { get; set; } = "";

    /// <summary>It is the one that this command was run with.</summary>
    public bool Current { get; set; }

    /// <summary>When the certificate expires; null: not known, for the cluster keeps fingerprints alone.</summary>
    public DateTimeOffset? Expires { get; set; }

    /// <summary>The file of the certificate with its key that was made; null: none was.</summary>
    public string? CertificatePath { get; set; }

    /// <summary>The file of client contexts that was made for its owner; null: none was.</summary>
    public string? ContextPath { get; set; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
