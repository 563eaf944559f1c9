using ClusterTools.Core;
using ClusterTools.Engines;

namespace ClusterTools.Node;

/// <summary>A node over its lives: one that was declared lost stops everything and joins again in a new life.</summary>
public sealed class NodeRunner : IClusterNode, IAsyncDisposable
{
    // A life that fails at once must not become a busy loop.
    private static readonly TimeSpan BetweenLives = TimeSpan.FromSeconds(1);

    private readonly NodeSettings settings;
    private readonly string stateFolder;
    private readonly Action<string> reset;
    private NodeHost? life;

    /// <summary>Does nothing before <see cref="RunAsync"/>.</summary>
    /// <param name="stateFolder">Folder with <see cref="NodeSettings.FileName"/>.</param>
    /// <param name="reset">Resets the machine, or in a lab ends all that the node runs.</param>
    /// <exception cref="InvalidDataException">The settings are missing or wrong.</exception>
    public NodeRunner(string stateFolder, Action<string> reset)
    {
        this.stateFolder = stateFolder;
        this.reset = reset;
        settings = NodeSettings.Read(stateFolder);
        Journal = new Journal(stateFolder);
    }

    public string Name => settings.Node;

    public long Incarnation => life?.Incarnation ?? 0;

    public ClusterState State => life?.State ?? ClusterState.Empty;

    public Journal Journal { get; }

    /// <summary>Runs until the node has left, is in maintenance, or is cancelled (which leaves groups running).</summary>
    /// <returns>How the last life ended; never <see cref="NodeEnd.Expelled"/> or <see cref="NodeEnd.Reload"/>.</returns>
    public async Task<NodeEnd> RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            NodeHost host = await NodeHost.StartAsync(settings, stateFolder, Journal, reset, cancellationToken).ConfigureAwait(false);
            await using (host.ConfigureAwait(false))
            {
                Volatile.Write(ref life, host);
                NodeEnd end;
                try
                {
                    end = await host.Ended.WaitAsync(cancellationToken).ConfigureAwait(false);
                }
                catch (OperationCanceledException)
                {
                    break;
                }

                if (end is not (NodeEnd.Expelled or NodeEnd.Reload))
                {
                    return end;
                }
            }

            try
            {
                await Task.Delay(BetweenLives, cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                break;
            }
        }

        return NodeEnd.Cancelled;
    }

    public Task WaitForChangeAsync(CancellationToken cancellationToken) =>
        life?.WaitForChangeAsync(cancellationToken) ?? Task.Delay(BetweenLives, cancellationToken);

    public Task<OperationState> SubmitAsync(Request request, CancellationToken cancellationToken) => Life.SubmitAsync(request, cancellationToken);

    public Task<OperationState> ForceQuorumAsync(string who, string reason, CancellationToken cancellationToken) =>
        Life.ForceQuorumAsync(who, reason, cancellationToken);

    public Task<IReadOnlyList<FenceDeviceStatus>> TestFenceDevicesAsync(string? node, string? device, CancellationToken cancellationToken) =>
        Life.TestFenceDevicesAsync(node, device, cancellationToken);

    public IEnumerable<NodeMetric> Metrics() => life?.Metrics() ?? [];

    public ValueTask DisposeAsync() => Journal.DisposeAsync();

    private NodeHost Life => life ?? throw new NotQuorateException($"Node {Name} is starting; ask again in a moment.");
}
