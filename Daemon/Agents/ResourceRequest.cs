using System.Collections.Immutable;

namespace ClusterTools.Agents;

public enum ResourceOperation
{
    /// <summary>Is it running here? Asked before anything is started; changes nothing.</summary>
    Probe,
    Start,
    Stop,
    Monitor,
}

public enum ResourceStatus
{
    Running,
    Stopped,

    /// <summary>Here, but broken; must be stopped before it is started anywhere.</summary>
    Failed,

    /// <summary>Could not be found out: asked and not answered, or not asked at all. Neither running nor stopped.</summary>
    Unknown,

    /// <summary>
    /// It can't run here: not installed, not configured, not to be executed. Where nothing says that something of it may be active, that
    /// means stopped; elsewhere it means unknown.
    /// </summary>
    CannotRun,
}

/// <summary>One call of a resource agent.</summary>
public sealed record ResourceRequest
{
    /// <summary>Never used twice; the same id asked again gets the same answer, over a restart of the daemon too.</summary>
    public required string ActionId { get; init; }

    /// <summary>Name of the group.</summary>
    public required string Group { get; init; }

    /// <summary>The resource within its group, <c>type:name</c>.</summary>
    public required string Resource { get; init; }

    /// <summary>
    /// <c>ocf:heartbeat:IPaddr2</c>, <c>lsb:web</c> or <c>lsb:/etc/init.d/web</c>, <c>exec:/path</c>, <c>systemd:unit</c>,
    /// <c>powershell:/path.ps1</c>.
    /// </summary>
    public required string Agent { get; init; }

    public required ResourceOperation Operation { get; init; }

    public required TimeSpan Timeout { get; init; }

    /// <summary>Of a monitor: how deep it looks (OCF_CHECK_LEVEL); 0: as the agent does by itself.</summary>
    public int CheckLevel { get; init; }

    /// <summary>Of a monitor: the time between two of them, which OCF agents are told.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(10);

    public ImmutableSortedDictionary<string, string> Parameters { get; init; } =
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>Says of further parameters that they are secrets, from the agent's metadata; null: none are.</summary>
    public Func<string, bool>? IsSecret { get; init; }
}

/// <summary>What became of a <see cref="ResourceRequest"/>.</summary>
public sealed record ResourceResult
{
    public required string ActionId { get; init; }

    /// <summary>The operation did what was asked (for a probe or monitor: the question was answered).</summary>
    public required bool Success { get; init; }

    /// <summary>What is known of the resource now.</summary>
    public required ResourceStatus Status { get; init; }

    /// <summary>The agent's exit code; -1 when there was none.</summary>
    public int ExitCode { get; init; } = -1;

    public bool TimedOut { get; init; }

    /// <summary>Something was spawned for it; false: nothing has happened at all.</summary>
    public bool Begun { get; init; } = true;

    public TimeSpan Duration { get; init; }

    /// <summary>
    /// One sentence for the journal, such as <c>start returned 5 (not installed)</c>, with the last lines the agent wrote (at most 2 KiB).
    /// </summary>
    public string Message { get; init; } = "";
}
