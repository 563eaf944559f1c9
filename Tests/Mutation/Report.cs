using System.Globalization;

namespace ClusterTools.Mutation;

/// <summary>Scores by file, and who survives.</summary>
internal sealed class Report(
    IReadOnlyList<Subject> subjects, IReadOnlyList<Mutant> mutants, Results results, IReadOnlyDictionary<string, string> reasons)
{
    private readonly ILookup<string, Mutant> byFile = mutants.ToLookup(m => m.File);

    /// <summary>The tables, as docs/mutation.md has them.</summary>
    public void Write(TextWriter to)
    {
        to.WriteLine("| file | mutants | scenario | test | simulation | no end | same | survive | score | goal |");
        to.WriteLine("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
        foreach (Subject subject in subjects)
        {
            WriteRow(to, subject.Name, [.. byFile[subject.File]], subject.Goal);
        }

        foreach (int goal in subjects.Select(s => s.Goal).Distinct())
        {
            Subject[] those = [.. subjects.Where(s => s.Goal == goal)];
            WriteRow(to, $"**all with a goal of {goal} %**", [.. those.SelectMany(s => byFile[s.File])], goal);
        }

        WriteList(to, "Nobody notices", m => results.Of(m) is { Noticed: false } && !reasons.ContainsKey(m.Key));
        WriteList(to, "The same, with the reason why", m => reasons.ContainsKey(m.Key) && results.Of(m) is not { Noticed: true });
        WriteList(
            to, "Noticed, though reasons.txt says that nobody could",
            m => reasons.ContainsKey(m.Key) && results.Of(m) is { Noticed: true });
        WriteList(to, "Not tried", m => results.Of(m) is null && !reasons.ContainsKey(m.Key));
        HashSet<string> there = [.. mutants.Select(m => m.Key)];
        HashSet<string> files = [.. subjects.Select(s => s.Name)];
        foreach (string gone in reasons.Keys.Where(k => !there.Contains(k) && files.Contains(k.Split('.')[0])))
        {
            to.WriteLine($"\nreasons.txt names what is no more: {gone}");
        }
    }

    private void WriteRow(TextWriter to, string name, Mutant[] those, int goal)
    {
        Fate?[] fates = [.. those.Select(m => results.Of(m)?.Fate)];
        int same = those.Count(m => reasons.ContainsKey(m.Key) && results.Of(m) is not { Noticed: true });
        int survive = those.Count(m => results.Of(m) is { Noticed: false } && !reasons.ContainsKey(m.Key));
        int tried = those.Count(m => results.Of(m) is not null || reasons.ContainsKey(m.Key)) - same;
        string score = tried == 0 ? "–" : (100.0 * (tried - survive) / tried).ToString("0.0", CultureInfo.InvariantCulture) + " %";
        int Count(Fate fate) => fates.Count(f => f == fate);
        to.WriteLine(
            $"| {name} | {those.Length} | {Count(Fate.Scenario)} | {Count(Fate.Test)} | {Count(Fate.Simulation)} | {Count(Fate.Timeout)} | "
                + $"{same} | {survive} | {score} | {goal} % |");
    }

    private void WriteList(TextWriter to, string title, Func<Mutant, bool> which)
    {
        Mutant[] those = [.. mutants.Where(which)];
        if (those.Length == 0)
        {
            return;
        }

        to.WriteLine($"\n{title} ({those.Length}):\n");
        foreach (Mutant mutant in those)
        {
            string reached = results.Of(mutant) switch
            {
                { Fate: Fate.Unreached } => "; nothing reaches it",
                { Fate: Fate.Survived, Differs: [var first, ..] } result => $"; {result.Reached} reach it, the state shows it: {first}",
                { Fate: Fate.Survived } result => $"; {result.Reached} reach it, no state shows it",
                _ => "",
            };
            string why = reasons.TryGetValue(mutant.Key, out string? reason) ? $": {reason}" : "";
            to.WriteLine($"- `{mutant.Key}` (line {mutant.Line}, {mutant.Id}{reached}){why}");
        }
    }
}
