namespace ClusterTools.Contract;

/// <summary>What a change of the configuration does: which groups come, change and go, and which resources are restarted.</summary>
public sealed class ConfigurationEffect
{
    /// <summary>In words, one line for each group and each other thing.</summary>
    public IReadOnlyList<string> Lines { get; set; } = [];

    /// <summary>Thing by thing; secrets are hidden.</summary>
    public IReadOnlyList<MemberDifference> Differences { get; set; } = [];

    /// <summary>Names of groups that are added.</summary>
    public IReadOnlyList<string> Added { get; set; } = [];

    /// <summary>Names of groups that are changed, or whose failover domain is.</summary>
    public IReadOnlyList<string> Changed { get; set; } = [];

    /// <summary>Names of groups that are stopped and removed.</summary>
    public IReadOnlyList<string> Removed { get; set; } = [];

    /// <summary>
    /// By group: ids of resources that are stopped where they run, for they changed, stand below one that did, or are gone.
    /// </summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Stopped { get; set; } = new Dictionary<string, IReadOnlyList<string>>();
}
