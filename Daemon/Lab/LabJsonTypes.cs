using System.Text.Json.Serialization;

namespace ClusterTools.Lab;

/// <summary>What a lab reads and writes as JSON, described at compile time.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(LabDescription))]
internal sealed partial class LabJsonTypes : JsonSerializerContext;
