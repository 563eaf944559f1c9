namespace ClusterTools.Contract;

/// <summary>Which configurations are compared. A side of which nothing is said is the one in force.</summary>
public sealed class ConfigurationComparisonRequest
{
    /// <summary>The text of the configuration before, JSON or cluster.conf.</summary>
    public string? Before { get; set; }

    /// <summary>The version before, which the node keeps.</summary>
    public long? BeforeVersion { get; set; }

    /// <summary>The text of the configuration after.</summary>
    public string? After { get; set; }

    /// <summary>The version after.</summary>
    public long? AfterVersion { get; set; }
}
