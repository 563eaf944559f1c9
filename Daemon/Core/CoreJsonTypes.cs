using System.Text.Json.Serialization;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>What the Core reads and writes as JSON, described at compile time; used through <see cref="CoreJson"/>.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(ClusterState))]
[JsonSerializable(typeof(EventEnvelope))]
[JsonSerializable(typeof(ClusterConfiguration))]
[JsonSerializable(typeof(ConfigurationDifference))]
[JsonSerializable(typeof(EventScriptDecision))]
internal sealed partial class CoreJsonTypes : JsonSerializerContext;
