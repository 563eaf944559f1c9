using System.Text;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Core.Tests.Scenarios;

/// <summary>States and actions in the words of scenario files.</summary>
internal static class StateText
{
    public static string Of(ClusterAction action) => action switch
    {
        ResourceAction a => $"{a.Node}: {a.Id.Operation.ToString().ToLowerInvariant()} {a.Resource.Id} of {a.Group}",
        MigrationAction a =>
            $"{a.Node}: migrate {a.Resource.Id} of {a.Group} to {a.To}{(a.Kind == MigrationKind.Live ? "" : ", suspended")}",
        ProbeNodeAction { Id.Operation: ActionOperation.Ask } a => $"{a.Node}: asked again",
        ProbeNodeAction a => $"{a.Node}: probe",
        EventScriptAction a => $"{a.Node}: event script {a.Script.Name}"
            + (a.Call.Placing.IsEmpty ? "" : $", where does {string.Join(", ", a.Call.Placing)} go")
            + (a.Call.Events.IsEmpty ? "" : $", told of {string.Join(", ", a.Call.Events.Select(e => e.Kind))}"),
        FenceDeviceAction a =>
        $"{a.Node}: switch {(a.Id.Operation == ActionOperation.FenceOn ? "on" : "off")} {a.Target} by {a.Call.Device} (method "
            + $"{a.Call.Method})",
        _ => throw new InvalidOperationException($"Unknown action {action.GetType().Name}."),
    };

    public static string Of(JournalEntry entry) => entry.Severity switch
    {
        JournalSeverity.Error => $"ERROR {entry.Message}",
        JournalSeverity.Warning => $"WARNING {entry.Message}",
        JournalSeverity.Information => entry.Message,
        _ => throw new InvalidOperationException($"Unknown severity {entry.Severity}."),
    };

    public static IEnumerable<string> Summary(ClusterState state)
    {
        foreach (NodeState node in state.Nodes.Values)
        {
            string member = node.Member == (node.Phase is not (NodePhase.Lost or NodePhase.Down or NodePhase.LeftCluster)) ? ""
                : node.Member ? ", still a member" : ", not a member";
            yield return $"{node.Name} {node.Standing}{member}: {(node.Groups.IsEmpty ? "no groups" : string.Join(", ", node.Groups))}";
        }

        foreach (GroupState group in state.Groups.Values)
        {
            yield return Line(group);
        }
    }

    public static string Line(GroupState group) =>
        $"{group.Name} {group.Phase}{(group.IsUnconfirmed ? " (not confirmed)" : "")}"
            + $"{(group.Frozen ? group.Unfreezing ? ", frozen, to be unfrozen" : ", frozen" : "")}"
        + (group.Owner is { } owner ? $" on {owner}" : "")
        + (group.ActiveOn.Any(n => n != group.Owner) ? $", in doubt on {string.Join(", ", group.ActiveOn.Where(n => n != group.Owner))}"
            : "");

    public static IEnumerable<string> Details(GroupState group)
    {
        yield return Line(group);
        yield return $"  goal: {group.Goal}";
        foreach ((string id, ResourcePhase phase) in group.Instance.Resources)
        {
            yield return $"  {id} {(phase == ResourcePhase.Running ? "runs" : "must be stopped")}";
        }

        foreach ((string what, string value) in new[]
        {
            ("given up", string.Join(", ", group.Instance.Abandoned)),
            ("under way", group.Pending is { } p ? $"{p.Id.Operation} of {p.Resource} on {p.Node}" : ""),
            ("moves", group.Migration is { } m ? $"{m.From} to {m.To}{(m.Ends ? ", to be ended" : "")}" : ""),
            ("not moved to", string.Join(", ", group.Unmoved)),
            ("restarts at", string.Join(", ", group.Recovery.Restarts)),
            ("tried", string.Join(", ", group.Order.Tried)),
            ("first", group.Order.Preferred ?? ""),
            ("last", group.Order.Avoided ?? ""),
            ("back to", group.Order.FailbackTo ?? ""),
            ("brought back to", group.Order.ReturnTo ?? ""),
            ("again at", group.Order.RetryAt?.ToString() ?? ""),
            ("by an older definition", group.OldDefinition is null ? "" : "yes"),
            ("operation", group.Operation ?? ""),
            ("waits", $"{group.Waits}"),
            ("why", $"{group.Reason}"),
        })
        {
            if (value.Length > 0)
            {
                yield return $"  {what}: {value}";
            }
        }
    }

    public static IEnumerable<string> Details(ClusterState state, NodeState node)
    {
        yield return $"{node.Name} {node.Standing}, life {node.Incarnation}, {(node.Member ? "member" : "not a member")}";
        foreach ((string what, string value) in new[]
        {
            ("can't tell", string.Join("; ", node.Answers.Where(a => a.Value.Answer == FoundAnswer.Unknown)
                .Select(
                    a =>
                    $"{a.Key} ({a.Value.Resource}) since {a.Value.Since}, asked {a.Value.Asked}, again at "
                        + $"{a.Value.AskAgainAt}{(a.Value.Blocks ? ", blocks" : "")}"))),
            (
                "can't run",
                string.Join(
                    "; ", node.Answers.Where(a => a.Value.Answer == FoundAnswer.CannotRun).Select(a => $"{a.Key} ({a.Value.Resource})"))),
            ("lost at", node.LostAt?.ToString() ?? ""),
            ("drain", node.Drain.Goal == DrainGoal.None ? "" : node.Drain.Goal.ToString()),
            ("drained to", node.Drain.To ?? ""),
            ("moved away", string.Join(", ", node.Drain.Moved)),
            ("away until", node.MaintenanceUntil?.ToString() ?? ""),
            ("groups", string.Join(", ", node.Groups)),
            ("operation", node.Operation ?? ""),
            ("why", $"{node.Why}"),
        })
        {
            if (value.Length > 0)
            {
                yield return $"  {what}: {value}";
            }
        }

        if (state.Fences.TryGetValue(node.Name, out FenceState? fence))
        {
            yield return $"  fence: since {fence.Since}, {fence.Rounds} rounds failed, {(fence.Proven ? "proven off" : "not proven")}"
                + (fence.Pending is { } call ? $", {call.Node} asks {call.Device}" : fence.NotBefore is { } at ? $", again at {at}"
                    : ", nobody to ask");
        }
    }

    public static string Of(FenceRecord record) =>
        $"{record.Target}: {(record.Confirmed ? "confirmed down" : record.Success ? "succeeded" : "failed")}, {record.Started} to "
            + $"{record.Ended}"
        + $", method {record.Method ?? "none"}, by {record.Executor ?? "nobody"}, asked by {record.Who ?? "the cluster"}: {record.Why}"
        + (record.Message.Length > 0 ? $" ({record.Message})" : "");

    public static string Of(OperationState operation) =>
        $"{operation.Id} {operation.Kind} {operation.Target}: "
            + $"{operation.Phase}{(operation.Message.Length > 0 ? $": {operation.Message}" : "")}";

    public static string Tree(GroupConfiguration group)
    {
        ResourceTree tree = ResourceTree.Of(group);
        return new StringBuilder()
            .Append("start: ").AppendJoin(", ", tree.StartOrder.Select(r => r.Id)).Append('\n')
            .Append("stop: ").AppendJoin(", ", tree.StopOrder.Select(r => r.Id)).ToString();
    }
}
