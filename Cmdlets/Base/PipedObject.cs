using System.Collections;
using System.Reflection;

namespace ClusterTools.Cmdlets;

/// <summary>Things of ours as a pipeline brings them: living, or as what a job, a file or another session has left of them.</summary>
internal static class PipedObject
{
    private const string Ours = "ClusterTools.";

    /// <summary>
    /// Whether it is, or was, a thing of this type: what was written out is called Deserialized.TYPE, what was chosen from Selected.TYPE.
    /// </summary>
    public static bool Is(PSObject thing, Type kind) =>
        kind.IsInstanceOfType(thing.BaseObject) || thing.TypeNames.Any(n => n.EndsWith(kind.FullName!, StringComparison.Ordinal));

    /// <summary>Whether it is, or was, a thing of ours.</summary>
    public static bool IsOurs(PSObject thing) => thing.TypeNames.Any(n => n.Contains(Ours));

    /// <summary>Whether it is nobody's: a row of a CSV file, an object made by hand.</summary>
    public static bool IsRow(PSObject thing) => thing.BaseObject is PSCustomObject && !IsOurs(thing);

    /// <summary>A member as text; null: it has none.</summary>
    public static string? Member(PSObject thing, string name) =>
        thing.Properties[name] is { } property ? Arguments.Text(property.Value) : null;

    /// <summary>A thing made of what is left of one; members that do not fit are as in a new one.</summary>
    public static object Revive(PSObject left, Type kind)
    {
        object thing = Activator.CreateInstance(kind)!;
        foreach (PropertyInfo property in kind.GetProperties().Where(p => p.CanWrite))
        {
            if (left.Properties[property.Name]?.Value is { } value && Value(value, property.PropertyType) is { } fits)
            {
                property.SetValue(thing, fits);
            }
        }

        return thing;
    }

    private static object? Value(object value, Type type)
    {
        object bare = value is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : value;
        if (type.IsInstanceOfType(bare))
        {
            return bare;
        }

        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>) && bare is IDictionary dictionary)
        {
            return dictionary.Keys.Cast<object>().ToDictionary(k => Arguments.Text(k) ?? "", k => Arguments.Text(dictionary[k]) ?? "");
        }

        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) && bare is IEnumerable list and not string)
        {
            Type of = type.GetGenericArguments()[0];
            object[] items = [.. list.Cast<object>().Select(i => Value(i, of)).OfType<object>()];
            var several = Array.CreateInstance(of, items.Length);
            items.CopyTo(several, 0);
            return several;
        }

        return value is PSObject { BaseObject: PSCustomObject } inner && type.Namespace?.StartsWith(Ours, StringComparison.Ordinal) == true
            && type.IsClass
            ? Revive(inner, type)
            : LanguagePrimitives.TryConvertTo(
                bare, type, System.Globalization.CultureInfo.InvariantCulture, out object? converted) ? converted
                : null;
    }
}
