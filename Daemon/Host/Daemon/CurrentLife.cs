using ClusterTools.Core;
using ClusterTools.Engines;
using ClusterTools.Node;

namespace ClusterTools.Host.Daemon;

/// <summary>The node as the API sees it: whichever life it is in, and none before its first. Owns the present one.</summary>
internal sealed class CurrentLife(
    string name, Journal journal, ConfigurationArchive configurations, StateDisk disk) : IClusterNode, IAsyncDisposable
{
    // Beginning a life ends what an earlier one left half done.
    private const long LongestWithoutLife = 60_000;

    private volatile NodeHost? current;
    private long endedAt = BootClock.Now;
    private volatile ClusterState? last;
    private int token;
    private TaskCompletionSource replaced = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Name => name;

    public long Incarnation => current?.Incarnation ?? 0;

    public ClusterState State => current?.State ?? last ?? ClusterState.Empty;

    public long Time => current?.Time ?? 0;

    public CommitTrouble? Commits => current?.Commits;

    public QuorumDiskStatus? QuorumDisk => current?.QuorumDisk;

    public QuorumArbiterStatus? QuorumArbiter => current?.QuorumArbiter;

    public string? DiskTrouble => disk.Trouble;

    public Journal Journal => journal;

    public ConfigurationArchive Configurations => configurations;

    public AgentCatalogue Agents => Current.Agents;

    private NodeHost Current => current ?? throw new NotQuorateException($"The daemon of node {name} is starting. Ask again in a moment.");

    /// <summary>Goes on with this life.</summary>
    public void Begin(NodeHost next)
    {
        current = next;
        last = null;
        if (Volatile.Read(ref token) is not 0 and int other)
        {
            next.UseToken(other);
        }

        Change();
    }

    /// <summary>
    /// Ends the present life, if there is one, until it has let go of all that the next one needs. What it knew last is shown until then,
    /// and that it has no quorum.
    /// </summary>
    public async Task EndAsync()
    {
        if (current is not { } ended)
        {
            return;
        }

        last = ended.State with { Quorum = Quorum.None };
        Interlocked.Exchange(ref endedAt, BootClock.Now);
        current = null;
        Change();
        await ended.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Why the machine's watchdog must not be fed any more, as the end of a sentence; null: the node is sound.</summary>
    public string? WhyUnsound(long now, long stallLimit) =>
        current is { } life ? life.WhyUnsound(now, stallLimit)
        : now - Interlocked.Read(ref endedAt) > LongestWithoutLife ? "this daemon's next life as a node does not begin"
        : null;

    public void UseToken(int milliseconds)
    {
        Volatile.Write(ref token, milliseconds);
        current?.UseToken(milliseconds);
    }

    public async Task WaitForChangeAsync(CancellationToken cancellationToken)
    {
        // A life that is over does not change any more.
        Task next = Volatile.Read(ref replaced).Task;
        Task change = current is { } life ? Task.WhenAny(life.WaitForChangeAsync(cancellationToken), next).Unwrap() : next;
        await change.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public Task<OperationState> SubmitAsync(Request request, CancellationToken cancellationToken) =>
        Current.SubmitAsync(request, cancellationToken);

    public Task<OperationState> ForceQuorumAsync(string requestId, string who, string reason, CancellationToken cancellationToken) =>
        Current.ForceQuorumAsync(requestId, who, reason, cancellationToken);

    public Task<IReadOnlyList<FenceDeviceStatus>> TestFenceDevicesAsync(
        string? node, string? device, CancellationToken cancellationToken) =>
        Current.TestFenceDevicesAsync(node, device, cancellationToken);

    public IEnumerable<NodeMetric> Metrics() => [disk.Metric, .. current?.Metrics() ?? []];

    public ValueTask DisposeAsync() => new(EndAsync());

    private void Change() =>
        Interlocked.Exchange(ref replaced, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
}
