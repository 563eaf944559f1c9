using System.Collections.Immutable;
using System.Text.Json;
using ClusterTools.Core;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Node;

/// <summary>What an event script reads and writes: JSON, camelCase (docs/event-scripts.md).</summary>
internal static class EventScriptDocument
{
    /// <summary>What it reads on standard input.</summary>
    public static string Question(ClusterState state, EventScriptAction action, string node)
    {
        var question = new ScriptQuestion(
            action.Script.Name,
            state.Configuration.Name,
            node,
            [
                .. action.Call.Events.Select(e => new ScriptEvent(
                    e.Kind, e.Message, e.Severity, e.WallTime > 0 ? DateTimeOffset.FromUnixTimeMilliseconds(e.WallTime) : null, e.Node,
                    e.Group, e.Resource, e.Who)),
            ],
            [.. action.Call.Placing.Where(state.Groups.ContainsKey).Select(g => Placing(state, state.Groups[g]))],
            state.Quorum,
            [
                .. state.Nodes.Values.Select(n => new ScriptNode(
                    n.Name, n.Phase, n.Member, state.Configuration.Nodes.TryGetValue(n.Name, out NodeConfiguration? c) ? c.Votes : 0,
                    [.. n.Groups], $"{n.Why}")),
            ],
            [
                .. state.Groups.Values.Select(g => new ScriptGroup(
                    g.Name, g.Phase, g.Goal, g.Owner, [.. g.ActiveOn], g.Definition.Domain, g.Frozen, g.Definition.Exclusive, $"{g.Why}")),
            ]);
        return JsonSerializer.Serialize(question, NodeJson.Options.GetTypeInfo<ScriptQuestion>());
    }

    /// <summary>What it wrote on standard output, as the answer to its call. Nothing at all decides nothing.</summary>
    public static EventScriptCompleted Answer(ActionId id, string output)
    {
        if (string.IsNullOrWhiteSpace(output))
        {
            return new EventScriptCompleted(id, true, "", []);
        }

        try
        {
            ScriptAnswer? answer = JsonSerializer.Deserialize(output, NodeJson.Options.GetTypeInfo<ScriptAnswer>());
            return answer is null ? Nonsense(id, "it says null.")
                : answer.Decisions.Length > Cluster.MaxScriptDecisions ? Nonsense(
                    id, $"it has {answer.Decisions.Length:N0} decisions; the limit is {Cluster.MaxScriptDecisions:N0}.")
                : answer.Decisions.Any(
                    d => d.Group.Length > ConfigurationLimits.NameLength || d.Node?.Length > ConfigurationLimits.NameLength)
                    ? Nonsense(id, $"a name in it has more than {ConfigurationLimits.NameLength} characters.")
                : new EventScriptCompleted(id, true, "", answer.Decisions);
        }
        catch (JsonException e)
        {
            return Nonsense(id, JsonFault.Of(e).ToString());
        }
    }

    private static EventScriptCompleted Nonsense(ActionId id, string why) => new(
        id, false, $"its answer is not understood: {why} It is {{\"decisions\":[{{\"group\":\"web\",\"node\":\"node2\"}}]}}, or nothing.",
        []);

    private static ScriptPlacing Placing(ClusterState state, GroupState group)
    {
        var obstacles = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var candidates = ImmutableArray.CreateBuilder<string>();
        foreach (string node in state.Nodes.Keys)
        {
            if (Placement.Obstacle(state, group, node) is { } obstacle)
            {
                obstacles.Add(node, obstacle);
            }
            else
            {
                candidates.Add(node);
            }
        }

        return new ScriptPlacing(
            group.Name, Placement.Choose(state, group), candidates.DrainToImmutable(), obstacles, [.. group.Order.Tried]);
    }

    internal sealed record ScriptQuestion(
        string Script,
        string Cluster,
        string Node,
        ImmutableArray<ScriptEvent> Events,
        ImmutableArray<ScriptPlacing> Placing,
        Quorum Quorum,
        ImmutableArray<ScriptNode> Nodes,
        ImmutableArray<ScriptGroup> Groups);

    internal sealed record ScriptEvent(
        string Kind, string Message, JournalSeverity Severity, DateTimeOffset? Time, string? Node, string? Group, string? Resource,
        string? Who);

    internal sealed record ScriptPlacing(
        string Group, string? Default, ImmutableArray<string> Candidates, SortedDictionary<string, string> Obstacles,
        ImmutableArray<string> Tried);

    internal sealed record ScriptNode(string Name, NodePhase State, bool Member, int Votes, ImmutableArray<string> Groups, string Why);

    internal sealed record ScriptGroup(
        string Name, GroupPhase State, GroupGoal Goal, string? Owner, ImmutableArray<string> ActiveOn, string? Domain, bool Frozen,
        bool Exclusive, string Why);

    internal sealed record ScriptAnswer
    {
        public ImmutableArray<EventScriptDecision> Decisions { get; init; } = [];
    }
}
