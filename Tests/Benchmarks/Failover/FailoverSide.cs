using System.Diagnostics;
using ClusterTools.Engines.Corosync.Settings;
using ClusterTools.Engines.Tests;
using ClusterTools.Engines.Tests.Corosync.Network;
using ClusterTools.RealAgents.Tests.SeveralMachines;

namespace ClusterTools.Benchmarks.Failover;

/// <summary>
/// Three machines with corosync, a power switch and a service on an address, which a cluster manager starts elsewhere when a machine's
/// power is cut. What is alike on both sides is here; what the manager is, in the classes beneath.
/// </summary>
internal abstract class FailoverSide : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);

    private const int LogLines = 25;

    private readonly TemporaryFolder folder = new();
    private readonly Dictionary<string, Process> managers = [];
    private readonly PowerSwitch power;
    private Witness? witness;

    protected FailoverSide(CorosyncTiming timing)
    {
        Network = new CorosyncNetwork(Names, isWhole: true) { Times = timing };
        power = new PowerSwitch(Network, Switch, EndedAsync);
    }

    public abstract string Title { get; }

    /// <summary>Machines that were switched off though their power had not been cut: a loss that was none.</summary>
    public int FalseAlarms => power.CutForAgents;

    protected static IReadOnlyList<string> Names { get; } = ["n1", "n2", "n3"];

    protected CorosyncNetwork Network { get; }

    protected string Switch => Folder("switch");

    /// <summary>All machines come up, and the service with them.</summary>
    public async Task StartAsync(CancellationToken cancel)
    {
        await Network.InitializeAsync().ConfigureAwait(false);
        await PrepareAsync(cancel).ConfigureAwait(false);
        foreach (string name in Names)
        {
            await StartManagerAsync(name, cancel).ConfigureAwait(false);
        }

        await ConfigureAsync(cancel).ConfigureAwait(false);
        witness = new Witness(Network);
        await WholeAsync(cancel).ConfigureAwait(false);
    }

    /// <summary>The power of the machine with the service is cut, and comes back when the service runs elsewhere.</summary>
    /// <returns>Null: another machine was taken for lost as well, and switched off.</returns>
    public async Task<FailoverRun?> CutAsync(CancellationToken cancel)
    {
        string victim = witness!.Answering ?? throw new InvalidOperationException($"{Title}: the service does not answer.");
        string note = await NoteAsync(victim, cancel).ConfigureAwait(false);
        string[] others = [.. Names.Where(name => name != victim)];
        double cut = Now();
        await power.CutAsync(victim).ConfigureAwait(false);
        (double At, string By)? answered = null;
        await UntilAsync(
            () => Task.FromResult((answered = witness.AnsweredByOther(victim, cut)) is not null || !others.All(power.IsOn)),
            $"an answer in the place of {victim}", cancel).ConfigureAwait(false);
        // What runs still notes when it ended.
        await Task.Delay(TimeSpan.FromMilliseconds(500), cancel).ConfigureAwait(false);
        double[][] memberships = [.. others.Select(name => CorosyncLog.Memberships(Network.Log(name), cut))];
        AgentRun[] agents = [.. others.SelectMany(name => AgentRun.Read(Network.Root(name))).Where(a => a.Begin >= cut)];
        FailoverRun? run = answered is { } up ? new FailoverRun(victim, up.By, cut, memberships, up.At, agents, note) : null;
        await BootAsync(victim, cancel).ConfigureAwait(false);
        await WholeAsync(cancel).ConfigureAwait(false);
        return run;
    }

    public async ValueTask DisposeAsync()
    {
        await power.DisposeAsync().ConfigureAwait(false);
        witness?.Dispose();
        await Network.DisposeAsync().ConfigureAwait(false);
        foreach (string name in managers.Keys.ToArray())
        {
            await EndedAsync(name).ConfigureAwait(false);
        }

        folder.Dispose();
    }

    protected string Folder(string name) => Directory.CreateDirectory(Path.Combine(folder.Path, name)).FullName;

    /// <summary>What stands on the machines' disks before the manager begins.</summary>
    protected virtual Task PrepareAsync(CancellationToken cancel) => Task.CompletedTask;

    /// <summary>The manager's program, as it is run on a machine.</summary>
    protected abstract ProcessStartInfo Manager(string name);

    /// <summary>What the manager is told once it runs.</summary>
    protected virtual Task ConfigureAsync(CancellationToken cancel) => Task.CompletedTask;

    /// <summary>Whether all machines are members, and whatever the manager does is done.</summary>
    protected abstract Task<bool> IsWholeAsync(CancellationToken cancel);

    /// <summary>Where a machine's manager writes what it does.</summary>
    protected abstract string Log(string name);

    /// <summary>What is to be said of a run before it begins.</summary>
    protected virtual Task<string> NoteAsync(string victim, CancellationToken cancel) => Task.FromResult("");

    protected async Task UntilAsync(Func<Task<bool>> truth, string what, CancellationToken cancel)
    {
        long deadline = Environment.TickCount64 + (long)Limit.TotalMilliseconds;
        while (!await truth().ConfigureAwait(false))
        {
            if (Environment.TickCount64 > deadline)
            {
                throw new TimeoutException($"{Title}: {what} did not come about within {Limit.TotalSeconds:N0} s.\n{LastWords()}");
            }

            await Task.Delay(Poll, cancel).ConfigureAwait(false);
        }
    }

    protected static Task<(int ExitCode, string Output)> RunAsync(ProcessStartInfo start, CancellationToken cancel) =>
        Programs.RunAsync(start, cancel);

    private string LastWords() => string.Join('\n', Names.Select(name =>
        $"--- {name}\n{(File.Exists(Log(name)) ? string.Join('\n', File.ReadLines(Log(name)).TakeLast(LogLines)) : "no log")}"));

    private static double Now() => (DateTime.UtcNow - DateTime.UnixEpoch).TotalMilliseconds;

    private async Task WholeAsync(CancellationToken cancel)
    {
        await UntilAsync(
            async () =>
            {
                foreach (string name in Names.Where(name => !power.IsOn(name)))
                {
                    // Taken for lost though it was not, and switched off for that.
                    await BootAsync(name, cancel).ConfigureAwait(false);
                }

                return witness!.Answering is not null && await IsWholeAsync(cancel).ConfigureAwait(false);
            },
            "a whole cluster", cancel).ConfigureAwait(false);
        await Task.Delay(TimeSpan.FromMilliseconds(3000 + Random.Shared.Next(1000)), cancel).ConfigureAwait(false);
    }

    private async Task StartManagerAsync(string name, CancellationToken cancel)
    {
        string programs = Path.Combine(AppContext.BaseDirectory, "machine");
        await Programs.MustAsync(Network.On(name, "/bin/sh", Path.Combine(programs, "prepare.sh"), programs), cancel)
            .ConfigureAwait(false);
        managers[name] = Process.Start(Manager(name))!;
    }

    private Task BootAsync(string name, CancellationToken cancel) => power.BootAsync(name, () => StartManagerAsync(name, cancel));

    private async Task EndedAsync(string name)
    {
        if (managers.Remove(name, out Process? manager))
        {
            await manager.WaitForExitAsync().WaitAsync(Limit).ConfigureAwait(false);
            manager.Dispose();
        }
    }
}
