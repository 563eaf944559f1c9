namespace ClusterTools.Contract;

/// <summary>The cluster on one screen: <c>GET /v1/cluster</c>.</summary>
public sealed class ClusterStatus
{
    public string Name { get; set; } = "";

    /// <summary>The node that answered.</summary>
    public string Node { get; set; } = "";

    public Quorum Quorum { get; set; }

    /// <summary>The arithmetic in words: votes there, votes needed, who is absent, how many losses it survives.</summary>
    public string QuorumDescription { get; set; } = "";

    /// <summary>Since when nothing can be committed though there may be quorum; null: nothing is known to be in the way.</summary>
    [OnWire(WireForm.UnixMilliseconds)]
    public DateTimeOffset? CommitsFailSince { get; set; }

    /// <summary>Nothing is fenced, recovered, started by itself or reset; null: the cluster is armed.</summary>
    public Disarmament? Disarmed { get; set; }

    /// <summary>Votes of the members of the present view.</summary>
    public int Votes { get; set; }

    /// <summary>Votes that quorum is counted from.</summary>
    public int VotesExpected { get; set; }

    /// <summary>Votes that are needed for quorum.</summary>
    public int VotesNeeded { get; set; }

    /// <summary>How many more members may be lost, the heaviest first, before quorum is lost.</summary>
    public int LossesSurvived { get; set; }

    /// <summary>Of two nodes one vote is enough, and fencing decides who survives.</summary>
    public bool TwoNode { get; set; }

    /// <summary>
    /// How long a node must be down until its vote is not counted any more (last man standing); null: it is counted always.
    /// </summary>
    public TimeSpan? LastManStandingWindow { get; set; }

    /// <summary>The quorum disk as the node that answered sees it; null: there is none.</summary>
    public QuorumDiskStatus? QuorumDisk { get; set; }

    /// <summary>The arbiter of a pair as the node that answered hears it; null: there is none.</summary>
    public QuorumArbiterStatus? QuorumArbiter { get; set; }

    /// <summary>Names of the members of the present view.</summary>
    public IReadOnlyList<string> Members { get; set; } = [];

    public long Epoch { get; set; }

    /// <summary>Index of the last event applied on the node that answered.</summary>
    public long Index { get; set; }

    /// <summary>Cluster time: how long the cluster has been at work since it was made, as its members count it.</summary>
    public TimeSpan Time { get; set; }

    /// <summary>0: there is none yet.</summary>
    public long ConfigurationVersion { get; set; }

    /// <summary>The rules that the cluster acts by; raised by an administrator alone.</summary>
    public int FunctionalLevel { get; set; }

    /// <summary>The highest that the daemons of all nodes know, as far as they have said.</summary>
    public int FunctionalLevelAvailable { get; set; }

    /// <summary>How many nodes are in each phase; phases without nodes are left out.</summary>
    public IReadOnlyDictionary<string, int> NodePhases { get; set; } = new Dictionary<string, int>();

    /// <summary>How many groups are in each phase; phases without groups are left out.</summary>
    public IReadOnlyDictionary<string, int> GroupPhases { get; set; } = new Dictionary<string, int>();

    /// <summary>Names of the groups that are Failed.</summary>
    public IReadOnlyList<string> FailedGroups { get; set; } = [];

    /// <summary>Fencing under way.</summary>
    public IReadOnlyList<Fencing> Fencing { get; set; } = [];

    /// <summary>Requests that have not ended.</summary>
    public int RunningOperations { get; set; }
}

/// <summary>Whether a daemon answers, and what it knows: <c>GET /v1/health</c>.</summary>
public sealed class Health
{
    public string Node { get; set; } = "";

    public long Incarnation { get; set; }

    /// <summary>Of the daemon's program.</summary>
    public string Version { get; set; } = "";

    public Quorum Quorum { get; set; }

    /// <summary>Since when nothing can be committed though there may be quorum; null: nothing is known to be in the way.</summary>
    [OnWire(WireForm.UnixMilliseconds)]
    public DateTimeOffset? CommitsFailSince { get; set; }

    /// <summary>The same in words, with what is in the way (who holds the log's lock, a full disk) and what to do; null: nothing.</summary>
    public string? CommitsFail { get; set; }

    /// <summary>
    /// What is wrong with the disk of the node's state folder (full or nearly, not writable, silent) and what to do; null: nothing.
    /// </summary>
    public string? DiskTrouble { get; set; }

    /// <summary>That this node has applied. 0: the cluster has no configuration yet, and nothing but this can be asked.</summary>
    public long ConfigurationVersion { get; set; }

    /// <summary>
    /// SHA-256 of the configuration that this node has applied, secrets left out, hexadecimal, upper case: the same on nodes that have the
    /// same one. Null: there is none yet.
    /// </summary>
    public string? ConfigurationHash { get; set; }

    /// <summary>The node's clock: milliseconds since 1970-01-01 UTC.</summary>
    public long Now { get; set; }

    /// <summary>When the certificate that the daemon shows expires.</summary>
    public DateTimeOffset? CertificateExpires { get; set; }
}

/// <summary>Who the caller is: <c>GET /v1/me</c>.</summary>
public sealed class Identity
{
    /// <summary>Name of the grant.</summary>
    public string Name { get; set; } = "";

    public AccessRole Role { get; set; }

    /// <summary>SHA-256 of the client certificate, hexadecimal, upper case.</summary>
    public string Fingerprint { get; set; } = "";

    /// <summary>When the client certificate expires.</summary>
    public DateTimeOffset Expires { get; set; }
}

public enum Quorum
{
    None,

    /// <summary>One of two nodes whose peer is silent: it may fence, and nothing else.</summary>
    Contested,
    Quorate,
}

public enum AccessRole
{
    Viewer,
    Operator,
    Administrator,
}
