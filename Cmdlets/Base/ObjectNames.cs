using System.Runtime.CompilerServices;

namespace ClusterTools.Cmdlets;

/// <summary>
/// What a name means: the thing of that very name; else what it fits as a wildcard, in which a backtick takes a character as it is. A name
/// that an object has brought means that object alone.
/// </summary>
internal static class ObjectNames
{
    // Keyed by reference, as the text alone does not say where it came from. The value: whether case may differ (a row written by hand).
    private static readonly ConditionalWeakTable<string, object> FromPipeline = new();

    /// <summary>The name of an object from the pipeline.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="anyCase">Somebody may have written it by hand.</param>
    public static string Remember(string name, bool anyCase)
    {
        string own = new(name.ToCharArray());
        FromPipeline.Add(own, anyCase);
        return own;
    }

    /// <summary>Whether it may fit several, or none without that being a slip.</summary>
    public static bool IsWildcard(string name) =>
        !FromPipeline.TryGetValue(name, out _) && WildcardPattern.ContainsWildcardCharacters(name);

    /// <summary>A wildcard as every command understands it: without regard to case, the same in every culture.</summary>
    public static WildcardPattern Wildcard(string text) =>
        WildcardPattern.Get(text, WildcardOptions.IgnoreCase | WildcardOptions.CultureInvariant);

    /// <summary>Those that a name means.</summary>
    /// <param name="all">What there is.</param>
    /// <param name="nameOf">Its name.</param>
    /// <param name="name">What was given.</param>
    /// <param name="wildcards">Several may be meant.</param>
    public static T[] Find<T>(IReadOnlyList<T> all, Func<T, string> nameOf, string name, bool wildcards = true)
    {
        T[] same = [.. all.Where(a => nameOf(a) == name)];
        bool brought = FromPipeline.TryGetValue(name, out object? anyCase);
        if (same.Length > 0 || anyCase is false)
        {
            return same;
        }

        // Names are case-sensitive in the cluster; at a prompt case matters only where two names differ in nothing else.
        T[] like = [.. all.Where(a => string.Equals(nameOf(a), name, StringComparison.OrdinalIgnoreCase))];
        if (like.Length > 0 || brought)
        {
            return like;
        }

        if (IsWildcard(name))
        {
            WildcardPattern wildcard = Wildcard(name);
            return wildcards ? [.. all.Where(a => wildcard.IsMatch(nameOf(a)))] : [];
        }

        string plain = WildcardPattern.Unescape(name);
        return plain == name ? [] : Find(all, nameOf, Remember(plain, anyCase: true));
    }

    /// <summary>Whether something has this very name.</summary>
    public static bool Has<T>(IReadOnlyList<T> all, Func<T, string> nameOf, string name) =>
        all.Any(a => string.Equals(nameOf(a), name, StringComparison.OrdinalIgnoreCase));

    /// <summary>What of many things fits the names, some of which are known to be there.</summary>
    /// <param name="names">Given.</param>
    /// <param name="known">What there is, where a name may be that very one.</param>
    public static Func<string, bool> Filter(IEnumerable<string> names, IReadOnlyList<string> known)
    {
        var exact = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var wild = new List<WildcardPattern>();
        foreach (string name in names)
        {
            if (!IsWildcard(name) || Has(known, k => k, name))
            {
                // A name may be of something that is gone: the journal still has entries about it.
                string[] found = Find(known, k => k, name);
                exact.UnionWith(found.Length > 0 ? found : [name, WildcardPattern.Unescape(name)]);
            }
            else
            {
                wild.Add(Wildcard(name));
            }
        }

        return candidate => exact.Contains(candidate) || wild.Any(w => w.IsMatch(candidate));
    }
}
