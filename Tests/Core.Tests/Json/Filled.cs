using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json.Serialization;

namespace ClusterTools.Tests.Json;

/// <summary>Values with something in every member, down to a depth; the same ones each time.</summary>
internal sealed class Filled
{
    private const int Deepest = 6;

    private int count;

    /// <summary>A value of the type; null where the depth allows no more and null is allowed.</summary>
    public static object Of(Type type) => new Filled().Value(type, 0)!;

    /// <summary>Kinds that a value of the type may be of: itself, or what its attributes name.</summary>
    public static IEnumerable<Type> KindsOf(Type type) => type.GetCustomAttributes<JsonDerivedTypeAttribute>(inherit: false)
        .Select(a => a.DerivedType).DefaultIfEmpty(type);

    private object? Value(Type type, int depth)
    {
        count++;
        return Nullable.GetUnderlyingType(type) is { } underlying ? Value(underlying, depth)
            : type == typeof(string) ? $"text {count} \"é<\u2028>\" \U0001F600"
            : type == typeof(bool) ? true
            : type == typeof(int) ? count
            : type == typeof(long) ? long.MaxValue - count
            : type == typeof(double) ? count / 8.0
            : type == typeof(DateTimeOffset) ? DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_000 + count)
            : type == typeof(TimeSpan) ? TimeSpan.FromSeconds(count)
            : type.IsEnum ? Enum.GetValues(type).Cast<object>().ElementAt(count % Enum.GetValues(type).Length)
            : Items(type, depth) ?? Object(KindsOf(type).ElementAt(count % KindsOf(type).Count()), depth);
    }

    private object? Items(Type type, int depth)
    {
        if (type.IsArray)
        {
            return Make(nameof(Array), [type.GetElementType()!], depth);
        }

        if (!type.IsGenericType)
        {
            return null;
        }

        string? maker = type.GetGenericTypeDefinition() is var d && d == typeof(ImmutableArray<>) ? nameof(ImmutableArrayOf)
            : d == typeof(ImmutableList<>) ? nameof(ListOf)
            : d == typeof(ImmutableQueue<>) ? nameof(QueueOf)
            : d == typeof(ImmutableSortedSet<>) ? nameof(SetOf)
            : d == typeof(ImmutableSortedDictionary<,>) ? nameof(DictionaryOf)
            : d == typeof(SortedDictionary<,>) ? nameof(SortedOf)
            : d == typeof(IReadOnlyDictionary<,>) || d == typeof(IDictionary<,>) || d == typeof(Dictionary<,>) ? nameof(PlainOf)
            : d == typeof(IReadOnlyList<>) || d == typeof(IList<>) || d == typeof(List<>) ? nameof(PlainListOf)
            : null;
        return maker is null ? null : Make(maker, type.GetGenericArguments(), depth);
    }

    private object Make(string maker, Type[] arguments, int depth) =>
        typeof(Filled).GetMethod(maker, BindingFlags.NonPublic | BindingFlags.Instance)!
            .MakeGenericMethod(arguments[^1]).Invoke(this, [depth])!;

    private T[] Array<T>(int depth) => depth >= Deepest && !typeof(T).IsValueType && typeof(T) != typeof(string)
        ? []
        : [(T)Value(typeof(T), depth + 1)!, (T)Value(typeof(T), depth + 1)!];

    private ImmutableArray<T> ImmutableArrayOf<T>(int depth) => [.. Array<T>(depth)];

    private ImmutableList<T> ListOf<T>(int depth) => [.. Array<T>(depth)];

    private ImmutableQueue<T> QueueOf<T>(int depth) => [.. Array<T>(depth)];

    private ImmutableSortedSet<T> SetOf<T>(int depth) => typeof(T) == typeof(string)
        ? (ImmutableSortedSet<T>)(object)ImmutableSortedSet.Create(StringComparer.Ordinal, [.. Array<string>(depth), "B", "a"])
        : [.. Array<T>(depth)];

    private ImmutableSortedDictionary<string, T> DictionaryOf<T>(int depth) =>
        PlainOf<T>(depth).ToImmutableSortedDictionary(StringComparer.Ordinal);

    private SortedDictionary<string, T> SortedOf<T>(int depth) => new(PlainOf<T>(depth), StringComparer.Ordinal);

    private Dictionary<string, T> PlainOf<T>(int depth) =>
        Array<T>(depth).Select((item, i) => (item, i)).ToDictionary(p => "bA"[p.i % 2] + $"é{p.i}", p => p.item);

    private List<T> PlainListOf<T>(int depth) => [.. Array<T>(depth)];

    private object? Object(Type type, int depth)
    {
        ConstructorInfo? constructor = type.GetConstructors(BindingFlags.Public | BindingFlags.Instance)
            .OrderByDescending(c => c.GetParameters().Length).FirstOrDefault();
        if (constructor is null && !type.IsValueType)
        {
            // A closed set of values.
            PropertyInfo[] all = [.. type.GetProperties(BindingFlags.Public | BindingFlags.Static).Where(p => p.PropertyType == type)];
            return all[count % all.Length].GetValue(null);
        }

        if (depth > Deepest + 2)
        {
            return null;
        }

        object made = constructor is null
            ? Activator.CreateInstance(type)!
            : constructor.Invoke([.. constructor.GetParameters().Select(p => Value(p.ParameterType, depth + 1))]);
        foreach (PropertyInfo property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(IsWritten))
        {
            if (constructor?.GetParameters().Any(p => p.Name == property.Name) != true)
            {
                property.SetValue(made, Value(property.PropertyType, depth + 1));
            }
        }

        return made;
    }

    private static bool IsWritten(PropertyInfo property) =>
        property is { CanRead: true, SetMethod.IsPublic: true } && property.GetCustomAttribute<JsonIgnoreAttribute>() is null;
}
