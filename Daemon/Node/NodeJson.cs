using System.Text.Json;
using System.Text.Json.Serialization;
using ClusterTools.Core;

namespace ClusterTools.Node;

/// <summary>The Core's JSON setup, for what a node reads and writes too.</summary>
public static class NodeJson
{
    /// <summary>Compact form. Read-only.</summary>
    public static JsonSerializerOptions Options { get; } = CoreJson.Options.With(NodeJsonTypes.Default, Lists);

    /// <summary>Same, for people.</summary>
    public static JsonSerializerOptions Indented { get; } = CoreJson.Indented.With(NodeJsonTypes.Default, Lists);

    private static JsonConverter[] Lists =>
    [
        CoreJson.Word<NodeEngine>(),
        CoreJson.Array<EventScriptDocument.ScriptEvent>(),
        CoreJson.Array<EventScriptDocument.ScriptPlacing>(),
        CoreJson.Array<EventScriptDocument.ScriptNode>(),
        CoreJson.Array<EventScriptDocument.ScriptGroup>(),
    ];
}
