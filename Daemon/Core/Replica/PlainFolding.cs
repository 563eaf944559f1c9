using System.Collections.Immutable;

namespace ClusterTools.Core;

/// <summary>By <see cref="Cluster"/> itself.</summary>
internal sealed class PlainFolding : IFolding
{
    public ClusterState Apply(ClusterState state, long epoch, long index, EventEnvelope envelope) =>
        Cluster.Apply(state, epoch, index, envelope);

    public ClusterState Apply(ClusterState state, long index, ViewEvent view) => Cluster.Apply(state, index, view);

    public ImmutableArray<ClusterAction> Plan(ClusterState state) => Cluster.Plan(state);
}
