using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>
/// The one JSON setup of the Core: camelCase, enums as strings, strict reading (unknown members, duplicate members,
/// nulls where none belong and missing required members are errors), and immutable collections that come back as
/// they went: sorted ones with ordinal order, a default <see cref="ImmutableArray{T}"/> as an empty one.
/// </summary>
/// <remarks>
/// Properties without a setter are computed from others and are not written. The same value always gives the same
/// bytes, as long as it holds sorted collections and arrays only.
/// </remarks>
public static class CoreJson
{
    /// <summary>Compact form, for state, events and the wire. Read-only.</summary>
    public static JsonSerializerOptions Options { get; } = Create(indented: false);

    /// <summary>Same, for people: indented, with <c>\n</c> line ends, and quotes and accents as they are.</summary>
    public static JsonSerializerOptions Indented { get; } = Create(indented: true);

    private static JsonSerializerOptions Create(bool indented)
    {
        var options = new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
            AllowDuplicateProperties = false,
            RespectNullableAnnotations = true,
            RespectRequiredConstructorParameters = true,
            IgnoreReadOnlyProperties = true,
            MaxDepth = ConfigurationLimits.JsonDepth,
            WriteIndented = indented,
            NewLine = "\n",
            Encoder = indented ? JavaScriptEncoder.UnsafeRelaxedJsonEscaping : null,
            Converters =
            {
                new EnumWordConverters(),
                new OrdinalCollectionConverters(),
                new ImmutableArrayConverters(),
            },
        };
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }

    /// <summary>System.Text.Json refuses to write a default array, and reads null as one.</summary>
    private sealed class ImmutableArrayConverters : JsonConverterFactory
    {
        public override bool CanConvert(Type typeToConvert) =>
            typeToConvert.IsGenericType && typeToConvert.GetGenericTypeDefinition() == typeof(ImmutableArray<>);

        public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
            (JsonConverter)Activator.CreateInstance(typeof(ArrayConverter<>).MakeGenericType(typeToConvert.GetGenericArguments()))!;
    }

    /// <summary>System.Text.Json rebuilds sorted collections with the culture's order; the Core knows only the ordinal one.</summary>
    private sealed class OrdinalCollectionConverters : JsonConverterFactory
    {
        public override bool CanConvert(Type typeToConvert)
        {
            if (!typeToConvert.IsGenericType || typeToConvert.GetGenericArguments()[0] != typeof(string))
            {
                return false;
            }
            var definition = typeToConvert.GetGenericTypeDefinition();
            return definition == typeof(ImmutableSortedDictionary<,>) || definition == typeof(ImmutableSortedSet<>);
        }

        public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
            typeToConvert == typeof(ImmutableSortedSet<string>)
                ? new SetConverter()
                : (JsonConverter)Activator.CreateInstance(typeof(DictionaryConverter<>).MakeGenericType(typeToConvert.GetGenericArguments()[1]))!;
    }

    private sealed class ArrayConverter<T> : JsonConverter<ImmutableArray<T>>
    {
        public override ImmutableArray<T> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            Expect(ref reader, JsonTokenType.StartArray, "a list in [ ]");
            var element = (JsonConverter<T>)options.GetConverter(typeof(T));
            var items = ImmutableArray.CreateBuilder<T>();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                items.Add(ReadItem(ref reader, element, options));
            }
            return items.DrainToImmutable();
        }

        public override void Write(Utf8JsonWriter writer, ImmutableArray<T> value, JsonSerializerOptions options)
        {
            var element = (JsonConverter<T>)options.GetConverter(typeof(T));
            writer.WriteStartArray();
            if (!value.IsDefault)
            {
                foreach (var item in value)
                {
                    WriteItem(writer, item, element, options);
                }
            }
            writer.WriteEndArray();
        }
    }

    private sealed class DictionaryConverter<T> : JsonConverter<ImmutableSortedDictionary<string, T>>
    {
        public override ImmutableSortedDictionary<string, T> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            Expect(ref reader, JsonTokenType.StartObject, "an object in { }");
            var element = (JsonConverter<T>)options.GetConverter(typeof(T));
            var items = ImmutableSortedDictionary.CreateBuilder<string, T>(StringComparer.Ordinal);
            while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
            {
                var name = JsonFault.IsText(ref reader, out var text) ? text : throw new CoreJsonException(JsonFault.OfHalfCharacter.Message);
                if (items.ContainsKey(name))
                {
                    throw new CoreJsonException($"The member '{name}' stands there twice.");
                }
                reader.Read();
                items.Add(name, ReadItem(ref reader, element, options));
            }
            return items.ToImmutable();
        }

        public override void Write(Utf8JsonWriter writer, ImmutableSortedDictionary<string, T> value, JsonSerializerOptions options)
        {
            var element = (JsonConverter<T>)options.GetConverter(typeof(T));
            writer.WriteStartObject();
            foreach (var (name, item) in value)
            {
                writer.WritePropertyName(name);
                WriteItem(writer, item, element, options);
            }
            writer.WriteEndObject();
        }
    }

    private sealed class SetConverter : JsonConverter<ImmutableSortedSet<string>>
    {
        public override ImmutableSortedSet<string> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            Expect(ref reader, JsonTokenType.StartArray, "a list in [ ]");
            var items = ImmutableSortedSet.CreateBuilder<string>(StringComparer.Ordinal);
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                var item = reader.TokenType == JsonTokenType.String ? reader.GetString()! : throw new CoreJsonException("A string in quotes is expected here.");
                if (!items.Add(item))
                {
                    throw new CoreJsonException("An item stands there twice.");
                }
            }
            return items.ToImmutable();
        }

        public override void Write(Utf8JsonWriter writer, ImmutableSortedSet<string> value, JsonSerializerOptions options)
        {
            writer.WriteStartArray();
            foreach (var item in value)
            {
                writer.WriteStringValue(item);
            }
            writer.WriteEndArray();
        }
    }

    private static void Expect(ref Utf8JsonReader reader, JsonTokenType token, string what)
    {
        if (reader.TokenType != token)
        {
            throw new CoreJsonException($"Here {what} is expected.");
        }
    }

    private static T ReadItem<T>(ref Utf8JsonReader reader, JsonConverter<T> element, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.Null
            ? throw new CoreJsonException("null has no meaning here.")
            : element.Read(ref reader, typeof(T), options)!;

    private static void WriteItem<T>(Utf8JsonWriter writer, T item, JsonConverter<T> element, JsonSerializerOptions options)
    {
        if (item is null)
        {
            throw new CoreJsonException("A collection of the Core holds null, which could not be read back.");
        }
        element.Write(writer, item, options);
    }
}
