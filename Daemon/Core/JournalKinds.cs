using System.Collections.Immutable;

namespace ClusterTools.Core;

/// <summary>The kinds of journal entries that event scripts may ask for (FEATURES B11).</summary>
public static class JournalKinds
{
    /// <summary>Each with what it tells, in ordinal order. Besides these there is <c>user.NAME</c>, the administrators' own.</summary>
    public static ImmutableSortedDictionary<string, string> All { get; } = new Dictionary<string, string>
    {
        ["configuration"] = "a configuration comes into force",
        ["fence.begin"] = "a node is being cut off",
        ["fence.device"] = "a fence device has done its part",
        ["fence.failure"] = "a fence device has failed",
        ["fence.on"] = "a node that was cut off could not be switched on again",
        ["fence.success"] = "a node is proven off",
        ["group.blocked"] = "a group waits for the proof that a node is down",
        ["group.changed"] = "resources of a group are stopped for a new configuration",
        ["group.disabled"] = "a group is Disabled",
        ["group.failback"] = "a group moves to a better node, or back",
        ["group.failed"] = "a stop has failed: somebody must see to the group",
        ["group.found"] = "a group was found running",
        ["group.gone"] = "a group was expected on a node and does not run there",
        ["group.recover"] = "a group is recovered after a failure",
        ["group.released"] = "somebody vouches that a Failed group is released",
        ["group.removed"] = "a group is no longer configured, and stopped",
        ["group.start"] = "a group starts on a node",
        ["group.started"] = "a group is Started",
        ["group.stop"] = "a group leaves a node",
        ["group.stopped"] = "a group is Stopped",
        ["group.twice"] = "a group was found on several nodes",
        ["group.unfrozen"] = "a group is no longer frozen",
        ["group.unplaced"] = "no node can run a group",
        ["group.waits"] = "a group waits for another one, or for an event script",
        ["message"] = "somebody has written into the journal",
        ["node.away"] = "a node is away for planned maintenance",
        ["node.confirmed"] = "somebody vouches that a node is down",
        ["node.drain"] = "a node is being emptied",
        ["node.final"] = "a resource's final action can't be carried out on its node",
        ["node.join"] = "a node has joined",
        ["node.left"] = "a node has left as planned",
        ["node.leftCluster"] = "a silent node can't be fenced: what it owned stays blocked",
        ["node.lost"] = "a node is silent and counts as lost",
        ["node.maintenance"] = "a node is empty and in maintenance",
        ["node.online"] = "a node takes part",
        ["node.pause"] = "a node is paused: it keeps its groups, and no others come",
        ["operation.failed"] = "what somebody asked for has failed or was refused",
        ["operation.succeeded"] = "what somebody asked for is done",
        ["request"] = "somebody asks for something",
        ["resource.abandoned"] = "a group goes on without a resource that is not critical",
        ["resource.failure"] = "a resource has failed",
        ["resource.final"] = "the final action of a resource is carried out",
        ["resource.final.script"] = "the script before a final action has run",
        ["resource.start.failure"] = "a start has failed",
        ["resource.start.retry"] = "a start is tried again on the same node",
        ["resource.stop.failure"] = "a stop has failed",
        ["resource.stop.retry"] = "a stop is tried again",
        ["runbook"] = "a runbook's document is written or removed",
        ["view"] = "the membership has changed",
    }.ToImmutableSortedDictionary(StringComparer.Ordinal);
}
