using System.Globalization;
using System.Linq;

namespace ClusterTools;

/// <summary>Existing names like a mistyped one. Compiled into the API and into the cmdlets, so that both find the same.</summary>
internal static class NearNames
{
    private const int Most = 5;

    // Beyond these limits comparing names costs more than it helps.
    private const int LongestName = 64;
    private const int MostNames = 20_000;

    public static string[] Of(string name, IEnumerable<string> names)
    {
        if (name.Length is 0 or > LongestName)
        {
            return [];
        }

        int farthest = Math.Max(1, name.Length / 3);
        return
        [
            .. names.Take(MostNames)
                .Select(n => (Name: n, Distance: DistanceOf(name, n, farthest)))
                .Where(n => n.Distance <= farthest)
                .OrderBy(n => n.Distance)
                .ThenBy(n => n.Name, StringComparer.Ordinal)
                .Take(Most)
                .Select(n => n.Name),
        ];
    }

    private static int DistanceOf(string asked, string there, int farthest)
    {
        // Written so that both frameworks compile it.
        if (CultureInfo.InvariantCulture.CompareInfo.IndexOf(there, asked, CompareOptions.OrdinalIgnoreCase) >= 0)
        {
            return 0;
        }

        if (Math.Abs(asked.Length - there.Length) > farthest)
        {
            return int.MaxValue;
        }

        // Levenshtein, without case.
        int[] above = [.. Enumerable.Range(0, there.Length + 1)];
        int[] row = new int[there.Length + 1];
        for (int i = 1; i <= asked.Length; i++)
        {
            row[0] = i;
            for (int j = 1; j <= there.Length; j++)
            {
                int change = char.ToUpperInvariant(asked[i - 1]) == char.ToUpperInvariant(there[j - 1]) ? 0 : 1;
                row[j] = Math.Min(Math.Min(row[j - 1], above[j]) + 1, above[j - 1] + change);
            }

            (above, row) = (row, above);
        }

        return above[there.Length];
    }
}
