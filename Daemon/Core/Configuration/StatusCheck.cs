namespace ClusterTools.Core.Configuration;

/// <summary>A status check that looks deeper than the usual one (rgmanager's status depth).</summary>
public sealed record StatusCheck
{
    /// <summary>How deep the agent looks, as its metadata says: OCF_CHECK_LEVEL. 1 to 100.</summary>
    public required int Depth { get; init; }

    /// <summary>Time between two such checks in milliseconds. 1 or more.</summary>
    public required int Interval { get; init; }

    /// <summary>Limit of one check in milliseconds.</summary>
    public int Timeout { get; init; } = 20_000;
}
