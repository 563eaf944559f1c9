using System.Globalization;
using System.Reflection;
using ClusterTools.Contract;
using Newtonsoft.Json;
using Newtonsoft.Json.Serialization;

namespace ClusterTools.Client;

/// <summary>
/// Times as the wire has them, and as people want them: durations as TimeSpan, points in time on the clock of this machine.
/// </summary>
internal static class WireTimes
{
    public static JsonConverter Durations { get; } = new SpanConverter(TimeSpan.TicksPerMillisecond);

    public static JsonConverter Points { get; } = new PointConverter();

    /// <summary>Names in camelCase; members that stand in another form get the converter for it (<see cref="OnWireAttribute"/>).</summary>
    internal sealed class Resolver : DefaultContractResolver
    {
        protected override JsonProperty CreateProperty(MemberInfo member, MemberSerialization memberSerialization)
        {
            JsonProperty property = base.CreateProperty(member, memberSerialization);
            property.Converter = member.GetCustomAttributes<OnWireAttribute>().FirstOrDefault()?.Form switch
            {
                null => property.Converter,
                WireForm.Seconds => new SpanConverter(TimeSpan.TicksPerSecond),
                WireForm.UnixMilliseconds => new UnixConverter(),
                var other => throw new ArgumentOutOfRangeException(nameof(member), other, "No such form."),
            };
            return property;
        }
    }

    private sealed class SpanConverter(long ticks) : JsonConverter
    {
        public override bool CanConvert(Type objectType) => (Nullable.GetUnderlyingType(objectType) ?? objectType) == typeof(TimeSpan);

        public override object? ReadJson(JsonReader reader, Type objectType, object? existingValue, JsonSerializer serializer) =>
            reader.Value switch
        {
            null => null,
            long units when Math.Abs((double)units) * ticks < long.MaxValue => TimeSpan.FromTicks(units * ticks),
            _ => throw new JsonSerializationException(),
        };

        public override void WriteJson(JsonWriter writer, object? value, JsonSerializer serializer) =>
            writer.WriteValue(((TimeSpan)value!).Ticks / ticks);
    }

    private sealed class PointConverter : JsonConverter
    {
        public override bool CanWrite => false;

        public override bool CanConvert(Type objectType) =>
            (Nullable.GetUnderlyingType(objectType) ?? objectType) == typeof(DateTimeOffset);

        public override object? ReadJson(JsonReader reader, Type objectType, object? existingValue, JsonSerializer serializer) =>
            reader.Value switch
        {
            null => null,
            string text when DateTimeOffset.TryParse(
                text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset at) => at.ToLocalTime(),
            _ => throw new JsonSerializationException(),
        };

        public override void WriteJson(JsonWriter writer, object? value, JsonSerializer serializer) => throw new NotSupportedException();
    }

    private sealed class UnixConverter : JsonConverter
    {
        public override bool CanConvert(Type objectType) =>
            (Nullable.GetUnderlyingType(objectType) ?? objectType) == typeof(DateTimeOffset);

        public override object? ReadJson(JsonReader reader, Type objectType, object? existingValue, JsonSerializer serializer) =>
            reader.Value switch
        {
            null => null,
            long milliseconds and > -62_135_596_800_000 and < 253_402_300_800_000 =>
                DateTimeOffset.FromUnixTimeMilliseconds(milliseconds).ToLocalTime(),
            _ => throw new JsonSerializationException(),
        };

        public override void WriteJson(JsonWriter writer, object? value, JsonSerializer serializer) =>
            writer.WriteValue(((DateTimeOffset)value!).ToUnixTimeMilliseconds());
    }
}
