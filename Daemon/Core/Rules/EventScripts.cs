using System.Collections.Immutable;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>Event scripts: what they are told, asked, and answer (FEATURES B11).</summary>
internal static class EventScripts
{
    private const string ScriptWho = "event script ";

    /// <summary>Whether a script is asked about this group now; it waits for the answer then.</summary>
    public static bool Asks(Draft draft, GroupState group, string byDefault)
    {
        // Where somebody has said where, nobody else is asked.
        if (group.Order.Verdict is not null || group.Order.Preferred == byDefault || PlacingScript(draft) is not { } script)
        {
            return false;
        }

        draft.SetGroup(group with { Order = group.Order with { AwaitsVerdict = true } });
        EventScriptState asked = StateOf(draft, script.Name);
        draft.SetScript(asked with { Placing = asked.Placing.Add(group.Name) });
        return true;
    }

    private static EventScript? PlacingScript(Draft draft)
    {
        foreach (EventScript script in draft.Configuration.EventScripts.Values)
        {
            if (script.Placement)
            {
                return script;
            }
        }

        return null;
    }

    /// <summary>Where the script wants it, if that can be; the default otherwise.</summary>
    public static string Heard(Draft draft, GroupState group, string byDefault)
    {
        if (group.Order.Verdict is not { Node: { } node } verdict)
        {
            return byDefault;
        }

        if (Placement.Obstacle(draft.State, group, node) is { } obstacle)
        {
            draft.Journal(
                JournalSeverity.Warning, JournalKind.ScriptRefused,
                $"Event script '{verdict.Script}' wants group '{group.Name}' on {node}, but it {obstacle}; the default counts: "
                    + $"{byDefault}.", node, group.Name);
            return byDefault;
        }

        return node;
    }

    private static EventScriptState StateOf(Draft draft, string name) =>
        draft.State.EventScripts.GetValueOrDefault(name) ?? new EventScriptState { Name = name };

    /// <summary>Hands what was journalled to the scripts that want it, and calls those that have something to be told or asked.</summary>
    public static void Call(Draft draft)
    {
        if (draft.Configuration.EventScripts.IsEmpty)
        {
            return;
        }

        JournalEntry[] told =
        [
            .. draft.Journalled.Where(
                j => !JournalKind.IsOfScript(j.Kind) && j.Who?.StartsWith(ScriptWho, StringComparison.Ordinal) != true),
        ];
        foreach (EventScript script in draft.Configuration.EventScripts.Values)
        {
            EventScriptState before = StateOf(draft, script.Name);
            JournalEntry[] more = [.. told.Where(j => script.Events.Any(kind => Matches(kind, j.Kind)))];
            ImmutableList<JournalEntry> events = before.Events.AddRange(more);
            int missed = TooMany(events);
            EventScriptState next = more.Length == 0 && missed == 0
                ? before
                : before with { Events = events.RemoveRange(0, missed), Missed = before.Missed + missed };
            // What was stopped, removed or told another node meanwhile needs no answer any more.
            string[] past = [.. next.Placing.Where(g => draft.State.Groups.GetValueOrDefault(g) is not { Order.AwaitsVerdict: true })];
            if (past.Length > 0)
            {
                next = next with { Placing = next.Placing.Except(past) };
            }

            if (next.Missed > 0 && before.Missed == 0)
            {
                draft.Journal(
                    JournalSeverity.Warning, JournalKind.ScriptBehind,
                    $"Event script '{script.Name}' is behind: more than {next.Events.Count} events wait for it, and the oldest are not "
                        + "told to it any more.");
            }

            if (next.Call is null && (!next.Events.IsEmpty || !next.Placing.IsEmpty) && draft.State.Quorum == Quorum.Quorate
                && Caller(draft) is { } node)
            {
                long until = draft.State.Time + script.Timeout + Cluster.ScriptGrace;
                var id = new ActionId(draft.IdEpoch, draft.Index, node.Incarnation, script.Name, "", ActionOperation.EventScript, 0);
                if (next.Missed > 0)
                {
                    draft.Journal(
                        JournalSeverity.Warning, JournalKind.ScriptBehind,
                        $"Event script '{script.Name}' was behind: {next.Missed} events were not told to it.");
                }

                next = next with
                {
                    Call = new EventScriptCall(id, node.Name, next.Events, next.Placing, until),
                    Events = [],
                    Missed = 0,
                    Placing = Names.None,
                };
                draft.At(until, DeadlineKind.EventScript, script.Name);
            }

            if (!ReferenceEquals(next, before))
            {
                draft.SetScript(next);
            }
        }
    }

    /// <summary>How many of the oldest have no room any more, by their number or by their length.</summary>
    private static int TooMany(ImmutableList<JournalEntry> events)
    {
        int most = Math.Min(events.Count, Cluster.MaxScriptEvents);
        long room = Cluster.MaxScriptEventText;
        for (int kept = 0; kept < most; kept++)
        {
            JournalEntry entry = events[events.Count - 1 - kept];
            room -= entry.Message.Length + (entry.Who?.Length ?? 0);
            if (room < 0)
            {
                return events.Count - kept;
            }
        }

        return events.Count - most;
    }

    private static NodeState? Caller(Draft draft) => draft.State.Nodes.Values
        .Where(n => n.Eligible || (n.Member && n.Phase is NodePhase.Draining or NodePhase.Maintenance))
        .OrderBy(n => n.Eligible ? 0 : 1).ThenBy(n => Fencing.Id(draft, n.Name))
        .FirstOrDefault();

    private static bool Matches(string pattern, string kind) =>
        pattern.EndsWith('*') ? kind.StartsWith(pattern[..^1], StringComparison.Ordinal) : pattern == kind;

    public static void Apply(Draft draft, EventScriptCompleted e)
    {
        if (!draft.State.EventScripts.TryGetValue(e.Id.Target, out EventScriptState? script) || script.Call is not { } call
            || call.Id != e.Id)
        {
            draft.Ignore();
            return;
        }

        // Not more than so much, and not too long (BoundedEvent).
        Conclude(draft, script, call, e.Success, e.Message, e.Decisions);
    }

    public static void Due(Draft draft, string name)
    {
        if (draft.State.EventScripts.TryGetValue(name, out EventScriptState? script) && script.Call is { } call
            && call.Until <= draft.State.Time)
        {
            Conclude(draft, script, call, false, $"{call.Node} has not answered in time.", []);
        }
    }

    private static void Conclude(
        Draft draft, EventScriptState script, EventScriptCall call, bool success, string message,
        ImmutableArray<EventScriptDecision> decisions)
    {
        draft.SetScript(script with { Call = null });
        if (!success)
        {
            draft.Journal(
                JournalSeverity.Warning, JournalKind.ScriptFailed,
                $"Event script '{script.Name}' on {call.Node} gave no answer that counts; what is decided is the default: {message}",
                call.Node);
        }
        else if (decisions.Length > 0)
        {
            string decided = Names.Shorten(decisions.Select(Words));
            draft.Journal(
                JournalSeverity.Information, JournalKind.ScriptAnswered,
                $"Event script '{script.Name}' on {call.Node} decides: {decided}.", call.Node);
        }

        int number = 0;
        foreach (EventScriptDecision decision in decisions)
        {
            number++;
            if (decision.Operation is null && call.Placing.Contains(decision.Group))
            {
                Answer(draft, decision.Group, new PlacementVerdict(script.Name, decision.Node));
                continue;
            }

            if (draft.State.Disarmed is not null)
            {
                draft.Journal(
                    JournalSeverity.Warning, JournalKind.ScriptRefused,
                    $"Event script '{script.Name}' wants {Words(decision)}, but the cluster is disarmed: only people ask for that now.",
                    decision.Node);
                continue;
            }

            if (decision.Operation is null && draft.State.Groups.TryGetValue(decision.Group, out GroupState? group)
                && group.Goal != GroupGoal.Run)
            {
                // Where a group runs is one thing, whether it does another: an operator's stop is not undone by a table of nodes.
                draft.Journal(
                    JournalSeverity.Warning, JournalKind.ScriptRefused,
                    $"Event script '{script.Name}' wants group '{group.Name}' on {decision.Node ?? "any node"}, but it is to be off. "
                        + "To start it, let the script answer with the operation enable.",
                    decision.Node, group.Name);
                continue;
            }

            Requests.Apply(draft, (Request)new GroupRequest(
                $"script/{call.Id}/{number}", $"{ScriptWho}'{script.Name}'", decision.Group, decision.Operation ?? GroupOperation.Enable,
                decision.Node));
        }

        // Of what it says nothing, the default counts.
        foreach (string name in call.Placing)
        {
            Answer(draft, name, new PlacementVerdict(script.Name, null));
        }
    }

    private static string Words(EventScriptDecision decision) =>
        $"{decision.Group} {decision.Operation?.ToString().ToLowerInvariant() ?? "to"} {decision.Node}".TrimEnd();

    /// <summary>The first word about a group that waits for one.</summary>
    private static void Answer(Draft draft, string name, PlacementVerdict verdict)
    {
        if (draft.State.Groups.TryGetValue(name, out GroupState? group) && group.Order.AwaitsVerdict)
        {
            // One that runs meanwhile, is to be off or is frozen has no use for it; its next placement is another question.
            draft.SetGroup(group with
            {
                Order = group.Order with
                {
                    AwaitsVerdict = false,
                    Verdict = group is { Goal: GroupGoal.Run, Owner: null, Frozen: false } ? verdict : null,
                },
            });
        }
    }

    /// <summary>The node was to run scripts; another one asks again.</summary>
    public static void DropCalls(Draft draft, string node)
    {
        foreach (EventScriptState script in draft.State.EventScripts.Values)
        {
            if (script.Call is { } call && call.Node == node)
            {
                draft.SetScript(script with
                {
                    Call = null,
                    Events = call.Events.AddRange(script.Events),
                    Placing = call.Placing.Union(script.Placing),
                });
            }
        }
    }

    /// <summary>Nothing is asked any more; what was not told is told still.</summary>
    public static void DropQuestions(Draft draft)
    {
        foreach (EventScriptState script in draft.State.EventScripts.Values)
        {
            draft.SetScript(script with
            {
                Call = null,
                Events = script.Call is { } call ? call.Events.AddRange(script.Events) : script.Events,
            });
        }
    }

    /// <summary>Scripts that are gone, or are not asked any more, leave no group waiting.</summary>
    public static void Change(Draft draft)
    {
        foreach (EventScriptState script in draft.State.EventScripts.Values)
        {
            bool there = draft.Configuration.EventScripts.TryGetValue(script.Name, out EventScript? definition);
            if (!there || !definition!.Placement)
            {
                foreach (string name in script.Call is { } call ? script.Placing.Union(call.Placing) : script.Placing)
                {
                    Answer(draft, name, new PlacementVerdict(script.Name, null));
                }
            }

            if (!there)
            {
                draft.State = draft.State with { EventScripts = draft.State.EventScripts.Remove(script.Name) };
            }
        }
    }
}
