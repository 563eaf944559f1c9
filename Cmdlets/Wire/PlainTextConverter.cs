using ClusterTools.Core;
using Newtonsoft.Json;

namespace ClusterTools.Client;

/// <summary>
/// Texts from the API as they may be shown: whatever a node answers, no character in them paints over the screen or turns its direction.
/// Line ends stay, for explanations and documents.
/// </summary>
internal sealed class PlainTextConverter : JsonConverter<string>
{
    public override bool CanWrite => false;

    public override string? ReadJson(
        JsonReader reader, Type objectType, string? existingValue, bool hasExistingValue, JsonSerializer serializer) =>
        reader.Value switch
        {
            null => null,
            string text => PlainText.EscapeLines(text),
            var other => System.Convert.ToString(other, System.Globalization.CultureInfo.InvariantCulture),
        };

    public override void WriteJson(JsonWriter writer, string? value, JsonSerializer serializer) => throw new NotSupportedException();
}
