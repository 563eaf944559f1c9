using System.Collections.Immutable;
using System.Text.Json.Serialization;
using ClusterTools.Core.Configuration;
using ClusterTools.Voting;

namespace ClusterTools.Core;

/// <summary>An event with who proposed it and when. This, as JSON, is the payload of an entry in the engine's log.</summary>
public sealed record EventEnvelope
{
    /// <summary>Node that proposed it.</summary>
    public required string Origin { get; init; }

    /// <summary>Its life.</summary>
    public required long Incarnation { get; init; }

    /// <summary>Cluster time as the proposer reckons it, in milliseconds.</summary>
    public required long Time { get; init; }

    /// <summary>Milliseconds since 1970-01-01 UTC; for people only, decides nothing.</summary>
    public long WallTime { get; init; }

    public required ClusterEvent Event { get; init; }
}

[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(Tick), "tick")]
[JsonDerivedType(typeof(Probed), "probed")]
[JsonDerivedType(typeof(ActionCompleted), "actionCompleted")]
[JsonDerivedType(typeof(MonitorFailed), "monitorFailed")]
[JsonDerivedType(typeof(MonitorUnknown), "monitorUnknown")]
[JsonDerivedType(typeof(FenceCompleted), "fenceCompleted")]
[JsonDerivedType(typeof(FenceProven), "fenceProven")]
[JsonDerivedType(typeof(NodeLeft), "nodeLeft")]
[JsonDerivedType(typeof(EventScriptCompleted), "eventScriptCompleted")]
[JsonDerivedType(typeof(StateHashed), "stateHashed")]
[JsonDerivedType(typeof(GroupRequest), "groupRequest")]
[JsonDerivedType(typeof(NodeRequest), "nodeRequest")]
[JsonDerivedType(typeof(ConfigurationRequest), "configurationRequest")]
[JsonDerivedType(typeof(MessageWritten), "messageWritten")]
[JsonDerivedType(typeof(CancelRequest), "cancelRequest")]
[JsonDerivedType(typeof(RunbookRequest), "runbookRequest")]
[JsonDerivedType(typeof(UserEvent), "userEvent")]
[JsonDerivedType(typeof(ClusterStopRequest), "clusterStopRequest")]
public abstract record ClusterEvent;

/// <summary>The membership changed. Comes from the engine, never as a payload.</summary>
/// <param name="Epoch">Opened by this view.</param>
/// <param name="Members">Node name to incarnation.</param>
/// <param name="Quorum">Whether work may go on.</param>
/// <param name="Continuous">Quorum was held since the last quorate view.</param>
/// <param name="Votes">As the engine has counted them; null: that is not known.</param>
public sealed record ViewEvent(
    long Epoch, ImmutableSortedDictionary<string, long> Members, Quorum Quorum, bool Continuous, VoteCount? Votes = null) : ClusterEvent
{
    /// <summary>The quorum device, as far as it is known.</summary>
    internal QuorumDevice Device => Votes?.Device ?? default;
}

/// <summary>Time went on; something is due.</summary>
public sealed record Tick : ClusterEvent;

/// <summary>A node answers its probe, or what it was asked again.</summary>
/// <param name="Id">The probe's.</param>
/// <param name="Level">The node's functional level.</param>
/// <param name="Found">Resources that are not plainly stopped.</param>
public sealed record Probed(ActionId Id, int Level, ImmutableArray<FoundResource> Found) : ClusterEvent;

/// <summary>What a probe found.</summary>
/// <param name="Group">The group.</param>
/// <param name="Resource">The resource.</param>
/// <param name="Answer">What the agent's answer means.</param>
/// <param name="Message">What it said.</param>
public sealed record FoundResource(string Group, string Resource, FoundAnswer Answer, string Message = "");

/// <summary>An answer to the question whether something runs, other than that it does not.</summary>
public enum FoundAnswer
{
    /// <summary>It runs, in good order.</summary>
    Runs,

    /// <summary>It is here and broken: it must be stopped before it is started anywhere.</summary>
    Broken,

    /// <summary>Nobody knows: the question could not be asked, or was not answered.</summary>
    Unknown,

    /// <summary>
    /// It can't run here (not installed, not configured, not to be executed), and so it does not, unless the record says otherwise.
    /// </summary>
    CannotRun,
}

/// <summary>A start or stop has ended.</summary>
/// <param name="Id">The action's.</param>
/// <param name="Success">It did what was asked.</param>
/// <param name="Message">What the agent said.</param>
/// <param name="Answer">What kind of answer a failure is.</param>
public sealed record ActionCompleted(ActionId Id, bool Success, string Message, ActionAnswer Answer = ActionAnswer.Given) : ClusterEvent;

/// <summary>What kind of answer a start or stop came to.</summary>
public enum ActionAnswer
{
    /// <summary>The agent did it, or said that it could not.</summary>
    Given,

    /// <summary>The agent says that this can't run here: not installed, not configured, not to be executed.</summary>
    CannotRun,

    /// <summary>Nobody knows what came of it.</summary>
    Unknown,

    /// <summary>Nothing was done at all.</summary>
    NotBegun,
}

/// <summary>A status check failed.</summary>
public sealed record MonitorFailed(string Group, string Resource, string Node, long Incarnation, string Message) : ClusterEvent;

/// <summary>A status check was not answered, or is answered again.</summary>
/// <param name="Group">The group.</param>
/// <param name="Resource">The resource.</param>
/// <param name="Node">Where.</param>
/// <param name="Incarnation">The node's life.</param>
/// <param name="Depth">Of the check.</param>
/// <param name="Asked">How many in a row were not answered.</param>
/// <param name="Message">Why not; null: it is answered again, and the resource runs.</param>
public sealed record MonitorUnknown(
    string Group, string Resource, string Node, long Incarnation, int Depth, int Asked, string? Message) : ClusterEvent;

/// <summary>A call of a fence device has ended.</summary>
/// <param name="Id">Of the call.</param>
/// <param name="Success">The agent says that it is done.</param>
/// <param name="Message">In words.</param>
/// <param name="NoProof">By the agent's own words it cuts nothing off, so that its success proves nothing (see
/// <see cref="FenceProof"/>).</param>
/// <param name="Took">How long the call took, in milliseconds; 0: not told.</param>
public sealed record FenceCompleted(ActionId Id, bool Success, string Message, bool NoProof = false, long Took = 0) : ClusterEvent;

/// <summary>A node was proven off outside the log: the first entry of the epoch that a contested node opens.</summary>
/// <param name="Target">The node.</param>
/// <param name="Incarnation">Its life that ended.</param>
/// <param name="Executor">Who switched it off.</param>
/// <param name="Message">What the devices said.</param>
/// <param name="Method">Name of the method that did it, which also switches the node on again; null: it stays off.</param>
/// <param name="ConfirmedBy">The operator who says that it is down; null: it was fenced.</param>
/// <param name="Took">How long the fencing took, in milliseconds; 0: not told.</param>
public sealed record FenceProven(
    string Target, long Incarnation, string Executor, string Message, string? Method = null, string? ConfirmedBy = null,
    long Took = 0) : ClusterEvent;

/// <summary>A call of an event script has ended.</summary>
/// <param name="Id">The call's.</param>
/// <param name="Success">It ran and its answer was understood; otherwise the default counts.</param>
/// <param name="Message">What went wrong.</param>
/// <param name="Decisions">Its answer; at most <see cref="Cluster.MaxScriptDecisions"/> count.</param>
public sealed record EventScriptCompleted(
    ActionId Id, bool Success, string Message, ImmutableArray<EventScriptDecision> Decisions) : ClusterEvent;

/// <summary>A drained node leaves.</summary>
public sealed record NodeLeft(string Node, long Incarnation) : ClusterEvent;

/// <summary>A member says the hash of its state at an index, for the others to compare; changes nothing.</summary>
public sealed record StateHashed(string Node, long Index, string Hash) : ClusterEvent;

/// <summary>Something an operator asked for.</summary>
/// <param name="RequestId">Applied once, however often it is sent.</param>
/// <param name="Who">Name and certificate of who asked.</param>
public abstract record Request(string RequestId, string Who) : ClusterEvent;

public enum GroupOperation
{
    Enable,
    Disable,
    Stop,
    Relocate,
    Restart,
    Freeze,
    Unfreeze,
    Convalesce,

    /// <summary>Move to the best node of its domain that is up, whatever the domain says of failback.</summary>
    Home,

    /// <summary>Forget its failures: restarts counted, nodes tried, the wait before the next try.</summary>
    Clear,
}

/// <summary>An operation on a group (FEATURES B6).</summary>
/// <param name="RequestId">Applied once.</param>
/// <param name="Who">Who asked.</param>
/// <param name="Group">The group.</param>
/// <param name="Operation">What is asked.</param>
/// <param name="Node">Where; null: by the domain's rules.</param>
/// <param name="ConfirmReleased">
/// Disable of a Failed group: the operator has made sure that its resources are released. Enable: that it does not run on the nodes that
/// can't tell.
/// </param>
public sealed record GroupRequest(
    string RequestId, string Who, string Group, GroupOperation Operation, string? Node = null, bool ConfirmReleased = false)
    : Request(RequestId, Who);

public enum NodeOperation
{
    /// <summary>Move groups away and stay empty.</summary>
    Drain,

    /// <summary>Take no new groups, and keep what runs there.</summary>
    Pause,

    /// <summary>Move groups away and leave the cluster.</summary>
    Leave,

    /// <summary>The daemon restarts; groups go on running.</summary>
    Maintenance,

    /// <summary>End Drain, Pause or Maintenance; groups fail back by their policy.</summary>
    Resume,

    /// <summary>As Resume, and nothing fails back.</summary>
    ResumeWithoutFailback,

    /// <summary>As Resume, and what the drain moved away comes back at once, whatever its domain says of failback.</summary>
    ResumeWithImmediateFailback,

    /// <summary>An operator vouches that the node is dead.</summary>
    ConfirmDown,

    FenceOff,
    FenceOn,
    FenceReboot,
}

/// <summary>An operation on a node.</summary>
/// <param name="RequestId">Applied once.</param>
/// <param name="Who">Who asked.</param>
/// <param name="Node">The node.</param>
/// <param name="Operation">What is asked.</param>
/// <param name="Reason">For the journal.</param>
/// <param name="Target">Drain: where its groups go, as far as their rules allow; null: by the rules.</param>
/// <param name="UntilReturn">Of a drain: it ends when the node has been away and is back.</param>
public sealed record NodeRequest(
    string RequestId, string Who, string Node, NodeOperation Operation, string? Reason = null, string? Target = null,
    bool UntilReturn = false)
    : Request(RequestId, Who);

/// <summary>The whole cluster is stopped: every group in order, then all daemons leave at once.</summary>
/// <param name="RequestId">Applied once.</param>
/// <param name="Who">Who asked.</param>
/// <param name="Reason">For the journal.</param>
public sealed record ClusterStopRequest(string RequestId, string Who, string? Reason = null) : Request(RequestId, Who);

/// <summary>A new configuration; its version must be the present one plus one.</summary>
/// <param name="RequestId">Applied once.</param>
/// <param name="Who">Who asked.</param>
/// <param name="Configuration">All of it.</param>
/// <param name="Reason">For the journal.</param>
/// <param name="Origin">How it came; decides nothing.</param>
public sealed record ConfigurationRequest(
    string RequestId, string Who, ClusterConfiguration Configuration, string? Reason = null,
    ConfigurationOrigin Origin = ConfigurationOrigin.Put)
    : Request(RequestId, Who);

/// <summary>How a version of the configuration came.</summary>
public enum ConfigurationOrigin
{
    /// <summary>Not known: it was in force when this node joined.</summary>
    Unknown,

    /// <summary>Sent whole.</summary>
    Put,

    /// <summary>Imported.</summary>
    Import,

    /// <summary>What the cluster was made with.</summary>
    Init,

    /// <summary>An older version, restored.</summary>
    Restore,
}

/// <summary>A message written into the journal (FEATURES G5).</summary>
public sealed record MessageWritten(
    string RequestId, string Who, JournalSeverity Severity, string Message, string? Group = null, string? Node = null)
    : Request(RequestId, Who);

/// <summary>An event of an administrator's or a program's own, for event scripts and the journal (FEATURES B11).</summary>
/// <param name="RequestId">Applied once.</param>
/// <param name="Who">Who sent it.</param>
/// <param name="Name">Its kind is <c>user.NAME</c>: 1 to 64 letters, digits, '-', '_' and '.'.</param>
/// <param name="Data">Anything, for the script, in one plain line (<see cref="PlainText"/>): the message of the event, which is the name
/// without it; at most 4,096 characters.</param>
public sealed record UserEvent(string RequestId, string Who, string Name, string? Data = null) : Request(RequestId, Who);

/// <summary>Ends a running operation as far as it can be taken back. An action under way is let finish.</summary>
/// <param name="RequestId">Applied once.</param>
/// <param name="Who">Who asked.</param>
/// <param name="Operation">Request id of the operation to end.</param>
public sealed record CancelRequest(string RequestId, string Who, string Operation) : Request(RequestId, Who);

/// <summary>Sets or removes a small document that the cluster keeps for a runbook.</summary>
/// <param name="RequestId">Applied once.</param>
/// <param name="Who">Who asked.</param>
/// <param name="Name">The document's name.</param>
/// <param name="Content">The document; null: it is removed.</param>
/// <param name="Expected">The version that the change was made from, 0: there is none yet; null: whatever there is.</param>
public sealed record RunbookRequest(
    string RequestId, string Who, string Name, string? Content, long? Expected = null) : Request(RequestId, Who);
