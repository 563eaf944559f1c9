namespace ClusterTools.Cmdlets;

/// <summary>What Start-ClusterNode and Set-ClusterQuorum ask and send when quorum is forced.</summary>
internal static class ForcedQuorum
{
    public static bool Should(Cmdlet cmdlet, string? node, bool force, Func<string, string, object, bool> confirmed)
    {
        string happens = $"What {(node is null ? "answers" : $"node '{node}' sees")} of the cluster is made quorate, and goes on without "
            + "the absent nodes; they take its state when they come back.";
        return cmdlet.ShouldProcess(happens, $"{happens} Go on?", "Force quorum")
            && (force || confirmed(
                $"{happens} Is every absent node off or cut off? If one still runs groups, they run twice and data is damaged.",
                "Force quorum", node ?? "cluster"));
    }

    public static ForceQuorumRequest Request(string reason) => new() { Reason = reason, AbsentNodesAreDown = true };
}
