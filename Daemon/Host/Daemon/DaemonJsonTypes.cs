using System.Text.Json.Serialization;

namespace ClusterTools.Host.Daemon;

/// <summary>What the daemon reads and writes as JSON beside the other rooms, described at compile time.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(DaemonFile))]
internal sealed partial class DaemonJsonTypes : JsonSerializerContext;
