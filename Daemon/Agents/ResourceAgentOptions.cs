using System.Collections.Immutable;

namespace ClusterTools.Agents;

/// <summary>Where and how a <see cref="ResourceAgentExecutor"/> works.</summary>
public sealed record ResourceAgentOptions
{
    /// <summary>The OCF root of every packaged agent.</summary>
    public const string UsualOcfRoot = "/usr/lib/ocf";

    /// <summary>
    /// Folder of this daemon alone: the action journal and the records of asynchronous programs. Must outlive the daemon, not the machine's
    /// boot.
    /// </summary>
    public required string StateFolder { get; init; }

    /// <summary>
    /// Where OCF agents keep what is true until the next boot (HA_RSCTMP, HA_VARRUN, HA_VARLOCK); null for the
    /// system's own folders under /run, which need root. Several nodes on one machine need one each.
    /// </summary>
    public string? AgentRunFolder { get; init; }

    /// <summary>The OCF root (OCF_ROOT); its <c>resource.d/PROVIDER/TYPE</c> are the agents.</summary>
    public string OcfRoot { get; init; } = UsualOcfRoot;

    /// <summary>Where <c>lsb:NAME</c> is looked up.</summary>
    public string LsbFolder { get; init; } = "/etc/init.d";

    /// <summary>Exists where systemd is the service manager (sd_booted(3)).</summary>
    public string SystemdRunFolder { get; init; } = "/run/systemd/system";

    /// <summary>Where systemd's unit files are (systemd.unit(5)).</summary>
    public ImmutableArray<string> SystemdUnitFolders { get; init; } =
        ["/etc/systemd/system", "/run/systemd/system", "/usr/local/lib/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"];

    /// <summary>
    /// Folders, separated as in PATH, in which agents find programs; null for the daemon's own PATH and the system folders after it.
    /// </summary>
    public string? SearchPath { get; init; }

    /// <summary>More environment for every agent.</summary>
    public ImmutableSortedDictionary<string, string> Environment { get; init; } =
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>
    /// Asked immediately before each spawn: may this node still do it, as a confirmed member of the view? On false nothing is spawned and
    /// no trace of the action remains. Null for always.
    /// </summary>
    public Func<ResourceRequest, CancellationToken, ValueTask<bool>>? SpawnGate { get; init; }

    /// <summary>From SIGTERM to SIGKILL when an agent's time is up.</summary>
    public TimeSpan KillGrace { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How many results of starts and stops are remembered, and as many of probes and monitors.</summary>
    public int RememberedResults { get; init; } = 1_000;
}
