namespace ClusterTools.Cmdlets;

/// <summary>Base of the cmdlets that disarm the cluster and arm it again.</summary>
public abstract class ArmingCmdlet : ClusterChangeCmdlet
{
    /// <summary>For the journal; of a disarmed cluster it is told with every status.</summary>
    [Parameter]
    [ValidateLength(1, 1000)]
    public string? Reason { get; set; }

    /// <summary>Tells and asks what will happen, and does it.</summary>
    private protected void Arm(
        string becomes, string doing, Func<ClusterClient, ArmingRequest, CancellationToken, Task<Operation>> ask) => Attempt(Cluster, () =>
    {
        ClusterStatus cluster = Call((client, cancel) => client.GetClusterAsync(cancel));
        string[] away =
        [
            .. Call((client, cancel) => client.GetNodesAsync(cancel)).Where(n => n.Phase is NodePhase.Lost or NodePhase.LeftCluster)
                .Select(n => n.Name),
        ];
        string happens = $"Cluster '{cluster.Name}' is {becomes}.{(away.Length == 0 ? "" : $" Away: {string.Join(", ", away)}.")}";
        ChangeCluster(cluster, happens, $"{doing} cluster {cluster.Name}", (client, cancel) =>
            ask(client, new ArmingRequest { Reason = Reason }, cancel));
    });
}
