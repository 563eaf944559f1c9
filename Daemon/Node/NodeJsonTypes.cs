using System.Text.Json.Serialization;

namespace ClusterTools.Node;

/// <summary>What a node reads and writes as JSON, described at compile time.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(EventScriptDocument.ScriptQuestion))]
[JsonSerializable(typeof(EventScriptDocument.ScriptAnswer))]
[JsonSerializable(typeof(JournalRecord))]
[JsonSerializable(typeof(KeptConfiguration))]
[JsonSerializable(typeof(NodeSettings))]
internal sealed partial class NodeJsonTypes : JsonSerializerContext;
