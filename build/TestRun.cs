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

    public static async Task<int> RunAsync(string[] only, CancellationToken cancel)
    {
        await Setup.RunAsync(cancel).ConfigureAwait(false);
        Say.Step("build: everything");
        await Command.DotnetAsync("The build", ["build", "ClusterTools.slnx", .. Layout.Quiet], cancel).ConfigureAwait(false);
        await Layout.RunAsync(cancel).ConfigureAwait(false);
        if (Directory.Exists(Repository.TestResults))
        {
            Directory.Delete(Repository.TestResults, recursive: true);
        }

        Directory.CreateDirectory(Repository.TestResults);
        Counts all = default;
        foreach (string project in Directory.EnumerateFiles("Tests", "*.csproj", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            string text = await File.ReadAllTextAsync(project, cancel).ConfigureAwait(false);
            bool wanted = only.Length == 0 || only.Any(o => project.Contains(o, StringComparison.OrdinalIgnoreCase));
            if (wanted && text.Contains("Include=\"xunit.v3\"", StringComparison.Ordinal))
            {
                all += await XunitAsync(project, cancel).ConfigureAwait(false);
            }
            else if (wanted && Path.GetFileName(project) == "ClusterTools.Simulation.csproj")
            {
                all += await SimulationAsync(project, cancel).ConfigureAwait(false);
            }
        }

        if (only.Length == 0 || only.Contains("pester", StringComparer.OrdinalIgnoreCase))
        {
            all += await PesterAsync(cancel).ConfigureAwait(false);
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

    private static async Task<Counts> PesterAsync(CancellationToken cancel)
    {
        string[] files = [.. Directory.EnumerateFiles("Tests", "*.Tests.ps1", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
        if (files.Length == 0)
        {
            return default;
        }

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
            ["-NoProfile", "-NonInteractive", "-File", Path.Combine("build", "Invoke-PesterTest.ps1"), "-ResultPath", counted],
            RunnerLimit,
            cancel,
            new Dictionary<string, string> { ["CLUSTERTOOLS_MODULE"] = Path.Combine(Repository.Module, "ClusterTools.psd1"), ["CLUSTERTOOLS_CLUSTERD"] = Repository.Clusterd }).ConfigureAwait(false);
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

    private readonly record struct Counts(int Passed, int Failed, int Skipped)
    {
        public static Counts operator +(Counts a, Counts b) => new(a.Passed + b.Passed, a.Failed + b.Failed, a.Skipped + b.Skipped);
    }
}
