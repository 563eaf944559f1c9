namespace ClusterTools.Contract;

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

/// <summary>One difference between two configurations.</summary>
public sealed class MemberDifference
{
    /// <summary>Place in the configuration, such as <c>groups/webshop/resources/script:shop-web/monitorInterval</c>.</summary>
    public string Path { get; set; } = "";

    public MemberChange Change { get; set; }

    /// <summary>The value before, as JSON; null: there was none.</summary>
    public string? Old { get; set; }

    /// <summary>The value after, as JSON; null: there is none.</summary>
    public string? New { get; set; }
}
