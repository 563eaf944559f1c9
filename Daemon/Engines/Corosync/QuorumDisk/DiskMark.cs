namespace ClusterTools.Engines.Corosync.QuorumDisk;

/// <summary>What a node's slot says for its protocol.</summary>
/// <param name="Claim">The highest epoch that it has claimed the disk for; never falls.</param>
/// <param name="Holds">The claim is in force; false: it was given up.</param>
/// <param name="Written">What may be committed, as far as this node has written it down: nobody older may form; never falls.</param>
internal readonly record struct DiskMark(long Claim, bool Holds, LogPosition Written);
