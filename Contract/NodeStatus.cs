namespace ClusterTools.Contract;

/// <summary>A node: <c>GET /v1/nodes</c>.</summary>
public sealed class NodeStatus
{
    public string Name { get; set; } = "";

    public int Id { get; set; }

    public int Votes { get; set; }

    /// <summary>Its votes are not counted on either side until it takes part again: it was down for too long (last man standing).</summary>
    public bool VotesUncounted { get; set; }

    public NodePhase Phase { get; set; }

    /// <summary>In the present view.</summary>
    public bool Member { get; set; }

    /// <summary>The node that tells this has no quorum and does not hear of it: it was so when it was last heard.</summary>
    public bool LastKnown { get; set; }

    /// <summary>This life of it; 0: never seen.</summary>
    public long Incarnation { get; set; }

    /// <summary>Why it is in its phase.</summary>
    public string Why { get; set; } = "";

    public DrainGoal Drain { get; set; }

    /// <summary>While it is being emptied: where its groups go, as far as their rules allow; null: by the rules.</summary>
    public string? DrainTo { get; set; }

    /// <summary>Names of the groups that the drain has moved away: what a resume with immediate failback brings back.</summary>
    public IReadOnlyList<string> Moved { get; set; } = [];

    /// <summary>It leaves by a resource's final action: what its daemon does with the machine at the end; otherwise default.</summary>
    public FinalAction AtLeave { get; set; }

    /// <summary>Its machine is being shut down.</summary>
    public bool ShutsDown { get; set; }

    /// <summary>What becomes of its groups when its machine is shut down, by its own policy or the cluster's.</summary>
    public ShutdownPolicy ShutdownPolicy { get; set; }

    /// <summary>What it weighs by itself when two nodes lose sight of each other.</summary>
    public int Weight { get; set; }

    /// <summary>What it weighs now, with the groups that it runs.</summary>
    public long CurrentWeight { get; set; }

    /// <summary>How much longer than others it is waited for, once lost, before it is fenced.</summary>
    public TimeSpan FenceDelay { get; set; }

    /// <summary>Up to which that is drawn anew for each loss; zero: it is not drawn.</summary>
    public TimeSpan FenceDelayMax { get; set; }

    /// <summary>The time that it may still be away by plan.</summary>
    public TimeSpan? MaintenanceRemaining { get; set; }

    /// <summary>The time since it was lost.</summary>
    public TimeSpan? LostFor { get; set; }

    /// <summary>Highest functional level that its program knows; 0: not told yet.</summary>
    public int FunctionalLevel { get; set; }

    /// <summary>Names of the groups that count as active here.</summary>
    public IReadOnlyList<string> Groups { get; set; } = [];

    /// <summary>Names of its fence methods, in the order in which they are tried.</summary>
    public IReadOnlyList<string> FenceMethods { get; set; } = [];

    /// <summary>
    /// Its machine's watchdog is armed: after this time without being fed it resets the machine; null: it is not, as far as this life of
    /// the node has said.
    /// </summary>
    public TimeSpan? Watchdog { get; set; }

    /// <summary>Its fencing under way.</summary>
    public Fencing? Fencing { get; set; }

    /// <summary>Id of the operation under way on it.</summary>
    public string? Operation { get; set; }
}

public enum NodePhase
{
    Joining,
    Online,
    Maintenance,
    Draining,
    Lost,
    Fencing,
    Down,
    LeftCluster,

    /// <summary>Takes part and keeps its groups; no others come to it until it is resumed.</summary>
    Paused,

    /// <summary>
    /// Takes part and keeps its groups; no others come to it, because it was lost too often, until it is resumed or was quiet for a time.
    /// </summary>
    KeptOut,
}

/// <summary>What becomes of a node's groups when its machine is shut down.</summary>
public enum ShutdownPolicy
{
    /// <summary>They go to other nodes; what can go nowhere is stopped.</summary>
    Move,

    /// <summary>They are stopped, and wait for the node until it is back or a person starts them elsewhere.</summary>
    Stop,

    /// <summary>For a short restart: as Stop, but after a time limit they go to other nodes.</summary>
    Keep,
}

public enum DrainGoal
{
    None,
    Standby,
    Leave,
}
