using ClusterTools.Core.Tests;

namespace ClusterTools.Mutation;

/// <summary>Changes the Core's rules one by one and sees whether a scenario, a test or the simulation notices.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] arguments)
    {
        if (arguments is [Worker.Verb, var seeds, .. var parts])
        {
            return Worker.Run(int.Parse(seeds), parts);
        }

        using var cancellation = new CancellationTokenSource();
        Console.CancelKeyPress += (_, e) =>
        {
            e.Cancel = true;
            cancellation.Cancel();
        };
        try
        {
            return await RunAsync(Options.Of(arguments), cancellation.Token).ConfigureAwait(false);
        }
        catch (Exception error) when (error is ArgumentException or DirectoryNotFoundException)
        {
            Console.Error.WriteLine($"{error.Message}\n{Options.Usage}");
            return 2;
        }
    }

    private static async Task<int> RunAsync(Options options, CancellationToken cancel)
    {
        string root = Checkout.Root();
        Subject[] subjects = [.. Subject.All(root).Where(s => options.Files.Count == 0 || options.Files.Contains(s.Name))];
        if (subjects.Length == 0)
        {
            throw new ArgumentException($"No file of rules is called {string.Join(" or ", options.Files)}.");
        }

        Room[] rooms =
        [
            Room.Read(root, "Daemon/Voting", "ClusterTools.Voting"), Room.Read(root, "Daemon/Core", "ClusterTools.Core"),
        ];
        string folder = Directory.CreateDirectory(Path.Combine(root, "out", "mutation")).FullName;
        // All of them, whichever are tried: so their numbers stay.
        RulesImage rules = RulesImage.Of(rooms, [.. Subject.All(root).Select(s => s.File)], Path.Combine(folder, "rules.json"));
        Console.Error.WriteLine($"{rules.Mutants.Count} mutants in all; {rules.Dropped.Count} more don't compile.");
        ILookup<string, Mutant> byFile = rules.Mutants.ToLookup(m => m.File);
        Mutant[] mutants = [.. subjects.SelectMany(s => byFile[s.File]).Where(m => options.Id is not { } id || m.Id == id)];
        if (options.List)
        {
            foreach (Mutant mutant in mutants)
            {
                Console.Out.WriteLine($"{mutant.Id} {mutant.File}({mutant.Line}) {mutant.Key}");
            }

            return 0;
        }

        var results = Results.Read(Path.Combine(folder, "results.json"));
        IReadOnlyDictionary<string, string> reasons = Reasons.Read(File.ReadLines(Reasons.Source));
        Mutant[] asked = [.. mutants.Where(m => !options.Survivors || results.Of(m) is not { Noticed: true })];
        await new Campaign(options, folder, rules, results).RunAsync(asked, cancel).ConfigureAwait(false);
        var report = new Report(subjects, mutants, results, reasons);
        report.Write(Console.Out);
        await using StreamWriter kept = File.CreateText(Path.Combine(folder, "report.md"));
        report.Write(kept);
        return cancel.IsCancellationRequested ? 130 : 0;
    }
}
