using System.Collections.Immutable;

namespace ClusterTools.Fencing;

/// <summary>Where a <see cref="FenceAgentExecutor"/> finds agents and how it ends them.</summary>
public sealed record FenceAgentOptions
{
    /// <summary>Folders searched before the system's own (/usr/sbin, /usr/local/sbin, /sbin).</summary>
    public ImmutableArray<string> Folders { get; init; } = [];

    /// <summary>
    /// Agents that are no file of their own: a name and the command line that speaks the protocol, such as <c>fence_lab</c> and <c>clusterd
    /// fence-lab</c>.
    /// </summary>
    public ImmutableDictionary<string, ImmutableArray<string>> CommandLines { get; init; } =
        ImmutableDictionary.Create<string, ImmutableArray<string>>(StringComparer.Ordinal);

    /// <summary>From SIGTERM to SIGKILL when an agent's time is up.</summary>
    public TimeSpan KillGrace { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How many results are remembered for the same action id.</summary>
    public int RememberedResults { get; init; } = 256;
}
