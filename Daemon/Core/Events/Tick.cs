namespace ClusterTools.Core;

/// <summary>Time went on; something is due.</summary>
public sealed record Tick : ClusterEvent;
