using System.Globalization;

namespace ClusterTools.Core.Configuration;

/// <content>Agents that keep other nodes off a shared disk (FEATURES B15): settings with which they can't.</content>
public static partial class ConfigurationValidation
{
    /// <summary>Milliseconds that a start of sfex needs beyond its waiting, as its metadata advises.</summary>
    private const int LockMargin = 10_000;

    /// <summary>
    /// Milliseconds that a stop of sfex takes off its limit before it kills its daemon, which then has not given the lock back.
    /// </summary>
    private const int LockStopReserve = 5_000;

    private static void DiskAgent(string path, ResourceConfiguration resource, ProblemList problems)
    {
        switch (resource.Agent)
        {
            case "ocf:heartbeat:sfex":
                DiskLock(path, resource, problems);
                break;
            case "ocf:heartbeat:sg_persist" or "ocf:heartbeat:mpathpersist":
                problems.Warning($"{path}/agent",
                    $"'{resource.Id}' does not keep other nodes off the disk: {resource.Agent} registers a key when it starts, and "
                        + "reserves when it is promoted, which resources of groups are not. It also asks Pacemaker's crm_node for the key.",
                    "Take ocf:heartbeat:sfex (a lock on the disk itself), or rely on fencing by fence_scsi, fence_mpath or power.");
                break;
        }
    }

    private static void DiskLock(string path, ResourceConfiguration resource, ProblemList problems)
    {
        // What the agent takes where nothing is set; what is no number is the agent's to refuse.
        if (Seconds(resource, "lock_timeout", 100) is not { } lease || Seconds(resource, "collision_timeout", 1) is not { } collision
            || Seconds(resource, "monitor_interval", 10) is not { } renewal)
        {
            return;
        }
        if (lease <= renewal)
        {
            problems.Error($"{path}/parameters/lock_timeout",
                $"The lock of '{resource.Id}' is valid for {lease} s and renewed every {renewal} s: "
                    + "another node would take it from one that lives.",
                "Make lock_timeout several times monitor_interval.");
        }
        var needed = ((lease + collision) * 1000) + LockMargin;
        if (resource.StartTimeout < needed)
        {
            problems.Warning($"{path}/startTimeout",
                $"A start of '{resource.Id}' waits for the lock of a dead node for {lease} s (lock_timeout) and {collision} s "
                    + $"(collision_timeout), but is ended after {resource.StartTimeout / 1000.0:0.###} s: it may never fail over.",
                $"Set the start timeout to {needed / 1000} s or more, or lower lock_timeout.");
        }
        if (resource.StopTimeout < 2 * LockStopReserve)
        {
            problems.Warning($"{path}/stopTimeout",
                $"A stop of '{resource.Id}' within {resource.StopTimeout / 1000.0:0.###} s may end its daemon before it has given the "
                    + $"lock back; the next node then waits {lease} s for it.",
                $"Set the stop timeout to {2 * LockStopReserve / 1000} s or more.");
        }
    }

    private static long? Seconds(ResourceConfiguration resource, string parameter, int otherwise) =>
        !resource.Parameters.TryGetValue(parameter, out var text) ? otherwise
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds > 0 ? seconds
        : null;
}
