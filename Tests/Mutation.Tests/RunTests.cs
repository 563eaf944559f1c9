using ClusterTools.Core.Tests;
using Xunit;

namespace ClusterTools.Mutation.Tests;

/// <summary>Around the mutants: what is asked for, what is kept, what is counted.</summary>
public sealed class RunTests
{
    [Fact]
    public void Every_file_of_rules_is_there_once()
    {
        string[] files = [.. Subject.All(Checkout.Root()).Select(s => s.File)];

        Assert.All(files, f => Assert.True(File.Exists(Path.Combine(Checkout.Root(), f)), $"{f} is not there; Subject.cs names it."));
        Assert.Equal(files.Distinct(), files);
        Assert.Contains("Daemon/Core/Rules/Probes.cs", files);
    }

    [Fact]
    public void Reasons_are_read_and_those_of_this_checkout_are_in_order()
    {
        Assert.Equal(
            "Nobody could see it.",
            Reasons.Read(["# A comment", "A.B: c → d", "  Nobody could", "  see it."])["A.B: c → d"]);
        Assert.Equal(
            [("A", "x y"), ("B", "x y"), ("C", "z")],
            Reasons.Read(["A", "B", "  x", "  y", "C", "  z"]).OrderBy(r => r.Key).Select(r => (r.Key, r.Value)));
        Assert.Throws<FormatException>(() => Reasons.Read(["A.B: c → d"]));
        Assert.Throws<FormatException>(() => Reasons.Read(["  Nobody"]));
        string[] known = [.. Subject.All(Checkout.Root()).Select(s => s.Name)];
        Assert.All(Reasons.Read(File.ReadLines(Reasons.Source)).Keys, key => Assert.Contains(key.Split('.')[0], known));
    }

    [Fact]
    public void What_was_noticed_is_kept_and_counted()
    {
        string path = Path.Combine(Directory.CreateTempSubdirectory("mutation").FullName, "results.json");
        Mutant[] mutants = [.. Enumerable.Range(0, 5).Select(i => new Mutant(i, "Daemon/Core/Fold.cs", i, "Of", $"{i} → {i + 1}"))];
        Fate[] fates = [Fate.Scenario, Fate.Survived, Fate.Unreached, Fate.Timeout];
        var results = Results.Read(path);
        for (int i = 0; i < fates.Length; i++)
        {
            results.Add(new Result(mutants[i].Key, fates[i], null, 3) { Differs = i == 1 ? ["groups/a.txt=web"] : null });
        }

        results.Save();
        using var report = new StringWriter();
        new Report(
            [new Subject("Daemon/Core/Fold.cs", 85)], mutants, Results.Read(path),
            new Dictionary<string, string> { ["Fold.Of: 2 → 3"] = "nobody calls it." }).Write(report);
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);

        Assert.Contains("| Fold | 5 | 1 | 0 | 0 | 1 | 1 | 1 | 66.7 % | 85 % |", report.ToString());
        Assert.Contains("- `Fold.Of: 1 → 2` (line 1, 1; 3 reach it, the state shows it: groups/a.txt=web)", report.ToString());
        Assert.Contains("- `Fold.Of: 2 → 3` (line 2, 2; nothing reaches it): nobody calls it.", report.ToString());
        Assert.Contains("Not tried (1):", report.ToString());
    }

    [Fact]
    public void Options_that_are_not_understood_are_refused()
    {
        Assert.Equal(["Failback", "Probes"], Options.Of(["--file", "Failback", "--file", "Probes.cs"]).Files);
        Assert.Throws<ArgumentException>(() => Options.Of(["--files", "Failback"]));
        Assert.Throws<ArgumentException>(() => Options.Of(["--id", "first"]));
        Assert.Throws<ArgumentException>(() => Options.Of(["--id"]));
    }
}
