using ClusterTools.Core;

namespace ClusterTools.Node;

/// <summary>What the API sees of a node. A second implementation stands in for it in the API's tests.</summary>
public interface IClusterNode
{
    /// <summary>This node's name.</summary>
    string Name { get; }

    /// <summary>This life of it.</summary>
    long Incarnation { get; }

    /// <summary>The newest state this node acts by: committed, or its private copy when it has no quorum.</summary>
    ClusterState State { get; }

    /// <summary>Cluster time in milliseconds as this node reckons it now.</summary>
    long Time { get; }

    /// <summary>Commits do not go through, whatever the quorum; null: nothing is known to be in their way.</summary>
    CommitTrouble? Commits => null;

    /// <summary>What is wrong with the disk of this node's state folder, and what to do; null: nothing is known.</summary>
    string? DiskTrouble => null;

    /// <summary>The quorum disk as this node sees it; null: there is none.</summary>
    Engines.QuorumDiskStatus? QuorumDisk => null;

    /// <summary>The arbiter of a pair as this node hears it; null: there is none.</summary>
    Engines.QuorumArbiterStatus? QuorumArbiter => null;

    /// <summary>The token time that corosync goes by, in milliseconds, where the daemons keep its configuration.</summary>
    void UseToken(int milliseconds)
    {
    }

    /// <summary>Completes at the next change of <see cref="State"/>.</summary>
    Task WaitForChangeAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Proposes a request and waits until it is applied here. Sent twice with the same request id, it is applied once.
    /// </summary>
    /// <returns>The operation that it began; it may be running still.</returns>
    /// <exception cref="Engines.NotQuorateException">Nothing was asked of the cluster.</exception>
    /// <exception cref="Engines.UnknownOutcomeException">Send the same request id again to find out.</exception>
    Task<OperationState> SubmitAsync(Request request, CancellationToken cancellationToken);

    /// <summary>The journal as this node keeps it.</summary>
    Journal Journal { get; }

    /// <summary>The last versions of the configuration as this node keeps them.</summary>
    ConfigurationArchive Configurations { get; }

    /// <summary>The agents of this machine.</summary>
    AgentCatalogue Agents { get; }

    /// <summary>
    /// For operators that can't reach quorum: opens an epoch with who is here, or vouches that a node is dead. Journalled on this
    /// node first, with who asked. An id that this node knows already opens nothing anew.
    /// </summary>
    Task<OperationState> ForceQuorumAsync(string requestId, string who, string reason, CancellationToken cancellationToken);

    /// <summary>Asks the status of a fence device of a node, from here; changes nothing.</summary>
    /// <returns>One line a device: what it said.</returns>
    Task<IReadOnlyList<FenceDeviceStatus>> TestFenceDevicesAsync(string? node, string? device, CancellationToken cancellationToken);

    /// <summary>Numbers for /metrics that are not part of the state: name, help, type (counter or gauge), value.</summary>
    IEnumerable<NodeMetric> Metrics();
}

/// <summary>Commits do not go through.</summary>
/// <param name="Since">By this node's clock.</param>
/// <param name="Why">What is in the way, and what to do.</param>
public sealed record CommitTrouble(DateTimeOffset Since, string Why);

/// <summary>What a fence device says of the node it would cut off.</summary>
public sealed record FenceDeviceStatus(string Node, string Method, string Device, bool Answers, bool? On, string Message);

/// <summary>A sample for the metrics endpoint.</summary>
/// <param name="Name">In Prometheus spelling, without prefix.</param>
/// <param name="Help">One line.</param>
/// <param name="Counter">Counter, else gauge.</param>
/// <param name="Value">The sample.</param>
/// <param name="Labels">Label names and values, if any.</param>
public sealed record NodeMetric(string Name, string Help, bool Counter, double Value, params (string Name, string Value)[] Labels);
