using ClusterTools.Core;
using ClusterTools.Node;

namespace ClusterTools.Host.Daemon;

/// <summary>The node as the API sees it: whichever life it is in. Owns the present one.</summary>
internal sealed class CurrentLife : IClusterNode, IAsyncDisposable
{
    private readonly CancellationTokenSource disposed = new();
    private volatile NodeHost? current;
    private TaskCompletionSource replaced = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Name => Current.Name;

    public long Incarnation => Current.Incarnation;

    public ClusterState State => Current.State;

    public Journal Journal => Current.Journal;

    private NodeHost Current => current ?? throw new InvalidOperationException("The node has not begun its first life.");

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
        Task first = await Task.WhenAny(Current.WaitForChangeAsync(cancellationToken), next).ConfigureAwait(false);
        await first.ConfigureAwait(false);
    }

    public Task<OperationState> SubmitAsync(Request request, CancellationToken cancellationToken) => Current.SubmitAsync(request, cancellationToken);

    public Task<OperationState> ForceQuorumAsync(string who, string reason, CancellationToken cancellationToken) =>
        Current.ForceQuorumAsync(who, reason, cancellationToken);

    public Task<IReadOnlyList<FenceDeviceStatus>> TestFenceDevicesAsync(string? node, string? device, CancellationToken cancellationToken) =>
        Current.TestFenceDevicesAsync(node, device, cancellationToken);

    public IEnumerable<NodeMetric> Metrics() => Current.Metrics();

    public async ValueTask DisposeAsync()
    {
        if (disposed.IsCancellationRequested)
        {
            return;
        }

        await disposed.CancelAsync().ConfigureAwait(false);
        if (current is { } last)
        {
            await last.DisposeAsync().ConfigureAwait(false);
        }

        disposed.Dispose();
    }
}
