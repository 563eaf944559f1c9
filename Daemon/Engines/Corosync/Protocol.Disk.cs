using ClusterTools.Engines.Corosync.QuorumDisk;
using ClusterTools.Voting;

namespace ClusterTools.Engines.Corosync;

/// <summary>
/// The quorum disk, as one more vote that remembers (Disk Paxos with one disk): whoever claims it, or commits by it, writes its own slot
/// first and reads those of all others then, so that of two who do so at once at least one sees the other, however long anybody stalls.
/// </summary>
internal sealed partial class Protocol
{
    /// <summary>By node: the last beat that was seen, and when it was seen first.</summary>
    private readonly Dictionary<string, (long Life, long Beat, long Since)> beats = [];

    private DiskTimes? disk;
    private DiskReading? reading;
    private DiskMark mark;
    private long marks;
    private bool knowsOwnSlot;
    private bool isFit = true;

    /// <summary>As it was said in this round.</summary>
    private DiskSight? saidSight;

    /// <summary>The mark that claims the disk for the epoch of the plan, and whether it was read back.</summary>
    private long claiming;
    private bool isClaimed;

    /// <summary>Until when this node leaves the disk to others that claim it as well.</summary>
    private long claimsAgain;

    /// <summary>The mark that says up to where is committed, if it was not read back; 0: there is none.</summary>
    private long granting;

    private long granted;

    /// <summary>The device as it was counted in the view that is open.</summary>
    private QuorumDevice counted;

    /// <summary>What is seen of the disk; null: there is none, or it does not answer.</summary>
    public DiskSight? Sight { get; private set; }

    /// <summary>All slots as they were read last; null: not yet, or not any more.</summary>
    public DiskReading? Reading => Sight is null ? null : reading;

    private bool IsHolder => plan.Holder is { } holder && holder.Peer == self && phase is not (Phase.Over or Phase.Apart);

    private bool IsTipped => plan.Holder is not null && phase is Phase.Opening or Phase.Open;

    private long? DiskDue => disk is { } times && Sight is not null ? reading!.Started + LostAfter(times) : null;

    /// <summary>The others may take the disk only after this node has noticed that it has lost it.</summary>
    private long LostAfter(DiskTimes times) => Math.Min(times.Silence, options.AnswerLimit) / 2;

    /// <summary>The quorum disk that there is; null: none. What was known of another one counts for nothing.</summary>
    public void UseDisk(DiskTimes? times, long time)
    {
        now = time;
        if (times == disk)
        {
            return;
        }

        bool isOther = times?.Name != disk?.Name;
        disk = times;
        if (isOther)
        {
            beats.Clear();
            (reading, mark, knowsOwnSlot) = (null, default, false);
        }

        Look();
    }

    /// <summary>What the heuristics say: a node that is not fit has no vote, and does not hold the disk.</summary>
    public void OnFitness(bool fit, long time)
    {
        now = time;
        if (fit != isFit)
        {
            isFit = fit;
            ReconsiderAtRest();
        }
    }

    /// <summary>The disk was written and read.</summary>
    public void OnDisk(DiskReading read, long time)
    {
        now = time;
        if (disk is null || phase == Phase.Over)
        {
            return;
        }

        if (reading is { } before && before.Disk != read.Disk)
        {
            beats.Clear();
            (mark, knowsOwnSlot) = (default, false);
        }

        reading = read;
        DiskSlot? own = read.Slots.FirstOrDefault(s => s.Owner.Node == Self.Node);
        if (!knowsOwnSlot)
        {
            // What a life before this one has promised there stays; what it held it gives up.
            knowsOwnSlot = true;
            mark = own?.Mark ?? default;
            mark = mark with { Holds = false };
            WriteMark();
        }

        Count(read);
        if (read.Number >= marks && own?.Mark != mark)
        {
            // Another disk, or one that forgets.
            knowsOwnSlot = false;
            (mark, isClaimed) = (default, false);
        }

        Look();
        if (IsHolder)
        {
            OnDiskAsHolder(read);
        }
        else if (phase == Phase.Open && read.Number >= marks && log.PositionAt(commit) is { } at && at.CompareTo(mark.Written) > 0
            && plan.SeesOneDisk && saidSight?.Disk == read.Disk)
        {
            // The disk learns what is committed without it, too: one that knows nothing could not be counted.
            mark = mark with { Written = at };
            WriteMark();
        }
    }

    private void OnDiskAsHolder(DiskReading read)
    {
        bool isTaken = read.Slots.Any(s => s.Owner.Node != Self.Node && s.Mark.Claim >= plan.Epoch);
        if (phase == Phase.Transferring && !isClaimed && claiming > 0 && read.Number >= claiming)
        {
            if (isTaken || !plan.MayClaim(Sight))
            {
                // As many as claim it at once try again one after the other.
                int rank = log.Votes.Votes.Keys.Order(StringComparer.Ordinal).TakeWhile(n => n != Self.Node).Count();
                claimsAgain = now + (disk!.Interval * (1 + rank));
                claiming = 0;
                GiveUpDisk();
                Say(new Reconsider(round));
                return;
            }

            isClaimed = true;
            SayReadyWhenItIs();
        }
        else if (isClaimed && (isTaken || !mark.Holds))
        {
            LoseDisk();
            return;
        }

        if (isClaimed && granting > 0 && read.Number >= granting)
        {
            granting = 0;
            Say(new Granted(round, granted));
        }

        Confirm();
        GrantWhenAllHave();
    }

    /// <summary>Whatever is under way by it is not committed any more.</summary>
    private void LoseDisk()
    {
        GiveUpDisk();
        Say(new Reconsider(round));
    }

    /// <summary>What all members have goes onto the disk, and only then is it committed.</summary>
    private void GrantWhenAllHave()
    {
        if (!IsHolder || !isClaimed || granting > 0 || phase is not (Phase.Opening or Phase.Open))
        {
            return;
        }

        long all = Math.Min(MemberPeers().Min(Word), log.Last.Index);
        if (all <= granted || log.PositionAt(all) is not { } at || (phase == Phase.Opening && at.Epoch < plan.Epoch))
        {
            return;
        }

        // What was written in a round before this one may never have been read back.
        granted = all;
        mark = at.CompareTo(mark.Written) > 0 ? mark with { Written = at } : mark;
        granting = WriteMark();
    }

    private void OnGranted(Peer from, long index)
    {
        if (plan.Holder?.Peer == from && phase is Phase.Opening or Phase.Open)
        {
            allowed = Math.Max(allowed, index);
            CommitWhatAllHave();
        }
    }

    /// <summary>The holder claims the disk while the logs become as the best one.</summary>
    private void Claim()
    {
        (claiming, isClaimed) = (0, false);
        if (IsHolder)
        {
            mark = mark with { Claim = plan.Epoch, Holds = true };
            claiming = WriteMark();
        }
    }

    /// <summary>A side that does not need the disk, or may not have it, leaves it to others.</summary>
    private void GiveUpDisk()
    {
        isClaimed = false;
        if (mark.Holds)
        {
            mark = mark with { Holds = false };
            WriteMark();
        }
    }

    private void LeaveDisk()
    {
        if (knowsOwnSlot)
        {
            mark = mark with { Holds = false };
            deeds.Add(new WriteMark(++marks, mark, HasLeft: true));
        }
    }

    private long WriteMark()
    {
        deeds.Add(new WriteMark(++marks, mark, HasLeft: false));
        return marks;
    }

    private void Count(DiskReading read)
    {
        foreach (DiskSlot slot in read.Slots)
        {
            string node = slot.Owner.Node;
            if (!beats.TryGetValue(node, out var seen) || (seen.Life, seen.Beat) != (slot.Owner.Incarnation, slot.Beat))
            {
                beats[node] = (slot.Owner.Incarnation, slot.Beat, now);
            }
        }
    }

    private DiskSight? See()
    {
        if (disk is not { } times || reading is not { } read || !knowsOwnSlot || now - read.Started >= LostAfter(times))
        {
            return null;
        }

        // What the own slot was when it was read is past: a claim may have been given up since.
        (string Node, DiskMark Mark)[] marks =
            [.. read.Slots.Where(s => s.Owner.Node != Self.Node).Select(s => (s.Owner.Node, s.Mark)), (Self.Node, mark)];
        (string claimer, DiskMark claim) = marks.MaxBy(m => (m.Mark.Claim, m.Mark.Holds));
        string? holder = claim.Holds ? claimer : null;
        return new DiskSight(
            read.Disk,
            times.Name,
            claim.Claim,
            holder,
            holder is null || holder == Self.Node ? HolderState.Alive : StateOf(holder, read, times),
            marks.Max(m => m.Mark.Written),
            read.Slots.Where(s => !s.HasLeft && StateOf(s.Owner.Node, read, times) != HolderState.Silent)
                .Select(s => s.Owner.Node).ToHashSet(StringComparer.Ordinal),
            now >= claimsAgain,
            now - aloneSince >= times.GiveWay);
    }

    private HolderState StateOf(string node, DiskReading read, DiskTimes times) => (read.Started - beats[node].Since) switch
    {
        var silent when silent >= times.Silence => HolderState.Silent,
        var quiet when quiet >= times.Quiet || beats[node].Since < aloneSince + times.GiveWay => HolderState.Quiet,
        _ => HolderState.Alive,
    };

    /// <summary>What is decided by what is seen of the disk is decided anew when that changes.</summary>
    private void Look()
    {
        Sight = See();
        if (!HasChanged(saidSight, Sight))
        {
            return;
        }

        // Once a round.
        saidSight = Sight;
        if (Sight is null && IsHolder)
        {
            LoseDisk();
        }
        else
        {
            ReconsiderAtRest();
        }
    }

    private bool HasChanged(DiskSight? said, DiskSight? seen) =>
        (said?.Disk, said?.IsKnowing) != (seen?.Disk, seen?.IsKnowing)
        || (plan.AwaitsDisk && (said?.Holder, said?.HolderState, said?.IsReady, said?.Alive.Count)
            != (seen?.Holder, seen?.HolderState, seen?.IsReady, seen?.Alive.Count));
}
