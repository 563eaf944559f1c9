using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace ClusterTools.Build;

/// <summary>
/// Builds everything once and runs every test there is: the xunit executables, the simulation, Pester. Ends with one line of counts.
/// </summary>
internal static partial class TestRun
{
    private const int SimulationSeeds = 2_000;
    private static readonly TimeSpan RunnerLimit = TimeSpan.FromMinutes(15);

    // Each file has a lab of its own.
    private static readonly TimeSpan PesterLimit = TimeSpan.FromMinutes(40);

    /// <param name="only">Parts of the names of projects or files with Pester tests; <c>pester</c>: all of the latter. Empty: everything.</param>
    /// <param name="cancel">Ends it.</param>
    public static async Task<int> RunAsync(string[] only, CancellationToken cancel)
    {
        await Setup.RunAsync(cancel).ConfigureAwait(false);
        var runners = new List<(string Project, Func<string, CancellationToken, Task<Counts>> Run)>();
        foreach (string project in Directory.EnumerateFiles("Tests", "*.csproj", SearchOption.AllDirectories).Where(p => IsWanted(p, only)).Order(StringComparer.Ordinal))
        {
            string text = await File.ReadAllTextAsync(project, cancel).ConfigureAwait(false);
            if (text.Contains("Include=\"xunit.v3\"", StringComparison.Ordinal))
            {
                runners.Add((project, XunitAsync));
            }
            else if (Path.GetFileName(project) == "ClusterTools.Simulation.csproj")
            {
                runners.Add((project, SimulationAsync));
            }
        }

        string[] pester = [.. Directory.EnumerateFiles("Tests", "*.Tests.ps1", SearchOption.AllDirectories)
            .Where(f => only.Contains("pester", StringComparer.OrdinalIgnoreCase) || IsWanted(f, only)).Order(StringComparer.Ordinal)];
        if (only.Length == 0)
        {
            Say.Step("build: everything");
            await Command.DotnetAsync("The build", ["build", "ClusterTools.slnx", .. Layout.Quiet], cancel).ConfigureAwait(false);
        }
        else
        {
            foreach ((string project, _) in runners)
            {
                Say.Step($"build: {Path.GetFileNameWithoutExtension(project)}");
                await Command.DotnetAsync("The build", ["build", project, .. Layout.Quiet], cancel).ConfigureAwait(false);
            }
        }

        await Layout.RunAsync(cancel).ConfigureAwait(false);
        if (Directory.Exists(Repository.TestResults))
        {
            Directory.Delete(Repository.TestResults, recursive: true);
        }

        Directory.CreateDirectory(Repository.TestResults);
        Counts all = default;
        foreach ((string project, Func<string, CancellationToken, Task<Counts>> run) in runners)
        {
            all += await run(project, cancel).ConfigureAwait(false);
        }

        if (pester.Length > 0)
        {
            all += await PesterAsync(pester, cancel).ConfigureAwait(false);
        }

        if (all.Passed + all.Failed == 0)
        {
            Say.Error("No test was run.");
            all = all with { Failed = 1 };
        }

        Console.Out.WriteLine($"{all.Passed} passed, {all.Failed} failed, {all.Skipped} skipped");
        return all.Failed == 0 ? 0 : 1;
    }

    /// <summary>The assembly that a project builds.</summary>
    public static string OutputOf(string project)
    {
        string name = XDocument.Load(project).Descendants("AssemblyName").FirstOrDefault()?.Value ?? Path.GetFileNameWithoutExtension(project);
        return Path.Combine(Path.GetDirectoryName(Path.GetFullPath(project))!, "bin", "Release", "net10.0", name + ".dll");
    }

    private static async Task<Counts> XunitAsync(string project, CancellationToken cancel)
    {
        string name = Path.GetFileNameWithoutExtension(project);
        string results = Path.Combine(Repository.TestResults, name + ".xml");
        Say.Step($"test: {name}");
        int? exitCode = await Command.RunAsync("dotnet", [OutputOf(project), "-noLogo", .. Console.IsOutputRedirected ? ["-noColor"] : Array.Empty<string>(), "-xml", results], RunnerLimit, cancel).ConfigureAwait(false);
        Counts counts = File.Exists(results) ? Read(results) : default;
        if (exitCode is null)
        {
            Say.Error($"{name} took longer than {RunnerLimit.TotalMinutes:0} minutes and was ended.");
            return counts with { Failed = counts.Failed + 1 };
        }

        if (exitCode != 0 && counts.Failed == 0)
        {
            Say.Error($"{name} ended with {exitCode} and reported no failed test; it counts as one.");
            return counts with { Failed = 1 };
        }

        return counts;
    }

    private static Counts Read(string results)
    {
        Counts counts = default;
        foreach (XElement assembly in XDocument.Load(results).Descendants("assembly"))
        {
            int Number(string attribute) => int.Parse(assembly.Attribute(attribute)?.Value ?? "0", CultureInfo.InvariantCulture);
            counts += new Counts(Number("passed"), Number("failed") + Number("errors"), Number("skipped") + Number("not-run"));
        }

        return counts;
    }

    private static async Task<Counts> SimulationAsync(string project, CancellationToken cancel)
    {
        Say.Step($"test: simulation, {SimulationSeeds} seeds");
        int? exitCode = await Command.RunAsync(
            "dotnet",
            [OutputOf(project), "--seeds", SimulationSeeds.ToString(CultureInfo.InvariantCulture)],
            RunnerLimit,
            cancel).ConfigureAwait(false);
        if (exitCode != 0)
        {
            Say.Error(exitCode is null ? $"The simulation took longer than {RunnerLimit.TotalMinutes:0} minutes and was ended." : $"The simulation ended with {exitCode}.");
        }

        return exitCode == 0 ? new Counts(1, 0, 0) : new Counts(0, 1, 0);
    }

    private static async Task<Counts> PesterAsync(string[] files, CancellationToken cancel)
    {
        string? why = Command.Find("pwsh") is not { } pwsh
            ? "pwsh is not on PATH (PowerShell 7.4 or later)"
            : (await Command.CaptureAsync(
                pwsh,
                ["-NoProfile", "-NonInteractive", "-Command", "exit [int](-not (Get-Module -ListAvailable -Name Pester | Where-Object Version -ge ([version]'5.0')))"],
                TimeSpan.FromMinutes(2),
                cancel).ConfigureAwait(false)).ExitCode != 0 ? "Pester 5 is not installed (Install-Module Pester)" : null;
        if (why is not null)
        {
            int skipped = 0;
            foreach (string file in files)
            {
                skipped += ItBlock().Count(await File.ReadAllTextAsync(file, cancel).ConfigureAwait(false));
            }

            Say.Warning($"PESTER TESTS ARE SKIPPED: {why}.");
            Say.Warning($"{skipped} tests in {string.Join(", ", files)} count as skipped. The cmdlets are built, and not tried in a shell.");
            return new Counts(0, 0, skipped);
        }

        Say.Step("test: Pester");
        string counted = Path.Combine(Repository.TestResults, "pester.json");
        int? exitCode = await Command.RunAsync(
            Command.Find("pwsh")!,
            ["-NoProfile", "-NonInteractive", "-File", Path.Combine("build", "Invoke-PesterTest.ps1"), "-ResultPath", counted, "-Path", string.Join(Path.PathSeparator, files)],
            PesterLimit,
            cancel,
            new Dictionary<string, string> { ["CLUSTERTOOLS_MODULE"] = Path.Combine(Repository.Module, "ClusterTools.psd1"), ["CLUSTERTOOLS_DAEMON"] = Repository.Clusterd }).ConfigureAwait(false);
        if (!File.Exists(counted))
        {
            Say.Error($"Pester ended with {exitCode?.ToString() ?? "its time limit"} and left no result; it counts as one failure.");
            return new Counts(0, 1, 0);
        }

        using JsonDocument result = JsonDocument.Parse(await File.ReadAllBytesAsync(counted, cancel).ConfigureAwait(false));
        int Number(string property) => result.RootElement.GetProperty(property).GetInt32();
        return new Counts(Number("passed"), Number("failed"), Number("skipped"));
    }

    [GeneratedRegex(@"^\s*It\s+['""]", RegexOptions.Multiline | RegexOptions.IgnoreCase)]
    private static partial Regex ItBlock();

    private static bool IsWanted(string path, string[] only) =>
        only.Length == 0 || only.Any(o => path.Contains(o, StringComparison.OrdinalIgnoreCase));

    private readonly record struct Counts(int Passed, int Failed, int Skipped)
    {
        public static Counts operator +(Counts a, Counts b) => new(a.Passed + b.Passed, a.Failed + b.Failed, a.Skipped + b.Skipped);
    }
}
