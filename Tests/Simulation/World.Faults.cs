using ClusterTools.Core;

namespace ClusterTools.Simulation;

internal sealed partial class World
{
    private static readonly (Fault Kind, int Weight)[] Kinds =
    [
        (Fault.PowerCrash, 10), (Fault.AllPowerLost, 2), (Fault.DaemonCrash, 8), (Fault.DaemonCrashLeftDown, 3), (Fault.Stall, 12),
        (Fault.StallAtSpawn, 8),
        (Fault.PartitionSymmetric, 6), (Fault.PartitionIsolated, 8), (Fault.PartitionOneWay, 5), (Fault.PartitionAsymmetric, 4),
        (Fault.NetworkDelay, 3), (Fault.NetworkLoss, 3),
        (Fault.StartFails, 6), (Fault.StartHangs, 4), (Fault.StartSlow, 4), (Fault.StartSaysFailureButRuns, 5), (Fault.DiesAfterStart, 5),
        (Fault.StopFails, 4), (Fault.StopHangs, 3), (Fault.StopSlow, 4), (Fault.StopSaysFailureButStopped, 3),
        (Fault.ResourceDies, 25), (Fault.MonitorLies, 12), (Fault.ProbeFails, 4),
        (Fault.FenceDeviceFails, 6), (Fault.FenceDeviceSlow, 5), (Fault.FenceSaysFailureButOff, 5), (Fault.AllFenceDevicesDead, 4),
        (Fault.DiskSlow, 4), (Fault.DiskDead, 4), (Fault.ClockJump, 4),
    ];

    private static readonly int Weights = Kinds.Sum(k => k.Weight);

    private static readonly string[] Devices = ["bmc", "pdu1", "pdu2"];

    private void Trouble()
    {
        if (Calm)
        {
            return;
        }

        int draw = Random.Below(Weights);
        Fault kind = default;
        foreach ((Fault each, int weight) in Kinds)
        {
            if (draw < weight)
            {
                kind = each;
                break;
            }

            draw -= weight;
        }

        if (Inject(kind))
        {
            injected++;
        }

        // Troubles seldom come alone.
        Schedule.In(Random.Chance(250) ? Random.Between(0, 1500) : Random.Between(2000, 12_000), Trouble);
    }

    private bool Inject(Fault kind)
    {
        Machine machine = Random.Pick(Machines);
        long end = Now + Random.Between(1000, 40_000);
        switch (kind)
        {
            case Fault.PowerCrash:
                return Crash(machine, kind);
            case Fault.AllPowerLost:
                if (Now < 60_000)
                {
                    return false;
                }

                foreach (Machine each in Machines)
                {
                    Crash(each, null);
                }

                break;
            case Fault.DaemonCrash:
            case Fault.DaemonCrashLeftDown:
                if (machine.Daemon is not { } crashing)
                {
                    return false;
                }

                crashing.End("crash");
                machine.DaemonHeld = kind == Fault.DaemonCrashLeftDown;
                long boot = machine.Boot;
                Schedule.In(Random.Chance(500) ? Random.Between(100, 800) : Random.Between(800, 15_000), () =>
                {
                    if (machine.On && machine.Boot == boot && machine.Daemon is null && !machine.DaemonHeld)
                    {
                        StartDaemon(machine);
                    }
                });
                break;
            case Fault.Stall:
                if (machine.Daemon is not { Stalled: false } stalling)
                {
                    return false;
                }

                stalling.Stall();
                Schedule.In(Random.Chance(400) ? Random.Below(Engine.Token * 2) : Random.Between(1000, 60_000), stalling.Resume);
                break;
            case Fault.StallAtSpawn:
                if (machine.Daemon is not { } racing)
                {
                    return false;
                }

                // Counted when it happens.
                racing.StallsAtSpawn = true;
                return true;
            case Fault.PartitionSymmetric:
            case Fault.PartitionIsolated:
            case Fault.PartitionOneWay:
            case Fault.PartitionAsymmetric:
                Partition(kind, machine, end);
                break;
            case Fault.NetworkDelay:
                Engine.ExtraDelay = Random.Between(5, Engine.Token / 4);
                Schedule.At(end, () => Engine.ExtraDelay = 0);
                break;
            case Fault.NetworkLoss:
                Engine.Loss = Random.Between(50, 500);
                Schedule.At(end, () => Engine.Loss = 0);
                break;
            case Fault.StartFails:
            case Fault.StartHangs:
            case Fault.StartSlow:
            case Fault.StartSaysFailureButRuns:
            case Fault.DiesAfterStart:
            case Fault.StopFails:
            case Fault.StopHangs:
            case Fault.StopSlow:
            case Fault.StopSaysFailureButStopped:
            case Fault.ProbeFails:
                // Each of these is counted when it bites.
                return Spoil(kind, machine, end);
            case Fault.ResourceDies:
                return Kill(machine);
            case Fault.MonitorLies:
                return Lie(machine);
            case Fault.FenceDeviceFails:
                DeviceDeadUntil[Random.Pick<string>(Devices)] = end;
                return true;
            case Fault.FenceDeviceSlow:
                DeviceSlowUntil[Random.Pick<string>(Devices)] = end;
                return true;
            case Fault.FenceSaysFailureButOff:
                DeviceLiesUntil[Random.Pick<string>(Devices)] = end;
                return true;
            case Fault.AllFenceDevicesDead:
                foreach (string device in Devices)
                {
                    DeviceDeadUntil[device] = end;
                }

                break;
            case Fault.DiskSlow:
                machine.DiskDelay = Random.Between(50, 3000);
                Schedule.At(end, () => machine.DiskDelay = 0);
                break;
            case Fault.DiskDead:
                machine.DiskDead = true;
                Schedule.At(end, () => Repair(machine));
                break;
            case Fault.ClockJump:
                JumpingClock = machine.Index;
                Schedule.At(end, () => JumpingClock = -1);
                break;
            default:
                throw new InvalidOperationException($"{kind} is not injected here.");
        }

        Tally.Count(kind);
        Trace?.Write($"FAULT {kind} {machine.Name}");
        return true;
    }

    private void Repair(Machine machine)
    {
        machine.DiskDead = false;
        if (machine.Daemon is { Mute: true, Expelled: false } daemon)
        {
            daemon.Mute = false;
            Engine.ReconsiderSoon(Random.Between(10, 200));
        }
    }

    private bool Crash(Machine machine, Fault? kind)
    {
        if (!machine.On)
        {
            return false;
        }

        if (kind is { } counted)
        {
            Tally.Count(counted);
            Trace?.Write($"FAULT {kind} {machine.Name}");
        }

        machine.BrokenUntil = Now + (Random.Chance(600) ? Random.Between(500, 10_000) : Random.Between(10_000, 90_000));
        machine.PowerChanged("crash");
        Schedule.At(machine.BrokenUntil, () => machine.PowerChanged("power is back"));
        return true;
    }

    private void Partition(Fault kind, Machine machine, long end)
    {
        Engine.ReachWillChange();
        List<(int From, int To)> cut = [];
        switch (kind)
        {
            case Fault.PartitionSymmetric:
                int half = Random.Between(1, Math.Max(1, Machines.Count - 1));
                int[] order = [.. Enumerable.Range(0, Machines.Count)];
                Random.Shuffle(order);
                for (int i = 0; i < half; i++)
                {
                    for (int j = half; j < order.Length; j++)
                    {
                        cut.Add((order[i], order[j]));
                        cut.Add((order[j], order[i]));
                    }
                }

                break;
            case Fault.PartitionIsolated:
                for (int i = 0; i < Machines.Count; i++)
                {
                    if (i != machine.Index)
                    {
                        cut.Add((machine.Index, i));
                        cut.Add((i, machine.Index));
                    }
                }

                break;
            case Fault.PartitionOneWay:
                for (int i = 0; i < Machines.Count; i++)
                {
                    if (i != machine.Index)
                    {
                        cut.Add((machine.Index, i));
                    }
                }

                break;
            default:
                // Some links, in one direction each: who hears whom is no longer a matter of sides.
                for (int i = 0; i < Machines.Count; i++)
                {
                    for (int j = 0; j < Machines.Count; j++)
                    {
                        if (i != j && Random.Chance(250))
                        {
                            cut.Add((i, j));
                        }
                    }
                }

                break;
        }

        foreach ((int from, int to) in cut)
        {
            Engine.SetLink(from, to, false);
        }

        Engine.ReachChanged();
        if (Random.Chance(300))
        {
            end = Now + Random.Below(Engine.Token * 2);
        }

        Schedule.At(end, () =>
        {
            Engine.ReachWillChange();
            foreach ((int from, int to) in cut)
            {
                Engine.SetLink(from, to, true);
            }

            Engine.ReachChanged();
        });
    }

    private bool Spoil(Fault kind, Machine machine, long end)
    {
        ClusterState state = Engine.Canonical;
        if (state.Groups.IsEmpty)
        {
            return false;
        }

        GroupState group = state.Groups.Values.ElementAt(Random.Below(state.Groups.Count));
        var tree = ResourceTree.Of(group.Definition);
        string? resource = Random.Chance(400) || tree.StartOrder.IsEmpty ? null : tree.StartOrder[Random.Below(tree.StartOrder.Length)].Id;
        AgentFaults[group.Name] = new AgentFault(kind, resource, Random.Chance(500) ? -1 : machine.Index, end);
        Trace?.Write($"FAULT {kind} {group.Name}/{resource}");

        // Something must happen to the group for its agents to be called.
        Daemon? owner = Machines.Find(m => m.Name == group.Owner)?.Daemon;
        if (owner is not null && Random.Chance(600))
        {
            Lane lane = owner.Machine.Lane(group.Name);
            if (lane.Active.Count > 0)
            {
                Die(owner.Machine, owner.Machine.Boot, lane, lane.Active[Random.Below(lane.Active.Count)].Resource);
            }
        }

        return true;
    }

    private bool Kill(Machine machine)
    {
        List<Lane> lanes = [.. machine.Lanes.Values.Where(l => l.Active.Count > 0)];
        if (lanes.Count == 0)
        {
            return false;
        }

        Lane lane = Random.Pick(lanes);
        int times = Random.Chance(300) ? Random.Between(2, 5) : 1;
        Tally.Count(Fault.ResourceDies);
        for (int i = 0; i < times; i++)
        {
            // Again and again: that is what fills a restart window.
            Schedule.In(i * Random.Between(3000, 20_000), () =>
            {
                foreach (Machine each in Machines)
                {
                    if (!Calm && each.Existing(lane.Group) is { Active.Count: > 0 } where)
                    {
                        Die(each, each.Boot, where, where.Active[Random.Below(where.Active.Count)].Resource);
                    }
                }
            });
        }

        return true;
    }

    private bool Lie(Machine machine)
    {
        if (machine.Daemon is not { } daemon)
        {
            return false;
        }

        string[] groups = [.. daemon.MonitoredGroups.Order(StringComparer.Ordinal)];
        if (groups.Length == 0)
        {
            return false;
        }

        string group = Random.Pick<string>(groups);
        string resource = Random.Pick(daemon.MonitoredOf(group).AsSpan()).Id;
        Tally.Count(Fault.MonitorLies);
        Trace?.Write($"FAULT {Fault.MonitorLies} {group}/{resource}");
        int times = Random.Chance(300) ? Random.Between(2, 4) : 1;
        daemon.Lie(group, resource);
        for (int i = 1; i < times; i++)
        {
            Schedule.In(i * Random.Between(2000, 10_000), () =>
            {
                foreach (Machine each in Machines)
                {
                    if (!Calm)
                    {
                        each.Daemon?.Lie(group, resource);
                    }
                }
            });
        }

        return true;
    }
}
