namespace ClusterTools.Core;

/// <summary>
/// The cluster is disarmed (FEATURES A10): nothing is fenced, recovered, started by itself or reset until it is armed again.
/// </summary>
/// <param name="Who">Who asked.</param>
/// <param name="Since">In cluster time.</param>
/// <param name="SinceWall">The same in milliseconds since 1970-01-01 UTC, for people; 0: not known.</param>
/// <param name="Reason">Why, in their words; null: not said.</param>
public sealed record Disarmament(string Who, long Since, long SinceWall, string? Reason);
