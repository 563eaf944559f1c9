namespace ClusterTools.Contract;

/// <summary>A group: <c>GET /v1/groups</c>.</summary>
public sealed class GroupStatus
{
    public string Name { get; set; } = "";

    public GroupPhase Phase { get; set; }

    public GroupGoal Goal { get; set; }

    /// <summary>The node it runs on.</summary>
    public string? Owner { get; set; }

    /// <summary>The node that tells this has no quorum and does not hear of the owner: it was so when it was last heard.</summary>
    public bool LastKnown { get; set; }

    public bool Frozen { get; set; }

    /// <summary>Unfreezing waits until the owner has rejoined.</summary>
    public bool Unfreezing { get; set; }

    /// <summary>Every node on which something of it may be active.</summary>
    public IReadOnlyList<string> ActiveOn { get; set; } = [];

    /// <summary>Failover domain; null: any node.</summary>
    public string? Domain { get; set; }

    public bool Autostart { get; set; }

    public RecoveryPolicy Recovery { get; set; }

    public bool Exclusive { get; set; }

    /// <summary>Restarts within the window that runs now.</summary>
    public int Restarts { get; set; }

    /// <summary>Restarts allowed within <see cref="RestartExpireTime"/>; 0: no limit.</summary>
    public int MaxRestarts { get; set; }

    /// <summary>
    /// Failures in a row without a quiet time between them, on whatever node; 0: it is well, or has been for long enough.
    /// </summary>
    public int Failures { get; set; }

    /// <summary>The time since the first of them.</summary>
    public TimeSpan? FailingFor { get; set; }

    /// <summary>With so many it is given up for a while; 0: never.</summary>
    public int MaxFailures { get; set; }

    /// <summary>Length of the window in which restarts are counted.</summary>
    [OnWire(WireForm.Seconds)]
    public TimeSpan RestartExpireTime { get; set; }

    /// <summary>What is done on it now.</summary>
    public ActionUnderWay? UnderWay { get; set; }

    /// <summary>Non-critical resources given up until the group is repaired or restarted.</summary>
    public IReadOnlyList<string> Abandoned { get; set; } = [];

    /// <summary>The better node that it goes back to.</summary>
    public string? FailbackTo { get; set; }

    /// <summary>The node that it waits for, whose machine was shut down; null: it waits for none.</summary>
    public string? KeptFor { get; set; }

    /// <summary>How much longer it waits for that node at most; null: until it is back.</summary>
    public TimeSpan? KeptRemaining { get; set; }

    /// <summary>The resumed node that it is brought back to at once.</summary>
    public string? ReturnTo { get; set; }

    /// <summary>What it needs of other groups, and whether that is so now.</summary>
    public IReadOnlyList<GroupDependency> Dependencies { get; set; } = [];

    /// <summary>Names of the groups that need something of it.</summary>
    public IReadOnlyList<string> Dependents { get; set; } = [];

    /// <summary>An event script is being asked where it goes.</summary>
    public bool AwaitsScript { get; set; }

    /// <summary>Starts and stops that have failed on its owner and are tried again.</summary>
    public IReadOnlyList<ActionRetry> Retries { get; set; } = [];

    /// <summary>Names of the nodes on which this start has failed.</summary>
    public IReadOnlyList<string> Tried { get; set; } = [];

    /// <summary>
    /// How many other nodes are tried when this start fails on one, by the failover count of the resource that failed; null: all.
    /// </summary>
    public int? FailoverLimit { get; set; }

    /// <summary>Ids of resources that could not be stopped, while the others still are.</summary>
    public IReadOnlyList<string> Stuck { get; set; } = [];

    /// <summary>A final action that is about to be carried out.</summary>
    public FinalActionUnderWay? Final { get; set; }

    /// <summary>The time until it is tried again after failing everywhere.</summary>
    public TimeSpan? RetryIn { get; set; }

    /// <summary>Id of the operation under way on it.</summary>
    public string? Operation { get; set; }

    /// <summary>Why it is as it is.</summary>
    public string Why { get; set; } = "";

    /// <summary>Since when it has been in this phase on this node.</summary>
    public DateTimeOffset? Since { get; set; }

    /// <summary>How it came to the node that it was placed on last.</summary>
    public GroupMove? LastMove { get; set; }

    /// <summary>
    /// What has failed of it last; null: nothing since an operator or a new configuration mended it, or it has run well for long enough
    /// since.
    /// </summary>
    public GroupFailure? LastFailure { get; set; }

    /// <summary>
    /// It is Started by the word of its node or by the record, and something is not known that would make it sure; <see cref="Why"/> says
    /// what.
    /// </summary>
    public bool Unconfirmed { get; set; }

    /// <summary>What nodes said of it when they could not say that it runs there or that it does not.</summary>
    public IReadOnlyList<GroupAnswer> Answers { get; set; } = [];

    /// <summary>Every node's verdict in words; only when asked for with <c>explain</c>.</summary>
    public string? Explanation { get; set; }

    public int ResourceCount { get; set; }

    /// <summary>In the order of start; only when one group is asked for.</summary>
    public IReadOnlyList<ResourceStatus>? Resources { get; set; }
}

/// <summary>How a group came to a node.</summary>
public sealed class GroupMove
{
    /// <summary>Where it was placed before; null: nowhere.</summary>
    public string? From { get; set; }

    public string To { get; set; } = "";

    public DateTimeOffset? At { get; set; }

    /// <summary>Who asked for it; null: the cluster decided by itself.</summary>
    public string? Who { get; set; }

    public string Why { get; set; } = "";
}

/// <summary>A failure of a group.</summary>
public sealed class GroupFailure
{
    /// <summary>Such as <c>start of fs:data failed</c>.</summary>
    public string What { get; set; } = "";

    /// <summary>Id of the resource.</summary>
    public string Resource { get; set; } = "";

    public string Node { get; set; } = "";

    public DateTimeOffset? At { get; set; }

    /// <summary>What the agent said.</summary>
    public string Message { get; set; } = "";
}

/// <summary>A resource within a group: <c>GET /v1/groups/{group}/resources</c>, in the order of start.</summary>
public sealed class ResourceStatus
{
    /// <summary>Unique within its group: <c>type:name</c>.</summary>
    public string Id { get; set; } = "";

    public string Group { get; set; } = "";

    /// <summary>The resource it stands below; null: top level.</summary>
    public string? Parent { get; set; }

    public string Type { get; set; } = "";

    public string Agent { get; set; } = "";

    public ResourcePhase Phase { get; set; }

    /// <summary>The node it runs on.</summary>
    public string? Owner { get; set; }

    /// <summary>Secrets are replaced by <c>(secret)</c>.</summary>
    public IReadOnlyDictionary<string, string> Parameters { get; set; } = new Dictionary<string, string>();

    /// <summary>Limit of a start.</summary>
    public TimeSpan StartTimeout { get; set; }

    /// <summary>Limit of a stop.</summary>
    public TimeSpan StopTimeout { get; set; }

    /// <summary>Limit of a status check.</summary>
    public TimeSpan MonitorTimeout { get; set; }

    /// <summary>Time between status checks; 0: none.</summary>
    public TimeSpan MonitorInterval { get; set; }

    /// <summary>Status checks that look deeper.</summary>
    public IReadOnlyList<StatusCheck> StatusChecks { get; set; } = [];

    public bool EnforceTimeouts { get; set; }

    public bool IndependentSubtree { get; set; }

    public bool NonCritical { get; set; }

    /// <summary>It is configured to be off, with what stands below it.</summary>
    public bool Disabled { get; set; }

    /// <summary>
    /// How often its start and stop are tried, and what is done then; null: no retries, every allowed node, no final action.
    /// </summary>
    public ActivationLimits? Limits { get; set; }
}

/// <summary>What a node said of a group when it could not say that it runs there or that it does not. It is asked again.</summary>
public sealed class GroupAnswer
{
    public string Node { get; set; } = "";

    public AnswerKind Answer { get; set; }

    /// <summary>The resource that was asked.</summary>
    public string Resource { get; set; } = "";

    /// <summary>What its agent said.</summary>
    public string Message { get; set; } = "";

    /// <summary>The time since it first said so.</summary>
    public TimeSpan For { get; set; }

    /// <summary>How often in a row.</summary>
    public int Asked { get; set; }

    /// <summary>The time until it is asked again.</summary>
    public TimeSpan AskedIn { get; set; }

    /// <summary>
    /// The group may be there for all that is known, and is started nowhere else until the node can tell, or somebody vouches.
    /// </summary>
    public bool Blocks { get; set; }
}

/// <summary>An answer that is neither <em>it runs</em> nor <em>it does not</em>.</summary>
public enum AnswerKind
{
    /// <summary>The question could not be asked, or was not answered.</summary>
    Unknown,

    /// <summary>Not installed, not configured, not executable: no place for the group.</summary>
    CannotRun,
}

/// <summary>A start or stop that has failed and is tried again on the same node.</summary>
public sealed class ActionRetry
{
    /// <summary>start or stop.</summary>
    public string Action { get; set; } = "";

    public string Resource { get; set; } = "";

    /// <summary>How often it has been tried again.</summary>
    public int Retries { get; set; }

    /// <summary>How often it may be.</summary>
    public int Limit { get; set; }
}

/// <summary>A final action that was decided and is not carried out yet.</summary>
public sealed class FinalActionUnderWay
{
    /// <summary>Whose start or stop has failed for good.</summary>
    public string Resource { get; set; } = "";

    public FinalAction Action { get; set; }

    /// <summary>A stop has failed; otherwise a start.</summary>
    public bool AfterStop { get; set; }
}

/// <summary>An action that has not been answered.</summary>
public sealed class ActionUnderWay
{
    /// <summary>start, stop, or finalScript: the script before a final action.</summary>
    public string Action { get; set; } = "";

    public string Resource { get; set; } = "";

    public string Node { get; set; } = "";
}

/// <summary>Where groups may and should run: <c>GET /v1/domains</c>.</summary>
public sealed class FailoverDomain
{
    public string Name { get; set; } = "";

    public bool Ordered { get; set; }

    public bool Restricted { get; set; }

    public bool NoFailback { get; set; }

    /// <summary>Best first.</summary>
    public IReadOnlyList<FailoverDomainMember> Members { get; set; } = [];

    /// <summary>Names of the groups that use it.</summary>
    public IReadOnlyList<string> Groups { get; set; } = [];
}

public sealed class FailoverDomainMember
{
    public string Node { get; set; } = "";

    /// <summary>1 (best) to 100; 0: none.</summary>
    public int Priority { get; set; }
}

public enum GroupPhase
{
    Stopped,
    Starting,
    Started,
    Stopping,
    Recovering,
    Failed,
    Disabled,
    Migrating,
}

public enum GroupGoal
{
    Run,
    Stop,
    Disable,
    Remove,
}

public enum RecoveryPolicy
{
    Restart,
    Relocate,
    Disable,
    RestartDisable,
}

public enum ResourcePhase
{
    Stopped,
    Starting,
    Running,
    Stopping,

    /// <summary>Failed, in doubt or changed: it is stopped before anything else.</summary>
    Doomed,

    /// <summary>Given up until the group is repaired or restarted.</summary>
    Abandoned,

    /// <summary>By the record it runs, and its node can't tell, or does not answer its status check.</summary>
    Unknown,

    /// <summary>Off by configuration, by itself or with what it stands below.</summary>
    Disabled,
}
