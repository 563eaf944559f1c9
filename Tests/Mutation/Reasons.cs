namespace ClusterTools.Mutation;

/// <summary>
/// reasons.txt: mutants that change nothing that anybody could see, each with the reason why. Lines name some as reports do, indented
/// lines below them say why.
/// </summary>
internal static class Reasons
{
    public static string Source => Path.Combine(AppContext.BaseDirectory, "reasons.txt");

    /// <summary>Reasons by the mutant's key.</summary>
    /// <exception cref="FormatException">A line belongs to nothing, or a mutant has no reason.</exception>
    public static IReadOnlyDictionary<string, string> Read(IEnumerable<string> lines)
    {
        var reasons = new Dictionary<string, string>(StringComparer.Ordinal);
        List<string> keys = [];
        bool told = false;
        foreach (string line in lines)
        {
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            if (line[0] != ' ')
            {
                if (told)
                {
                    keys.Clear();
                }

                keys.Add(line);
                reasons.Add(line, "");
            }
            else if (keys.Count == 0)
            {
                throw new FormatException($"reasons.txt: '{line}' belongs to no mutant.");
            }
            else
            {
                keys.ForEach(key => reasons[key] += $" {line.Trim()}");
            }

            told = line[0] == ' ';
        }

        return reasons.ContainsValue("")
            ? throw new FormatException($"reasons.txt: no reason is given for {reasons.First(r => r.Value.Length == 0).Key}")
            : reasons.ToDictionary(r => r.Key, r => r.Value.Trim(), StringComparer.Ordinal);
    }
}
