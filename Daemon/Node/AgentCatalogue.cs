using System.Collections.Concurrent;
using ClusterTools.Agents;
using ClusterTools.Fencing;
using ClusterTools.Guests.Libvirt;

namespace ClusterTools.Node;

/// <summary>The resource and fence agents of this machine. What one says of itself is asked once, and anew when its file changes.</summary>
/// <param name="resources">Resource agents.</param>
/// <param name="fencing">Fence agents.</param>
public sealed class AgentCatalogue(InstalledAgents resources, FenceAgentExecutor fencing) : IDisposable
{
    // Whoever completes a command line asks for many at once.
    private readonly SemaphoreSlim calls = new(2);
    private int learned;
    private readonly ConcurrentDictionary<string, (DateTime Written, AgentMetadata Metadata)> knownResources = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, (DateTime Written, FenceMetadata Metadata)> knownFences = new(StringComparer.Ordinal);

    public InstalledAgents Resources => resources;

    /// <summary>Names of the fence agents that are installed here. Runs nothing.</summary>
    public IEnumerable<string> FindFenceAgents() => fencing.FindAgents();

    /// <summary>Whether a fence agent of this name or path is there.</summary>
    public bool IsFenceAgentInstalled(string agent) => fencing.IsInstalled(agent);

    /// <summary>Whether what guests are run with is installed here.</summary>
    public static bool HasHypervisor => LibvirtHypervisor.IsInstalled;

    /// <summary>What is known of a resource agent already; null: nothing.</summary>
    public AgentMetadata? Known(string agent) => knownResources.TryGetValue(agent, out var known) ? known.Metadata : null;

    /// <summary>What is known of a fence agent already; null: nothing.</summary>
    public FenceMetadata? KnownFence(string agent) => knownFences.TryGetValue(agent, out var known) ? known.Metadata : null;

    /// <summary>Grows with what is known of agents.</summary>
    public int Learned => Volatile.Read(ref learned);

    /// <summary>
    /// Whether the agent's own metadata, where it is known already, says of a parameter that it holds a password or the like.
    /// </summary>
    public bool IsSecret(string agent, string parameter) =>
        Known(agent)?.Parameters.Any(p => p.Secret && p.Name == parameter) == true
        || KnownFence(agent)?.Parameters.Any(p => p.Secret && p.Name == parameter) == true;

    /// <summary>What a resource agent says of itself.</summary>
    /// <param name="agent">As in a configuration.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="ResourceAgentException">It is not installed here, or what it says is no metadata.</exception>
    public Task<AgentMetadata> DescribeAsync(string agent, CancellationToken cancel) =>
        AskAsync(knownResources, agent, resources.FileOf(agent), resources.DescribeAsync, cancel);

    /// <summary>What a fence agent says of itself.</summary>
    /// <param name="agent">Name or path; a path is run, so that it must come from the configuration.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="FenceAgentException">It is not installed here, or what it says is no metadata.</exception>
    public Task<FenceMetadata> DescribeFenceAsync(string agent, CancellationToken cancel) =>
        AskAsync(knownFences, agent, fencing.FileOf(agent), fencing.MetadataAsync, cancel);

    public void Dispose() => calls.Dispose();

    private async Task<T> AskAsync<T>(
        ConcurrentDictionary<string, (DateTime Written, T Metadata)> known, string agent, string? file,
        Func<string, CancellationToken, Task<T>> ask, CancellationToken cancel)
    {
        DateTime written = file is null ? default : File.GetLastWriteTimeUtc(file);
        if (known.TryGetValue(agent, out var found) && found.Written == written)
        {
            return found.Metadata;
        }

        await calls.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            // Who waited for its turn may have waited for the same answer.
            if (known.TryGetValue(agent, out found) && found.Written == written)
            {
                return found.Metadata;
            }

            T metadata = await ask(agent, cancel).ConfigureAwait(false);
            // Without a file there is nothing to ask, and any path may come: not kept.
            if (file is not null && File.Exists(file))
            {
                known[agent] = (written, metadata);
                Interlocked.Increment(ref learned);
            }

            return metadata;
        }
        finally
        {
            calls.Release();
        }
    }
}
