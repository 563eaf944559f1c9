namespace ClusterTools.Client;

/// <summary>Where a group would be, if: one answer of Test-ClusterFailover.</summary>
public sealed class ClusterFailover
{
    /// <summary>What would have happened, in words.</summary>
    public string If { get; set; } = "";

    /// <summary>The group.</summary>
    public string Group { get; set; } = "";

    /// <summary>The node that it is on now; null: none.</summary>
    public string? From { get; set; }

    /// <summary>The node that it would be on; null: none.</summary>
    public string? To { get; set; }

    /// <summary>Its state then.</summary>
    public GroupPhase State { get; set; }

    /// <summary>Why it would be so.</summary>
    public string Why { get; set; } = "";

    /// <summary>What to think of before it comes to that; null: nothing.</summary>
    public string? Risk { get; set; }
}
