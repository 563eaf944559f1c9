using System.Collections.Immutable;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>Nodes that can't tell whether a group runs on them: asked again, and never taken for "runs" or "does not run".</summary>
internal static class UnknownAnswers
{
    public const long FirstQuestion = 1_000;
    public const long LastQuestion = 60_000;

    // A program that is not installed is not installed from one second to the next.
    private const long FirstLook = 10_000;
    private const long LastLook = 300_000;
    public const int MessageLimit = 300;

    /// <summary>Asks a node again for what it could not tell, when that is due.</summary>
    public static void Settle(Draft draft, NodeState node)
    {
        if (node.Answers.IsEmpty || node is not { Member: true, Ask: null, Probe: null }
            || node.Phase is NodePhase.Fencing or NodePhase.Down)
        {
            return;
        }

        // A frozen group is not looked at.
        KeyValuePair<string, InstanceAnswer>[] open =
        [
            .. node.Answers.Where(a => !draft.State.Groups[a.Key].Frozen),
        ];
        ImmutableArray<string> due = [.. open.Where(a => a.Value.AskAgainAt <= draft.State.Time).Select(a => a.Key)];
        if (!due.IsEmpty)
        {
            var id = new ActionId(draft.IdEpoch, draft.Index, node.Incarnation, node.Name, "", ActionOperation.Ask, 0);
            draft.SetNode(node with { Ask = new AskAction(id, due) }, settle: false);
        }
        else if (open.Length > 0)
        {
            draft.At(open.Min(a => a.Value.AskAgainAt), DeadlineKind.Node, node.Name);
        }
    }

    public static void Answered(Draft draft, Probed e)
    {
        if (!draft.State.Nodes.TryGetValue(e.Id.Target, out NodeState? node) || node.Ask?.Id != e.Id)
        {
            draft.Ignore();
            return;
        }

        ImmutableArray<string> asked = node.Ask.Groups;
        draft.SetNode(node with { Ask = null });
        ILookup<string, FoundResource> found = e.Found.ToLookup(f => f.Group, StringComparer.Ordinal);
        foreach (string name in asked)
        {
            if (!draft.State.Groups.TryGetValue(name, out GroupState? group))
            {
                continue;
            }

            draft.MarkAround(name);
            if (group.Owner == node.Name
                && (group.Pending is not null || (group.Phase != GroupPhase.Started && group.Migration is null)))
            {
                // It is being worked on, and what was seen may be older than what was done.
                Postpone(draft, name, node.Name);
            }
            else
            {
                Probes.Learn(draft, group, draft.State.Nodes[node.Name], found[name]);
            }
        }
    }

    /// <summary>
    /// Not installed and the like means not running, unless the record says that something of it may be active there: then nobody knows.
    /// </summary>
    public static FoundResource ByTheRecord(GroupState group, string node, FoundResource found) =>
        found.Answer == FoundAnswer.CannotRun && group.ActiveOn.Contains(node)
            && (group.Owner != node || group.Instance.Resources.ContainsKey(found.Resource))
            ? found with { Answer = FoundAnswer.Unknown }
            : found;

    /// <summary>Keeps in mind what a node could not tell, or that it can again.</summary>
    public static void Note(Draft draft, GroupState group, string name, IReadOnlyCollection<FoundResource> found)
    {
        NodeState node = draft.State.Nodes[name];
        InstanceAnswer? before = node.Answers.GetValueOrDefault(group.Name);
        FoundResource? open = found.FirstOrDefault(f => f.Answer == FoundAnswer.Unknown)
            ?? (Placement.Rank(draft.Configuration, group.Definition, name) is null
                ? null
                : found.FirstOrDefault(f => f.Answer == FoundAnswer.CannotRun))
            ?? LeftOver(group, name, found);
        if (open is null)
        {
            if (before is not null)
            {
                draft.SetNode(node with { Answers = node.Answers.Remove(group.Name) });
                draft.Journal(
                    JournalSeverity.Information, JournalKind.GroupKnown,
                    $"Node {name} can tell again whether group '{group.Name}' runs there.", name, group.Name);
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
            Since = same ? before!.Since : draft.State.Time,
            SinceWall = same ? before!.SinceWall : draft.WallTime,
            Asked = asked,
            AskAgainAt = draft.State.Time + (unknown ? Pause(FirstQuestion, LastQuestion, asked) : Pause(FirstLook, LastLook, asked)),
            Blocks = same ? before!.Blocks : unknown && group.Owner is null,
        };
        draft.SetNode(node with { Answers = node.Answers.SetItem(group.Name, answer) });
        if (same)
        {
            return;
        }

        if (unknown)
        {
            draft.Journal(
                JournalSeverity.Warning, JournalKind.GroupUnknown,
                $"Node {name} can't tell whether group '{group.Name}' runs there ({open.Resource}: {answer.Message}); "
                    + "it is asked again, and is given nothing of it meanwhile.",
                name, group.Name, open.Resource);
        }
        else
        {
            draft.Journal(
                JournalSeverity.Warning, JournalKind.GroupUnable,
                $"Node {name} can't run group '{group.Name}' ({open.Resource}: {answer.Message}); "
                    + "it is no place for it until that is mended.", name, group.Name, open.Resource);
        }
    }

    /// <summary>What is left of a guest where it does not run by the record: nobody stops that, so that it is asked for again.</summary>
    private static FoundResource? LeftOver(GroupState group, string node, IReadOnlyCollection<FoundResource> found) =>
        group.Definition.IsGuest && group.Owner is { } owner && owner != node
            && found.FirstOrDefault(f => f.Answer == FoundAnswer.Broken) is { } broken
            ? broken with { Answer = FoundAnswer.CannotRun }
            : null;

    public static long Pause(long first, long last, int asked) => Math.Min(first << Math.Min(asked - 1, 10), last);

    /// <summary>The node has stopped it: what it could not tell is known.</summary>
    public static void Forget(Draft draft, string group, string node)
    {
        NodeState at = draft.State.Nodes[node];
        if (at.Answers.ContainsKey(group))
        {
            draft.SetNode(at with { Answers = at.Answers.Remove(group) });
        }
    }

    private static void Postpone(Draft draft, string group, string node)
    {
        NodeState at = draft.State.Nodes[node];
        if (at.Answers.TryGetValue(group, out InstanceAnswer? answer))
        {
            draft.SetNode(at with { Answers = at.Answers.SetItem(group, answer with { AskAgainAt = draft.State.Time + FirstQuestion }) });
        }
    }

    /// <summary>
    /// Something is done to the group where a question about it is open: whatever is answered may have been seen before that, and is asked
    /// anew.
    /// </summary>
    public static void Overtake(Draft draft, string group, NodeState node)
    {
        if (node.Ask is { } ask && ask.Groups.Contains(group))
        {
            draft.SetNode(node with { Ask = ask with { Groups = ask.Groups.Remove(group) } }, settle: false);
            Postpone(draft, group, node.Name);
        }
    }

    /// <summary>Where the group is stands fast by something else than the unknown answers of other nodes.</summary>
    public static void IsNotElsewhere(Draft draft, string group) => SetBlocks(draft, group, false);

    /// <summary>Nothing says any more where the group is; who can't tell may have it.</summary>
    public static void MayBeElsewhere(Draft draft, string group)
    {
        if (draft.State.Groups[group].Owner is null)
        {
            SetBlocks(draft, group, true);
        }
    }

    private static void SetBlocks(Draft draft, string group, bool blocks)
    {
        foreach (string name in draft.Doubtful().ToArray())
        {
            NodeState node = draft.State.Nodes[name];
            if (node.Answers.TryGetValue(group, out InstanceAnswer? answer) && answer.Answer == FoundAnswer.Unknown
                && answer.Blocks != blocks)
            {
                draft.SetNode(node with { Answers = node.Answers.SetItem(group, answer with { Blocks = blocks }) });
            }
        }
    }

    /// <summary>
    /// Why a group that nothing is known of must not be started: a node that might have it can't tell. Null: nothing stands in its way.
    /// </summary>
    public static Cause? Doubt(Draft draft, GroupState group)
    {
        if (group.Goal is not (GroupGoal.Run or GroupGoal.Remove) || !group.ActiveOn.IsEmpty)
        {
            return null;
        }

        foreach (string name in draft.Doubtful())
        {
            if (draft.State.Nodes[name].Answers.GetValueOrDefault(group.Name) is { Blocks: true } answer
                // What it might run it was allowed to by an earlier configuration.
                && (Placement.Rank(draft.Configuration, group.Definition, name) is not null
                    || draft.Configuration.Version != draft.State.FormedVersion))
            {
                return Description.Unknown(draft.State, group.Name, name, answer);
            }
        }

        return null;
    }

    /// <summary>
    /// Why it is not sure that a group runs where the record has it: its node can't tell. Null: it is sure, or it is to leave anyway.
    /// </summary>
    public static Cause? Unsure(Draft draft, GroupState group) =>
        group.Owner is { } owner && draft.State.Nodes[owner] is { Drain.Goal: DrainGoal.None } node
        && node.Answers.TryGetValue(group.Name, out InstanceAnswer? answer) && answer.Answer == FoundAnswer.Unknown
        && Groups.IsWhole(group) && Placement.Rank(draft.Configuration, group.Definition, owner) is not null
            ? Description.Unknown(draft.State, group.Name, owner, answer)
            : null;

    /// <summary>
    /// By the record some of it runs, its node can't tell, and something is to be done: nothing is built on what nobody knows, so that all
    /// of it is stopped and started in order.
    /// </summary>
    public static bool IsOnSand(Draft draft, GroupState group) =>
        group is { Goal: GroupGoal.Run, Owner: { } owner }
        && draft.State.Nodes[owner].Answers.TryGetValue(group.Name, out InstanceAnswer? answer) && answer.Answer == FoundAnswer.Unknown
        && group.Instance.Resources.ContainsValue(ResourcePhase.Running) && !Groups.IsWhole(group);
}
