using System.Collections.Immutable;

namespace ClusterTools.Core;

/// <summary>
/// Folds in what is committed, with the same outcome as <see cref="Cluster"/>: a simulation of many nodes in one process
/// computes each step once.
/// </summary>
public interface IFolding
{
    ClusterState Apply(ClusterState state, long epoch, long index, EventEnvelope envelope);

    ClusterState Apply(ClusterState state, long index, ViewEvent view);

    ImmutableArray<ClusterAction> Plan(ClusterState state);
}
