namespace ClusterTools.Contract;

/// <summary>A small document that the cluster keeps for a runbook: <c>GET /v1/runbooks</c>.</summary>
public sealed class Runbook
{
    public string Name { get; set; } = "";

    /// <summary>Grows with every change, and never comes twice for one name: for compare-and-set.</summary>
    public long Version { get; set; }

    /// <summary>Who changed it last.</summary>
    public string Who { get; set; } = "";

    /// <summary>Index of the event that changed it last.</summary>
    public long Index { get; set; }

    /// <summary>Length of the document in bytes (UTF-8).</summary>
    public int Length { get; set; }

    /// <summary>The document: JSON text, at most 16 KiB; only when one is asked for.</summary>
    public string? Content { get; set; }
}
