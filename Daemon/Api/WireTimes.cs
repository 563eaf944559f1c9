using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using ClusterTools.Contract;

namespace ClusterTools.Api;

/// <summary>Times as the wire has them: durations are whole milliseconds, or what <see cref="OnWireAttribute"/> says.</summary>
internal static class WireTimes
{
    public static JsonConverter Durations { get; } = new SpanConverter(TimeSpan.TicksPerMillisecond);

    /// <summary>Gives members that stand in another form the converter for it.</summary>
    public static void Form(JsonTypeInfo type)
    {
        foreach (JsonPropertyInfo property in type.Properties)
        {
            if (property.AttributeProvider?.GetCustomAttributes(
                typeof(OnWireAttribute), inherit: true) is [OnWireAttribute { Form: var form }])
            {
                property.CustomConverter = form switch
                {
                    WireForm.Seconds => new SpanConverter(TimeSpan.TicksPerSecond),
                    WireForm.UnixMilliseconds => new UnixConverter(),
                    _ => throw new ArgumentOutOfRangeException(nameof(type), form, "No such form."),
                };
            }
        }
    }

    private sealed class SpanConverter(long ticks) : JsonConverter<TimeSpan>
    {
        public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            long units = reader.GetInt64();
            return Math.Abs((double)units) * ticks < long.MaxValue ? TimeSpan.FromTicks(units * ticks) : throw new JsonException();
        }

        public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) =>
            writer.WriteNumberValue(value.Ticks / ticks);
    }

    private sealed class UnixConverter : JsonConverter<DateTimeOffset?>
    {
        public override DateTimeOffset? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.Null ? null
            : reader.GetInt64() is var milliseconds
                && milliseconds is > -62_135_596_800_000 and < 253_402_300_800_000 ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds)
            : throw new JsonException();

        public override void Write(Utf8JsonWriter writer, DateTimeOffset? value, JsonSerializerOptions options)
        {
            if (value is { } at)
            {
                writer.WriteNumberValue(at.ToUnixTimeMilliseconds());
            }
            else
            {
                writer.WriteNullValue();
            }
        }
    }
}
