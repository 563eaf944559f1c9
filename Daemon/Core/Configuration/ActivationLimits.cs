namespace ClusterTools.Core.Configuration;

/// <summary>How often a resource's start and stop are tried, and what is done when that did not help (FEATURES B12).</summary>
public sealed record ActivationLimits
{
    /// <summary>No retries, every allowed node, no final action.</summary>
    public static ActivationLimits None { get; } = new();

    /// <summary>Retries of a failed start on the same node, each after a stop. 0 to 99.</summary>
    public int StartRetries { get; init; }

    /// <summary>Retries of a failed stop. 0 to 99.</summary>
    public int StopRetries { get; init; }

    /// <summary>Other nodes that are tried when its start fails for good on one; null: every allowed node. 0 to 1,024.</summary>
    public int? Failovers { get; init; }

    /// <summary>When the start has failed for good on the last node.</summary>
    public FinalAction StartFinal { get; init; }

    /// <summary>When the stop has failed for good.</summary>
    public FinalAction StopFinal { get; init; }

    /// <summary>
    /// Run on the node before the final action, as <c>exec:/path</c> or <c>powershell:/path.ps1</c>; its result is journalled and changes
    /// nothing.
    /// </summary>
    public string? FinalScript { get; init; }

    /// <summary>Limit of <see cref="FinalScript"/> in milliseconds. 100 to 3,600,000.</summary>
    public int FinalScriptTimeout { get; init; } = 60_000;
}
