namespace ClusterTools.Contract;

/// <summary>A guest, a virtual machine that fails over by itself: <c>GET /v1/guests/{guest}</c>.</summary>
public sealed class GuestStatus
{
    public string Name { get; set; } = "";

    public GroupPhase Phase { get; set; }

    /// <summary>The node that it runs on.</summary>
    public string? Host { get; set; }

    /// <summary>Every node on which it may be: two while it moves.</summary>
    public IReadOnlyList<string> ActiveOn { get; set; } = [];

    /// <summary>Id of its resource within the group of its name.</summary>
    public string Resource { get; set; } = "";

    /// <summary>Its name on its host.</summary>
    public string Domain { get; set; } = "";

    /// <summary>Its UUID; null: no host has told it yet.</summary>
    public string? Id { get; set; }

    /// <summary>Its memory in bytes; null: no host has told it yet.</summary>
    public long? Memory { get; set; }

    /// <summary>The most memory that it may have, in bytes.</summary>
    public long? MaxMemory { get; set; }

    /// <summary>Its virtual processors.</summary>
    public int? Processors { get; set; }

    /// <summary>How it moves; null: it is shut down here and started there.</summary>
    public MigrationKind? Migrates { get; set; }

    /// <summary>For so long a migration may take.</summary>
    public TimeSpan? MigrationLimit { get; set; }

    /// <summary>For so long it may take to shut down before it is switched off; null: what a stop may take.</summary>
    public TimeSpan? ShutdownWait { get; set; }

    /// <summary>Limit of a stop.</summary>
    public TimeSpan StopTimeout { get; set; }

    /// <summary>The agent that runs it.</summary>
    public string Agent { get; set; } = "";

    /// <summary>The file with its definition; null: each host knows it.</summary>
    public string? Definition { get; set; }

    /// <summary>Its failover domain; null: any node.</summary>
    public string? FailoverDomain { get; set; }

    public bool Autostart { get; set; }

    public bool Frozen { get; set; }

    /// <summary>Id of the operation under way on it.</summary>
    public string? Operation { get; set; }

    /// <summary>Why it is as it is.</summary>
    public string Why { get; set; } = "";

    /// <summary>Since when it has been in this phase on this node.</summary>
    public DateTimeOffset? Since { get; set; }
}

/// <summary>A guest's migration, under way or the last one: <c>GET /v1/migrations</c>.</summary>
public sealed class GuestMigration
{
    public string Guest { get; set; } = "";

    public string From { get; set; } = "";

    public string To { get; set; } = "";

    public MigrationKind Kind { get; set; }

    public MigrationPhase Phase { get; set; }

    /// <summary>How much has been sent, in percent; null: not known, or over.</summary>
    public int? Percent { get; set; }

    /// <summary>Since its beginning, or what it took.</summary>
    public TimeSpan? Elapsed { get; set; }

    /// <summary>How long the guest stood still, or is expected to; null: not known.</summary>
    public TimeSpan? Downtime { get; set; }

    /// <summary>Bytes sent so far.</summary>
    public long Sent { get; set; }

    /// <summary>Bytes to be sent yet; the guest may make them more again.</summary>
    public long Left { get; set; }

    /// <summary>Bytes that it began with.</summary>
    public long Total { get; set; }

    /// <summary>Bytes a second; 0: not known.</summary>
    public long Speed { get; set; }

    /// <summary>How often the guest's memory was gone through.</summary>
    public int Rounds { get; set; }

    public DateTimeOffset? Began { get; set; }

    /// <summary>Null: it is under way.</summary>
    public DateTimeOffset? Ended { get; set; }

    /// <summary>Who asked for it; null: the cluster decided by itself.</summary>
    public string? Who { get; set; }

    /// <summary>Why the guest moves, or what came of it.</summary>
    public string Message { get; set; } = "";
}

/// <summary>What a guest does while it moves.</summary>
public enum MigrationKind
{
    /// <summary>It runs on, but for a moment at the end.</summary>
    Live,

    /// <summary>It stands still until it is there.</summary>
    Suspended,
}

/// <summary>How far a migration is.</summary>
public enum MigrationPhase
{
    Running,

    /// <summary>It is to end, and the guest to stay where it is.</summary>
    Ending,

    /// <summary>Its source was lost or began anew: every node is asked where the guest is.</summary>
    Unknown,

    Succeeded,

    Failed,
}
