namespace ClusterTools.Contract;

/// <summary>The versions of the configuration that a node keeps: <c>GET /v1/configuration/history</c>.</summary>
public sealed class ConfigurationHistory
{
    /// <summary>The node that answered; each keeps its own.</summary>
    public string Node { get; set; } = "";

    /// <summary>Oldest first; at most the last 200.</summary>
    public IReadOnlyList<ConfigurationVersion> Versions { get; set; } = [];

    /// <summary>There are more: give the last version here as <c>after</c>.</summary>
    public bool More { get; set; }

    /// <summary>Of the last 200 those that this node does not have, since it was away or is younger: ask another node for them.</summary>
    public IReadOnlyList<long> Missing { get; set; } = [];
}

/// <summary>A version of the configuration: when, who, why, and what it changed.</summary>
public sealed class ConfigurationVersion
{
    public long Version { get; set; }

    /// <summary>When it came into force; null: the node was not there.</summary>
    public DateTimeOffset? At { get; set; }

    /// <summary>Index of the event; the same on every node.</summary>
    public long Index { get; set; }

    /// <summary>Name of the grant and the beginning of the certificate's fingerprint; null: the node was not there.</summary>
    public string? Who { get; set; }

    public string? Reason { get; set; }

    /// <summary>How it came.</summary>
    public ConfigurationOrigin Origin { get; set; }

    /// <summary>It is the one in force.</summary>
    public bool InForce { get; set; }

    /// <summary>Against the version that this node had before it, which may be older than the one before (<see cref="Since"/>).</summary>
    public ConfigurationChanges Changes { get; set; } = new();

    /// <summary>The version that <see cref="Changes"/> is told against; 0: none.</summary>
    public long Since { get; set; }
}

public enum ConfigurationOrigin
{
    /// <summary>Not known here: it was in force when the node joined.</summary>
    Unknown,

    /// <summary>Sent whole (<c>PUT /v1/configuration</c>).</summary>
    Put,

    /// <summary>Imported (<c>POST /v1/configuration/import</c>).</summary>
    Import,

    /// <summary>What the cluster was made with.</summary>
    Init,

    /// <summary>An older version, restored (<c>POST /v1/configuration/restore</c>).</summary>
    Restore,
}

/// <summary>What differs between two versions of the configuration.</summary>
public sealed class ConfigurationChanges
{
    public NameChanges Groups { get; set; } = new();

    public NameChanges Nodes { get; set; } = new();

    public NameChanges FenceDevices { get; set; } = new();

    public NameChanges Domains { get; set; } = new();

    public NameChanges EventScripts { get; set; } = new();

    /// <summary>Names of grants.</summary>
    public NameChanges Access { get; set; } = new();

    /// <summary>Something else changed: the cluster's name, times, quorum.</summary>
    public bool Settings { get; set; }
}

/// <summary>Names of what was added, changed and removed.</summary>
public sealed class NameChanges
{
    public IReadOnlyList<string> Added { get; set; } = [];

    public IReadOnlyList<string> Changed { get; set; } = [];

    public IReadOnlyList<string> Removed { get; set; } = [];
}
