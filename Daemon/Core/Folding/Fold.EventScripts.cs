using System.Collections.Immutable;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>Event scripts: what they are told, asked, and answer (FEATURES B11).</summary>
internal sealed partial class Fold
{
    // What a script's own calls cause is not told to scripts, or one would call itself without end.
    private const string ScriptKind = "script.";
    private const string ScriptWho = "event script ";

    /// <summary>Whether a script is asked about this group now; it waits for the answer then.</summary>
    private bool AsksScript(GroupState group, string byDefault)
    {
        // Where somebody has said where, nobody else is asked.
        if (group.Verdict is not null || group.Asked == byDefault || PlacingScript() is not { } script)
        {
            return false;
        }

        SetGroup(group with { AwaitsVerdict = true });
        EventScriptState asked = ScriptState(script.Name);
        SetScript(asked with { Placing = asked.Placing.Add(group.Name) });
        return true;
    }

    private EventScript? PlacingScript()
    {
        foreach (EventScript script in Configuration.EventScripts.Values)
        {
            if (script.Placement)
            {
                return script;
            }
        }

        return null;
    }

    /// <summary>Where the script wants it, if that can be; the default otherwise.</summary>
    private string HeardVerdict(GroupState group, string byDefault)
    {
        if (group.Verdict is not { Node: { } node } verdict)
        {
            return byDefault;
        }

        if (Placement.Obstacle(state, group, node) is { } obstacle)
        {
            Journal(
                JournalSeverity.Warning, "script.refused",
                $"Event script '{verdict.Script}' wants group '{group.Name}' on {node}, but it {obstacle}; the default counts: {byDefault}.", node, group.Name);
            return byDefault;
        }

        return node;
    }

    private EventScriptState ScriptState(string name) => state.EventScripts.GetValueOrDefault(name) ?? new EventScriptState { Name = name };

    private void SetScript(EventScriptState script) => state = state with { EventScripts = state.EventScripts.SetItem(script.Name, script) };

    /// <summary>Hands what was journalled to the scripts that want it, and calls those that have something to be told or asked.</summary>
    private void CallScripts()
    {
        if (Configuration.EventScripts.IsEmpty)
        {
            return;
        }

        JournalEntry[] told = [.. journal.Where(j => !j.Kind.StartsWith(ScriptKind, StringComparison.Ordinal) && j.Who?.StartsWith(ScriptWho, StringComparison.Ordinal) != true)];
        foreach (EventScript script in Configuration.EventScripts.Values)
        {
            EventScriptState before = ScriptState(script.Name);
            ImmutableList<JournalEntry> events = before.Events.AddRange(told.Where(j => script.Events.Any(kind => Matches(kind, j.Kind))));
            int missed = TooMany(events);
            EventScriptState next = ReferenceEquals(events, before.Events) && missed == 0
                ? before
                : before with { Events = events.RemoveRange(0, missed), Missed = before.Missed + missed };
            if (next.Missed > 0 && before.Missed == 0)
            {
                Journal(
                    JournalSeverity.Warning, "script.behind",
                    $"Event script '{script.Name}' is behind: more than {next.Events.Count} events wait for it, and the oldest are not told to it any more.");
            }

            if (next.Call is null && (!next.Events.IsEmpty || !next.Placing.IsEmpty) && state.Quorum == Quorum.Quorate && Caller() is { } node)
            {
                long until = state.Time + script.Timeout + Cluster.ScriptGrace;
                var id = new ActionId(IdEpoch, index, node.Incarnation, script.Name, "", ActionOperation.EventScript, 0);
                if (next.Missed > 0)
                {
                    Journal(JournalSeverity.Warning, "script.behind", $"Event script '{script.Name}' was behind: {next.Missed} events were not told to it.");
                }

                next = next with { Call = new EventScriptCall(id, node.Name, next.Events, next.Placing, until), Events = [], Missed = 0, Placing = Names.None };
                At(until, DeadlineKind.EventScript, script.Name);
            }

            if (!ReferenceEquals(next, before))
            {
                SetScript(next);
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

    private NodeState? Caller() => state.Nodes.Values
        .Where(n => n.Eligible || (n.Member && n.Phase is NodePhase.Draining or NodePhase.Maintenance))
        .OrderBy(n => n.Eligible ? 0 : 1).ThenBy(n => Id(n.Name))
        .FirstOrDefault();

    private static bool Matches(string pattern, string kind) =>
        pattern.EndsWith('*') ? kind.StartsWith(pattern[..^1], StringComparison.Ordinal) : pattern == kind;

    private void Apply(EventScriptCompleted e)
    {
        if (!state.EventScripts.TryGetValue(e.Id.Target, out EventScriptState? script) || script.Call is not { } call || call.Id != e.Id)
        {
            Ignore();
            return;
        }

        Conclude(script, call, e.Success, e.Message, e.Decisions.IsDefault ? [] : [.. e.Decisions.Take(Cluster.MaxScriptDecisions)]);
    }

    private void ScriptDue(string name)
    {
        if (state.EventScripts.TryGetValue(name, out EventScriptState? script) && script.Call is { } call && call.Until <= state.Time)
        {
            Conclude(script, call, false, $"{call.Node} has not answered in time.", []);
        }
    }

    private void Conclude(EventScriptState script, EventScriptCall call, bool success, string message, ImmutableArray<EventScriptDecision> decisions)
    {
        SetScript(script with { Call = null });
        if (!success)
        {
            Journal(
                JournalSeverity.Warning, "script.failed",
                $"Event script '{script.Name}' on {call.Node} gave no answer that counts; what is decided is the default: {message}", call.Node);
        }
        else if (decisions.Length > 0)
        {
            Journal(
                JournalSeverity.Information, "script.answered",
                $"Event script '{script.Name}' on {call.Node} decides: {Shorten(decisions.Select(d => $"{d.Group} {(d.Operation is { } o ? Word(o) : "to")} {d.Node}".TrimEnd()))}.", call.Node);
        }

        var open = new HashSet<string>(call.Placing, StringComparer.Ordinal);
        int number = 0;
        foreach (EventScriptDecision decision in decisions)
        {
            number++;
            if (decision.Operation is null && call.Placing.Contains(decision.Group))
            {
                if (open.Remove(decision.Group))
                {
                    Answer(decision.Group, new PlacementVerdict(script.Name, decision.Node));
                }

                continue;
            }

            if (decision.Operation is null && state.Groups.TryGetValue(decision.Group, out GroupState? group) && group.Goal != GroupGoal.Run)
            {
                // Where a group runs is one thing, whether it does another: an operator's stop is not undone by a table of nodes.
                Journal(
                    JournalSeverity.Warning, "script.refused",
                    $"Event script '{script.Name}' wants group '{group.Name}' on {decision.Node ?? "any node"}, but it is to be off. To start it, let the script answer with the operation enable.",
                    decision.Node, group.Name);
                continue;
            }

            Apply((Request)new GroupRequest(
                $"script/{call.Id}/{number}", $"{ScriptWho}'{script.Name}'", decision.Group, decision.Operation ?? GroupOperation.Enable, decision.Node));
        }

        foreach (string name in call.Placing.Where(open.Contains))
        {
            Answer(name, new PlacementVerdict(script.Name, null));
        }
    }

    private void Answer(string name, PlacementVerdict verdict)
    {
        if (state.Groups.TryGetValue(name, out GroupState? group) && group.AwaitsVerdict)
        {
            // One that runs meanwhile, is to be off or is frozen has no use for it; its next placement is another question.
            SetGroup(group with { AwaitsVerdict = false, Verdict = group is { Goal: GroupGoal.Run, Owner: null, Frozen: false } ? verdict : null });
        }
    }

    /// <summary>The node was to run scripts; another one asks again.</summary>
    private void DropCalls(string node)
    {
        foreach (EventScriptState script in state.EventScripts.Values)
        {
            if (script.Call is { } call && call.Node == node)
            {
                SetScript(script with { Call = null, Events = call.Events.AddRange(script.Events), Placing = call.Placing.Union(script.Placing) });
            }
        }
    }

    /// <summary>Nothing is asked any more; what was not told is told still.</summary>
    private void DropQuestions()
    {
        foreach (EventScriptState script in state.EventScripts.Values)
        {
            SetScript(script with { Call = null, Events = script.Call is { } call ? call.Events.AddRange(script.Events) : script.Events, Placing = Names.None });
        }
    }

    /// <summary>Scripts that are gone, or are not asked any more, leave no group waiting.</summary>
    private void ChangeScripts()
    {
        foreach (EventScriptState script in state.EventScripts.Values)
        {
            bool there = Configuration.EventScripts.TryGetValue(script.Name, out EventScript? definition);
            if (!there || !definition!.Placement)
            {
                foreach (string name in script.Call is { } call ? script.Placing.Union(call.Placing) : script.Placing)
                {
                    Answer(name, new PlacementVerdict(script.Name, null));
                }

                SetScript(script with { Placing = Names.None });
            }

            if (!there)
            {
                state = state with { EventScripts = state.EventScripts.Remove(script.Name) };
            }
        }
    }

    private void Apply(UserEvent e)
    {
        if (e.Name.Length is 0 or > Cluster.MaxUserEventName || !e.Name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
        {
            Refuse(e, $"'{BoundedEvent.Shown(e.Name)}' is no name of a user event. Use 1 to {Cluster.MaxUserEventName} letters, digits, '-', '_' and '.'.");
            return;
        }

        if (e.Data is { Length: > Cluster.MaxUserEventData })
        {
            Refuse(e, $"The data of user event '{e.Name}' is longer than the {Cluster.MaxUserEventData:N0} characters that are taken. Put it into a file and name that.");
            return;
        }

        if (e.Data is { } data && PlainText.WhyNot(data) is { } hidden)
        {
            Refuse(e, $"The data of user event '{e.Name}' has a character in it that can't be seen ({hidden}). Leave it out, or write it as an escape such as \\n.");
            return;
        }

        Journal(JournalSeverity.Information, $"user.{e.Name}", string.IsNullOrEmpty(e.Data) ? e.Name : e.Data, who: e.Who);
        Succeed(e, $"Event user.{e.Name} is journalled.", quiet: true);
    }
}
