namespace ClusterTools.Engines.Local;

/// <summary>How one daemon takes part in a cluster on one machine.</summary>
public sealed record LocalEngineOptions
{
    /// <summary>Shortest token time (ms).</summary>
    public const int MinToken = 200;

    /// <summary>Longest token time (ms).</summary>
    public const int MaxToken = 60_000;

    /// <summary>The folder that all daemons of this cluster share; created when absent.</summary>
    public required string Folder { get; init; }

    /// <summary>
    /// Where the heartbeat files are, the same on all daemons; null: "heartbeats" in <see cref="Folder"/>. A folder in memory
    /// (tmpfs) keeps a busy disk from delaying beats, which matters for short tokens.
    /// </summary>
    public string? HeartbeatFolder { get; init; }

    /// <summary>This node's name.</summary>
    public required string Node { get; init; }

    /// <summary>This life of the node; greater than that of every earlier life.</summary>
    public required long Incarnation { get; init; }

    /// <summary>The votes when the database is created; afterwards those in the database hold.</summary>
    public required VoteTable Votes { get; init; }

    /// <summary>After how long a silence (ms) a daemon is declared lost; 200 to 60000, the same on all daemons.</summary>
    public int Token { get; init; } = 1000;

    /// <summary>
    /// How long (ms) the consumer of the event stream may make no progress (busy with one event, or not taking the next) before
    /// this daemon counts as hung and stops its heartbeat. Default: four times the token, at least 2000. Holds for members; a joiner
    /// may take its time, and is admitted when it has nearly caught up.
    /// </summary>
    public int? ConsumerLimit { get; init; }

    /// <summary>
    /// How long (ms) a write may fail or wait before this daemon counts as hung and stops its heartbeat. More than a token, because a
    /// daemon that was stopped while it held the write lock is ended only then. Default: three times the token, at least 2000.
    /// </summary>
    public int? WriteLimit { get; init; }

    /// <summary>Log rows kept before the newest snapshot.</summary>
    public int LogMargin { get; init; } = 1000;

    /// <summary>
    /// A file of this node's alone that keeps what it has seen of the log, so that a log that was lost or cut short is refused; null: none.
    /// </summary>
    public string? MemoryFile { get; init; }

    /// <summary>
    /// Somebody vouches that whatever log is there, or none, is the one to go on with, whatever <see cref="MemoryFile"/> says.
    /// </summary>
    public bool AcceptAnyLog { get; init; }

    /// <summary>
    /// Whether this node may take part in a log that nothing was written to yet, and make one; false for one that has been in a cluster.
    /// </summary>
    public bool MayBeNew { get; init; } = true;

    /// <summary>For a life that a node's shell begins, with what the composition of the daemon says of this engine.</summary>
    /// <param name="setup">The life.</param>
    /// <param name="folder">The folder that all daemons of the cluster share.</param>
    /// <param name="token">After how long a silence (ms) a daemon is lost.</param>
    /// <param name="memoryFile">What this node alone keeps of the log.</param>
    public static LocalEngineOptions For(EngineSetup setup, string folder, int token, string memoryFile)
    {
        ArgumentNullException.ThrowIfNull(setup);
        return new LocalEngineOptions
        {
            Folder = folder,
            Node = setup.Self.Node,
            Incarnation = setup.Self.Incarnation,
            Token = token,
            Votes = setup.Votes,
            MemoryFile = memoryFile,
            AcceptAnyLog = setup.AcceptAnyLog,
            MayBeNew = setup.MayBeNew,
            Log = setup.Log,
        };
    }

    /// <summary>Gets a line of text now and then: losses, kills, disk errors. May be called on any thread; must not block.</summary>
    public Action<string>? Log { get; init; }

    /// <summary>For tests: called inside each write transaction, before it commits.</summary>
    internal Action? InTransaction { get; init; }

    internal int EffectiveConsumerLimit => ConsumerLimit ?? Math.Max(4 * Token, 2000);

    internal int EffectiveWriteLimit => WriteLimit ?? Math.Max(3 * Token, 2000);

    internal int BeatInterval => Token / 5;

    internal void Validate()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(Folder);
        ArgumentException.ThrowIfNullOrWhiteSpace(Node);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Incarnation);
        ArgumentOutOfRangeException.ThrowIfLessThan(Token, MinToken);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Token, MaxToken);
        ArgumentOutOfRangeException.ThrowIfNegative(LogMargin);
        ArgumentNullException.ThrowIfNull(Votes);
        if (EffectiveConsumerLimit < Token)
        {
            throw new ArgumentOutOfRangeException(
                nameof(ConsumerLimit), ConsumerLimit, $"ConsumerLimit is shorter than the token of {Token / 1000.0:0.###} s.");
        }

        if (EffectiveWriteLimit < 2 * Token)
        {
            throw new ArgumentOutOfRangeException(
                nameof(WriteLimit), WriteLimit, $"WriteLimit is shorter than twice the token of {Token / 1000.0:0.###} s.");
        }
    }
}
