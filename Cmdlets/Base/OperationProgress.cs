using ClusterTools.Core;

namespace ClusterTools.Cmdlets;

/// <summary>How an operation gets on, as the cluster's state says: for a progress bar.</summary>
internal sealed class OperationProgress
{
    private const int Unknown = -1;

    private readonly Operation operation;
    private readonly OperationKind kind;
    private int most;
    private int reached;
    private string last = "Waiting";

    /// <param name="operation">Which.</param>
    public OperationProgress(Operation operation) => (this.operation, kind) = (operation, OperationKind.Of(operation.Kind));

    /// <summary>What is being done now, and per cent; -1: it is not known how much there is to do.</summary>
    public (string Status, int Percent) Ask(ClusterClient client, CancellationToken cancellationToken)
    {
        try
        {
            (last, reached) =
                kind.IsOfGroup ? Group(client.GetGroupAsync(operation.Target, false, cancellationToken).GetAwaiter().GetResult())
                : kind.IsOfNode ? Node(client.GetNodeAsync(operation.Target, cancellationToken).GetAwaiter().GetResult())
                : kind == OperationKind.ConfigurationSet
                    ? (client.GetOperationAsync(operation.Id, cancellationToken).GetAwaiter().GetResult().Message, Unknown)
                : (kind.Sentence(operation.Target), Unknown);
        }
        catch (ClusterException)
        {
            // The wait for the end goes on by itself and will say what is wrong; the bar shows what was known last.
        }

        return (last, reached);
    }

    private (string Status, int Percent) Group(GroupStatus group)
    {
        IReadOnlyList<ResourceStatus> resources = group.Resources ?? [];
        int total = Math.Max(1, resources.Count);
        int running = resources.Count(r => r.Phase == ResourcePhase.Running);
        int started = 100 * running / total;
        int percent =
            kind == OperationKind.GroupDisable || kind == OperationKind.GroupStop ? 100 - started
            : kind != OperationKind.GroupRelocate && kind != OperationKind.GroupRestart ? started
            : group.Phase == GroupPhase.Stopping ? (100 - started) / 2
            : 50 + (started / 2);
        string status = group.UnderWay is { } doing
            ? $"{group.Phase}: {doing.Action} of {doing.Resource} on {doing.Node} ({running} of {total} resources run)"
            : $"{group.Phase}{(group.Why.Length > 0 ? ": " + group.Why : "")}";
        return (status, percent);
    }

    private (string Status, int Percent) Node(NodeStatus node)
    {
        if (node.Fencing is { } fencing)
        {
            string device = fencing.Device is { } name ? $", device {name}" : "";
            string executor = fencing.Executor is { } by ? $", by {by}" : "";
            string now = fencing.Proven ? "proven off, being switched on" : "being fenced";
            return ($"{now}: attempt {fencing.Attempt}{device}{executor}", Unknown);
        }

        if (node.Drain == DrainGoal.None)
        {
            return ($"{node.Phase}{(node.Why.Length > 0 ? ": " + node.Why : "")}", Unknown);
        }

        most = Math.Max(most, node.Groups.Count);
        return node.Groups.Count == 0
            ? ($"{node.Phase}: no groups are left on it", 100)
            : ($"{node.Groups.Count} of {most} groups are still on it: "
                + $"{string.Join(", ", node.Groups.Take(3))}{(node.Groups.Count > 3 ? " …" : "")}",
                100 * (most - node.Groups.Count) / most);
    }
}
