using System.Text.Json;
using System.Text.Json.Serialization;
using ClusterTools.Client;

namespace ClusterTools.Api;

/// <summary>The API's JSON for the client library, read and written by System.Text.Json.</summary>
public sealed class WireJson : IWireJson
{
    private static readonly JsonSerializerOptions Indented = new(ApiJson.Lenient) { WriteIndented = true };

    private WireJson()
    {
    }

    /// <summary>It has no state.</summary>
    public static WireJson Default { get; } = new();

    /// <inheritdoc/>
    public T Read<T>(Stream utf8)
    {
        try
        {
            return JsonSerializer.Deserialize(utf8, ApiJson.Lenient.GetTypeInfo<T>()) ?? throw new JsonException();
        }
        catch (JsonException e)
        {
            throw new InvalidDataException(
                e.LineNumber is { } line
                    ? $"At line {line + 1}, position {e.BytePositionInLine + 1}, it is not well-formed JSON, or not what is expected there."
                    : "It is not well-formed JSON, or not what is expected.");
        }
    }

    /// <inheritdoc/>
    public byte[] Write<T>(T value)
        where T : notnull => JsonSerializer.SerializeToUtf8Bytes(value, Indented.GetTypeInfo(value.GetType()));
}
