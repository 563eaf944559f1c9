namespace ClusterTools.Core;

/// <summary>The cluster is being stopped as a whole, until nothing of any group is active and all members have left.</summary>
/// <param name="Operation">Request id of the operation.</param>
/// <param name="Who">Who asked.</param>
public sealed record ClusterStop(string Operation, string Who);
