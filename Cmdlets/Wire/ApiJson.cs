using System.Text;
using Newtonsoft.Json;
using Newtonsoft.Json.Converters;
using Newtonsoft.Json.Linq;
using Newtonsoft.Json.Serialization;

namespace ClusterTools.Client;

/// <summary>The JSON of the API: camelCase, enums as camelCase strings, nulls left out, keys of dictionaries as they are.</summary>
internal static class ApiJson
{
    private static readonly Encoding Utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);

    private static readonly JsonSerializer Serializer = JsonSerializer.Create(new JsonSerializerSettings
    {
        ContractResolver = new WireTimes.Resolver
        {
            NamingStrategy = new CamelCaseNamingStrategy(processDictionaryKeys: false, overrideSpecifiedNames: false),
        },
        Converters =
        {
            new StringEnumConverter(new CamelCaseNamingStrategy()),
            new PlainTextConverter(),
            WireTimes.Durations,
            WireTimes.Points,
        },
        NullValueHandling = NullValueHandling.Ignore,
        // Text that looks like a time stays text; members that are times are converted.
        DateParseHandling = DateParseHandling.None,
        Formatting = Formatting.Indented,
    });

    /// <summary>As the client library wants it.</summary>
    public static IWireJson Wire { get; } = new Codec();

    /// <exception cref="JsonException">Not such a value.</exception>
    public static T Read<T>(TextReader text)
    {
        using var reader = new JsonTextReader(text) { CloseInput = false };
        try
        {
            return Serializer.Deserialize<T>(reader) ?? throw new JsonSerializationException();
        }
        catch (JsonException e)
        {
            throw Fault(e);
        }
    }

    /// <exception cref="JsonException">Not such a value.</exception>
    public static T Read<T>(string text)
    {
        using var reader = new StringReader(text);
        return Read<T>(reader);
    }

    /// <summary>Reads a document as it stands; nothing in it is taken for a date.</summary>
    /// <exception cref="JsonException">Not an object.</exception>
    public static JObject ReadObject(TextReader text)
    {
        using var reader = new JsonTextReader(text) { CloseInput = false, DateParseHandling = DateParseHandling.None };
        try
        {
            return JObject.Load(reader);
        }
        catch (JsonException e)
        {
            throw Fault(e);
        }
    }

    /// <summary>Any JSON value as it stands.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    public static JToken ReadValue(string text)
    {
        try
        {
            return JToken.Parse(text);
        }
        catch (JsonException e)
        {
            throw Fault(e);
        }
    }

    /// <summary>In words of our own: the reader's quote the text, and passwords stand in it.</summary>
    private static JsonException Fault(JsonException e)
    {
        (int line, int position) = e switch
        {
            JsonReaderException reader => (reader.LineNumber, reader.LinePosition),
            JsonSerializationException serializer => (serializer.LineNumber, serializer.LinePosition),
            _ => (0, 0),
        };
        return new JsonException(
            line > 0
                ? $"At line {line}, position {position}, it is not well-formed JSON, or not what is expected there."
                : "It is not well-formed JSON, or not what is expected.");
    }

    public static byte[] Write(object value)
    {
        using var stream = new MemoryStream();
        using (var writer = new StreamWriter(stream, Utf8, 4096, leaveOpen: true))
        {
            Serializer.Serialize(writer, value);
        }

        return stream.ToArray();
    }

    private sealed class Codec : IWireJson
    {
        public T Read<T>(Stream utf8)
        {
            using var text = new StreamReader(utf8, Utf8);
            try
            {
                return ApiJson.Read<T>(text);
            }
            catch (JsonException e)
            {
                throw new InvalidDataException(e.Message, e);
            }
        }

        public byte[] Write<T>(T value)
            where T : notnull => ApiJson.Write(value);
    }
}
