namespace ClusterTools.Core;

/// <summary>A member says the hash of its state at an index, for the others to compare; changes nothing.</summary>
public sealed record StateHashed(string Node, long Index, string Hash) : ClusterEvent;
