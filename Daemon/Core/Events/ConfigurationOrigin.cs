namespace ClusterTools.Core;

/// <summary>How a version of the configuration came.</summary>
public enum ConfigurationOrigin
{
    /// <summary>Not known: it was in force when this node joined.</summary>
    Unknown,

    /// <summary>Sent whole.</summary>
    Put,

    /// <summary>Imported.</summary>
    Import,

    /// <summary>What the cluster was made with.</summary>
    Init,

    /// <summary>An older version, restored.</summary>
    Restore,
}
