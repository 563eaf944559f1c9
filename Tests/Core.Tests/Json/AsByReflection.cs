using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Xunit;

namespace ClusterTools.Tests.Json;

/// <summary>
/// Compares a setup whose types are described at compile time with the same setup over reflection: the same bytes, the same values read,
/// and for what is wrong the same words at the same place.
/// </summary>
internal static class AsByReflection
{
    private static readonly string[] Wrong =
    [
        "null", "true", "-1", "1.5", "1e400", "99999999999999999999", "\"\"", "\"a, b\"", "\"\\ud800\"", "{}", "[]", "[null]", "[[]]",
        "{\"a\":null}",
    ];

    /// <summary>Compares all types that the roots reach.</summary>
    /// <returns>How many types and wrong texts were compared.</returns>
    public static (int Types, int Texts) Compare(JsonSerializerOptions generated, Type[] roots, params Action<JsonTypeInfo>[] modifiers)
    {
        JsonSerializerOptions reflected = Of(generated, modifiers);
        Type[] types = [.. Reachable(reflected, roots)];
        int texts = 0;
        foreach (Type type in types)
        {
            foreach (Type kind in Filled.KindsOf(type))
            {
                object value = Filled.Of(kind);
                byte[] bytes = JsonSerializer.SerializeToUtf8Bytes(value, type, reflected);
                Assert.Equal(Encoding.UTF8.GetString(bytes), JsonSerializer.Serialize(value, type, generated));
                foreach (string text in Variants(Encoding.UTF8.GetString(bytes)))
                {
                    Assert.Equal((text, Outcome(text, type, reflected)), (text, Outcome(text, type, generated)));
                    texts++;
                }
            }
        }

        return (types.Length, texts);
    }

    /// <summary>The same setup over reflection.</summary>
    public static JsonSerializerOptions Of(JsonSerializerOptions generated, params Action<JsonTypeInfo>[] modifiers)
    {
        var resolver = new DefaultJsonTypeInfoResolver();
        foreach (Action<JsonTypeInfo> modifier in modifiers)
        {
            resolver.Modifiers.Add(modifier);
        }

        return new JsonSerializerOptions(generated) { TypeInfoResolver = resolver };
    }

    private static IEnumerable<Type> Reachable(JsonSerializerOptions options, IEnumerable<Type> roots)
    {
        var seen = new HashSet<Type>();
        var left = new Stack<Type>(roots);
        while (left.TryPop(out Type? type))
        {
            if (!seen.Add(type))
            {
                continue;
            }

            yield return type;
            foreach (Type? next in (Type?[])[Nullable.GetUnderlyingType(type), .. type.GetGenericArguments(), type.GetElementType()])
            {
                if (next is not null && !next.IsGenericParameter)
                {
                    left.Push(next);
                }
            }

            JsonTypeInfo info = options.GetTypeInfo(type);
            foreach (JsonPropertyInfo member in info.Properties.Where(p => p.Get is not null && p.Set is not null))
            {
                left.Push(member.PropertyType);
            }

            foreach (JsonDerivedType derived in info.PolymorphismOptions?.DerivedTypes ?? [])
            {
                left.Push(derived.DerivedType);
            }
        }
    }

    // The text itself, and ones that are wrong, or wanting, in one thing each.
    private static IEnumerable<string> Variants(string whole)
    {
        yield return whole;
        yield return "null";
        yield return "17";
        yield return "\"no such word\"";
        yield return "[]";
        yield return "{}";
        yield return "[null]";
        yield return whole[..^1];
        yield return whole + "1";
        if (JsonNode.Parse(whole) is not JsonObject members)
        {
            yield break;
        }

        string[] names = [.. members.Select(m => m.Key)];
        yield return whole[..^1] + ",\"notKnown\":{\"a\":[1]}}";
        yield return "{ \"notKnown\": 1," + whole[1..];
        foreach (string name in names)
        {
            string member = $"{JsonSerializer.Serialize(name)}:{members[name]?.ToJsonString() ?? "null"}";
            yield return With(o => o.Remove(name));
            yield return With(o => Array.ForEach([.. names.Where(n => n != name)], n => o.Remove(n)));
            yield return whole[..^1] + "," + member + "}";
            yield return $"{{{member},{whole[1..]}";
            yield return With(o => o[name.ToUpperInvariant()] = Taken(o, name));
            string key = JsonSerializer.Serialize(name);
            foreach (string wrong in Wrong)
            {
                yield return With(o => o[name] = 0).Replace($"{key}:0", $"{key}: {wrong}", StringComparison.Ordinal);
            }
        }

        string With(Action<JsonObject> change)
        {
            var copy = (JsonObject)members.DeepClone();
            change(copy);
            return copy.ToJsonString();
        }

        static JsonNode? Taken(JsonObject from, string name)
        {
            JsonNode? taken = from[name]?.DeepClone();
            from.Remove(name);
            return taken;
        }
    }

    private static string Outcome(string text, Type type, JsonSerializerOptions options)
    {
        try
        {
            object? read = JsonSerializer.Deserialize(text, type, options);
            return JsonSerializer.Serialize(read, type, options);
        }
        catch (JsonException e)
        {
            return $"{e.GetType().Name}: {e.Message} | {e.Path} {e.LineNumber}:{e.BytePositionInLine} | {e.InnerException?.Message}";
        }
        catch (Exception e) when (e is NotSupportedException or InvalidOperationException or NullReferenceException or ArgumentException)
        {
            return $"{e.GetType().Name}: {e.Message}";
        }
    }
}
