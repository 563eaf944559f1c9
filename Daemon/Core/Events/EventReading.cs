using System.Text.Json;

namespace ClusterTools.Core;

/// <summary>Reads what a member has proposed, newer members' events among it (DESIGN, "Events grow").</summary>
public static class EventReading
{
    /// <summary>Longest kind that is told to people, in characters.</summary>
    public const int MaxKind = 64;

    private static readonly Dictionary<Type, string> Kinds = CoreJson.Options.GetTypeInfo<ClusterEvent>()
        .PolymorphismOptions!.DerivedTypes.ToDictionary(d => d.DerivedType, d => (string)d.TypeDiscriminator!);

    /// <summary>Reads the payload of an entry. An event of an unknown kind becomes an <see cref="UnknownEvent"/>.</summary>
    /// <exception cref="JsonException">It is damaged, or an event of a known kind is not as this program knows it.</exception>
    public static EventEnvelope Read(ReadOnlyMemory<byte> payload)
    {
        try
        {
            return JsonSerializer.Deserialize(payload.Span, CoreJson.Options.GetTypeInfo<EventEnvelope>())
                ?? throw new JsonException("The entry holds null instead of an event.");
        }
        catch (JsonException) when (UnknownKind(payload) is { } unknown)
        {
            return unknown;
        }
    }

    /// <summary>What an event is called in the log.</summary>
    public static string KindOf(ClusterEvent e) =>
        e is UnknownEvent unknown ? unknown.Kind : Kinds.GetValueOrDefault(e.GetType(), e.GetType().Name);

    private static EventEnvelope? UnknownKind(ReadOnlyMemory<byte> payload)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(payload, new JsonDocumentOptions { MaxDepth = CoreJson.Options.MaxDepth });
            JsonElement envelope = document.RootElement;
            return envelope.ValueKind == JsonValueKind.Object
                && envelope.TryGetProperty("event", out JsonElement e) && e.ValueKind == JsonValueKind.Object
                && e.TryGetProperty("type", out JsonElement type) && type.ValueKind == JsonValueKind.String
                && type.GetString() is { Length: > 0 } kind && !Kinds.ContainsValue(kind)
                && envelope.TryGetProperty("origin", out JsonElement origin) && origin.ValueKind == JsonValueKind.String
                && Number(envelope, "incarnation") is { } incarnation && Number(envelope, "time") is { } time
                ? new EventEnvelope
                {
                    Origin = origin.GetString()!,
                    Incarnation = incarnation,
                    Time = time,
                    WallTime = Number(envelope, "wallTime") ?? 0,
                    Event = new UnknownEvent(kind.Length > MaxKind ? kind[..MaxKind] : kind),
                }
                : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Damaged, or a text that is no text: not a newer member's event.
            return null;
        }
    }

    private static long? Number(JsonElement envelope, string name) =>
        envelope.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number
            && value.TryGetInt64(out long number)
            ? number
            : null;
}
