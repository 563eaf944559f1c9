using System.Collections.Immutable;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>
/// What nobody knows: nodes that can't tell whether a group runs on them, status checks without an answer, stops of which nothing came. Each is
/// asked again; none of them is taken for "runs", "does not run" or "failed".
/// </summary>
internal sealed partial class Fold
{
    private const int MessageLimit = 300;
    private const long FirstQuestion = 1_000;
    private const long LastQuestion = 60_000;

    // A program that is not installed is not installed from one second to the next.
    private const long FirstLook = 10_000;
    private const long LastLook = 300_000;

    /// <summary>Nodes with an unknown answer to some group; mostly none.</summary>
    private List<string> Doubtful() => doubtful ??= [.. state.Nodes.Values.Where(n => n.Answers.Values.Any(a => a.Answer == FoundAnswer.Unknown)).Select(n => n.Name)];

    /// <summary>Asks a node again for what it could not tell, when that is due.</summary>
    private void SettleAsk(NodeState node)
    {
        if (node.Answers.IsEmpty || node is not { Member: true, Ask: null, Probe: null } || node.Phase is NodePhase.Fencing or NodePhase.Down or NodePhase.Joining)
        {
            return;
        }

        // A frozen group is not looked at.
        KeyValuePair<string, InstanceAnswer>[] open = [.. node.Answers.Where(a => state.Groups.TryGetValue(a.Key, out GroupState? group) && !group.Frozen)];
        ImmutableArray<string> due = [.. open.Where(a => a.Value.AskAgainAt <= state.Time).Select(a => a.Key)];
        if (!due.IsEmpty)
        {
            var id = new ActionId(IdEpoch, index, node.Incarnation, node.Name, "", ActionOperation.Ask, 0);
            SetNode(node with { Ask = new AskAction(id, due) }, settle: false);
        }
        else if (open.Length > 0)
        {
            At(open.Min(a => a.Value.AskAgainAt), DeadlineKind.Node, node.Name);
        }
    }

    private void Answered(Probed e)
    {
        if (!state.Nodes.TryGetValue(e.Id.Target, out NodeState? node) || node.Ask?.Id != e.Id)
        {
            Ignore();
            return;
        }

        ImmutableArray<string> asked = node.Ask.Groups;
        SetNode(node with { Ask = null });
        ILookup<string, FoundResource> found = e.Found.ToLookup(f => f.Group, StringComparer.Ordinal);
        foreach (string name in asked)
        {
            if (!state.Groups.TryGetValue(name, out GroupState? group))
            {
                SetNode(state.Nodes[node.Name] with { Answers = state.Nodes[node.Name].Answers.Remove(name) });
                continue;
            }

            MarkAround(name);
            if (group.Owner == node.Name && (group.Pending is not null || group.Phase != GroupPhase.Started))
            {
                // It is being worked on, and what was seen may be older than what was done.
                Postpone(name, node.Name);
            }
            else
            {
                Learn(group, state.Nodes[node.Name], found[name]);
            }
        }
    }

    /// <summary>Not installed and the like means not running, unless the record says that something of it may be active there: then nobody knows.</summary>
    private static FoundResource ByTheRecord(GroupState group, string node, FoundResource found) =>
        found.Answer == FoundAnswer.CannotRun && group.ActiveOn.Contains(node) && (group.Owner != node || group.Resources.ContainsKey(found.Resource))
            ? found with { Answer = FoundAnswer.Unknown }
            : found;

    /// <summary>Keeps in mind what a node could not tell, or that it can again.</summary>
    private void Note(GroupState group, string name, IReadOnlyCollection<FoundResource> found)
    {
        NodeState node = state.Nodes[name];
        InstanceAnswer? before = node.Answers.GetValueOrDefault(group.Name);
        FoundResource? open = found.FirstOrDefault(f => f.Answer == FoundAnswer.Unknown)
            ?? (Placement.Rank(Configuration, group.Definition, name) is null ? null : found.FirstOrDefault(f => f.Answer == FoundAnswer.CannotRun));
        if (open is null)
        {
            if (before is not null)
            {
                SetNode(node with { Answers = node.Answers.Remove(group.Name) });
                Journal(JournalSeverity.Information, "group.known", $"Node {name} can tell again whether group '{group.Name}' runs there.", name, group.Name);
            }

            return;
        }

        bool same = before?.Answer == open.Answer;
        bool unknown = open.Answer == FoundAnswer.Unknown;
        int asked = same ? before!.Asked + 1 : 1;
        var answer = new InstanceAnswer
        {
            Answer = open.Answer,
            Resource = open.Resource,
            Message = Description.Shortened(open.Message, MessageLimit),
            Since = same ? before!.Since : state.Time,
            SinceWall = same ? before!.SinceWall : wallTime,
            Asked = asked,
            AskAgainAt = state.Time + (unknown ? Pause(FirstQuestion, LastQuestion, asked) : Pause(FirstLook, LastLook, asked)),
            Blocks = same ? before!.Blocks : unknown && group.Owner is null,
        };
        SetNode(node with { Answers = node.Answers.SetItem(group.Name, answer) });
        if (same)
        {
            return;
        }

        if (unknown)
        {
            Journal(
                JournalSeverity.Warning, "group.unknown",
                $"Node {name} can't tell whether group '{group.Name}' runs there ({open.Resource}: {answer.Message}); it is asked again, and is given nothing of it meanwhile.",
                name, group.Name, open.Resource);
        }
        else
        {
            Journal(
                JournalSeverity.Warning, "group.unable",
                $"Node {name} can't run group '{group.Name}' ({open.Resource}: {answer.Message}); it is no place for it until that is mended.", name, group.Name, open.Resource);
        }
    }

    private static long Pause(long first, long last, int asked) => Math.Min(first << Math.Min(asked - 1, 10), last);

    /// <summary>The node has stopped it: what it could not tell is known.</summary>
    private void Forget(string group, string node)
    {
        if (state.Nodes.TryGetValue(node, out NodeState? at) && at.Answers.ContainsKey(group))
        {
            SetNode(at with { Answers = at.Answers.Remove(group) });
        }
    }

    private void Postpone(string group, string node)
    {
        NodeState at = state.Nodes[node];
        if (at.Answers.TryGetValue(group, out InstanceAnswer? answer))
        {
            SetNode(at with { Answers = at.Answers.SetItem(group, answer with { AskAgainAt = state.Time + FirstQuestion }) });
        }
    }

    /// <summary>Something is done to the group where a question about it is open: whatever is answered may have been seen before that, and is asked anew.</summary>
    private void Overtake(string group, NodeState node)
    {
        if (node.Ask is { } ask && ask.Groups.Contains(group))
        {
            SetNode(node with { Ask = ask with { Groups = ask.Groups.Remove(group) } }, settle: false);
            Postpone(group, node.Name);
        }
    }

    /// <summary>Where the group is stands fast by something else than the unknown answers of other nodes.</summary>
    private void IsNotElsewhere(string group) => SetBlocks(group, false);

    /// <summary>Nothing says any more where the group is; who can't tell may have it.</summary>
    private void MayBeElsewhere(string group)
    {
        if (state.Groups[group].Owner is null)
        {
            SetBlocks(group, true);
        }
    }

    private void SetBlocks(string group, bool blocks)
    {
        foreach (string name in Doubtful().ToArray())
        {
            NodeState node = state.Nodes[name];
            if (node.Answers.TryGetValue(group, out InstanceAnswer? answer) && answer.Answer == FoundAnswer.Unknown && answer.Blocks != blocks)
            {
                SetNode(node with { Answers = node.Answers.SetItem(group, answer with { Blocks = blocks }) });
            }
        }
    }

    /// <summary>Why a group that nothing is known of must not be started: a node that might have it can't tell. Null: nothing stands in its way.</summary>
    private string? Doubt(GroupState group)
    {
        if (group is not { Goal: GroupGoal.Run or GroupGoal.Remove, Owner: null } || !group.ActiveOn.IsEmpty)
        {
            return null;
        }

        foreach (string name in Doubtful())
        {
            if (state.Nodes[name].Answers.TryGetValue(group.Name, out InstanceAnswer? answer) && answer is { Answer: FoundAnswer.Unknown, Blocks: true }
                // What it might run it was allowed to by an earlier configuration.
                && (Placement.Rank(Configuration, group.Definition, name) is not null || Configuration.Version != state.FormedVersion))
            {
                return Description.Unknown(state, group.Name, name, answer);
            }
        }

        return null;
    }

    /// <summary>Why it is not sure that a group runs where the record has it: its node can't tell. Null: it is sure, or it is to leave anyway.</summary>
    private string? Unsure(GroupState group) =>
        group.Owner is { } owner && state.Nodes[owner] is { Drain: DrainGoal.None } node
        && node.Answers.TryGetValue(group.Name, out InstanceAnswer? answer) && answer.Answer == FoundAnswer.Unknown
        && IsWhole(group) && Placement.Rank(Configuration, group.Definition, owner) is not null
            ? Description.Unknown(state, group.Name, owner, answer)
            : null;

    /// <summary>
    /// By the record some of it runs, its node can't tell, and something is to be done: nothing is built on what nobody knows, so that all of it is
    /// stopped and started in order.
    /// </summary>
    private bool IsOnSand(GroupState group) =>
        group is { Goal: GroupGoal.Run, Owner: { } owner }
        && state.Nodes[owner].Answers.TryGetValue(group.Name, out InstanceAnswer? answer) && answer.Answer == FoundAnswer.Unknown
        && group.Resources.ContainsValue(ResourcePhase.Running) && !IsWhole(group);

    /// <summary>All of it counts as running on one node, where it is to run.</summary>
    private static bool IsWhole(GroupState group)
    {
        if (group is not { Goal: GroupGoal.Run, Owner: not null, OldDefinition: null, Final: null } || group.ActiveOn.Count != 1
            || group.Resources.ContainsValue(ResourcePhase.Doomed))
        {
            return false;
        }

        ResourceTree tree = ResourceTree.Of(group.Definition);
        return tree.StartOrder.All(r => group.Resources.ContainsKey(r.Id) || tree.Line(r.Id).Any(above => group.Abandoned.Contains(above.Id)));
    }

    private void Apply(MonitorUnknown e)
    {
        string key = Description.Check(e.Resource, e.Depth);
        if (Checked(e.Group, e.Resource, e.Node, e.Incarnation) is not { } group
            || (e.Message is null ? !group.Checks.ContainsKey(key) : group.Checks.TryGetValue(key, out UnansweredCheck? known) && known.Asked >= e.Asked))
        {
            Ignore();
            return;
        }

        if (e.Message is null)
        {
            SetGroup(group with { Checks = group.Checks.Remove(key) });
            Journal(
                JournalSeverity.Information, "resource.known", $"The status check of {key} of group '{e.Group}' on {e.Node} is answered again: it runs.", e.Node, e.Group, e.Resource);
            return;
        }

        string message = Description.Shortened(e.Message, MessageLimit);
        UnansweredCheck check = group.Checks.TryGetValue(key, out UnansweredCheck? before)
            ? before with { Asked = e.Asked, Message = message }
            : new UnansweredCheck(e.Resource, state.Time, e.Asked, message);
        if (before is not null && state.Time - check.Since >= TimeFor(group, e.Resource, e.Depth))
        {
            Failed(group, e.Resource, e.Node, $"{message} (no answer for {SpanText.Of(state.Time - check.Since)}, asked {check.Asked} times)");
            return;
        }

        SetGroup(group with { Checks = group.Checks.SetItem(key, check) });
        if (before is null)
        {
            Journal(
                JournalSeverity.Warning, "resource.unknown",
                $"Whether {key} of group '{e.Group}' still runs on {e.Node} is not known: {message}. It is asked again before that counts.", e.Node, e.Group, e.Resource);
        }
    }

    /// <summary>How long a status check may go without an answer before that counts as a failure: as long as one may take.</summary>
    private static long TimeFor(GroupState group, string id, int depth)
    {
        ResourceConfiguration? resource = ResourceTree.Of(group.Definition).Find(id);
        StatusCheck? deeper = depth == 0 || resource is null || resource.StatusChecks.IsDefault ? null : resource.StatusChecks.FirstOrDefault(c => c.Depth == depth);
        return deeper?.Timeout ?? resource?.MonitorTimeout ?? 0;
    }

    /// <summary>The group with another try of a stop that was not answered; null: its time is up, or the agent has said what it has to say.</summary>
    private GroupState? StopLater(GroupState group, ActionCompleted e)
    {
        if (e.Answer == ActionAnswer.Given)
        {
            return null;
        }

        string resource = e.Id.Resource;
        string message = Description.Shortened(e.Message, MessageLimit);
        UnansweredStop stop = group.StopAgain is { } before && before.Resource == resource
            ? before with { Asked = before.Asked + 1, Message = message }
            : new UnansweredStop(resource, state.Time, 1, 0, message);
        long until = stop.Since + (ResourceTree.Of(group.OldDefinition ?? group.Definition).Find(resource) ?? ResourceTree.Of(group.Definition).Find(resource))?.StopTimeout ?? 0;
        if (state.Time >= until)
        {
            return null;
        }

        if (stop.Asked == 1)
        {
            Journal(
                JournalSeverity.Warning, "resource.stop.retry",
                $"Whether {resource} of group '{group.Name}' has stopped on {group.Owner} is not known: {message}. It is tried again for {SpanText.Of(until - state.Time)}.",
                group.Owner, group.Name, resource);
        }

        return group with { StopAgain = stop with { At = Math.Min(until, state.Time + Pause(FirstQuestion, LastQuestion, stop.Asked)) } };
    }

    /// <summary>What another try of a stop waits for; null: it is due, or none is to be tried again.</summary>
    private string? StopWaits(GroupState group)
    {
        if (group.StopAgain is not { } again || !IsDoomed(group, again.Resource) || state.Time >= again.At)
        {
            return null;
        }

        At(again.At, DeadlineKind.Group, group.Name);
        return $"stop of {again.Resource} on {group.Owner} could not be asked for and is tried again: {again.Message}";
    }
}
