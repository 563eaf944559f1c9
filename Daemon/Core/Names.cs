using System.Collections.Immutable;

namespace ClusterTools.Core;

/// <summary>Names in ordinal order.</summary>
public static class Names
{
    public static ImmutableSortedSet<string> None { get; } = ImmutableSortedSet.Create<string>(StringComparer.Ordinal);

    /// <summary>The first ten, and how many there are besides.</summary>
    internal static string Shorten(IEnumerable<string> names)
    {
        string[] all = [.. names];
        return all.Length <= 10 ? string.Join(", ", all) : $"{string.Join(", ", all.Take(10))} and {all.Length - 10} more";
    }
}
