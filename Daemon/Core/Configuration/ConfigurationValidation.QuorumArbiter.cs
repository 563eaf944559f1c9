namespace ClusterTools.Core.Configuration;

public static partial class ConfigurationValidation
{
    /// <summary>Corosync takes names of up to 255 bytes.</summary>
    private const int HostLength = 253;

    private static void QuorumArbiter(ClusterConfiguration configuration, ProblemList problems)
    {
        if (configuration.QuorumArbiter is not { } arbiter)
        {
            return;
        }

        if (arbiter.Host is null or "" || arbiter.Host.Length > HostLength || Uri.CheckHostName(arbiter.Host) == UriHostNameType.Unknown)
        {
            problems.Error("quorumArbiter/host", $"'{arbiter.Host}' is neither the name nor the address of a machine.",
                "Give the machine on which corosync-qnetd runs, which is neither of the two nodes.");
        }
        else if (configuration.Nodes.Values.FirstOrDefault(n => n is not null
            && (n.Name == arbiter.Host || (!n.Addresses.IsDefault && n.Addresses.Contains(arbiter.Host)))) is { } own)
        {
            problems.Error("quorumArbiter/host",
                $"The arbiter '{arbiter.Host}' is node '{own.Name}' itself: who is cut off with it hears it.",
                "Give a third machine, which both nodes reach by the way that their clients take.");
        }

        if (configuration.QuorumDisk is not null)
        {
            problems.Error("quorumArbiter", "An arbiter is set together with a quorum disk: both decide which of two nodes goes on.",
                "Set one of both: take the disk out (Set-ClusterQuorum -RemoveDisk), or the arbiter (Set-ClusterQuorum -RemoveArbiter).");
        }
        else if (configuration.ArbiterInForce is null)
        {
            problems.Warning("quorumArbiter", "The arbiter does nothing: it decides between two nodes with two_node (twoNode: true).",
                "Set twoNode, use a quorum disk for more than two nodes, or take the arbiter out (Set-ClusterQuorum -RemoveArbiter).");
        }
        else if (configuration.Nodes.Values.Any(n => n is null || n.Addresses.IsDefaultOrEmpty))
        {
            problems.Warning("quorumArbiter",
                "The arbiter does nothing: it is asked by corosync, and the nodes have no addresses for that.",
                "Give each node its addresses, or take the arbiter out (Set-ClusterQuorum -RemoveArbiter).");
        }
    }
}
