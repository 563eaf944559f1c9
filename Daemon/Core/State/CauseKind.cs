using System.Globalization;
using System.Runtime.CompilerServices;

namespace ClusterTools.Core;

/// <summary>
/// What can be the reason for how something is: a word for the state, and a phrase for people, in which what a <see cref="Cause"/> speaks
/// of stands for <c>{0}</c> and so on.
/// </summary>
public sealed class CauseKind : IEquatable<CauseKind>
{
    /// <summary>Where what an agent said of the failure stands within a phrase.</summary>
    private const string Said = "{said}";

    private static readonly Dictionary<string, CauseKind> Known = new(StringComparer.Ordinal);

    private readonly string phrase;

    private CauseKind(string word, string phrase, CauseKind? tells)
    {
        Word = word;
        this.phrase = phrase;
        Tells = tells;
    }

    /// <summary>Such as <c>startFailed</c>.</summary>
    public string Word { get; }

    /// <summary>The failure that it speaks of, with the same resource; null: of none.</summary>
    internal CauseKind? Tells { get; }

    /// <summary>Nothing has been decided yet.</summary>
    public static CauseKind None { get; } = New("");

    /// <summary>In the words of whoever asked for it.</summary>
    public static CauseKind InTheirWords { get; } = New("{0}");

    // What has failed of a group.

    public static CauseKind ResourceFailure { get; } = New("{0} failed");

    public static CauseKind StartFailure { get; } = New("start of {0} failed");

    public static CauseKind StartNotBegunFailure { get; } = New("start of {0} could not be begun");

    public static CauseKind StopFailure { get; } = New("stop of {0} failed");

    // What was decided about a group.

    public static CauseKind NewGroup { get; } = New("new");

    public static CauseKind GuestAdded { get; } = New("added; a guest is not started by that");

    public static CauseKind AutostartOff { get; } = New("autostart is off");

    public static CauseKind ConfigurationChanged { get; } = New("its configuration changed");

    public static CauseKind RemovedFromConfiguration { get; } = New("removed from the configuration");

    public static CauseKind EnabledBy { get; } = New("enabled by {0}");

    public static CauseKind DisabledBy { get; } = New("disabled by {0}");

    public static CauseKind StoppedBy { get; } = New("stopped by {0}");

    public static CauseKind RepairedBy { get; } = New("repaired by {0}");

    public static CauseKind RelocatedBy { get; } = New("relocated by {0}");

    public static CauseKind RestartedBy { get; } = New("restarted by {0}");

    public static CauseKind RelocationCancelledBy { get; } = New("relocate was cancelled by {0}");

    public static CauseKind EnablingCancelledBy { get; } = New("enable was cancelled by {0}");

    public static CauseKind UnfreezingCancelledBy { get; } = New("unfreeze was cancelled by {0}");

    public static CauseKind UnfreezesWithOwner { get; } = New("unfreezing waits until {0} has rejoined");

    public static CauseKind Unfrozen { get; } = New("unfrozen");

    public static CauseKind ClusterIsStopped { get; } = New("the cluster is being stopped by {0}");

    public static CauseKind QuorumLost { get; } = New("this node has lost quorum");

    public static CauseKind MembershipChanged { get; } = New("the membership changed");

    public static CauseKind WasDown { get; } = New("it was down before");

    public static CauseKind FoundRunning { get; } = New("found running on {0}");

    public static CauseKind MigratedBy { get; } = New("migrated by {0}");

    public static CauseKind MigrationUnknown { get; } = New(
        "it was moving from {0} to {1} when {0} was lost or began anew; both are asked whether they have it");

    public static CauseKind RunsTwice { get; } = New(
        "it runs on {0}: nothing is done with it until it runs on one of them only. End the copies that are not wanted by hand");

    public static CauseKind MovedOutside { get; } = New(
        "it was moved from {0} to a host that is not in this cluster, by somebody else, and is not started here");

    public static CauseKind FoundInPart { get; } = New("found partly running on {0}; restarted there");

    public static CauseKind NodeIsDown { get; } = New("node {0} is down");

    public static CauseKind OutsideDomain { get; } = New("node {0} is not in its restricted domain");

    public static CauseKind NodeIsEmptied { get; } = New("node {0} is being emptied");

    public static CauseKind KeptFor { get; } = New("it is kept for node {0}, whose machine is shut down");

    public static CauseKind KeptForAWhile { get; } = New("it is kept for node {0}, whose machine is shut down, for {1} at most");

    public static CauseKind KeptAndBack { get; } = New("it was kept for node {0}, which takes part again");

    /// <summary>Of a node: what becomes of its groups, in words.</summary>
    public static CauseKind ShutDownBy { get; } = New("its machine is being shut down, asked by {0}; its groups {1}");

    public static CauseKind ShutDownAround { get; } = New("its machine is being shut down; {0} on it could not be stopped");

    public static CauseKind ShutDownWhileDisarmed { get; } = New("its machine is being shut down while the cluster is disarmed");

    public static CauseKind NodeIsEmptiedNoMore { get; } = New("node {0} is not to be emptied any more");

    public static CauseKind BroughtBack { get; } = New("brought back to {0}, which has been resumed");

    public static CauseKind FailsBack { get; } = New("node {0} is up and stands before {1} in domain '{2}'");

    /// <summary>Of a node: why it does not suit what goes with the group, in words.</summary>
    public static CauseKind DoesNotSuitAll { get; } = New("{0} {1}");

    /// <summary>Of a placement, in words: what stands for the node.</summary>
    public static CauseKind Chosen { get; } = New("{0}");

    /// <summary>Of a placement, in words: what stands against better nodes.</summary>
    public static CauseKind BetterNodes { get; } = New("{0}");

    public static CauseKind AskedFor { get; } = New("asked for");

    public static CauseKind ChosenByScript { get; } = New("decided by event script '{0}'");

    /// <summary>In words: what each node that could run it says.</summary>
    public static CauseKind Unplaced { get; } = New("{0}");

    public static CauseKind FailoversUsedUp { get; } = New("its failover count of {0} is used up");

    public static CauseKind StartFailed { get; } = Tell(StartFailure, "start of {0} failed on {1}{said}");

    public static CauseKind StartFailedAgain { get; } = Tell(
        StartFailure, "start of {0} failed on {1} again{said}, after its final action; disabled, so that it costs no other node");

    public static CauseKind StartTriedAgain { get; } = Tell(
        StartFailure, "start of {0} failed on {1}{said}; tried again, {2} of {3}");

    public static CauseKind StartHeld { get; } = Tell(
        StartFailure, "start of {0} failed{said}; it and what comes after it are not started");

    public static CauseKind StartNotBegun { get; } = Tell(StartNotBegunFailure, "start of {0} could not be begun on {1}{said}");

    public static CauseKind GoesOnWithout { get; } = New("goes on without {0}");

    public static CauseKind StopFailed { get; } = Tell(StopFailure, "stop of {0} failed on {1}{said}");

    public static CauseKind RestartedInPlace { get; } = Tell(ResourceFailure, "{0} failed{said}; restarted in place");

    public static CauseKind SubtreeRestarted { get; } = Tell(
        ResourceFailure, "{0} failed{said}; {1} and what needs it are restarted");

    public static CauseKind DisabledByPolicy { get; } = Tell(ResourceFailure, "{0} failed{said}; disabled by its recovery policy");

    public static CauseKind RelocatedByPolicy { get; } = Tell(ResourceFailure, "{0} failed{said}; relocated by its recovery policy");

    public static CauseKind TooOftenDisabled { get; } = Tell(
        ResourceFailure, "{0} failed {1} times within {2} s{said}; disabled by its recovery policy");

    public static CauseKind TooOftenRelocated { get; } = Tell(
        ResourceFailure, "{0} failed {1} times within {2} s{said}; relocated");

    public static CauseKind GoesInCircles { get; } = New(
        "it goes in circles: it has failed {0} times within {1}, and never ran for {2} in between");

    // What a group needs of others.

    public static CauseKind RequiredIs { get; } = New("group '{0}', which it requires, is {1}");

    public static CauseKind CompanionIsPlaced { get; } = New("group '{0}', whose node it shares, is being placed");

    public static CauseKind CompanionMoves { get; } = New("group '{0}', whose node it shares, is moving");

    public static CauseKind CompanionElsewhere { get; } = New("group '{0}', whose node it shares, is on {1}");

    public static CauseKind ApartIsHere { get; } = New("group '{0}', with which it shares no node, is on {1}");

    public static CauseKind DependantStopsFirst { get; } = New("group {0} requires it and must stop first");

    public static CauseKind DependantsStopFirst { get; } = New("groups {0} require it and must stop first");

    public static CauseKind TakesOverFrom { get; } = New("group {0}, whose resources it takes over, has not stopped");

    public static CauseKind TakesOverFromAll { get; } = New("groups {0}, whose resources it takes over, have not stopped");

    // What a group waits for.

    public static CauseKind AwayForMaintenance { get; } = New("node {0} is away for planned maintenance");

    public static CauseKind NotProvenDown { get; } = New("node {0} is {1} and not proven down");

    public static CauseKind CannotBeProvenDown { get; } = New(
        "node {0} is {1} and not proven down; if it is surely dead, run Confirm-ClusterNodeDown {0}");

    public static CauseKind NotProbed { get; } = New("node {0} has not answered its probe");

    /// <summary>Of a node: since when it can't tell whether the group runs there, its agent's words, and what to do about it.</summary>
    public static CauseKind NotKnown { get; } = New("whether it runs on {0} is not known{1} ({2}: {3}). It is asked again. {4}");

    public static CauseKind StopAskedAgain { get; } = New("stop of {0} on {1} could not be asked for and is tried again: {2}");

    public static CauseKind ScriptIsAsked { get; } = New("an event script is asked where it goes");

    public static CauseKind HeldWhileDisarmed { get; } = New(
        "the cluster is disarmed by {0}, and nothing is started or stopped by itself until Resume-Cluster");

    public static CauseKind OwnerAwayWhileDisarmed { get; } = New(
        "node {0} is {1}, and the cluster is disarmed by {2}: it is not recovered until Resume-Cluster");

    // Why a node is as it is.

    public static CauseKind AnswersProbe { get; } = New("answers its probe");

    public static CauseKind HasAnsweredProbe { get; } = New("has answered its probe");

    public static CauseKind StillPaused { get; } = New("is paused still");

    public static CauseKind StillEmptied { get; } = New("is being emptied");

    public static CauseKind PausedBy { get; } = New("paused by {0}");

    public static CauseKind ResumedBy { get; } = New("resumed by {0}");

    public static CauseKind EmptiedFor { get; } = New("is being emptied, asked by {0}");

    public static CauseKind Emptied { get; } = New("emptied on request");

    public static CauseKind EmptyingCancelledBy { get; } = New("emptying it was cancelled by {0}");

    public static CauseKind LeavesFor { get; } = New("leaves the cluster, asked by {0}");

    public static CauseKind LeavesByFinalAction { get; } = New("leaves by the final action of {0} of group '{1}'");

    public static CauseKind HasLeft { get; } = New("left the cluster");

    public static CauseKind ClusterWasStopped { get; } = New("the cluster was stopped by {0}");

    public static CauseKind RestartPlannedBy { get; } = New("planned restart asked by {0}");

    public static CauseKind RestartDidNotHappen { get; } = New("the planned restart did not happen");

    public static CauseKind AwayTooLong { get; } = New("away for longer than planned maintenance may take");

    public static CauseKind AwayTooLongAndEmpty { get; } = New("did not come back from planned maintenance; it had nothing");

    public static CauseKind GoneWhileEmpty { get; } = New("gone while it was empty on request");

    public static CauseKind HasNotJoined { get; } = New("has not joined yet");

    public static CauseKind AbsentAtForming { get; } = New("absent when the cluster formed");

    public static CauseKind AbsentAndEmpty { get; } = New("absent when the cluster formed, and was empty");

    public static CauseKind Silent { get; } = New("silent for the token time");

    public static CauseKind SilentHere { get; } = New("silent; it was {0} when it was last heard");

    public static CauseKind SilentAndLeftAlone { get; } = New(
        "silent; this node is in maintenance and leaves it alone. If it is surely dead, run Confirm-ClusterNodeDown {0}");

    public static CauseKind SilentAndJudged { get; } = New(
        "silent; the arbiter gives its vote elsewhere, and nobody here fences it. If it is surely dead, run Confirm-ClusterNodeDown {0}");

    public static CauseKind SilentCanBeFenced { get; } = New("silent; it can be fenced now");

    public static CauseKind SilentWhileDisarmed { get; } = New(
        "silent; the cluster is disarmed by {0}, so that it is not fenced and what it owned is not recovered");

    public static CauseKind AwayWhenArmed { get; } = New("away when the cluster was armed again");

    public static CauseKind LostTooOften { get; } = New(
        "was lost {0} within {1}; no groups come to it until it has taken part for {2} without a loss, or Resume-ClusterNode {3}");

    public static CauseKind WasQuiet { get; } = New("was not lost again for {0}; groups may come to it again");

    // Why a node is fenced, and what came of it.

    public static CauseKind NodeIs { get; } = New("node {0} is {1}");

    public static CauseKind NodeWasSilent { get; } = New("node {0} was silent");

    public static CauseKind AskedBy { get; } = New("asked by {0}");

    public static CauseKind FinalActionAfterStop { get; } = New(
        "stop of {0} of group '{1}' failed, and its final action is to {2}");

    /// <summary>In words: why nothing can cut it off.</summary>
    public static CauseKind CannotBeFenced { get; } = New("{0}");

    public static CauseKind EveryMethodFailed { get; } = New("every fence method has failed");

    public static CauseKind CouldNotBeFenced { get; } = New("could not be fenced");

    public static CauseKind Fenced { get; } = New("fenced");

    public static CauseKind ConfirmedDownBy { get; } = New("confirmed down by {0}");

    /// <summary>The kind of that word; one that a newer program knows says the word itself.</summary>
    public static CauseKind Of(string word) =>
        Known.TryGetValue(word, out CauseKind? kind) ? kind : new CauseKind(word, word.Replace("{", "{{").Replace("}", "}}"), null);

    /// <summary>A cause of this kind.</summary>
    /// <param name="of">What stands in the phrase, in its order.</param>
    public Cause With(params ReadOnlySpan<string> of) => new() { Kind = this, Of = [.. of] };

    /// <summary>The phrase for people.</summary>
    /// <param name="of">What stands in it.</param>
    /// <param name="said">What stands after the failure that it tells of.</param>
    internal string Words(IEnumerable<string> of, string said = "")
    {
        // What is said may hold braces.
        int at = phrase.IndexOf(Said, StringComparison.Ordinal);
        object[] parts = [.. of];
        string Part(string text) => string.Format(CultureInfo.InvariantCulture, text, parts);
        return at < 0 ? Part(phrase) : Part(phrase[..at]) + said + Part(phrase[(at + Said.Length)..]);
    }

    public static bool operator ==(CauseKind? left, CauseKind? right) => left?.Word == right?.Word;

    public static bool operator !=(CauseKind? left, CauseKind? right) => !(left == right);

    public bool Equals(CauseKind? other) => Word == other?.Word;

    public override bool Equals(object? obj) => obj is CauseKind other && Equals(other);

    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Word);

    public override string ToString() => Word;

    private static CauseKind New(string phrase, [CallerMemberName] string name = "") => Tell(null, phrase, name);

    private static CauseKind Tell(CauseKind? failure, string phrase, [CallerMemberName] string name = "")
    {
        var kind = new CauseKind(char.ToLowerInvariant(name[0]) + name[1..], phrase, failure);
        Known.Add(kind.Word, kind);
        return kind;
    }
}
