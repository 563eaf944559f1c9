using System.Text.Json;
using System.Text.Json.Nodes;

namespace ClusterTools.Core.Tests.Scenarios;

/// <summary>
/// A part of the state as members keep and compare it, in one line: what stands there beyond what stands there by itself. What a rule
/// forgets to take back shows here first, long before it does harm.
/// </summary>
internal static class StateRecord
{
    private const string Indices = "indices";

    /// <param name="state">Where it stands.</param>
    /// <param name="name">A group, a node, fence: and a node, or the indices.</param>
    public static string Of(ClusterState state, string name) =>
        Part(state, name) is { } part ? $"{name.Replace("fence:", "")}: {(name.StartsWith("fence:") ? "fencing " : "")}{Text(part)}"
        : $"{name}: nothing";

    /// <summary>The same, in parts.</summary>
    public static SortedDictionary<string, string> Fields(ClusterState state, string name) => new(
        Part(state, name) is { } part ? Told(part).ToDictionary(m => m.Key, m => Value(m.Value!)) : [], StringComparer.Ordinal);

    private static JsonObject? Part(ClusterState state, string name) =>
        name == Indices ? new JsonObject
        {
            ["working"] = Names(state.Working), ["waiting"] = Names(state.Waiting), ["restless"] = Names(state.Restless),
            ["followers"] = Names(state.Followers),
        }
        : state.Groups.TryGetValue(name, out GroupState? group) ? Node(group)
        : state.Nodes.TryGetValue(name, out NodeState? node) ? Node(node)
        : state.Fences.TryGetValue(name.Replace("fence:", ""), out FenceState? fence) ? Node(fence)
        : null;

    private static JsonArray Names(IEnumerable<string> names) => [.. names.Select(n => (JsonNode)n)];

    private static JsonObject Node<T>(T part) => (JsonObject)JsonSerializer.SerializeToNode(part, CoreJson.Options)!;

    // What was configured is told by other commands.
    private static IEnumerable<KeyValuePair<string, JsonNode?>> Told(JsonObject o) =>
        o.Where(m => m.Key is not ("name" or "definition") && !IsNothing(m.Value));

    private static string Value(JsonNode node) => node is JsonObject o && o.ContainsKey("kind")
        ? node.Deserialize<Cause>(CoreJson.Options)!.ToString()
        : node is JsonObject or JsonArray ? $"[{Text(node)}]"
        : node.ToString();

    private static string Text(JsonNode node) => node switch
    {
        JsonObject o => string.Join(' ', Told(o).Select(m => $"{m.Key}={Value(m.Value!)}")),
        JsonArray a => string.Join(", ", a.Select(n => n is null ? "" : Text(n))),
        _ => node.ToString(),
    };

    private static bool IsNothing(JsonNode? node) => node switch
    {
        null => true,
        JsonObject o => o.All(m => IsNothing(m.Value)),
        JsonArray a => a.Count == 0,
        _ => node.ToJsonString() is "false" or "0" or "\"\"",
    };
}
