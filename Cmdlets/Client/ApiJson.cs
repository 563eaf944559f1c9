using System.IO;
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
        ContractResolver = new DefaultContractResolver { NamingStrategy = new CamelCaseNamingStrategy(processDictionaryKeys: false, overrideSpecifiedNames: false) },
        Converters = { new StringEnumConverter(new CamelCaseNamingStrategy()) },
        NullValueHandling = NullValueHandling.Ignore,
        DateParseHandling = DateParseHandling.DateTimeOffset,
        Formatting = Formatting.Indented,
    });

    /// <exception cref="JsonException">Not such a value.</exception>
    public static T Read<T>(TextReader text)
    {
        using var reader = new JsonTextReader(text) { CloseInput = false };
        return Serializer.Deserialize<T>(reader) ?? throw new JsonSerializationException("It is null.");
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
        return JObject.Load(reader);
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
}
