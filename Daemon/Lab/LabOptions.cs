using System.Collections.Immutable;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Lab;

/// <summary>What lab is wanted.</summary>
public sealed record LabOptions
{
    /// <summary>Where its API listens when nothing else is said: the first node's port.</summary>
    public const int DefaultPort = 7450;

    /// <summary>
    /// How <c>clusterd</c> is called: absolute path, then arguments, if any. The nodes' daemons and the fence agent are called so too, so
    /// that a program in its place may give each node namespaces of its own.
    /// </summary>
    public required ImmutableArray<string> Program { get; init; }

    /// <summary>A valid configuration; null: nodes and nothing else.</summary>
    public ClusterConfiguration? Configuration { get; init; }

    /// <summary>How many nodes; null: as many as are configured.</summary>
    public int? Nodes { get; init; }

    /// <summary>A folder that stands for <c>/</c> in the configuration's paths; null: none.</summary>
    public string? Root { get; init; }

    /// <summary>The lab's folder, which must be empty or not there; null: one under the system's folder for temporary files.</summary>
    public string? Folder { get; init; }

    /// <summary>The folder stays when the lab ends; one that was given stays anyway.</summary>
    public bool Keep { get; init; }

    /// <summary>A folder that was given goes too when the lab ends.</summary>
    public bool Remove { get; init; }

    /// <summary>Whether the folder is still there after the lab.</summary>
    public bool KeepsFolder => Keep || (Folder is not null && !Remove);

    /// <summary>Token time in milliseconds; null: the configuration's.</summary>
    public int? Token { get; init; }

    /// <summary>
    /// Port of the first node's API, the next ones following; null: <see cref="DefaultPort"/>, or free ones when those are taken; 0: free
    /// ones.
    /// </summary>
    public int? BasePort { get; init; }

    /// <summary>Given to every resource agent.</summary>
    public ImmutableSortedDictionary<string, string> AgentEnvironment { get; init; } =
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>What happens to nodes' power is not printed.</summary>
    public bool Quiet { get; init; }
}
