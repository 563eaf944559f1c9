using System.Text.Json;
using System.Text.Json.Serialization;

namespace ClusterTools.Core;

/// <summary>A kind of cause as its word.</summary>
internal sealed class CauseKindConverter : JsonConverter<CauseKind>
{
    public override CauseKind Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        CauseKind.Of(reader.GetString() ?? throw new JsonException("A kind of cause is a word."));

    public override void Write(Utf8JsonWriter writer, CauseKind value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.Word);
}
