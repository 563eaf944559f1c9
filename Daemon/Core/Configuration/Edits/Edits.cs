using System.Collections.Immutable;

namespace ClusterTools.Core.Configuration;

/// <summary>What all edits do alike.</summary>
internal static class Edits
{
    /// <summary>A name as it is written; its case matters only where two differ in nothing else.</summary>
    /// <exception cref="EditRefusedException">There is none.</exception>
    public static string Find<T>(ImmutableSortedDictionary<string, T> all, string what, string name) =>
        all.ContainsKey(name) ? name
        : all.Keys.Where(n => string.Equals(n, name, StringComparison.OrdinalIgnoreCase)).ToArray() is [var only] ? only
        : throw EditRefusedException.NotFound(what, name, all.Keys);

    /// <exception cref="EditRefusedException">There is one already.</exception>
    public static ImmutableSortedDictionary<string, T> Add<T>(ImmutableSortedDictionary<string, T> all, string what, string name, T item) =>
        all.ContainsKey(name) ? throw EditRefusedException.Exists(what, name) : all.Add(name, item);

    /// <summary>Parameters with those that are given; one that is null is taken out.</summary>
    public static ImmutableSortedDictionary<string, string> Merge(
        ImmutableSortedDictionary<string, string> there, IReadOnlyDictionary<string, string?>? given)
    {
        foreach ((string name, string? value) in given ?? ImmutableDictionary<string, string?>.Empty)
        {
            there = value is null ? there.Remove(name) : there.SetItem(name, value);
        }

        return there;
    }

    /// <summary>A time that is given, or the one that is there.</summary>
    /// <exception cref="EditRefusedException">It is out of range.</exception>
    public static int Time(long? given, int there, string what) => given switch
    {
        null => there,
        >= 0 and <= int.MaxValue => (int)given,
        _ => throw EditRefusedException.Invalid($"{what} of {given / 1000m} s is out of range.", "Use a time up to 24 hours."),
    };

    /// <summary>The same of a time that may be left to its default.</summary>
    /// <exception cref="EditRefusedException">It is out of range.</exception>
    public static int? TimeOrDefault(long? given, int? there, string what) => given is null ? there : Time(given, 0, what);

    /// <summary>Refuses what would only be too many in the end, before the work grows with it.</summary>
    /// <exception cref="EditRefusedException">There are as many as there may be.</exception>
    public static void CheckRoom(int there, int most, string whose, string what)
    {
        if (there >= most)
        {
            throw EditRefusedException.Invalid($"{whose} would have more than {most} {what}.", "Use fewer.");
        }
    }

    /// <exception cref="EditRefusedException">The subject can only be set.</exception>
    public static void OnlySet(EditAction action, string what)
    {
        if (action != EditAction.Set)
        {
            throw EditRefusedException.Invalid($"{what} can be set, and not added or removed.", "Use the action set.");
        }
    }
}
