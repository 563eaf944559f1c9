using System.Diagnostics;
using System.Globalization;
using System.Xml.Linq;

namespace ClusterTools.Build.Testing;

/// <summary>
/// Builds everything once and runs every test there is: the xunit executables, the simulation, Pester; as many side by side as there are
/// processors. Ends with a table of who took how long, what failed, and one line of counts.
/// </summary>
internal static class TestRun
{
    public const string Full = "--full";

    /// <summary>
    /// Machines with kernels of their own take minutes to boot: but for the tests that call themselves short they are for who names them,
    /// or asks for all.
    /// </summary>
    private const string Machines = "RealMachines";
    private static readonly string[] Short = ["-trait", "Length=Short"];
    private const int FailureLines = 25;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(20);
    private static readonly TimeSpan FullLimit = TimeSpan.FromHours(8);

    // Long ones first, so that none of them is left alone at the end.
    private static readonly string[] LongestFirst =
        [
            "RealMachines", "RealAgents", "Guests", "Lab.Tests", "ClusterEventScript", "ClusterRunbook", "ClusterGroup", "Agents",
            "Simulation", "Engines", "Cmdlets", "Api", "Examples"];

    /// <param name="arguments">
    /// Parts of the names of projects or files with Pester tests; <c>pester</c>: all of the latter; none: everything. <c>--full</c>: all
    /// that takes too long for every change, too.
    /// </param>
    /// <param name="cancel">Ends it.</param>
    public static async Task<int> RunAsync(string[] arguments, CancellationToken cancel)
    {
        bool full = arguments.Contains(Full);
        string[] only = [.. arguments.Where(a => a != Full)];
        await Setup.RunAsync(cancel, withMachines: IsWanted(Machines, only)).ConfigureAwait(false);
        await TestShell.SetUpAsync(cancel).ConfigureAwait(false);
        Runner[] runners = [.. Programs(only, full), .. Pester(only)];
        await BuildAsync(only, cancel).ConfigureAwait(false);
        if (Directory.Exists(Repository.TestResults))
        {
            Directory.Delete(Repository.TestResults, recursive: true);
        }

        Directory.CreateDirectory(Repository.TestResults);
        Counts all = await SideBySideAsync(runners, cancel).ConfigureAwait(false);
        if (all.Passed + all.Failed == 0)
        {
            Say.Error("No test was run.");
            all = all with { Failed = 1 };
        }

        Console.Out.WriteLine(all);
        return all.Failed == 0 ? 0 : 1;
    }

    /// <summary>The assembly that a project builds.</summary>
    public static string OutputOf(string project)
    {
        string name = XDocument.Load(project).Descendants("AssemblyName").FirstOrDefault()?.Value
            ?? Path.GetFileNameWithoutExtension(project);
        return Path.Combine(Path.GetDirectoryName(Path.GetFullPath(project))!, "bin", "Release", "net10.0", name + ".dll");
    }

    private static IEnumerable<Runner> Programs(string[] only, bool full)
    {
        TimeSpan limit = full ? FullLimit : Limit;
        foreach (string project in Projects(only))
        {
            if (project.Contains(Machines, StringComparison.Ordinal))
            {
                bool all = full || only.Length > 0;
                if (!all)
                {
                    Say.Note(
                        $"test: of {Machines} what is short is run; ask for all by name (./build.sh test {Machines}), or for everything "
                            + $"with {Full}.");
                }

                yield return new XunitRunner(project, full, all ? FullLimit : limit, all ? [] : Short);
            }
            else if (Path.GetFileName(project) == "ClusterTools.Fuzz.csproj")
            {
                string cases = (full ? 1_000_000 : 1_000).ToString(CultureInfo.InvariantCulture);
                yield return new ProgramRunner($"fuzzer, {cases} cases", project, ["--count", cases], limit);
            }
            else if (File.ReadAllText(project).Contains("Include=\"xunit.v3\"", StringComparison.Ordinal))
            {
                yield return new XunitRunner(project, full, limit);
            }
            else if (Path.GetFileName(project) == "ClusterTools.Simulation.csproj")
            {
                string seeds = (full ? 100_000 : 2_000).ToString(CultureInfo.InvariantCulture);
                yield return new ProgramRunner($"simulation, {seeds} seeds", project, ["--seeds", seeds], limit);
            }
        }
    }

    /// <summary>Files that change nothing in their lab share one, and so a process; every other one is alone.</summary>
    private static IEnumerable<Runner> Pester(string[] only)
    {
        string[] files = [.. Directory.EnumerateFiles("Tests", "*.Tests.ps1", SearchOption.AllDirectories)
            .Where(f => only.Contains("pester", StringComparer.OrdinalIgnoreCase) || IsWanted(f, only)).Order(StringComparer.Ordinal)];
        ILookup<bool, string> together = files.ToLookup(f => File.ReadAllText(f) is var text
            && (text.Contains("Start-TestLab -Shared", StringComparison.Ordinal)
                || !text.Contains("Start-TestLab", StringComparison.Ordinal)));
        if (together[true].Any())
        {
            yield return new PesterRunner("Pester, one lab for all", [.. together[true]], Limit);
        }

        foreach (string file in together[false])
        {
            yield return new PesterRunner(Path.GetFileName(file), [file], Limit);
        }
    }

    private static async Task BuildAsync(string[] only, CancellationToken cancel)
    {
        if (only.Length == 0)
        {
            Say.Step("build: everything");
            await Command.DotnetAsync("The build", ["build", "ClusterTools.slnx", .. Layout.Quiet], cancel).ConfigureAwait(false);
        }
        else
        {
            foreach (string project in Projects(only))
            {
                Say.Step($"build: {Path.GetFileNameWithoutExtension(project)}");
                await Command.DotnetAsync("The build", ["build", project, .. Layout.Quiet], cancel).ConfigureAwait(false);
            }
        }

        await Layout.RunAsync(cancel).ConfigureAwait(false);
    }

    private static async Task<Counts> SideBySideAsync(Runner[] runners, CancellationToken cancel)
    {
        var ended = new List<(Runner Runner, Outcome Outcome, TimeSpan Took)>();
        var whole = Stopwatch.StartNew();
        await Parallel.ForEachAsync(
            runners.OrderBy(Place),
            new ParallelOptions { MaxDegreeOfParallelism = Math.Max(2, Environment.ProcessorCount), CancellationToken = cancel },
            async (runner, stop) =>
            {
                Say.Step($"test: {runner.Name}");
                var watch = Stopwatch.StartNew();
                Outcome outcome = await runner.RunAsync(stop).ConfigureAwait(false);
                lock (ended)
                {
                    ended.Add((runner, outcome, watch.Elapsed));
                    Console.Out.WriteLine(outcome.Output.TrimEnd());
                    Say.Step(
                        $"{runner.Name}: {outcome.Counts}, {watch.Elapsed.TotalSeconds:0} s ({ended.Count} of {runners.Length} have "
                            + $"ended)");
                }
            }).ConfigureAwait(false);

        Console.Out.WriteLine($"\n{"runner",-44} {"passed",7} {"failed",7} {"skipped",7} {"seconds",8}");
        foreach ((Runner runner, Outcome outcome, TimeSpan took) in ended.OrderByDescending(e => e.Took))
        {
            Counts counts = outcome.Counts;
            Console.Out.WriteLine($"{runner.Name,-44} {counts.Passed,7} {counts.Failed,7} {counts.Skipped,7} {took.TotalSeconds,8:0}");
        }

        Console.Out.WriteLine($"{"all, side by side",-68} {whole.Elapsed.TotalSeconds,8:0}\n");
        foreach ((Runner runner, Outcome outcome, _) in ended)
        {
            foreach (string failure in outcome.Failures)
            {
                Console.Out.WriteLine($"FAILED {runner.Name}: {string.Join("\n    ", failure.Trim().Split('\n').Take(FailureLines))}\n");
            }
        }

        return ended.Aggregate(default(Counts), static (sum, e) => sum + e.Outcome.Counts);
    }

    private static int Place(Runner runner)
    {
        int place = Array.FindIndex(LongestFirst, name => runner.Name.Contains(name, StringComparison.OrdinalIgnoreCase));
        return place < 0 ? LongestFirst.Length : place;
    }

    private static IEnumerable<string> Projects(string[] only) =>
        Directory.EnumerateFiles("Tests", "*.csproj", SearchOption.AllDirectories).Where(p => IsWanted(p, only))
        .Order(StringComparer.Ordinal);

    private static bool IsWanted(string path, string[] only) =>
        only.Length == 0 || only.Any(o => path.Contains(o, StringComparison.OrdinalIgnoreCase));
}
