using System.Text.Json;
using System.Text.RegularExpressions;

namespace ClusterTools.Build.Testing;

/// <summary>Files of Pester tests in one PowerShell.</summary>
internal sealed partial class PesterRunner(string name, string[] files, TimeSpan limit) : Runner(name, limit)
{
    public override async Task<Outcome> RunAsync(CancellationToken cancel)
    {
        if (TestShell.Missing is { } why)
        {
            int skipped = 0;
            foreach (string file in files)
            {
                skipped += ItBlock().Count(await File.ReadAllTextAsync(file, cancel).ConfigureAwait(false));
            }

            return new Outcome(
                new Counts(0, 0, skipped),
                $"!! PESTER TESTS ARE SKIPPED: {why}. {skipped} tests in {string.Join(", ", files)} count as skipped.", []);
        }

        string counted = Path.Combine(Repository.TestResults, $"{Name}.json");
        (int? exitCode, string output) = await Command.CaptureAsync(
            TestShell.Program,
            [
                "-NoProfile", "-NonInteractive", "-File", Path.Combine("build", "Invoke-PesterTest.ps1"), "-ResultPath", counted, "-Path",
                string.Join(Path.PathSeparator, files)],
            Limit,
            cancel,
            new Dictionary<string, string>(TestShell.Environment)
            {
                ["CLUSTERTOOLS_MODULE"] = Path.Combine(Repository.Module, "ClusterTools.psd1"),
                ["CLUSTERTOOLS_DAEMON"] = Repository.Clusterd,
            }).ConfigureAwait(false);
        if (!File.Exists(counted))
        {
            return Outcome.Of(this, default, exitCode is 0 ? -1 : exitCode, output, []);
        }

        using JsonDocument result = JsonDocument.Parse(await File.ReadAllBytesAsync(counted, cancel).ConfigureAwait(false));
        int Number(string property) => result.RootElement.GetProperty(property).GetInt32();
        string[] failures = [.. result.RootElement.GetProperty("failures").EnumerateArray().Select(static failure => failure.GetString()!)];
        return Outcome.Of(this, new Counts(Number("passed"), Number("failed"), Number("skipped")), exitCode, output, failures);
    }

    [GeneratedRegex(@"^\s*It\s+['""]", RegexOptions.Multiline | RegexOptions.IgnoreCase)]
    private static partial Regex ItBlock();
}
