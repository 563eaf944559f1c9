using System.Collections.Immutable;

namespace ClusterTools.Core;

/// <summary>Something that may be lost, and what then becomes of the cluster.</summary>
/// <param name="Nodes">Members that are lost.</param>
/// <param name="Disk">The quorum disk is lost.</param>
/// <param name="Votes">That are left.</param>
/// <param name="Needed">For quorum.</param>
/// <param name="Survives">Those who are left keep quorum.</param>
/// <param name="SurvivesInTurn">
/// They keep it if those nodes are lost one after the other, in whichever order, each down for the window of last man standing before the
/// next; without that the same as Survives.
/// </param>
/// <param name="Stops">Groups that have no node any more, or all when quorum is lost.</param>
public sealed record QuorumLoss(
    ImmutableArray<string> Nodes, bool Disk, int Votes, int Needed, bool Survives, bool SurvivesInTurn,
    ImmutableArray<string> Stops);
