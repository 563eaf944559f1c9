using ClusterTools.Engines.Corosync.QuorumDisk;
using ClusterTools.Voting;

namespace ClusterTools.Engines.Corosync;

/// <summary>Some of those in a ring, and whether they have quorum: by their votes, or by the quorum disk if they may claim it.</summary>
internal sealed class Side
{
    private readonly IReadOnlyList<Voice> voices;
    private readonly string[] ring;
    private readonly IReadOnlySet<string> superseded;
    private readonly VoteTable[] tables;
    private readonly VoteTable votes;
    private readonly DiskSight? sight;

    /// <param name="voices">Sorted by node.</param>
    /// <param name="ring">All that decide in this round, and hold the disk for nobody else.</param>
    /// <param name="best">Whose log tells the votes.</param>
    /// <param name="superseded">Whose votes do not count.</param>
    public Side(IReadOnlyList<Voice> voices, IReadOnlyList<Voice> ring, Voice best, IReadOnlySet<string> superseded)
    {
        this.voices = voices;
        this.ring = [.. ring.Select(v => v.Node)];
        this.superseded = superseded;
        votes = best.Hello.Votes;
        tables = [.. best.Hello.VotesBefore, votes];
        Voice[] seeing = [.. voices.Where(v => v.Hello.IsFit && v.Hello.Disk is { } disk && disk.Name == votes.Device?.Name)];
        // Those who see one disk each, and not the same, have none.
        if (seeing.Length > 0 && seeing.Select(v => v.Hello.Disk!.Disk).Distinct().Count() == 1)
        {
            sight = seeing.MaxBy(v => v.Hello.Disk!.Claim)!.Hello.Disk! with { Written = seeing.Max(v => v.Hello.Disk!.Written) };
            Holder = Array.Find(seeing, v => v.Node == sight.Holder) ?? seeing[0];
        }

        Standing = Stand();
    }

    public Standing Standing { get; }

    public bool HasQuorum => Standing is Standing.ByVotes or Standing.ByDisk;

    /// <summary>Who claims the disk, or holds it already; null: nobody of them can.</summary>
    public Voice? Holder { get; }

    /// <summary>The disk is claimed: it is needed, or it is to be counted again after it was not.</summary>
    public bool ClaimsDisk => Standing == Standing.ByDisk || (superseded.Contains(VoteTable.DeviceName) && MayHaveDisk && IsReady);

    /// <summary>Whether the disk could be claimed, if it were needed.</summary>
    public bool MayHaveDisk => sight is { IsKnowing: true } && IsYoung && sight.IsFreeFor(ring);

    private bool IsYoung => sight is null || ViewPlan.IsAtLeast(voices.Max(v => v.Hello.Last), sight.Written);

    private bool IsReady => Holder!.Hello.Disk! is { IsReady: true } seen && (seen.HasGivenWay || GoesFirst(seen));

    /// <summary>The disk was claimed for this epoch, and is held by one of these.</summary>
    public bool IsHeldIn(long epoch) => sight is not null && sight.Claim == epoch && sight.Holder == Holder?.Node;

    private Standing Stand() => !IsYoung ? Standing.Older
        : Array.TrueForAll(tables, t => IsHeld(t, withDisk: false)) ? Standing.ByVotes
        : !Array.TrueForAll(tables, t => IsHeld(t, withDisk: true)) ? Standing.None
        : sight is not { IsKnowing: true } ? Standing.NoDisk
        : !sight.IsFreeFor(ring) ? sight.HolderState == HolderState.Alive ? Standing.WithDisk : Standing.Waits
        : IsReady ? Standing.ByDisk
        : Standing.Waits;

    private bool IsHeld(VoteTable table, bool withDisk) =>
        table.Majority(superseded, withDisk && table.Device?.Name == votes.Device?.Name)
            .IsHeldBy(voices.Where(v => v.Hello.IsFit).Select(v => v.Node));

    /// <summary>Of two sides that both see the disk the larger one claims it first; of equal ones that with the first node.</summary>
    private bool GoesFirst(DiskSight seen)
    {
        string[] own = [.. voices.Where(v => v.Hello.IsFit).Select(v => v.Node)];
        string[] others = [.. seen.Alive.Except(ring)];
        int mine = own.Sum(n => votes.Votes.GetValueOrDefault(n));
        int theirs = others.Sum(n => votes.Votes.GetValueOrDefault(n));
        return mine > theirs
            || (mine == theirs && string.CompareOrdinal(own.Min(StringComparer.Ordinal), others.Min(StringComparer.Ordinal)) < 0);
    }
}
