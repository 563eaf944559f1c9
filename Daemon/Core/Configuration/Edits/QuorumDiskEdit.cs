using System.Collections.Immutable;

namespace ClusterTools.Core.Configuration;

/// <summary>An edit of the quorum disk; what is null stays as it is, or as it is by default where there was none.</summary>
public sealed record QuorumDiskEdit
{
    public string? Device { get; init; }

    /// <summary>0: one less than there are nodes with votes.</summary>
    public int? Votes { get; init; }

    /// <summary>Milliseconds.</summary>
    public long? Interval { get; init; }

    public int? Tko { get; init; }

    /// <summary>-1: half of all scores.</summary>
    public int? MinimumScore { get; init; }

    /// <summary>All of them.</summary>
    public ImmutableArray<QuorumHeuristic>? Heuristics { get; init; }

    /// <exception cref="EditRefusedException">There is none, and none is named.</exception>
    internal QuorumDiskConfiguration Edit(QuorumDiskConfiguration? there)
    {
        QuorumDiskConfiguration disk = there ?? new QuorumDiskConfiguration
        {
            Device = Device ?? throw EditRefusedException.Invalid(
                "There is no quorum disk whose settings could be changed.", "Give its device, such as /dev/disk/by-id/…."),
        };
        return disk with
        {
            Device = Device ?? disk.Device,
            Votes = Votes switch { null => disk.Votes, 0 => null, _ => Votes },
            Interval = Edits.Time(Interval, disk.Interval, nameof(Interval)),
            Tko = Tko ?? disk.Tko,
            MinimumScore = MinimumScore switch { null => disk.MinimumScore, -1 => null, _ => MinimumScore },
            Heuristics = Heuristics ?? disk.Heuristics,
        };
    }
}
