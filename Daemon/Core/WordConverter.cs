using System.Text.Json;
using System.Text.Json.Serialization;

namespace ClusterTools.Core;

/// <summary>
/// An enum as one camelCase word. The serializer's own converter takes "relocate, disable" for a number, and so for any value there is.
/// </summary>
internal sealed class WordConverter<T> : JsonConverter<T>
    where T : struct, Enum
{
    private static readonly string[] Words = [.. Enum.GetNames<T>().Select(JsonNamingPolicy.CamelCase.ConvertName)];
    private static readonly Dictionary<T, string> WordOf = Enum.GetNames<T>().ToDictionary(
        Enum.Parse<T>, JsonNamingPolicy.CamelCase.ConvertName);
    private static readonly Dictionary<string, T> ValueOf = WordOf.ToDictionary(
        w => w.Value, w => w.Key, StringComparer.OrdinalIgnoreCase);

    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && Known(ref reader) is { } value ? value : throw Unknown();

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(Word(value));

    public override T ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Known(ref reader) ?? throw Unknown();

    public override void WriteAsPropertyName(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
        writer.WritePropertyName(Word(value));

    private static T? Known(ref Utf8JsonReader reader) =>
        JsonFault.IsText(ref reader, out string text) && ValueOf.TryGetValue(text, out T value) ? value : null;

    private static string Word(T value) =>
        WordOf.TryGetValue(value, out string? word) ? word : throw new CoreJsonException($"{typeof(T).Name} has no such value.");

    private static CoreJsonException Unknown() =>
        new($"The value does not fit its place: it is one of {string.Join(", ", Words.Select(w => $"\"{w}\""))}.");
}
