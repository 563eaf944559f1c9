namespace ClusterTools.RealAgents.Tests.SeveralMachines;

/// <summary>
/// Faults at random, from a seed, on a cluster of machines that runs one writer: machines without power, cables that are pulled, corosyncs
/// and daemons that are killed or hang, one alone or two at once. After each, when all is mended, the writer must write again, and there
/// must never have been two.
/// </summary>
internal sealed class Chaos(MachineCluster cluster, SharedDisk disk, int seed)
{
    private readonly Random random = new(seed);
    private readonly List<string> trace = [];

    private enum Fault
    {
        PowerCut,
        CutOff,
        Split,
        CorosyncKilled,
        CorosyncHung,
        DaemonKilled,
        DaemonHung,
    }

    /// <summary>So many faults, one after the other.</summary>
    public async Task RunAsync(int faults)
    {
        await WritesAsync("at the beginning");
        for (int i = 0; i < faults; i++)
        {
            int together = random.Next(4) == 0 ? 2 : 1;
            for (int k = 0; k < together; k++)
            {
                await InflictAsync(
                    (Fault)random.Next(Enum.GetValues<Fault>().Length), cluster.Machines[random.Next(cluster.Machines.Count)]);
                // At whatever the cluster is doing about the one before.
                await Task.Delay(random.Next(3_000), Shell.Cancel);
            }

            await MendAsync();
            await WritesAsync($"after fault {i + 1}");
        }
    }

    private async Task InflictAsync(Fault fault, string name)
    {
        trace.Add($"{fault} {name}");
        if (!cluster.IsOn(name))
        {
            return;
        }

        switch (fault)
        {
            case Fault.PowerCut:
                await cluster.CutPowerAsync(name);
                break;
            case Fault.CutOff:
                await cluster.CutOffAsync(name);
                break;
            case Fault.Split:
                ILookup<bool, string> sides = cluster.Machines.ToLookup(_ => random.Next(2) == 0);
                await cluster.SplitAsync([.. sides[true]], [.. sides[false]]);
                break;
            case Fault.CorosyncKilled:
                await TryAsync(name, () => cluster.CorosyncAsync(name, "end"));
                break;
            case Fault.CorosyncHung:
                await TryAsync(name, () => cluster.CorosyncAsync(name, "stop"));
                break;
            case Fault.DaemonKilled:
                await TryAsync(name, () => cluster.SignalDaemonAsync(name, "KILL"));
                break;
            case Fault.DaemonHung:
                await TryAsync(name, () => cluster.SignalDaemonAsync(name, "STOP"));
                break;
        }
    }

    /// <summary>It may be fenced at the same moment: then it is off, and there is nothing to do to it.</summary>
    private async Task TryAsync(string name, Func<Task> fault)
    {
        try
        {
            await fault();
        }
        catch (Exception e) when (e is InvalidOperationException or KeyNotFoundException or IOException)
        {
            // Unless it goes off just now, it was no fencing that was in the way.
            await Shell.UntilAsync(() => !cluster.IsOn(name), () => $"{name}, which does not answer, is off");
            trace.Add($"{name} is off");
        }
    }

    /// <summary>All that can be mended is: cables, power, programs. Who is fenced meanwhile is booted, too.</summary>
    private async Task MendAsync()
    {
        await cluster.HealAsync();
        foreach (string name in cluster.Machines.Where(cluster.IsOn))
        {
            await TryAsync(name, async () =>
            {
                await cluster.CorosyncAsync(name, "continue");
                await cluster.CorosyncAsync(name, "start");
                await cluster.SignalDaemonAsync(name, "CONT");
            });
        }
    }

    private async Task WritesAsync(string when)
    {
        int before = disk.Length;
        await Shell.UntilAsync(
            () =>
            {
                BootWhatIsOffAsync().GetAwaiter().GetResult();
                return disk.Length > before + 5 && cluster.Machines.All(cluster.IsOnline);
            },
            () => $"{when}: all machines take part and one writes ({disk.Writer})\nseed {seed}: {string.Join(", ", trace)}\n"
                + cluster.LastWords());
        Assert.True(!disk.Doubles().Any(), $"Two wrote at once {when}: {string.Join(", ", disk.Doubles())}\nseed {seed}: "
            + $"{string.Join(", ", trace)}\n{string.Join('\n', disk.Turns())}\n{cluster.LastWords()}");
    }

    private async Task BootWhatIsOffAsync()
    {
        foreach (string name in cluster.Machines)
        {
            if (!cluster.IsOn(name))
            {
                await cluster.BootAsync(name);
            }
            else if (!cluster.HasDaemon(name))
            {
                await TryAsync(name, () => cluster.RestartDaemonAsync(name));
            }
        }
    }
}
