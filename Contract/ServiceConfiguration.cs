namespace ClusterTools.Contract;

/// <summary>A group as it is configured: <c>GET /v1/configuration</c>.</summary>
public sealed class ServiceConfiguration
{
    public string Name { get; set; } = "";

    /// <summary>Failover domain; null: any node.</summary>
    public string? Domain { get; set; }

    /// <summary>Started when the cluster gains quorum.</summary>
    public bool Autostart { get; set; } = true;

    public RecoveryPolicy Recovery { get; set; }

    /// <summary>Runs alone on its node.</summary>
    public bool Exclusive { get; set; }

    /// <summary>What it adds to the weight of the node that runs it.</summary>
    public int Weight { get; set; }

    /// <summary>Restarts allowed within <see cref="RestartExpireTime"/>; 0: no limit.</summary>
    public int MaxRestarts { get; set; }

    /// <summary>Length of the window in which restarts are counted.</summary>
    [OnWire(WireForm.Seconds)]
    public TimeSpan RestartExpireTime { get; set; }

    /// <summary>Failures without <see cref="FailureQuietTime"/> between them after which it is given up for a while; 0: no limit.</summary>
    public int MaxFailures { get; set; } = 10;

    /// <summary>How long it must run so that earlier failures count no more.</summary>
    [OnWire(WireForm.Seconds)]
    public TimeSpan FailureQuietTime { get; set; } = TimeSpan.FromSeconds(300);

    /// <summary>What it needs of other groups.</summary>
    public IReadOnlyList<ServiceDependency> Dependencies { get; set; } = [];

    /// <summary>Top-level resources in file order.</summary>
    public IReadOnlyList<ResourceConfiguration> Resources { get; set; } = [];
}

/// <summary>A resource as it is configured, with what stands below it.</summary>
public sealed class ResourceConfiguration
{
    /// <summary>Unique within its group: <c>type:name</c>.</summary>
    public string Id { get; set; } = "";

    public string Type { get; set; } = "";

    public string Agent { get; set; } = "";

    /// <summary>Secrets are replaced by <c>(secret)</c>.</summary>
    public IReadOnlyDictionary<string, string> Parameters { get; set; } = new Dictionary<string, string>();

    /// <summary>Limit of a start.</summary>
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Limit of a stop.</summary>
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Limit of a status check.</summary>
    public TimeSpan MonitorTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Time between status checks; 0: none.</summary>
    public TimeSpan MonitorInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Status checks that look deeper, each depth once.</summary>
    public IReadOnlyList<StatusCheck> StatusChecks { get; set; } = [];

    /// <summary>Status checks and stops that time out count as failures.</summary>
    public bool EnforceTimeouts { get; set; } = true;

    /// <summary>A failure here restarts this resource and what stands below it, and nothing else.</summary>
    public bool IndependentSubtree { get; set; }

    /// <summary>Place among its siblings on start, 1 first; 0: none.</summary>
    public int StartLevel { get; set; }

    /// <summary>Place among its siblings on stop, 1 first; 0: none.</summary>
    public int StopLevel { get; set; }

    /// <summary>A failure here leaves the group running without it.</summary>
    public bool NonCritical { get; set; }

    /// <summary>It and what stands below it are off, while the rest goes on.</summary>
    public bool Disabled { get; set; }

    /// <summary>
    /// How often its start and stop are tried, and what is done then; null: no retries, every allowed node, no final action.
    /// </summary>
    public ActivationLimits? Limits { get; set; }

    /// <summary>Started after this one, stopped before it.</summary>
    public IReadOnlyList<ResourceConfiguration> Children { get; set; } = [];
}
