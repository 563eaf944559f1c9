namespace ClusterTools.Engines;

/// <summary>The votes of a quorum device, the same for every node.</summary>
/// <param name="Name">Which device.</param>
/// <param name="Votes">How many it has.</param>
public sealed record DeviceVotes(string Name, int Votes);
