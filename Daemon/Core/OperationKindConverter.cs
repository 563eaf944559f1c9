using System.Text.Json;
using System.Text.Json.Serialization;

namespace ClusterTools.Core;

/// <summary>An operation's kind as its word.</summary>
internal sealed class OperationKindConverter : JsonConverter<OperationKind>
{
    public override OperationKind Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        OperationKind.Of(reader.GetString() ?? throw new JsonException("A kind of operation is a word."));

    public override void Write(Utf8JsonWriter writer, OperationKind value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.Word);
}
