namespace ClusterTools.Engines.Corosync.QuorumDisk;

/// <summary>
/// The quorum disk of one life: its thread, what is told of it to the protocol, and what people are told. For one thread.
/// </summary>
internal sealed class DiskWatch(Member self, Protocol protocol, Troubles troubles, Action<Action<Protocol, long>> tell) : IDisposable
{
    private readonly HashSet<string> apart = [];
    private DiskBeat? beat;
    private int score;

    /// <summary>The quorum disk that there is from now on; null: none.</summary>
    public void Use(QuorumDiskSetup? setup, long now)
    {
        if (setup == beat?.Setup)
        {
            return;
        }

        if (setup is not null && beat is { } same && (setup.Device, setup.Cluster, setup.Slot)
            == (same.Setup.Device, same.Setup.Cluster, same.Setup.Slot))
        {
            same.Setup = setup;
        }
        else
        {
            Replace(setup);
        }

        protocol.UseDisk(setup is null ? null : new DiskTimes(setup.Device, setup.Interval, setup.Silence), now);
        Judge(now);
    }

    public void SetScore(int value, long now)
    {
        score = value;
        if (beat is { } running)
        {
            running.Score = value;
        }

        Judge(now);
    }

    public void Write(WriteMark mark) => beat?.Want(mark);

    /// <summary>Says what has changed since the last call.</summary>
    public void Tell(long now)
    {
        if (beat?.Setup.Device is not { } device)
        {
            return;
        }

        string[] there = [.. protocol.Sight is { } sight && protocol.Phase is not Phase.Apart
            ? sight.Alive.Except(protocol.Plan.Alive.Select(v => v.Node)).Where(protocol.Log.Votes.Votes.ContainsKey) : []];
        foreach (string node in there.Where(apart.Add))
        {
            troubles.Say(
                $"quorum disk {node}",
                $"{node} is silent on the network and writes on the quorum disk: it is not dead, its network or its corosync is. Look at "
                    + "both before you switch it off.",
                now);
        }

        foreach (string node in apart.Except(there).ToArray())
        {
            apart.Remove(node);
            troubles.End($"quorum disk {node}", $"{node} is on the network again, or writes on the quorum disk no more.");
        }

        if (!protocol.Plan.SeesOneDisk)
        {
            troubles.Say(
                "quorum disk differs",
                $"What the nodes see as '{device}' is not one disk: its votes are not counted. Give a path that means the same disk on all "
                    + "nodes; 'clusterd quorum-disk show' tells them apart.",
                now);
        }
        else
        {
            troubles.End("quorum disk differs", "All nodes see the same quorum disk.");
        }

        if (protocol.Plan.IsOlderThanDisk)
        {
            troubles.Say(
                "quorum disk older",
                $"The quorum disk '{device}' tells of changes that none of the nodes here has in its log: nothing is begun without the "
                    + "nodes that have them. Start those.",
                now);
        }
        else
        {
            troubles.End("quorum disk older", "The nodes here have in their logs what the quorum disk tells of.");
        }
    }

    public QuorumDiskStatus? Status(long now)
    {
        if (beat is not { } running)
        {
            return null;
        }

        string? trouble = running.Trouble
            ?? (protocol.Sight is null && running.Turn is { } since && now - since > running.Setup.Interval
                ? $"The quorum disk '{running.Setup.Device}' has not answered for {(now - since) / 1000} s. Look at the device."
            : protocol.Sight is { IsKnowing: false }
                ? $"Nothing of the cluster is on the quorum disk '{running.Setup.Device}' yet: it counts once the cluster has had quorum "
                    + "without it."
            : null);
        return new QuorumDiskStatus(
            running.Setup.Device,
            trouble,
            protocol.Sight?.Holder,
            [
                .. (protocol.Reading?.Slots ?? []).Select(s => new QuorumDiskNode(
                    s.Owner.Node, protocol.Sight!.Alive.Contains(s.Owner.Node), s.Score, s.MinimumScore)),
            ]);
    }

    public void Dispose() => beat?.Dispose();

    private void Replace(QuorumDiskSetup? setup)
    {
        // A disk that hangs must not hold up the ring.
        if (beat is { } gone)
        {
            ThreadPool.QueueUserWorkItem(static state => ((DiskBeat)state!).Dispose(), gone);
        }

        beat = setup is null ? null : new DiskBeat(setup, self, score, read => tell((of, at) => of.OnDisk(read, at)), troubles);
    }

    private void Judge(long now) => protocol.OnFitness(beat is null || score >= beat.Setup.MinimumScore, now);
}
