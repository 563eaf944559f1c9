using ClusterTools.Core;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Simulation;

/// <summary>A machine as it really is: power, disk, what runs on it. What the cluster believes of it stands elsewhere.</summary>
internal sealed class Machine(World world, int index, string name)
{
    private bool on;
    private Daemon? daemon;
    private long daemonChanged;
    private long bootedAt;

    public int Index { get; } = index;

    public string Name { get; } = name;

    public Disk Disk { get; } = new();

    /// <summary>Both supplies, by the switches of pdu1 and pdu2; one is enough.</summary>
    public bool[] Supply { get; } = [true, true];

    /// <summary>The board's own switch.</summary>
    public bool Board { get; set; } = true;

    /// <summary>Without power for another reason until then.</summary>
    public long BrokenUntil { get; set; }

    /// <summary>People have emptied it, switched it off and have their hands in it until then.</summary>
    public long HandsUntil { get; set; }

    /// <summary>Counts its boots; what began in an earlier one is gone.</summary>
    public long Boot { get; private set; }

    public bool On => on;

    /// <summary>When it last went off; -1: never.</summary>
    public long OffSince { get; private set; } = -1;

    public Daemon? Daemon
    {
        get => daemon;
        set
        {
            daemon = value;
            daemonChanged = world.Now;
        }
    }

    public long Incarnations { get; set; }

    /// <summary>Its clock runs by so many millionths too fast.</summary>
    public int Drift { get; set; }

    public long ClockOffset { get; set; }

    /// <summary>Syncs take so much longer.</summary>
    public int DiskDelay { get; set; }

    public bool DiskDead { get; set; }

    /// <summary>An operator keeps its daemon down.</summary>
    public bool DaemonHeld { get; set; }

    public SortedDictionary<string, Lane> Lanes { get; } = new(StringComparer.Ordinal);

    public long Local(long now) => ClockOffset + now + (now * Drift / 1_000_000);

    public long FromLocal(long local) => (local - ClockOffset) * 1_000_000 / (1_000_000 + Drift);

    public Lane Lane(string group)
    {
        if (!Lanes.TryGetValue(group, out Lane? lane))
        {
            Lanes.Add(group, lane = new Lane(group));
        }

        return lane;
    }

    /// <summary>For how long there has been no daemon though the machine is on.</summary>
    public long DaemonIdleSince(long now) => on && daemon is null ? now - Math.Max(daemonChanged, bootedAt) : 0;

    public Lane? Existing(string group) => Lanes.GetValueOrDefault(group);

    /// <summary>Goes on or off as supplies, switch and luck say.</summary>
    public void PowerChanged(string why)
    {
        bool now = Board && (Supply[0] || Supply[1]) && world.Now >= BrokenUntil;
        if (now == on)
        {
            if (!on)
            {
                // Cut off before its first boot here: what ran on it since before the cluster has ended with its power.
                ClearLanes();
            }

            return;
        }

        world.Engine.ReachWillChange();
        on = now;
        world.Trace?.Write($"{Name} is {(on ? "on" : "OFF")}: {why}");
        if (on)
        {
            Boot++;
            bootedAt = world.Now;
            ClockOffset = world.Random.Between(0, 1000) - world.Now;
            long boot = Boot;
            world.Schedule.In(world.Random.Between(1000, 6000), () =>
            {
                if (on && Boot == boot && !DaemonHeld && Daemon is null)
                {
                    world.StartDaemon(this);
                }
            });
            return;
        }

        OffSince = world.Now;
        if (Disk.Lose(world.Random))
        {
            world.Tally.Count(Fault.UnsyncedWritesLost);
        }

        ClearLanes();
        Daemon?.End("power");
        world.OnPowerLost(this);
        world.Engine.ReachChanged();
    }

    private void ClearLanes()
    {
        foreach (Lane lane in Lanes.Values)
        {
            lane.Clear();
        }
    }

    /// <summary>A reset: off and on again at once, with the switches as they are.</summary>
    public void Reset(string why)
    {
        BrokenUntil = world.Now + world.Random.Between(500, 4000);
        PowerChanged(why);
        world.Schedule.At(BrokenUntil, () => PowerChanged("reset ends"));
    }
}

/// <summary>What survives a crash of the daemon, and as far as synced also one of the machine.</summary>
internal sealed class Disk
{
    public List<Entry> Log { get; } = [];

    /// <summary>So many entries are safe.</summary>
    public int Synced { get; set; }

    /// <summary>Highest epoch that was written here.</summary>
    public long Epoch { get; set; }

    /// <summary>Index that is known to be committed.</summary>
    public long Applied { get; set; }

    /// <summary>A loss of power: of what was not synced some prefix is left, the entry after it torn. True: something was lost.</summary>
    public bool Lose(RandomSource random)
    {
        int unsynced = Log.Count - Synced;
        if (unsynced <= 0)
        {
            return false;
        }

        int kept = random.Below(unsynced + 1);
        Log.RemoveRange(Synced + kept, unsynced - kept);
        Synced = Log.Count;
        Applied = Math.Min(Applied, Synced);
        return kept < unsynced;
    }
}

/// <summary>All that is and was done to one group on one machine, one thing after the other; and what of it runs.</summary>
internal sealed class Lane(string group)
{
    private readonly List<Running> active = [];

    public string Group { get; } = group;

    /// <summary>Really running resources, in the order in which they came up.</summary>
    public IReadOnlyList<Running> Active => active;

    /// <summary>What is being done now.</summary>
    public Job? Current { get; set; }

    public Queue<Job> Waiting { get; } = new();

    /// <summary>Resources that were started with success, or found running, and not stopped since; they may have died.</summary>
    public HashSet<string> Up { get; } = new(StringComparer.Ordinal);

    public bool Idle => Current is null && Waiting.Count == 0;

    /// <summary>Something runs, or is being started.</summary>
    public bool Busy => active.Count > 0 || Current is { Kind: JobKind.Start, Spawned: true };

    public Running? Find(string resource)
    {
        foreach (Running running in active)
        {
            if (running.Resource == resource)
            {
                return running;
            }
        }

        return null;
    }

    public void Add(Running running) => active.Add(running);

    public bool Remove(string resource) => active.RemoveAll(r => r.Resource == resource) > 0;

    public void Clear()
    {
        active.Clear();
        Up.Clear();
        Current = null;
        Waiting.Clear();
    }
}

/// <summary>A resource that really runs.</summary>
/// <param name="Parent">The resource it needed when it was started.</param>
internal sealed record Running(string Resource, string? Parent);

internal enum JobKind
{
    Start,
    Stop,
    Probe,
    Migrate,
}

/// <summary>One call of an agent, or the probe of a group.</summary>
internal sealed class Job
{
    public required JobKind Kind { get; init; }

    public required Daemon Daemon { get; init; }

    public ResourceAction? Action { get; init; }

    public MigrationAction? Move { get; init; }

    /// <summary>What is answered.</summary>
    public ActionId Id => Action?.Id ?? Move!.Id;

    public ProbedGroup? Probed { get; init; }

    public ProbeRound? Round { get; init; }

    /// <summary>Index of the newest entry that the node had applied when it decided this.</summary>
    public long Known { get; init; }

    public bool Spawned { get; set; }

    public bool Killed { get; set; }

    /// <summary>Since when it waits for a confirmed view.</summary>
    public long GateSince { get; set; } = -1;
}

/// <summary>A probe of a node: its answer waits for all groups.</summary>
internal sealed class ProbeRound(ActionId id, int open)
{
    public ActionId Id { get; } = id;

    public int Open { get; set; } = open;

    public List<FoundResource> Found { get; } = [];
}
