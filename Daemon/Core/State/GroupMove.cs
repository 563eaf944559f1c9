namespace ClusterTools.Core;

/// <summary>How a group came to the node that it was placed on last.</summary>
/// <param name="From">Where it was placed before; null: nowhere.</param>
/// <param name="To">Where it was placed.</param>
/// <param name="Why">Why it left where it was, and why it came where it is.</param>
/// <param name="Who">Who asked for it; null: the cluster decided by itself.</param>
/// <param name="WallTime">Milliseconds since 1970-01-01 UTC, for people; 0: not known.</param>
public sealed record GroupMove(string? From, string To, Cause Why, string? Who, long WallTime);
