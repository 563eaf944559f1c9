using System.Diagnostics;
using System.Text.Json;

namespace ClusterTools.Benchmarks;

/// <summary>The module in PowerShell: what importing it costs over a bare shell, and what a command costs in a warm one.</summary>
internal static class ModuleBench
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan ScriptLimit = TimeSpan.FromMinutes(10);

    /// <summary>Measures, or says that it can not.</summary>
    /// <param name="daemon">clusterd.</param>
    /// <param name="module">The module's manifest as laid out.</param>
    /// <param name="runs">Starts of each kind of shell.</param>
    /// <param name="report">Gets each row.</param>
    /// <param name="say">Gets what is to be said in a sentence.</param>
    /// <param name="cancel">Ends it.</param>
    public static async Task RunAsync(
        string daemon, string module, int runs, Action<Distribution> report, Action<string> say, CancellationToken cancel)
    {
        if (Find("pwsh") is not { } pwsh)
        {
            say("NOT MEASURED: pwsh is not on PATH (PowerShell 7.4 or later).");
            return;
        }

        string import = $"Import-Module -Name '{module}'";
        string first = $"{import}; Get-ClusterContext -Path '{Path.Combine(Path.GetDirectoryName(module)!, "none.json")}'";
        var bare = new List<double>();
        var imported = new List<double>();
        var ran = new List<double>();
        await ShellAsync(pwsh, "exit", cancel).ConfigureAwait(false);
        await ShellAsync(pwsh, first, cancel).ConfigureAwait(false);
        for (int i = 0; i < runs; i++)
        {
            // In turn, so that what else the machine does befalls all alike.
            bare.Add(await ShellAsync(pwsh, "exit", cancel).ConfigureAwait(false));
            imported.Add(await ShellAsync(pwsh, import, cancel).ConfigureAwait(false));
            ran.Add(await ShellAsync(pwsh, first, cancel).ConfigureAwait(false));
        }

        var bareRow = new Distribution("bare shell, from start to end (pwsh -NoProfile -Command exit)", [.. bare]);
        var importedRow = new Distribution("the same with Import-Module", [.. imported]);
        report(bareRow);
        report(importedRow);
        report(
            new Distribution(
                "Import-Module over the bare shell just before it", [.. imported.Zip(bare, (with, without) => with - without)], "150 ms"));
        report(new Distribution("the same with Import-Module and a first command (Get-ClusterContext)", [.. ran]));
        say($"A shell with the module takes {importedRow.Median / bareRow.Median:0.00} times a bare one (medians).");

        string file = Path.Combine(Path.GetTempPath(), $"clustertools-bench-{Guid.NewGuid():N}.json");
        try
        {
            string script = Path.Combine(AppContext.BaseDirectory, "..", "..", "..", "Measure-Module.ps1");
            await RunAsync(
                pwsh, ["-NoProfile", "-NonInteractive", "-File", Path.GetFullPath(script), "-ResultPath", file], ScriptLimit, cancel,
                daemon, module).ConfigureAwait(false);
            using JsonDocument result = JsonDocument.Parse(await File.ReadAllBytesAsync(file, cancel).ConfigureAwait(false));
            double[] Numbers(string name) => [.. result.RootElement.GetProperty(name).EnumerateArray().Select(n => n.GetDouble())];
            report(new Distribution("first Get-ClusterGroup of a shell (client, certificates, TLS)", Numbers("first")));
            report(new Distribution("warm Get-ClusterGroup, 3 groups", Numbers("groups"), "15 ms"));
            report(new Distribution("warm Get-ClusterGroup, shown as table", Numbers("shown")));
            report(new Distribution("warm Get-Cluster (five questions)", Numbers("cluster")));
            report(new Distribution("warm Write-ClusterLog (a committed change)", Numbers("change")));
            report(new Distribution("Tab: names of groups, asked of the cluster", Numbers("tabAsked"), "100 ms"));
            report(new Distribution("Tab: names of groups, asked within the last 2 s", Numbers("tabKept"), "100 ms"));
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static async Task<double> ShellAsync(string pwsh, string command, CancellationToken cancel)
    {
        long start = Stopwatch.GetTimestamp();
        await RunAsync(pwsh, ["-NoProfile", "-NonInteractive", "-Command", command], StartLimit, cancel).ConfigureAwait(false);
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static async Task RunAsync(
        string program, string[] arguments, TimeSpan limit, CancellationToken cancel, string? daemon = null, string? module = null)
    {
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true };
        start.Environment["POWERSHELL_TELEMETRY_OPTOUT"] = "1";
        start.Environment["POWERSHELL_UPDATECHECK"] = "Off";
        start.Environment["CLUSTERTOOLS_DAEMON"] = daemon;
        start.Environment["CLUSTERTOOLS_MODULE"] = module;
        using Process process = Process.Start(start)!;
        using var timer = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        timer.CancelAfter(limit);
        try
        {
            await process.StandardOutput.ReadToEndAsync(timer.Token).ConfigureAwait(false);
            await process.WaitForExitAsync(timer.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"'{program} {string.Join(' ', arguments)}' ended with exit code {process.ExitCode}.");
        }
    }

    private static string? Find(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Select(folder => Path.Combine(folder, OperatingSystem.IsWindows() ? program + ".exe" : program))
        .FirstOrDefault(File.Exists);
}
