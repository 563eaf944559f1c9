using System.Collections.Immutable;
using System.Text.Json.Serialization;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Api;

/// <summary>The body of an edit, as the Core has it; <see cref="Contract.ConfigurationEditRequest"/> is its form for clients.</summary>
internal sealed record ConfigurationEditBody
{
    public ImmutableArray<ConfigurationEdit> Edits { get; init; } = [];
}

/// <summary>How it is read: apart from <see cref="ApiJsonTypes"/>, for the contract has types of the same names.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(ConfigurationEditBody))]
internal sealed partial class EditJsonTypes : JsonSerializerContext;
