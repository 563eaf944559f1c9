using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using ClusterTools.Core.Configuration;
using ClusterTools.Voting;

namespace ClusterTools.Core;

/// <summary>Decisions in words that a person can read (STYLE: <c>Describe</c>).</summary>
public static class Description
{
    /// <summary>Why this node: <c>priority 1 in domain 'shop'; node2 is Lost</c>.</summary>
    public static Cause Choice(ClusterState state, GroupState group, string node)
    {
        Cause why = group.Order.Preferred != node ? CauseKind.Chosen.With(Preference(state, group, node))
            : group.Reason == Cause.None ? CauseKind.AskedFor.With()
            : group.Reason;
        // Only members of the domain can stand before another node.
        IEnumerable<string> members = group.Definition.Domain is { } name
            && state.Configuration.FailoverDomains.TryGetValue(name, out FailoverDomain? domain)
            ? domain.Members.Keys
            : [];
        string[] better = [.. members
            .Where(n => n != node
                && Placement.Rank(state.Configuration, group.Definition, n) < Placement.Rank(state.Configuration, group.Definition, node))
            .Take(5)
            .Select(n => $"{n} {Placement.Obstacle(state, group, n) ?? Wish(n)}")];
        string Wish(string node) => node == group.Order.Avoided ? "is tried last" : "is not asked for";
        return better.Length == 0 ? why : why.Then(CauseKind.BetterNodes.With(string.Join("; ", better)));
    }

    /// <summary>Why nowhere else, of the nodes that its domain allows: <c>node1 is Lost; node3 was tried and failed</c>.</summary>
    public static string Unplaced(ClusterState state, GroupState group)
    {
        string[] nodes = [.. Placement.Candidates(state.Configuration, group.Definition).Where(n => n != group.Owner).Take(21)];
        return nodes.Length == 0
            ? group.Definition.Domain is { } domain ? $"the restricted domain '{domain}' has no other node" : "there is no other node"
            : string.Join(
                "; ", nodes.Take(20).Select(
                    n => $"{n} {Placement.Obstacle(state, group, n) ?? GroupDependencies.Misfit(state, group, n) ?? "can"}"))
                + (nodes.Length > 20 ? "; …" : "");
    }

    /// <summary>What to think of when a group runs as it does then, after something has befallen the cluster; null: nothing.</summary>
    /// <param name="state">What was reached.</param>
    /// <param name="group">A group in it.</param>
    public static string? Risk(ClusterState state, GroupState group)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(group);
        List<string> risks = [];
        if (group.Goal == GroupGoal.Run && group is { Phase: not GroupPhase.Started, Frozen: false })
        {
            risks.Add("it is down");
        }
        else if (group.Frozen && (group.Owner is not { } owner || !state.Members.ContainsKey(owner)))
        {
            risks.Add("it is frozen and nothing is done about it");
        }
        else if (group.Owner is not null
            && !Placement.Candidates(state.Configuration, group.Definition)
                .Any(n => n != group.Owner && Placement.Obstacle(state, group, n) is null))
        {
            risks.Add("no other node could take it then");
        }

        if (state.Quorum == Quorum.Quorate && QuorumArithmetic.LossesSurvived(state) == 0)
        {
            risks.Add("one more loss of a node stops the cluster");
        }

        // FEATURES D11: neither is told by anything yet.
        if (group.Owner is not null && ResourceTree.Of(group.Definition).StartOrder.Any(r => r.Type == "vm"))
        {
            risks.Add("whether its node has the memory and processors for its guest is not known");
        }

        return risks.Count == 0 ? null : string.Join("; ", risks);
    }

    /// <summary>
    /// Why a group is as it is: what it waits for, else the last decision, with the failure that led to it in the agent's words.
    /// </summary>
    public static string Why(ClusterState state, GroupState group)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(group);
        return group.Waits?.ToString()
            ?? (GroupFailure.Of(group, state.Time) is { } failure ? group.Reason.Explain(failure) : $"{group.Reason}");
    }

    /// <summary>What came of an operation; of a configuration that is not carried out everywhere yet, how far it is.</summary>
    public static string Outcome(ClusterState state, OperationState operation)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(operation);
        return state.Rollouts.GetValueOrDefault(operation.Id) is { } rollout
            ? $"Configuration version {rollout.Version} is in force; not at rest yet: {Names.Shorten(rollout.Awaited)}."
            : operation.Message;
    }

    /// <summary>A moment for people; empty: it is not known.</summary>
    private static string At(string word, long wallTime) => wallTime > 0
        ? string.Create(
            CultureInfo.InvariantCulture, $" {word} {DateTimeOffset.FromUnixTimeMilliseconds(wallTime):yyyy-MM-dd HH:mm:ss} UTC")
        : "";

    /// <summary>What a node can't tell of a group, since when, in its agent's words, and what to do about it.</summary>
    public static Cause Unknown(ClusterState state, string group, string node, InstanceAnswer answer)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(answer);
        string since = At("since", answer.SinceWall);
        bool here = state.Groups.TryGetValue(group, out GroupState? known) && known.Owner == node;
        string remedy = here ? $"Mend what keeps the agent on {node} from answering"
            : $"Mend it on {node}; or make sure that the group does not run there and run Start-ClusterGroup {group} "
                + $"-ConfirmReleased{(Watchdogs.WhyUnfenced(state, state.Configuration, node) is null ? $"; or fence {node}" : "")}";
        return CauseKind.NotKnown.With(node, since, answer.Resource, answer.Message, remedy);
    }

    /// <summary>What is done, as it stands within a sentence.</summary>
    internal static string ActionWord(ActionOperation operation) => operation switch
    {
        ActionOperation.Probe or ActionOperation.Ask => "the question whether it runs",
        ActionOperation.Start => "start",
        ActionOperation.Stop => "stop",
        ActionOperation.Migrate => "migration",
        ActionOperation.FinalScript => "the script before the final action",
        ActionOperation.FenceOff => "switching off",
        ActionOperation.FenceOn => "switching on",
        ActionOperation.EventScript => "the call",
        _ => throw new ArgumentOutOfRangeException(nameof(operation), operation, "No such action."),
    };

    /// <summary>A status check in words: the resource, and how deep it looks.</summary>
    internal static string Check(string resource, int depth) => depth == 0 ? resource : $"{resource} at depth {depth}";

    /// <summary>The beginning of a text that may be long, without a full stop.</summary>
    internal static string Shortened(string text, int limit)
    {
        text = text.Trim().TrimEnd('.');
        return text.Length <= limit
            ? text
            : string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[limit - 2]) ? limit - 2 : limit - 1), "…");
    }

    /// <summary>Everything about a group: where it is, why, what it waits for, and what each node would say.</summary>
    public static string Group(ClusterState state, string name)
    {
        if (!state.Groups.TryGetValue(name, out GroupState? group))
        {
            return $"There is no group '{name}'.";
        }

        IEnumerable<string> lines =
        [
            .. Standing(state, group), .. Unclear(state, group), .. GroupDependencies.Describe(state, group), .. Tries(state, group),
            "Nodes:", .. state.Nodes.Values.Select(node => $"  {node.Name}: {Place(state, group, node)}"),
        ];
        return string.Join(Environment.NewLine, lines);
    }

    private static IEnumerable<string> Standing(ClusterState state, GroupState group)
    {
        yield return $"Group '{group.Name}' is "
            + $"{group.Phase}{(group.IsUnconfirmed ? " (not confirmed)" : "")}{(group.Frozen ? ", frozen" : "")}"
            + $"{(group.Owner is { } owner ? $" on {owner}" : "")}{At("since", group.SinceWall)}.";
        if (group.Reason != Cause.None)
        {
            yield return $"Why: {group.Reason}.";
        }

        if (group.Waits is { } waits)
        {
            yield return $"Waits: {waits}.";
        }

        if (GroupFailure.Of(group, state.Time) is { } failure)
        {
            yield return $"Last failure{At("at", failure.WallTime)}: {failure.Told} on {failure.Node}: {failure.Message.TrimEnd('.')}.";
        }

        if (group.LastMove is { } move)
        {
            string way = move.From is { } from && from != move.To ? $"Came from {from} to {move.To}" : $"Placed on {move.To}";
            string by = move.Who is { } who ? $"asked by {who}" : "by the cluster itself";
            yield return $"{way}{At("at", move.WallTime)}, {by}: {move.Why}.";
        }

        if (!group.Instance.Abandoned.IsEmpty)
        {
            yield return $"Given up until it is repaired or restarted: {string.Join(", ", group.Instance.Abandoned)}.";
        }

        if (group.Pending is { } pending)
        {
            yield return $"Under way: {ActionWord(pending.Id.Operation)} of {pending.Resource} on {pending.Node}.";
        }
    }

    /// <summary>What nobody knows of it.</summary>
    private static IEnumerable<string> Unclear(ClusterState state, GroupState group)
    {
        string[] doubt = [.. group.ActiveOn.Where(n => n != group.Owner)];
        if (doubt.Length > 0)
        {
            yield return $"May be active on {string.Join(", ", doubt)} as well.";
        }

        foreach ((string check, UnansweredCheck unanswered) in group.Instance.Checks)
        {
            yield return $"Not answered on {group.Owner} for {SpanText.Of(state.Time - unanswered.Since)}, {unanswered.Asked} times: "
                + $"the status check of {check}: {unanswered.Message}.";
        }

        foreach (NodeState node in state.Nodes.Values)
        {
            if (node.Answers.TryGetValue(group.Name, out InstanceAnswer? answer) && answer.Answer == FoundAnswer.Unknown
                && !(group.Waits is { } waits && waits.Kind == CauseKind.NotKnown && waits.Of[0] == node.Name))
            {
                yield return $"Not known: {Unknown(state, group.Name, node.Name, answer)}.";
            }
        }
    }

    /// <summary>How often it has failed and was tried, and what comes next of that.</summary>
    private static IEnumerable<string> Tries(ClusterState state, GroupState group)
    {
        foreach ((string resource, int tries) in group.Instance.StartTries)
        {
            int most = ResourceTree.Of(group.Definition).Find(resource)?.Limits?.StartRetries ?? tries;
            yield return $"Start of {resource} is tried again: {tries} of {most}.";
        }

        GroupConfiguration definition = group.Definition;
        if (definition.MaxRestarts > 0)
        {
            long window = definition.RestartExpireTime * 1000L;
            int counted = group.Recovery.Restarts.Count(t => t > state.Time - window);
            yield return $"Restarts: {counted} of {definition.MaxRestarts} within {SpanText.Of(window)}.";
        }

        if (FailureRun.Of(group, state.Time) is { } run)
        {
            string most = definition.MaxFailures == 0
                ? "."
                : $", of {definition.MaxFailures} after which it is given up for {SpanText.Of(state.Configuration.Timing.RetryDelay)}.";
            yield return $"Failures: {run.Count} within {SpanText.Of(Math.Max(1000, state.Time - run.Since))} "
                + $"without {SpanText.Of(definition.FailureQuietTime * 1000L)} of quiet{most}";
        }

        if (group.Order.RetryAt is { } retry && group.Owner is null)
        {
            yield return $"Tried again in {SpanText.Of(Math.Max(0, retry - state.Time + 999) / 1000 * 1000)}.";
        }

        if (group.Order.FailbackTo is { } better)
        {
            yield return $"Moves back to {better} as soon as it can.";
        }
    }

    private static string Place(ClusterState state, GroupState group, NodeState node)
    {
        if (node.Name == group.Owner)
        {
            string has = node.Answers.GetValueOrDefault(group.Name)?.Answer == FoundAnswer.Unknown ? "has it by the record, and can't tell"
                : node is { Member: true, Phase: not NodePhase.Fencing } ? "runs it"
                : $"may still run it, is {node.Phase}";
            return $"{has} ({Preference(state, group, node.Name)})";
        }

        return Placement.Obstacle(state, group, node.Name)
            ?? $"could run it ({Preference(state, group, node.Name)}, {node.Groups.Count} groups there)";
    }

    /// <summary>That the cluster is disarmed, by whom, since when and why, as a sentence.</summary>
    public static string Disarmed(Disarmament disarmed)
    {
        ArgumentNullException.ThrowIfNull(disarmed);
        return $"DISARMED by {disarmed.Who}{At("since", disarmed.SinceWall)}{(disarmed.Reason is { } reason ? $" ({reason})" : "")}: "
            + "nothing is fenced, recovered or reset until Resume-Cluster.";
    }

    /// <summary>
    /// The arithmetic of quorum: <c>2 of 3 votes, 2 needed: Quorate. node3 is Lost. One more loss stops the cluster.</c> Without it: whom
    /// the node waits for, and what to do.
    /// </summary>
    /// <param name="state">With the present cluster time in it, where it is to tell when somebody is fenced.</param>
    public static string QuorumOf(ClusterState state)
    {
        ClusterConfiguration configuration = state.Configuration;
        if (state.Quorum == Quorum.None && configuration.Version > 0)
        {
            // To form a cluster anew takes a majority of all votes, whoever was left out before; of two nodes it takes both.
            return WithoutQuorum(state, QuorumArithmetic.OfAll(state));
        }

        string fenced = string.Join("; ", FenceDelay.Describe(state));
        string absent = string.Join("; ", state.Nodes.Values.Where(n => !n.Member).Select(n => $"{n.Name} is {n.Phase}"));
        int losses = QuorumArithmetic.LossesSurvived(state);
        string[] without = [.. QuorumArithmetic.WithoutVote(state)];
        string[] apart = [.. state.Superseded.Where(state.Nodes.ContainsKey)];
        return $"{QuorumArithmetic.Present(state)} of {QuorumArithmetic.Expected(state)} votes, {QuorumArithmetic.Needed(state)} needed: "
            + $"{state.Quorum}.{OfTheDevice(state)}"
            + (apart.Length > 0
                ? $" The votes of {string.Join(", ", apart)} do not count until {(apart.Length == 1 ? "it has" : "they have")} joined "
                    + "again: quorum was forced, or won by fencing."
                : "")
            + (without.Length > 0
                ? $" The votes of {Names.Shorten(without)} are not counted until {(without.Length == 1 ? "it takes" : "they take")} part "
                    + "again (last man standing)."
                : "")
            + (absent.Length > 0 ? $" {absent}." : "")
            + (fenced.Length > 0 ? $" {fenced}." : "")
            + (state.Quorum != Quorum.Quorate ? ""
                : losses == 0 ? " One more loss stops the cluster."
                : $" It survives {losses} more {(losses == 1 ? "loss" : "losses")} of a node{OneByOne(configuration)}.");
    }

    private static string OneByOne(ClusterConfiguration configuration) => configuration.VoteWindow is not { } window ? ""
        : $", and {SpanText.Of(window)} after each is down it counts anew, down to two nodes (last man standing)";

    private static string OfTheDevice(ClusterState state) => state.Device is not { Votes: > 0 } device ? ""
        : $" The {(state.Quorum == Quorum.Contested ? "arbiter" : "quorum disk")}'s "
            + $"{(device.Votes == 1 ? "vote is" : $"{device.Votes} votes are")} {(device.IsHere ? "among them" : "not here")}.";

    private static string WithoutQuorum(ClusterState state, Majority all)
    {
        string[] silent = [.. state.Configuration.Nodes.Keys.Where(n => !state.Members.ContainsKey(n))];
        string names = silent.Length <= 10
            ? string.Join(", ", silent)
            : $"{string.Join(", ", silent.Take(10))} and {silent.Length - 10} more";
        string sum = $"NO QUORUM: {all.Present(state.Members.Keys)} of {all.Counted} votes, "
            + $"{(state.Configuration.TwoNode ? all.Counted : all.Needed)} needed";
        bool one = silent.Length == 1;
        ImmutableSortedSet<string> uncounted = QuorumArithmetic.WithoutVote(state);
        string[] awaited = [.. silent.Where(n => all.Votes[n] > 0)];
        string without = uncounted.IsEmpty || awaited.Length == 0 ? ""
            : $"The votes of {Names.Shorten(uncounted)} are not counted (last man standing): it waits for {Names.Shorten(awaited)}. ";
        return silent.Length == 0
            ? $"{sum}. It waits for the others to form a cluster with it."
            : $"{sum}; {names} {(one ? "is" : "are")} silent. What ran here is stopped, frozen groups aside, and what is told of other "
                + "nodes is what was known last. "
                + $"It goes on by itself when {(one ? "that node is back: look at its" : "enough of them are back: look at their")} "
                    + "power, network and daemon. "
                + without
                + $"Only if {(one ? "it is surely dead and stays" : "they are surely dead and stay")} so, run Start-ClusterNode "
                    + $"-ForceQuorum here, and then Confirm-ClusterNodeDown {(one ? names : "for each")}.";
    }

    private static string Preference(ClusterState state, GroupState group, string node)
    {
        if (group.Definition.Domain is not { } name || !state.Configuration.FailoverDomains.TryGetValue(name, out FailoverDomain? domain))
        {
            return "no domain; the node with the fewest groups";
        }

        if (!domain.Members.TryGetValue(node, out int priority))
        {
            return $"outside domain '{name}', which does not restrict";
        }

        return domain.Ordered && priority > 0 ? $"priority {priority} in domain '{name}'" : $"member of domain '{name}'";
    }
}
