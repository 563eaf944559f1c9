using ClusterTools.Engines.Corosync.QuorumDisk;
using ClusterTools.Voting;

namespace ClusterTools.Engines.Corosync;

/// <summary>What a process brings to a decision about the view: its log's end and all that counts beside it.</summary>
internal sealed record Hello(Round Round) : Message(Round)
{
    /// <summary>The node in its life.</summary>
    public required Member Self { get; init; }

    /// <summary>The end of its log.</summary>
    public required LogPosition Last { get; init; }

    /// <summary>The last entry that it knows to be committed.</summary>
    public required LogPosition Committed { get; init; }

    /// <summary>The highest epoch that it has promised, on its disk, to be opened.</summary>
    public required long Promised { get; init; }

    /// <summary>
    /// Its disk was in no view yet, and may be one that takes the place of a lost one: of what was committed it proves nothing.
    /// </summary>
    public required bool IsNew { get; init; }

    /// <summary>The epochs that its log holds, the newest of them.</summary>
    public required IReadOnlyList<EpochSpan> Spans { get; init; }

    /// <summary>Votes in force at the end of its log.</summary>
    public required VoteTable Votes { get; init; }

    /// <summary>Whose votes count on neither side at the end of its log.</summary>
    public required IReadOnlySet<string> Superseded { get; init; }

    /// <summary>The epoch of the view that it is in, and has not been told to be without quorum since; 0: none.</summary>
    public required long InView { get; init; }

    /// <summary>This life has been in a view, which may have ended.</summary>
    public required bool WasMember { get; init; }

    /// <summary>Nodes that it takes for being fenced.</summary>
    public required IReadOnlySet<string> Barred { get; init; }

    /// <summary>Its consumer has handled all there is, so that <see cref="Barred"/> is what the log makes of it.</summary>
    public required bool IsIdle { get; init; }

    /// <summary>It has waited for others for as long as a start may wait.</summary>
    public required bool HasWaited { get; init; }

    /// <summary>It is one of two, and its peer's fate is unknown: quorum was held until then.</summary>
    public required bool IsContested { get; init; }

    /// <summary>The first entry of an epoch that it is asked to open against the arithmetic; null: it is not.</summary>
    public required ReadOnlyMemory<byte>? Opening { get; init; }

    /// <summary>Votes that are in force until those at the end of its log are known to be committed, in their order.</summary>
    public IReadOnlyList<VoteTable> VotesBefore { get; init; } = [];

    /// <summary>The quorum device as it was counted in the view that it is in.</summary>
    public required QuorumDevice Device { get; init; }

    /// <summary>The quorum disk as it sees it; null: there is none, or it does not answer.</summary>
    public DiskSight? Disk { get; init; }

    /// <summary>Its vote counts: its heuristics are not against it.</summary>
    public bool IsFit { get; init; } = true;
}
