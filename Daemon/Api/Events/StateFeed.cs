using System.Collections.Immutable;
using ClusterTools.Core;
using ClusterTools.Node;

namespace ClusterTools.Api;

/// <summary>What changed between two states.</summary>
/// <param name="From">The older one.</param>
/// <param name="State">The newer one.</param>
/// <param name="Change">Names of what changed.</param>
/// <param name="Operations">Operations that began, went on or ended.</param>
internal sealed record StateDifference(
    ClusterState From, ClusterState State, Contract.StateChange Change, ImmutableArray<OperationState> Operations);

/// <summary>Follows the node's state once for all event streams, and only while there is one.</summary>
internal sealed class StateFeed(IClusterNode node) : IDisposable
{
    private readonly Lock gate = new();
    private ImmutableList<Action<StateDifference>> followers = [];
    private CancellationTokenSource? following;
    private Task loop = Task.CompletedTask;

    /// <summary>Calls back at each change, from one thread at a time, until disposed. The callback must not block.</summary>
    public IDisposable Follow(Action<StateDifference> follower)
    {
        lock (gate)
        {
            followers = followers.Add(follower);
            if (following is null)
            {
                following = new CancellationTokenSource();
                ClusterState from = node.State;
                CancellationToken end = following.Token;
                Task before = loop;
                loop = Task.Run(() => RunAsync(before, from, end), CancellationToken.None);
            }
        }

        return new Following(this, follower);
    }

    /// <summary>Ends following; nobody is called back any more.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            followers = [];
            End();
        }
    }

    /// <summary>Everything that differs, by reference: the parts of a state are immutable and shared.</summary>
    public static StateDifference Difference(ClusterState old, ClusterState state)
    {
        string[] nodes =
        [
            .. Changed(old.Nodes, state.Nodes).Concat(Changed(old.Fences, state.Fences)).Distinct(StringComparer.Ordinal).Order(
                StringComparer.Ordinal),
        ];
        return new StateDifference(
            old,
            state,
            new Contract.StateChange
            {
                Epoch = state.Epoch,
                Index = state.Index,
                Quorum = (Contract.Quorum)state.Quorum,
                ConfigurationVersion = state.Configuration.Version,
                Groups = [.. Changed(old.Groups, state.Groups)],
                Nodes = nodes,
                Configuration = !ReferenceEquals(old.Configuration, state.Configuration),
            },
            [.. Changed(old.Operations, state.Operations).Select(id => state.Operations.GetValueOrDefault(id)).OfType<OperationState>()]);
    }

    private static IEnumerable<string> Changed<T>(ImmutableSortedDictionary<string, T> old, ImmutableSortedDictionary<string, T> now)
        where T : class
    {
        if (ReferenceEquals(old, now))
        {
            return [];
        }

        return now.Where(p => !ReferenceEquals(old.GetValueOrDefault(p.Key), p.Value)).Select(p => p.Key)
            .Concat(old.Keys.Where(k => !now.ContainsKey(k)));
    }

    private async Task RunAsync(Task before, ClusterState from, CancellationToken end)
    {
        await before.ConfigureAwait(false);
        ClusterState last = from;
        try
        {
            while (!end.IsCancellationRequested)
            {
                Task change = node.WaitForChangeAsync(end);
                ClusterState state = node.State;
                if (!ReferenceEquals(state, last))
                {
                    StateDifference difference = Difference(last, state);
                    last = state;
                    foreach (Action<StateDifference> follower in followers)
                    {
                        follower(difference);
                    }
                }

                await change.ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // Nobody follows any more.
        }
    }

    private void Leave(Action<StateDifference> follower)
    {
        lock (gate)
        {
            followers = followers.Remove(follower);
            if (followers.IsEmpty)
            {
                End();
            }
        }
    }

    private void End()
    {
        following?.Cancel();
        following?.Dispose();
        following = null;
    }

    private sealed class Following(StateFeed feed, Action<StateDifference> follower) : IDisposable
    {
        public void Dispose() => feed.Leave(follower);
    }
}
