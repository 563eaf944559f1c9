using System.Runtime.CompilerServices;
using System.Threading.Channels;
using ClusterTools.Guests.Libvirt;

namespace ClusterTools.Guests.Tests;

/// <summary>A hypervisor in memory: guests as a test has them, faults and delays as it wants them, and what was asked of it.</summary>
internal sealed class InventedHost : IHypervisor
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly Lock gate = new();
    private readonly Dictionary<string, Guest> guests = new(StringComparer.Ordinal);
    private readonly List<Channel<GuestEvent>> watchers = [];
    private readonly List<string> calls = [];
    private readonly Dictionary<string, Func<CancellationToken, Task>> before = new(StringComparer.Ordinal);
    private TaskCompletionSource called = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What a guest does when its power button is pressed.</summary>
    public Action<string>? OnShutdown { get; set; }

    /// <summary>What a migration takes, and the order it was given.</summary>
    public MigrationProgress Figures { get; set; } = new();

    public MigrationOrder? Order { get; private set; }

    public bool IsDisposed { get; private set; }

    /// <summary>What was asked for that changes something, in its order.</summary>
    public IReadOnlyList<string> Changes => [.. Calls.Where(static call => call is not ("Find" or "Watch"))];

    public IReadOnlyList<string> Calls
    {
        get
        {
            lock (gate)
            {
                return [.. calls];
            }
        }
    }

    public Guest? this[string name]
    {
        get
        {
            lock (gate)
            {
                return guests.GetValueOrDefault(name);
            }
        }
    }

    /// <summary>A guest is as it is said to be; nobody is told.</summary>
    public void Set(
        string name, GuestPhase phase, GuestCause cause = GuestCause.None, GuestJob job = GuestJob.None, bool isPersistent = true)
    {
        lock (gate)
        {
            guests[name] = new Guest
            {
                Name = name, Id = Guid.NewGuid(), Phase = phase, Cause = cause, Job = job, IsPersistent = isPersistent,
            };
        }
    }

    /// <summary>A guest that ends: off, or forgotten; watchers are told.</summary>
    public void End(string name)
    {
        lock (gate)
        {
            if (guests.Remove(name, out Guest? guest) && guest.IsPersistent)
            {
                guests[name] = guest with { Phase = GuestPhase.Off, Cause = GuestCause.None, Job = GuestJob.None };
            }
        }

        Tell(new GuestChanged(name, Guid.Empty, GuestChange.Stopped, GuestCause.Guest));
    }

    public void Tell(GuestEvent happening)
    {
        lock (gate)
        {
            watchers.ForEach(watcher => watcher.Writer.TryWrite(happening));
        }
    }

    /// <summary>A call comes to nothing.</summary>
    public void Fail(string call, HypervisorFault fault) => Before(call, _ => throw new HypervisorException(fault, $"{call}: {fault}."));

    /// <summary>What comes before a call does anything.</summary>
    public void Before(string call, Func<CancellationToken, Task> what)
    {
        lock (gate)
        {
            before[call] = what;
        }
    }

    /// <summary>A call goes well from the next time on.</summary>
    public void Heal(string call)
    {
        lock (gate)
        {
            before.Remove(call);
        }
    }

    /// <summary>Waits until something was asked so often.</summary>
    public async Task CalledAsync(string call, int times = 1)
    {
        while (true)
        {
            Task next;
            lock (gate)
            {
                if (calls.Count(c => c == call) >= times)
                {
                    return;
                }

                next = called.Task;
            }

            await next.WaitAsync(Limit, TestContext.Current.CancellationToken);
        }
    }

    public async Task<Guest?> FindAsync(string name, CancellationToken cancellationToken)
    {
        await CallAsync("Find", cancellationToken);
        return this[name];
    }

    public Task DefineAsync(string definition, CancellationToken cancellationToken) =>
        ChangeAsync("Define", () => Set(Definitions.Name(definition), GuestPhase.Off), cancellationToken);

    public Task StartAsync(string name, CancellationToken cancellationToken) => ChangeAsync(
        "Start",
        () => Set(this[name]?.Name ?? throw new HypervisorException(HypervisorFault.NoSuchGuest, "Start: none."), GuestPhase.Running),
        cancellationToken);

    public Task StartTransientAsync(string definition, CancellationToken cancellationToken) => ChangeAsync(
        "StartTransient", () => Set(Definitions.Name(definition), GuestPhase.Running, isPersistent: false), cancellationToken);

    public Task ShutdownAsync(string name, CancellationToken cancellationToken) =>
        ChangeAsync("Shutdown", () => OnShutdown?.Invoke(name), cancellationToken);

    public Task PowerOffAsync(string name, CancellationToken cancellationToken) =>
        ChangeAsync("PowerOff", () => End(name), cancellationToken);

    public Task ResumeAsync(string name, CancellationToken cancellationToken) =>
        ChangeAsync("Resume", () => Set(name, GuestPhase.Running), cancellationToken);

    public async Task<MigrationProgress> MigrateAsync(
        string name, MigrationOrder order, IProgress<MigrationProgress>? progress, CancellationToken cancellationToken)
    {
        Order = order;
        progress?.Report(Figures with { Elapsed = TimeSpan.Zero });
        await ChangeAsync("Migrate", () => Forget(name), cancellationToken);
        return Figures;
    }

    public async IAsyncEnumerable<GuestEvent> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var told = Channel.CreateUnbounded<GuestEvent>();
        lock (gate)
        {
            watchers.Add(told);
            told.Writer.TryWrite(new GuestsListed([.. guests.Values]));
        }

        await CallAsync("Watch", cancellationToken);
        await foreach (GuestEvent happening in told.Reader.ReadAllAsync(cancellationToken))
        {
            yield return happening;
        }
    }

    public ValueTask DisposeAsync()
    {
        IsDisposed = true;
        return ValueTask.CompletedTask;
    }

    public Task<HostCapacity> GetCapacityAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<Guest>> ListAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<string> GetDefinitionAsync(string name, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task UndefineAsync(string name, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task ResetAsync(string name, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task SuspendAsync(string name, CancellationToken cancellationToken) => throw new NotSupportedException();

    private void Forget(string name)
    {
        lock (gate)
        {
            guests.Remove(name);
        }
    }

    private async Task ChangeAsync(string call, Action change, CancellationToken cancellationToken)
    {
        await CallAsync(call, cancellationToken);
        change();
    }

    private async Task CallAsync(string call, CancellationToken cancellationToken)
    {
        TaskCompletionSource told;
        Func<CancellationToken, Task>? first;
        lock (gate)
        {
            calls.Add(call);
            first = before.GetValueOrDefault(call);
            told = called;
            called = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        told.SetResult();
        cancellationToken.ThrowIfCancellationRequested();
        await (first?.Invoke(cancellationToken) ?? Task.CompletedTask);
    }
}
