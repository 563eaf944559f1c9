using System.Collections.Immutable;

namespace ClusterTools.Core;

/// <summary>A kind of journal entry: a stable word for programs.</summary>
public sealed class JournalKind
{
    private static readonly List<JournalKind> Listed = [];

    private JournalKind(string word, string tells)
    {
        Word = word;
        Tells = tells;
    }

    /// <summary>Such as <c>group.start</c>.</summary>
    public string Word { get; }

    /// <summary>What an entry of this kind tells, for people.</summary>
    public string Tells { get; }

    public static JournalKind ClusterArmed { get; } = New("cluster.armed", "the cluster is armed again");

    public static JournalKind ClusterDisarmed { get; } = New(
        "cluster.disarmed", "the cluster is disarmed: nothing is fenced, recovered or reset");

    public static JournalKind ClusterLevel { get; } = New("cluster.level", "the functional level is raised");

    public static JournalKind ClusterStop { get; } = New("cluster.stop", "the whole cluster is being stopped");

    public static JournalKind Configuration { get; } = New("configuration", "a configuration comes into force");

    public static JournalKind DaemonUnsettled { get; } = New("daemon.unsettled", "a fault of ClusterTools: decisions did not come to rest");

    public static JournalKind FenceBegin { get; } = New("fence.begin", "a node is being cut off");

    public static JournalKind FenceDevice { get; } = New("fence.device", "a fence device has done its part");

    public static JournalKind FenceFailure { get; } = New("fence.failure", "a fence device has failed");

    public static JournalKind FenceOn { get; } = New("fence.on", "a node that was cut off could not be switched on again");

    public static JournalKind FenceSuccess { get; } = New("fence.success", "a node is proven off");

    public static JournalKind GroupBlocked { get; } = New("group.blocked", "a group waits for the proof that a node is down");

    public static JournalKind GroupChanged { get; } = New("group.changed", "resources of a group are stopped for a new configuration");

    public static JournalKind GroupCircles { get; } = New("group.circles", "a group fails round and round, and is given up for a while");

    public static JournalKind GroupDisabled { get; } = New("group.disabled", "a group is Disabled");

    public static JournalKind GroupFailback { get; } = New("group.failback", "a group moves to a better node, or back");

    public static JournalKind GroupFailed { get; } = New("group.failed", "a stop has failed: somebody must see to the group");

    public static JournalKind GroupFound { get; } = New("group.found", "a group was found running");

    public static JournalKind GroupGather { get; } = New("group.gather", "a group moves to a node that suits what shares its node, too");

    public static JournalKind GroupMigrated { get; } = New("group.migrated", "a guest has moved to another node while it ran");

    public static JournalKind GroupMigrating { get; } = New("group.migrating", "a guest begins to move to another node");

    public static JournalKind GroupMigrationFailed { get; } = New(
        "group.migrationFailed", "a guest could not be moved, and stays where it was");

    public static JournalKind GuestNoticed { get; } = New("guest.noticed", "a host has seen a guest begin or end there, unasked");

    public static JournalKind GroupGone { get; } = New("group.gone", "a group was expected on a node and does not run there");

    public static JournalKind GroupRecover { get; } = New("group.recover", "a group is recovered after a failure");

    public static JournalKind GroupKnown { get; } = New("group.known", "a node can tell again whether a group runs there");

    public static JournalKind GroupReleased { get; } = New("group.released", "somebody vouches that a Failed group is released");

    public static JournalKind GroupRemoved { get; } = New("group.removed", "a group is no longer configured, and stopped");

    public static JournalKind GroupStart { get; } = New("group.start", "a group starts on a node");

    public static JournalKind GroupStarted { get; } = New("group.started", "a group is Started");

    public static JournalKind GroupStop { get; } = New("group.stop", "a group leaves a node");

    public static JournalKind GroupStopped { get; } = New("group.stopped", "a group is Stopped");

    public static JournalKind GroupTwice { get; } = New("group.twice", "a group was found on several nodes");

    public static JournalKind GroupUnfrozen { get; } = New("group.unfrozen", "a group is no longer frozen");

    public static JournalKind GroupUnable { get; } = New("group.unable", "a node can't run a group: not installed, not configured");

    public static JournalKind GroupUnknown { get; } = New("group.unknown", "a node can't tell whether a group runs there");

    public static JournalKind GroupUnplaced { get; } = New("group.unplaced", "no node can run a group");

    public static JournalKind GroupWaits { get; } = New(
        "group.waits", "a group waits for another one, for an event script, or for a node that can't tell whether it runs there");

    public static JournalKind Message { get; } = New("message", "somebody has written into the journal");

    public static JournalKind NodeAway { get; } = New("node.away", "a node is away for planned maintenance");

    public static JournalKind NodeConfirmed { get; } = New("node.confirmed", "somebody vouches that a node is down");

    public static JournalKind NodeDrain { get; } = New("node.drain", "a node is being emptied");

    public static JournalKind NodeFinal { get; } = New("node.final", "a resource's final action can't be carried out on its node");

    public static JournalKind NodeJoin { get; } = New("node.join", "a node has joined");

    public static JournalKind NodeLeft { get; } = New("node.left", "a node has left as planned");

    public static JournalKind NodeLeftCluster { get; } = New(
        "node.leftCluster", "a silent node can't be fenced: what it owned stays blocked");

    public static JournalKind NodeLost { get; } = New("node.lost", "a node is silent and counts as lost");

    public static JournalKind NodeKeptOut { get; } = New("node.keptOut", "a node was lost too often: no groups come to it");

    public static JournalKind NodeMaintenance { get; } = New("node.maintenance", "a node is empty and in maintenance");

    public static JournalKind NodeOnline { get; } = New("node.online", "a node takes part");

    public static JournalKind NodeWatchdog { get; } = New("node.watchdog", "a node's watchdog is armed, or released, or not fed any more");

    public static JournalKind NodeShutdown { get; } = New("node.shutdown", "the machine of a node is being shut down");

    public static JournalKind NodePause { get; } = New("node.pause", "a node is paused: it keeps its groups, and no others come");

    public static JournalKind NodeVoteBack { get; } = New("node.voteBack", "a node takes part again, and its votes count again");

    public static JournalKind NodeVoteTaken { get; } = New(
        "node.voteTaken", "a node was down for too long: its votes do not count until it takes part again");

    public static JournalKind NodeReleased { get; } = New("node.released", "groups may come again to a node that was lost too often");

    public static JournalKind OperationFailed { get; } = New("operation.failed", "what somebody asked for has failed or was refused");

    public static JournalKind OperationSucceeded { get; } = New("operation.succeeded", "what somebody asked for is done");

    public static JournalKind Request { get; } = New("request", "somebody asks for something");

    public static JournalKind ResourceAbandoned { get; } = New(
        "resource.abandoned", "a group goes on without a resource that is not critical");

    public static JournalKind ResourceFailure { get; } = New("resource.failure", "a resource has failed");

    public static JournalKind ResourceFinal { get; } = New("resource.final", "the final action of a resource is carried out");

    public static JournalKind ResourceFinalScript { get; } = New("resource.final.script", "the script before a final action has run");

    public static JournalKind ResourceKnown { get; } = New("resource.known", "a status check is answered again");

    public static JournalKind ResourceStartFailure { get; } = New("resource.start.failure", "a start has failed");

    public static JournalKind ResourceStartNotBegun { get; } = New(
        "resource.start.notBegun", "a start could not be begun; nothing has failed");

    public static JournalKind ResourceStartRetry { get; } = New("resource.start.retry", "a start is tried again on the same node");

    public static JournalKind ResourceStopFailure { get; } = New("resource.stop.failure", "a stop has failed");

    public static JournalKind ResourceStopRetry { get; } = New("resource.stop.retry", "a stop is tried again");

    public static JournalKind ResourceUnknown { get; } = New("resource.unknown", "a status check is not answered, and is asked again");

    public static JournalKind Runbook { get; } = New("runbook", "a runbook's document is written or removed");

    public static JournalKind View { get; } = New("view", "the membership has changed");

    // What a script's own calls cause is not told to scripts, or one would call itself without end: these can't be asked for.
    public static JournalKind ScriptAnswered { get; } = new("script.answered", "an event script has decided");

    public static JournalKind ScriptBehind { get; } = new("script.behind", "an event script can't keep up with its events");

    public static JournalKind ScriptFailed { get; } = new("script.failed", "an event script gave no answer that counts");

    public static JournalKind ScriptRefused { get; } = new("script.refused", "what an event script wants can't be");

    /// <summary>What event scripts may ask for (FEATURES B11), in ordinal order. Besides these there is <c>user.NAME</c>.</summary>
    public static ImmutableArray<JournalKind> ForScripts { get; } = [.. Listed.OrderBy(k => k.Word, StringComparer.Ordinal)];

    /// <summary>An event of the administrators' own.</summary>
    public static JournalKind User(string name) => new($"user.{name}", "an administrator's own event");

    /// <summary>An event script has caused it.</summary>
    public static bool IsOfScript(string word) => word.StartsWith("script.", StringComparison.Ordinal);

    public override string ToString() => Word;

    private static JournalKind New(string word, string tells)
    {
        var kind = new JournalKind(word, tells);
        Listed.Add(kind);
        return kind;
    }
}
