namespace ClusterTools.RealAgents.Tests.SeveralMachines;

/// <summary>
/// Faults at random, from a seed, on a cluster of machines that runs one writer: machines without power, or that stand still and wake,
/// cables that are pulled or loose, networks that carry one way only, corosyncs and daemons that are killed or hang, one fault alone or two
/// at once. After each, when all is mended, the writer must write again, and there
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
        CableLoose,
        Split,
        Mute,
        Deaf,
        OneWay,
        Stalled,
        CorosyncKilled,
        CorosyncHung,
        DaemonKilled,
        DaemonHung,
        BothKilled,
    }

    // Not as long as a fencing takes, and now and then longer.
    private TimeSpan AWhile => TimeSpan.FromMilliseconds(random.Next(random.Next(5) == 0 ? 10_000 : 3_000));

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
                await Task.Delay(AWhile, Shell.Cancel);
            }

            await MendAsync();
            await WritesAsync($"after fault {i + 1}");
            TestContext.Current.TestOutputHelper?.WriteLine($"{i + 1} of {faults}: {trace[^1]}");
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
            case Fault.CableLoose:
                for (int left = random.Next(2, 8); left > 0; left--)
                {
                    await cluster.CutOffAsync(name);
                    await Task.Delay(random.Next(1_000), Shell.Cancel);
                    await cluster.HealAsync();
                    await Task.Delay(random.Next(300), Shell.Cancel);
                }

                break;
            case Fault.Mute:
                foreach (string other in cluster.Machines.Where(n => n != name))
                {
                    await TryAsync(name, () => cluster.LoseAsync(name, other));
                }

                break;
            case Fault.Deaf:
                foreach (string other in cluster.Machines.Where(n => n != name && cluster.IsOn(n)))
                {
                    await TryAsync(other, () => cluster.LoseAsync(other, name));
                }

                break;
            case Fault.OneWay:
                string heard = cluster.Machines.Where(n => n != name).ElementAt(random.Next(cluster.Machines.Count - 1));
                await TryAsync(name, () => cluster.LoseAsync(name, heard));
                break;
            case Fault.Stalled:
                await TryAsync(name, async () =>
                {
                    await cluster.StallAsync(name);
                    await Task.Delay(AWhile, Shell.Cancel);
                    // It may have been declared lost by now, and be fenced at this moment.
                    await cluster.WakeAsync(name);
                });
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
            case Fault.BothKilled:
                await TryAsync(name, () => cluster.CorosyncAsync(name, "end"));
                await TryAsync(name, () => cluster.SignalDaemonAsync(name, "KILL"));
                break;
            default:
                throw new InvalidOperationException($"Unknown fault {fault}.");
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
