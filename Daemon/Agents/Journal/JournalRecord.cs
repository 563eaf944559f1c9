using System.Text.Json.Serialization;

namespace ClusterTools.Agents;

internal enum JournalRecordKind
{
    /// <summary>Is about to be spawned.</summary>
    Intent,

    /// <summary>Was spawned as this process.</summary>
    Spawned,

    /// <summary>The answer.</summary>
    Result,

    /// <summary>Was not spawned after all.</summary>
    Withdrawn,
}

internal sealed record JournalRecord
{
    public required JournalRecordKind Kind { get; init; }

    public required string ActionId { get; init; }

    public string? BootId { get; init; }

    public string? Group { get; init; }

    public string? Resource { get; init; }

    public string? Agent { get; init; }

    public ResourceOperation? Operation { get; init; }

    public int? Pid { get; init; }

    public long? StartTime { get; init; }

    public ResourceResult? Result { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(JournalRecord))]
internal sealed partial class JournalJson : JsonSerializerContext;
