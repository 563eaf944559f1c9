namespace ClusterTools.Core.Configuration;

/// <summary>
/// Fence agents that take a node's key off disks with SCSI-3 persistent reservations (FEATURES C2). Only the node itself can put its key
/// there, for it belongs to the path between the two; whoever is asked to do that for another one gives its own path the other's key, and
/// so can neither be cut off nor cut anybody off any more.
/// </summary>
public static class ReservationAgents
{
    /// <param name="agent">A name or a path, as in a <see cref="FenceDevice"/>.</param>
    public static bool Is(string agent)
    {
        ArgumentNullException.ThrowIfNull(agent);
        return FenceProof.Plain(agent) is "scsi" or "mpath";
    }

    /// <summary>The calls by which a node's keys are taken away, each once: the same ones with another action give them back.</summary>
    public static IEnumerable<(FenceDevice Device, FenceStep Step)> CallsOf(ClusterConfiguration configuration, string node)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return configuration.Nodes.TryGetValue(node, out NodeConfiguration? at) && !at.FenceMethods.IsDefault
            ? at.FenceMethods.SelectMany(static m => m.Steps)
                .Where(s => configuration.FenceDevices.TryGetValue(s.Device, out FenceDevice? device) && Is(device.Agent))
                .DistinctBy(static s => (s.Device, string.Join('\n', s.Parameters.Select(static p => $"{p.Key}={p.Value}"))))
                .Select(s => (configuration.FenceDevices[s.Device], s))
            : [];
    }
}
