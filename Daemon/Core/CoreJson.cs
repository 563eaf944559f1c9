using System.Collections.Immutable;
using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
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

    /// <summary>The same setup for another room's types too.</summary>
    /// <param name="options">One of the two here.</param>
    /// <param name="types">The room's context.</param>
    /// <param name="converters">For its enums and collections, see <see cref="Word"/> and <see cref="Array"/>.</param>
    public static JsonSerializerOptions With(
        this JsonSerializerOptions options, IJsonTypeInfoResolver types, params JsonConverter[] converters)
    {
        ArgumentNullException.ThrowIfNull(converters);
        var with = new JsonSerializerOptions(options)
        {
            TypeInfoResolver = JsonTypeInfoResolver.Combine(types, CoreJsonTypes.Default).WithAddedModifier(ReadInPlace),
        };
        for (var i = 0; i < converters.Length; i++)
        {
            with.Converters.Insert(i, converters[i]);
        }
        with.MakeReadOnly();
        return with;
    }

    /// <summary>An enum as one camelCase word.</summary>
    public static JsonConverter Word<T>()
        where T : struct, Enum => new WordConverter<T>();

    /// <summary>A list that a default array is written as, and null is not read as.</summary>
    public static JsonConverter Array<T>() => new ArrayConverter<T>();

    /// <summary>A dictionary that comes back with ordinal order.</summary>
    internal static JsonConverter Dictionary<T>() => new DictionaryConverter<T>();

    /// <summary>A set that comes back with ordinal order.</summary>
    internal static JsonConverter Set() => new SetConverter();

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
            Converters = { new ListedConverters() },
            TypeInfoResolver = CoreJsonTypes.Default.WithAddedModifier(ReadInPlace),
        };
        options.MakeReadOnly();
        return options;
    }

    // What has required members is made by the generated code when all of it was read, which then says a wrong place of what does not fit.
    private static void ReadInPlace(JsonTypeInfo type)
    {
        if (type.CreateObject is null && type.ConstructorAttributeProvider is ConstructorInfo constructor
            && constructor.GetParameters().Length == 0)
        {
            var invoker = ConstructorInvoker.Create(constructor);
            type.CreateObject = () => invoker.Invoke();
        }
    }

    /// <summary>System.Text.Json refuses to write a default array, and reads null as one.</summary>
    private sealed class ArrayConverter<T> : JsonConverter<ImmutableArray<T>>
    {
        public override ImmutableArray<T> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            Expect(ref reader, JsonTokenType.StartArray, "a list in [ ]");
            var element = (JsonConverter<T>)options.GetTypeInfo<T>().Converter;
            var items = ImmutableArray.CreateBuilder<T>();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                items.Add(ReadItem(ref reader, element, options));
            }
            return items.DrainToImmutable();
        }

        public override void Write(Utf8JsonWriter writer, ImmutableArray<T> value, JsonSerializerOptions options)
        {
            var element = (JsonConverter<T>)options.GetTypeInfo<T>().Converter;
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

    /// <summary>System.Text.Json rebuilds sorted collections with the culture's order; the Core knows only the ordinal one.</summary>
    private sealed class DictionaryConverter<T> : JsonConverter<ImmutableSortedDictionary<string, T>>
    {
        public override ImmutableSortedDictionary<string, T> Read(
            ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            Expect(ref reader, JsonTokenType.StartObject, "an object in { }");
            var element = (JsonConverter<T>)options.GetTypeInfo<T>().Converter;
            var items = ImmutableSortedDictionary.CreateBuilder<string, T>(StringComparer.Ordinal);
            while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
            {
                var name = JsonFault.IsText(ref reader, out var text)
                    ? text
                    : throw new CoreJsonException(JsonFault.OfHalfCharacter.Message);
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
            var element = (JsonConverter<T>)options.GetTypeInfo<T>().Converter;
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
                var item = reader.TokenType == JsonTokenType.String
                    ? reader.GetString()!
                    : throw new CoreJsonException("A string in quotes is expected here.");
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
