using System.Diagnostics;
using System.Globalization;
using System.Net;
using ClusterTools.Engines.Tests.Corosync.Network;
using ClusterTools.RealAgents.Tests.SeveralMachines;

namespace ClusterTools.Demos;

/// <summary>
/// Three machines (namespaces), from nothing to a cluster by the commands of the README's chapter; then the power of the one that serves
/// the shop is cut, and comes back. Ends well only if all of it happened.
/// </summary>
internal sealed class MachinesDemo : IAsyncDisposable
{
    private const string Victim = "n2";

    // A busy machine fences, starts and answers within this; it is waited for, not measured against.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(10);
    private static readonly string[] Names = ["n1", "n2", "n3"];
    private static readonly IPEndPoint Service = new(IPAddress.Parse("10.77.0.100"), 80);

    private readonly string folder = Directory.CreateTempSubdirectory("clustertools-demo-").FullName;
    private readonly CorosyncNetwork network =
        new(Names, isWhole: true) { IsBare = true, Programs = Path.Combine(AppContext.BaseDirectory, "machine-sbin") };

    private readonly Stopwatch clock = Stopwatch.StartNew();
    private readonly string daemon;
    private readonly string module;
    private readonly string shell;
    private readonly PowerSwitch power;
    private ShellOnMachine? session;

    private MachinesDemo(string daemon, string module, string shell)
    {
        (this.daemon, this.module, this.shell) = (daemon, module, shell);
        power = new PowerSwitch(network, Directory.CreateDirectory(Switch).FullName, _ => Task.CompletedTask);
    }

    private string Switch => Path.Combine(folder, "switch");

    /// <summary>Runs it from the start to the clean-up.</summary>
    /// <returns>All that it shows has truly happened.</returns>
    public static async Task<bool> RunAsync(
        IReadOnlyList<IReadOnlyList<Step>> chapter, string daemon, string module, string shell, CancellationToken cancel)
    {
        if (CorosyncNetwork.Obstacle is { } obstacle)
        {
            Console.WriteLine($"FAILED: {obstacle}");
            return false;
        }

        if (chapter is not [var making, var looking, var returning])
        {
            Console.WriteLine("FAILED: the chapter has not three blocks of commands.");
            return false;
        }

        await using var demo = new MachinesDemo(daemon, module, shell);
        try
        {
            await demo.ShowAsync(making, looking, returning, cancel).ConfigureAwait(false);
            Console.WriteLine("\nAll of it happened.");
            return true;
        }
        catch (DemoException e)
        {
            Console.WriteLine($"FAILED: {e.Message}");
            demo.PrintLogs();
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (session is not null)
        {
            await session.DisposeAsync().ConfigureAwait(false);
        }

        await power.DisposeAsync().ConfigureAwait(false);
        await network.DisposeAsync().ConfigureAwait(false);
        Directory.Delete(folder, recursive: true);
    }

    private async Task ShowAsync(
        IReadOnlyList<Step> making, IReadOnlyList<Step> looking, IReadOnlyList<Step> returning, CancellationToken cancel)
    {
        await network.InitializeAsync().ConfigureAwait(false);
        foreach (string name in Names)
        {
            await MountSwitchAsync(name, cancel).ConfigureAwait(false);
        }

        Say("three machines are there, on one network; nothing runs on them");
        session = new ShellOnMachine(On(
            "n1", "sh", "-c", "exec \"$0\" -NoLogo -NoProfile -NonInteractive -Command -", shell));
        await TypeAllAsync(making, cancel).ConfigureAwait(false);
        using var witness = new Witness(network, Service);
        await UntilAsync(() => witness.Last.Page == Victim, $"the shop answers from {Victim}", cancel).ConfigureAwait(false);
        Say($"a client outside is answered by {witness.Last.Page}");

        await session.TypeAsync("$cut = Get-Date", cancel).ConfigureAwait(false);
        long before = Environment.TickCount64;
        await power.CutAsync(Victim).ConfigureAwait(false);
        Say($"the power of {Victim} is cut");
        await UntilAsync(() => witness.Last.At > before && witness.Last.Page != Victim, "another machine serves the shop", cancel)
            .ConfigureAwait(false);
        (long answered, string heir) = witness.Last;
        Say($"the client is answered by {heir}, {(answered - before) / 1000m:0.0} s after the cut:");
        Console.WriteLine(await session.TypeAsync(
            "Get-ClusterEvent -Since $cut | Where-Object Kind -In node.lost, fence.success, group.started | "
                + "ForEach-Object { '    +{0,5:0} ms  {1}' -f ($_.At.LocalDateTime - $cut).TotalMilliseconds, $_.Message }",
            cancel).ConfigureAwait(false));
        await TypeAllAsync(looking, cancel).ConfigureAwait(false);

        await power.BootAsync(Victim).ConfigureAwait(false);
        await MountSwitchAsync(Victim, cancel).ConfigureAwait(false);
        Say($"{Victim} has power again, and starts what it starts at each boot");
        await RunAsync(
            Victim, "corosync; setsid clusterd run --state /var/lib/clusterd </dev/null >>/var/lib/clusterd/clusterd.log 2>&1 &",
            cancel).ConfigureAwait(false);
        await session.TypeAsync(
            $"while ((Get-ClusterNode {Victim}).Phase -ne 'Online') {{ Start-Sleep -Milliseconds 200 }}", cancel).ConfigureAwait(false);
        Say($"{Victim} takes part again");
        await session.TypeAsync("$taken = Get-Date", cancel).ConfigureAwait(false);
        await TypeAllAsync(returning, cancel).ConfigureAwait(false);
        // Its daemon goes, and then its corosync. Were the ring of the others broken by it, they would notice after the token time.
        string views = await session.TypeAsync(
            "Start-Sleep 3; (Get-ClusterEvent -Since $taken -Kind view).Message", cancel).ConfigureAwait(false);
        string[] changes = views.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (changes.Length is 0 or > 2 || changes.Any(c => c != "Members: n1, n2; quorate."))
        {
            throw new DemoException($"The membership has changed otherwise than by n3's leaving while it was taken out:\n{views}");
        }

        string online = (await session.TypeAsync("(Get-ClusterNode -State Online).Name -join ' '", cancel).ConfigureAwait(false)).Trim();
        if (online != "n1 n2")
        {
            throw new DemoException($"In the end {online} are Online, and not n1 and n2.");
        }
    }

    private async Task TypeAllAsync(IReadOnlyList<Step> steps, CancellationToken cancel)
    {
        foreach (Step step in steps)
        {
            Console.WriteLine($"{Stamp()} {(step.IsPowerShell ? $"PS {step.Machine}>" : $"{step.Machine}#")} {step.Command}");
            string shown = step.IsPowerShell
                ? await session!.TypeAsync($". {{ {step.Command} }} | Out-String -Width 110", cancel).ConfigureAwait(false)
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
            ? (await session!.TypeAsync($"${step.Machine}.Command", cancel).ConfigureAwait(false)).Trim()
            : step.Command;

    private async Task MountSwitchAsync(string name, CancellationToken cancel) =>
        await RunAsync(name, $"mkdir /run/switch; mount --bind '{Switch}' /run/switch", cancel).ConfigureAwait(false);

    private ProcessStartInfo On(string name, params string[] command)
    {
        ProcessStartInfo start = network.On(name, command);
        start.Environment["PATH"] =
            $"{Path.GetDirectoryName(daemon)}:{Path.GetDirectoryName(shell)}:{Environment.GetEnvironmentVariable("PATH")}";
        start.Environment["PSModulePath"] = Path.GetDirectoryName(module);
        start.Environment["CLUSTERTOOLS_CONTEXTS"] = Path.Combine(folder, "root", "contexts.json");
        start.Environment["NO_COLOR"] = "1";
        start.Environment["POWERSHELL_TELEMETRY_OPTOUT"] = "1";
        start.Environment["POWERSHELL_UPDATECHECK"] = "Off";
        // Sockets in the folder for temporary files would outlive a machine whose power is cut.
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        return start;
    }

    private async Task<string> RunAsync(string name, string script, CancellationToken cancel)
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

    private static async Task UntilAsync(Func<bool> holds, string what, CancellationToken cancel)
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

    private void Say(string what) => Console.WriteLine($"{Stamp()} {what}");

    private string Stamp() => string.Create(CultureInfo.InvariantCulture, $"[{clock.Elapsed.TotalSeconds,6:0.0} s]");

    private void PrintLogs()
    {
        foreach (string name in Names)
        {
            string log = Path.Combine(network.Disk(name), "clusterd", "clusterd.log");
            if (File.Exists(log))
            {
                Console.WriteLine($"--- {name}\n{string.Join('\n', File.ReadLines(log).TakeLast(25))}");
            }
        }
    }
}
