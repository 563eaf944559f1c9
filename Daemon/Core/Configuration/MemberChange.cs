namespace ClusterTools.Core.Configuration;

/// <summary>What happened to one thing of the configuration.</summary>
public enum MemberChange
{
    /// <summary>It is there now.</summary>
    Added,

    /// <summary>It has another value.</summary>
    Changed,

    /// <summary>It is gone.</summary>
    Removed,
}
