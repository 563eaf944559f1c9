namespace ClusterTools.Contract;

/// <summary>The cluster is disarmed: nothing is fenced, recovered, started by itself or reset until it is armed again.</summary>
public sealed class Disarmament
{
    /// <summary>Who asked.</summary>
    public string Who { get; set; } = "";

    /// <summary>Since when; null: not known.</summary>
    public DateTimeOffset? Since { get; set; }

    /// <summary>Why, in their words; null: not said.</summary>
    public string? Reason { get; set; }

    /// <summary>All of that as a sentence.</summary>
    public string Description { get; set; } = "";
}
