namespace ClusterTools.Core.Configuration;

/// <summary>Places in the model, such as <c>groups/web/resources</c>, and the lines of a file that they come from.</summary>
public static class PlaceLines
{
    /// <summary>The line of a place, or of the nearest thing around it; null: none is known.</summary>
    public static int? Nearest(this IReadOnlyDictionary<string, int> lines, string path)
    {
        for (string at = path; ; at = at[..at.LastIndexOf('/')])
        {
            if (lines.TryGetValue(at, out int line))
            {
                return line;
            }

            if (!at.Contains('/', StringComparison.Ordinal))
            {
                return null;
            }
        }
    }
}
