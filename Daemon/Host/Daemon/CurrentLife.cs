using ClusterTools.Core;
using ClusterTools.Engines;
using ClusterTools.Node;

namespace ClusterTools.Host.Daemon;

/// <summary>The node as the API sees it: whichever life it is in, and none before its first. Owns the present one.</summary>
internal sealed class CurrentLife(string name, Journal journal, ConfigurationArchive configurations) : IClusterNode, IAsyncDisposable
{
    private volatile NodeHost? current;
    private TaskCompletionSource replaced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool disposed;

    public string Name => name;

    public long Incarnation => current?.Incarnation ?? 0;

    public ClusterState State => current?.State ?? ClusterState.Empty;

    public long Time => current?.Time ?? 0;

    public Journal Journal => journal;

    public ConfigurationArchive Configurations => configurations;

    public AgentCatalogue Agents => Current.Agents;

    private NodeHost Current => current ?? throw new NotQuorateException($"The daemon of node {name} is starting. Ask again in a moment.");

    /// <summary>Ends the life before, and goes on with this one.</summary>
    public async Task BeginAsync(NodeHost next)
    {
        NodeHost? last = current;
        current = next;
        Interlocked.Exchange(ref replaced, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
        if (last is not null)
        {
            await last.DisposeAsync().ConfigureAwait(false);
        }
    }

    public async Task WaitForChangeAsync(CancellationToken cancellationToken)
    {
        // A life that is over does not change any more.
        Task next = Volatile.Read(ref replaced).Task;
        Task change = current is { } life ? Task.WhenAny(life.WaitForChangeAsync(cancellationToken), next).Unwrap() : next;
        await change.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public Task<OperationState> SubmitAsync(Request request, CancellationToken cancellationToken) => Current.SubmitAsync(request, cancellationToken);

    public Task<OperationState> ForceQuorumAsync(string requestId, string who, string reason, CancellationToken cancellationToken) =>
        Current.ForceQuorumAsync(requestId, who, reason, cancellationToken);

    public Task<IReadOnlyList<FenceDeviceStatus>> TestFenceDevicesAsync(string? node, string? device, CancellationToken cancellationToken) =>
        Current.TestFenceDevicesAsync(node, device, cancellationToken);

    public IEnumerable<NodeMetric> Metrics() => current?.Metrics() ?? [];

    public async ValueTask DisposeAsync()
    {
        if (!disposed && current is { } last)
        {
            disposed = true;
            await last.DisposeAsync().ConfigureAwait(false);
        }
    }
}
