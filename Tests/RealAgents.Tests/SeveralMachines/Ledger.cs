using System.Collections.Concurrent;
using System.Diagnostics;

namespace ClusterTools.RealAgents.Tests.SeveralMachines;

/// <summary>What was answered to those who ask the machines of a cluster for changes; it stands outside of the cluster.</summary>
internal sealed class Ledger : IAsyncDisposable
{
    private readonly MachineCluster cluster;
    private readonly Process program;
    private readonly Task<string> errors;
    private readonly Task reading;
    private readonly ConcurrentBag<(string Machine, string Change)> answered = [];
    private readonly ConcurrentBag<string[]> kept = [];
    private readonly SemaphoreSlim done = new(0);

    /// <summary>Asks nobody yet.</summary>
    public Ledger(MachineCluster cluster)
    {
        this.cluster = cluster;
        ProcessStartInfo start = cluster.Outside(
        [
            Path.Combine(AppContext.BaseDirectory, "ClusterTools.RealAgents.Tests"), LedgerProgram.Role,
            Path.Combine(cluster.AdministratorFolder, "context.json"),
            .. cluster.Machines.Select(name => $"{name}=https://{cluster.Address(name)}:7450"),
        ]);
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        // Its sockets in the folder for temporary files would outlive it.
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        program = Process.Start(start)!;
        errors = program.StandardError.ReadToEndAsync();
        reading = ReadAsync();
    }

    /// <summary>How many changes were answered, of all rounds.</summary>
    public int Answered => answered.Count;

    /// <summary>Every machine is asked for changes from now on, whatever becomes of it.</summary>
    public Task BeginAsync(int round) => program.StandardInput.WriteLineAsync($"begin {Name(round)}");

    /// <summary>Waits until a machine has answered so many more.</summary>
    public async Task AnsweredAsync(string machine, int more)
    {
        int all = Count() + more;
        await Shell.UntilAsync(
            () => Count() >= all, () => $"{machine} answers ({(errors.IsCompleted ? errors.Result : $"{Count()} of {all}")})");

        int Count() => answered.Count(a => a.Machine == machine);
    }

    /// <summary>Nothing is asked any more.</summary>
    public Task EndAsync() => DoAsync("end");

    /// <summary>The changes of a round that were answered and that a machine does not have; all machines must be there.</summary>
    public async Task<IReadOnlyList<string>> LostAsync(int round)
    {
        kept.Clear();
        await DoAsync("keep");
        string[] asked = [.. kept.Select(static k => k[0]).Distinct()];
        return
        [
            .. from machine in asked
               from change in answered.Where(a => a.Change.StartsWith(Name(round), StringComparison.Ordinal))
               where !kept.Any(k => k[0] == machine && k[1] == LedgerProgram.Device(change.Machine) && k.Contains(change.Change))
               select $"{change.Change} that {change.Machine} had answered is not on {machine}",
        ];
    }

    public async ValueTask DisposeAsync()
    {
        program.StandardInput.Close();
        try
        {
            await program.WaitForExitAsync(CancellationToken.None).WaitAsync(Shell.Limit);
        }
        catch (TimeoutException)
        {
            program.Kill();
        }

        await reading;
        program.Dispose();
        done.Dispose();
    }

    private static string Name(int round) => $"round{round}-";

    private async Task DoAsync(string word)
    {
        await program.StandardInput.WriteLineAsync(word);
        Assert.True(
            await done.WaitAsync(Shell.Limit, Shell.Cancel),
            $"'{word}' is not done. Off: {string.Join(", ", cluster.Machines.Where(name => !cluster.IsOn(name)))} "
                + $"{(errors.IsCompleted ? await errors : "")}\n{cluster.LastWords()}");
    }

    private async Task ReadAsync()
    {
        while (await program.StandardOutput.ReadLineAsync() is { } line)
        {
            switch (line.Split(' '))
            {
                case ["answered", var machine, var change]:
                    answered.Add((machine, change));
                    break;
                case ["kept", .. var what]:
                    kept.Add(what);
                    break;
                case ["done"]:
                    done.Release();
                    break;
            }
        }
    }
}
