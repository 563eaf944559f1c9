using System.Collections.Frozen;

namespace ClusterTools.Core.Configuration;

/// <summary>
/// Fence agents that cut a node off from its disks and leave it running (FEATURES C2): they take its key off the disks (SCSI-3 persistent
/// reservations), or close its port in the fabric. To give back what they took before the node has booted would let it write what it still
/// has in its memory, to disks that others have mounted since; so the node does that itself, when it has booted.
/// </summary>
public static class StorageAgents
{
    // By the name without fence_ before it: those of fence-agents, and of its older versions, that say 'fabric_fencing' of themselves.
    private static readonly FrozenSet<string> Fabric = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase, "brocade", "cisco_mds", "ifmib", "mcdata", "sanbox2", "vixel");

    /// <param name="agent">A name or a path, as in a <see cref="FenceDevice"/>.</param>
    public static bool Is(string agent) => TakesKeys(agent) || Fabric.Contains(FenceProof.Plain(agent));

    /// <summary>
    /// It takes keys. Only the node itself can put its key there, for it belongs to the path between the two; whoever is asked to do that
    /// for another one gives its own path the other's key, and so can neither be cut off nor cut anybody off any more.
    /// </summary>
    /// <param name="agent">A name or a path, as in a <see cref="FenceDevice"/>.</param>
    public static bool TakesKeys(string agent)
    {
        ArgumentNullException.ThrowIfNull(agent);
        return FenceProof.Plain(agent) is "scsi" or "mpath";
    }
}
