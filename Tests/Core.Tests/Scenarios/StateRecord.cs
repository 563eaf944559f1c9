using System.Text.Json;
using System.Text.Json.Nodes;

namespace ClusterTools.Core.Tests.Scenarios;

/// <summary>
/// A part of the state as members keep and compare it, in one line: what stands there beyond what stands there by itself. What a rule
/// forgets to take back shows here first, long before it does harm.
/// </summary>
internal static class StateRecord
{
    public static string Of<T>(T part) => Text(JsonSerializer.SerializeToNode(part, CoreJson.Options)!);

    private static string Text(JsonNode node) => node switch
    {
        // What was configured is told by other commands.
        JsonObject o => string.Join(' ', o.Where(m => m.Key is not ("name" or "definition") && !IsNothing(m.Value)).Select(m =>
            m.Value is JsonObject or JsonArray ? $"{m.Key}=[{Text(m.Value)}]" : $"{m.Key}={m.Value}")),
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
