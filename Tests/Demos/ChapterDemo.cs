using System.Diagnostics;
using System.Globalization;
using ClusterTools.Engines.Tests.Corosync.Network;
using ClusterTools.RealAgents.Tests.SeveralMachines;

namespace ClusterTools.Demos;

/// <summary>
/// Machines (namespaces), from nothing to a cluster by the commands of a chapter of the README, and what happens to them then. Ends well
/// only if all of it happened.
/// </summary>
internal abstract class ChapterDemo : IAsyncDisposable
{
    // A busy machine fences, starts and answers within this; it is waited for, not measured against.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(10);

    private readonly Stopwatch clock = Stopwatch.StartNew();
    private readonly string[] names;
    private readonly Programs programs;
    private ShellOnMachine? session;

    /// <param name="programs">What the machines run.</param>
    /// <param name="names">Of the machines; the chapter's PowerShell is on the first.</param>
    protected ChapterDemo(Programs programs, params string[] names)
    {
        (this.programs, this.names) = (programs, names);
        Network = new CorosyncNetwork(names, isWhole: true)
        {
            IsBare = true, Programs = Path.Combine(AppContext.BaseDirectory, "machine-sbin"),
        };
        Power = new PowerSwitch(Network, Directory.CreateDirectory(Shared("switch")).FullName, _ => Task.CompletedTask);
    }

    /// <summary>Title of the chapter, as a line of the README.</summary>
    protected abstract string Title { get; }

    /// <summary>How many blocks of commands it has.</summary>
    protected abstract int Blocks { get; }

    /// <summary>Why it can't be shown here; null: it can.</summary>
    protected virtual string? Obstacle => CorosyncNetwork.Obstacle;

    protected CorosyncNetwork Network { get; }

    protected PowerSwitch Power { get; }

    /// <summary>What is typed into PowerShell.</summary>
    protected ShellOnMachine Session => session!;

    private string Folder { get; } = Directory.CreateTempSubdirectory("clustertools-demo-").FullName;

    /// <summary>Runs it from the start to the clean-up.</summary>
    /// <returns>All that it shows has truly happened.</returns>
    public async Task<bool> RunAsync(string readme, CancellationToken cancel)
    {
        if (Obstacle is { } obstacle)
        {
            Console.WriteLine($"FAILED: {obstacle}");
            return false;
        }

        IReadOnlyList<IReadOnlyList<Step>> chapter = Chapter.Read(readme, Title);
        if (chapter.Count != Blocks)
        {
            Console.WriteLine($"FAILED: the chapter has {chapter.Count} blocks of commands, and not {Blocks}.");
            return false;
        }

        try
        {
            await Network.InitializeAsync().ConfigureAwait(false);
            foreach (string name in names)
            {
                await ShareAsync(name, "switch", cancel).ConfigureAwait(false);
            }

            await ShowAsync(chapter, cancel).ConfigureAwait(false);
            Console.WriteLine("\nAll of it happened.");
            return true;
        }
        catch (DemoException e)
        {
            Console.WriteLine($"FAILED: {e.Message}");
            PrintLogs();
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (session is not null)
        {
            await session.DisposeAsync().ConfigureAwait(false);
        }

        await Power.DisposeAsync().ConfigureAwait(false);
        await Network.DisposeAsync().ConfigureAwait(false);
        Directory.Delete(Folder, recursive: true);
    }

    protected abstract Task ShowAsync(IReadOnlyList<IReadOnlyList<Step>> blocks, CancellationToken cancel);

    /// <summary>Opens the PowerShell that the chapter is typed into.</summary>
    protected void OpenSession() => session = new ShellOnMachine(On(
        names[0], "sh", "-c", "exec \"$0\" -NoLogo -NoProfile -NonInteractive -Command -", programs.Shell));

    /// <summary>A folder that is there beside the machines, and is <c>/run/NAME</c> on those that share it.</summary>
    protected string Shared(string name) => Path.Combine(Folder, name);

    /// <summary>The machine has the folder from now on, until its power is cut.</summary>
    protected Task ShareAsync(string machine, string name, CancellationToken cancel) =>
        RunAsync(machine, $"mkdir /run/{name}; mount --bind '{Shared(name)}' /run/{name}", cancel);

    /// <summary>Starts what a machine starts at each boot, and waits until it takes part.</summary>
    protected async Task StartAgainAsync(string machine, CancellationToken cancel)
    {
        await RunAsync(
            machine, "corosync; setsid clusterd run --state /var/lib/clusterd </dev/null >>/var/lib/clusterd/clusterd.log 2>&1 &",
            cancel).ConfigureAwait(false);
        await Session.TypeAsync(
            $"while ((Get-ClusterNode {machine}).Phase -ne 'Online') {{ Start-Sleep -Milliseconds 200 }}", cancel).ConfigureAwait(false);
    }

    protected async Task TypeAllAsync(IReadOnlyList<Step> steps, CancellationToken cancel)
    {
        foreach (Step step in steps)
        {
            Console.WriteLine($"{Stamp()} {(step.IsPowerShell ? $"PS {step.Machine}>" : $"{step.Machine}#")} {step.Command}");
            string shown = step.IsPowerShell
                ? await Session.TypeAsync($". {{ {step.Command} }} | Out-String -Width 110", cancel).ConfigureAwait(false)
                : await RunAsync(step.Machine, await TokenInAsync(step, cancel).ConfigureAwait(false), cancel).ConfigureAwait(false);
            if (shown.Trim().Length > 0)
            {
                Console.WriteLine($"{shown.Trim('\n')}\n");
            }
        }
    }

    /// <summary>A token differs each time: it is that of the invitation in the variable of the machine's name.</summary>
    private async Task<string> TokenInAsync(Step step, CancellationToken cancel) =>
        step.Command.StartsWith("clusterd join ", StringComparison.Ordinal)
            ? (await Session.TypeAsync($"${step.Machine}.Command", cancel).ConfigureAwait(false)).Trim()
            : step.Command;

    private ProcessStartInfo On(string name, params string[] command)
    {
        ProcessStartInfo start = Network.On(name, command);
        start.Environment["PATH"] = $"{Path.GetDirectoryName(programs.Daemon)}:{Path.GetDirectoryName(programs.Shell)}:"
            + Environment.GetEnvironmentVariable("PATH");
        start.Environment["PSModulePath"] = Path.GetDirectoryName(programs.Module);
        start.Environment["CLUSTERTOOLS_CONTEXTS"] = Path.Combine(Folder, "root", "contexts.json");
        start.Environment["NO_COLOR"] = "1";
        start.Environment["POWERSHELL_TELEMETRY_OPTOUT"] = "1";
        start.Environment["POWERSHELL_UPDATECHECK"] = "Off";
        // Sockets in the folder for temporary files would outlive a machine whose power is cut.
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        return start;
    }

    protected async Task<string> RunAsync(string name, string script, CancellationToken cancel)
    {
        ProcessStartInfo start = On(name, "sh", "-c", script);
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(cancel);
        Task<string> errors = process.StandardError.ReadToEndAsync(cancel);
        await process.WaitForExitAsync(cancel).ConfigureAwait(false);
        string shown = await output.ConfigureAwait(false) + await errors.ConfigureAwait(false);
        return process.ExitCode == 0 ? shown : throw new DemoException($"{name}: '{script}' returned {process.ExitCode}:\n{shown}");
    }

    protected static async Task UntilAsync(Func<bool> holds, string what, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(Limit);
        while (!holds())
        {
            try
            {
                await Task.Delay(Look, limit.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
            {
                throw new DemoException($"It did not happen within {Limit.TotalMinutes:0} minutes: {what}.");
            }
        }
    }

    protected void Say(string what) => Console.WriteLine($"{Stamp()} {what}");

    private string Stamp() => string.Create(CultureInfo.InvariantCulture, $"[{clock.Elapsed.TotalSeconds,6:0.0} s]");

    private void PrintLogs()
    {
        foreach (string name in names)
        {
            string log = Path.Combine(Network.Disk(name), "clusterd", "clusterd.log");
            if (File.Exists(log))
            {
                Console.WriteLine($"--- {name}\n{string.Join('\n', File.ReadLines(log).TakeLast(25))}");
            }
        }
    }
}

/// <summary>What the machines of a demo run.</summary>
/// <param name="Daemon">clusterd.</param>
/// <param name="Module">The folder of the module.</param>
/// <param name="Shell">PowerShell.</param>
internal sealed record Programs(string Daemon, string Module, string Shell);
