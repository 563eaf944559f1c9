using System.Collections.Immutable;
using ClusterTools.Core;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Simulation;

/// <summary>The executors: one thing at a time for each group, agents that misbehave, and the gate before each start.</summary>
internal sealed partial class Daemon
{
    /// <summary>What an agent will do.</summary>
    private enum Conduct
    {
        Good,
        Slow,
        Fails,
        Hangs,
        SaysFailureButDidIt,
        DiesAtOnce,
        DoesNotAnswer,
    }

    private void Enqueue(string group, Job job)
    {
        Lane lane = Machine.Lane(group);
        lane.Waiting.Enqueue(job);
        Next(lane);
    }

    private void Next(Lane lane)
    {
        while (lane.Current is null && lane.Waiting.TryDequeue(out Job? job))
        {
            lane.Current = job;
            switch (job.Kind)
            {
                case JobKind.Start:
                case JobKind.Migrate:
                    Gate(lane, job);
                    break;
                case JobKind.Stop:
                    Spawn(lane, job);
                    break;
                case JobKind.Probe:
                    Look(lane, job);
                    break;
                default:
                    throw new InvalidOperationException($"Unknown job {job.Kind}.");
            }
        }
    }

    private bool Confirmed => world.Engine.ConfirmsNow(this) || world.Now - LastConfirmed < world.Engine.Token;

    /// <summary>A start needs a view confirmed more recently than the token time.</summary>
    private void Gate(Lane lane, Job job)
    {
        if (lane.Current != job)
        {
            return;
        }

        if (Confirmed)
        {
            if (StallsAtSpawn)
            {
                // The race that is left, and that fencing must win: looked, stopped, woke, spawned.
                StallsAtSpawn = false;
                world.Tally.Count(Fault.StallAtSpawn);
                Stall();
                world.Schedule.In(world.Random.Between(200, 40_000), Resume);
                Do(() => Spawn(lane, job));
                return;
            }

            int late = world.Random.Below(4);
            if (late == 0)
            {
                Spawn(lane, job);
            }
            else
            {
                world.Schedule.In(late, () => Do(() => Spawn(lane, job)));
            }

            return;
        }

        if (job.GateSince < 0)
        {
            job.GateSince = world.Now;
        }

        if (Primary is null || world.Now - job.GateSince > 3000)
        {
            world.Trace?.Write($"{this} does not start {job.Id}: its view is not confirmed");
            lane.Current = null;
            Answer(new ActionCompleted(job.Id, false, "not started: this node is not surely in the view", ActionAnswer.NotBegun));
            world.Schedule.In(0, () => Do(() => Next(lane)));
            return;
        }

        world.Schedule.In(40, () => Do(() => Gate(lane, job)));
    }

    /// <summary>The agent of a resource does not answer such a question.</summary>
    private bool Silent(string group, string resource, Fault kind) =>
        world.Silences.TryGetValue(group, out AgentFault? fault) && fault.Kind == kind && fault.Bites(Machine, resource, world.Now);

    private Conduct ConductOf(Job job)
    {
        string group = job.Action!.Group;
        if (job.Kind == JobKind.Stop && Silent(group, job.Action.Resource.Id, Fault.AnswerUnknownToStop))
        {
            world.Tally.Count(Fault.AnswerUnknownToStop);
            return Conduct.DoesNotAnswer;
        }

        if (!world.AgentFaults.TryGetValue(group, out AgentFault? fault)
            || (fault.Machine >= 0 && fault.Machine != Machine.Index)
            || (fault.Resource is not null && fault.Resource != job.Action.Resource.Id)
            || world.Now > fault.Until)
        {
            return Conduct.Good;
        }

        bool start = job.Kind == JobKind.Start;
        Conduct conduct = fault.Kind switch
        {
            Fault.StartFails when start => Conduct.Fails,
            Fault.StartHangs when start => Conduct.Hangs,
            Fault.StartSlow when start => Conduct.Slow,
            Fault.StartSaysFailureButRuns when start => Conduct.SaysFailureButDidIt,
            Fault.DiesAfterStart when start => Conduct.DiesAtOnce,
            Fault.StopFails when !start => Conduct.Fails,
            Fault.StopHangs when !start => Conduct.Hangs,
            Fault.StopSlow when !start => Conduct.Slow,
            Fault.StopSaysFailureButStopped when !start => Conduct.SaysFailureButDidIt,
            _ => Conduct.Good,
        };
        if (conduct != Conduct.Good)
        {
            world.Tally.Count(fault.Kind);
        }

        return conduct;
    }

    private void Spawn(Lane lane, Job job)
    {
        if (lane.Current != job || job.Killed)
        {
            return;
        }

        job.Spawned = true;
        if (job.Kind == JobKind.Migrate)
        {
            Migrate(lane, job);
            return;
        }

        ResourceAction action = job.Action!;
        string resource = action.Resource.Id;
        bool start = job.Kind == JobKind.Start;
        RandomSource random = world.Random;
        Conduct conduct = ConductOf(job);
        int limit = start ? action.Resource.StartTimeout : action.Resource.StopTimeout;
        long duration = conduct switch
        {
            Conduct.Slow => limit * (long)random.Between(500, 950) / 1000,
            Conduct.Hangs => limit,
            _ => start ? random.Between(10, 500) : random.Between(10, 300),
        };
        bool success = conduct is Conduct.Good or Conduct.Slow or Conduct.DiesAtOnce;
        bool effect = conduct switch
        {
            Conduct.Good or Conduct.Slow or Conduct.DiesAtOnce or Conduct.SaysFailureButDidIt => true,
            Conduct.Fails => !start && random.Chance(100),
            Conduct.Hangs => random.Chance(500),
            Conduct.DoesNotAnswer => random.Chance(200),
            _ => throw new InvalidOperationException($"Unknown conduct {conduct}."),
        };
        if (start)
        {
            world.Checkers.OnStartSpawned(this, lane, action, job.Known);
        }
        else
        {
            world.Checkers.OnStopSpawned(this, lane, action, job.Known);
        }

        world.Trace?.Write(
            $"{this} {(start ? "starts" : "stops")} {action.Group}/{resource}{(conduct == Conduct.Good ? "" : $" ({conduct})")} "
                + $"{action.Id}");
        if (start && Expelled)
        {
            world.Tally.Count(Fault.SpawnAfterLoss);
        }

        long boot = Machine.Boot;
        Machine machine = Machine;
        world.Schedule.In(duration, () =>
        {
            if (!machine.On || machine.Boot != boot || lane.Current != job || job.Killed)
            {
                return;
            }

            if (effect)
            {
                Effect(machine, lane, action, start);
            }

            lane.Current = null;
            world.Checkers.OnAgentEnded(machine, lane, action, start, success);
            if (conduct == Conduct.DiesAtOnce)
            {
                world.Schedule.In(random.Below(50), () => world.Die(machine, boot, lane, resource));
            }

            if (!Dead)
            {
                Do(() =>
                {
                    Answer(new ActionCompleted(
                        action.Id, success, success ? "done" : $"{conduct}", conduct == Conduct.DoesNotAnswer ? ActionAnswer.Unknown
                        : ActionAnswer.Given));
                    Next(lane);
                });
            }
        });
    }

    private void Effect(Machine machine, Lane lane, ResourceAction action, bool start)
    {
        if (start)
        {
            if (lane.Find(action.Resource.Id) is null)
            {
                lane.Add(new Running(action.Resource.Id, world.Checkers.ParentOf(lane.Group, action.Resource)));
                world.Checkers.OnActive(machine, lane, action.Resource.Id);
            }
        }
        else
        {
            world.OnStopped(machine, lane.Group);
            if (lane.Remove(action.Resource.Id))
            {
                world.Trace?.Write($"   {machine.Name}: {lane.Group}/{action.Resource.Id} is stopped");
            }
        }
    }

    private void Answer(ClusterEvent result) => Replica.OnResult(result, Clock);

    // ---- probes

    private void Probe(RunProbe probe)
    {
        world.Trace?.Write($"{this} probes {probe.Groups.Length} groups {probe.Action.Id}");
        var round = new ProbeRound(probe.Action.Id, 1);
        foreach (ProbedGroup group in probe.Groups)
        {
            round.Open++;
            Enqueue(group.Name, new Job { Kind = JobKind.Probe, Daemon = this, Probed = group, Round = round });
        }

        Answered(round);
    }

    private void Look(Lane lane, Job job)
    {
        ProbedGroup group = job.Probed!;
        HashSet<string> silent = [];
        foreach (ResourceConfiguration resource in group.Resources)
        {
            bool runs = lane.Find(resource.Id) is not null;
            bool moves = world.IsOnTheWay(Machine, lane.Group);
            if (moves || Silent(lane.Group, resource.Id, Fault.AnswerUnknownToProbe))
            {
                if (!moves)
                {
                    world.Tally.Count(Fault.AnswerUnknownToProbe);
                }

                job.Round!.Found.Add(new FoundResource(lane.Group, resource.Id, FoundAnswer.Unknown, "silent"));
                silent.Add(resource.Id);
                continue;
            }

            bool fails = world.AgentFaults.TryGetValue(lane.Group, out AgentFault? fault) && fault.Kind == Fault.ProbeFails
                && fault.Bites(Machine, resource.Id, world.Now)
                // A hypervisor that does not know a guest has nothing of it that could be broken.
                && (runs || !GuestSettings.Is(resource.Agent));
            if (fails)
            {
                world.Tally.Count(Fault.ProbeFails);
            }

            if (runs || fails)
            {
                job.Round!.Found.Add(new FoundResource(lane.Group, resource.Id, runs && !fails ? FoundAnswer.Runs : FoundAnswer.Broken));
            }
        }

        world.Checkers.OnLooked(Machine, lane, job.Round!.Id, silent);

        lane.Current = null;
        Answered(job.Round!);
    }

    private void Answered(ProbeRound round)
    {
        if (--round.Open > 0)
        {
            return;
        }

        world.Schedule.In(
            world.Random.Between(10, 300), () => Do(() => Answer(new Probed(round.Id, Cluster.FunctionalLevel, [.. round.Found]))));
    }

    // ---- status checks

    private void Monitor(MonitorGroup monitor)
    {
        world.Checkers.OnMonitored(this, monitor);
        if (monitor.Resources.IsEmpty)
        {
            monitors.Remove(monitor.Group);
            return;
        }

        monitors[monitor.Group] = monitor.Resources;
        foreach (ResourceConfiguration resource in monitor.Resources)
        {
            if (Machine.Existing(monitor.Group)?.Find(resource.Id) is null)
            {
                CheckLater(monitor.Group, resource);
            }
            else if (Replica.State.Groups.TryGetValue(monitor.Group, out GroupState? known)
                && known.Instance.Checks.ContainsKey(resource.Id))
            {
                world.Schedule.In(resource.MonitorInterval, () => AskAgain(monitor.Group, resource.Id, 0, 1000));
            }
        }
    }

    /// <summary>A resource died here: its next status check will see it.</summary>
    public void Died(string group, string resource)
    {
        if (Watched(group, resource) is { } watched)
        {
            CheckLater(group, watched);
        }
    }

    /// <summary>A status check says failed though all is well; false: the resource is not checked here.</summary>
    public bool Lie(string group, string resource)
    {
        if (Watched(group, resource) is null)
        {
            return false;
        }

        Do(() => Replica.OnMonitorFailed(group, resource, "lied"));
        return true;
    }

    /// <summary>A status check is not answered, again and again until it is; false: the resource is not checked here.</summary>
    public bool FallSilent(string group, string resource, long until)
    {
        if (Watched(group, resource) is null)
        {
            return false;
        }

        world.Tally.Count(Fault.AnswerUnknownToCheck);
        AskAgain(group, resource, until, 1000);
        return true;
    }

    private void AskAgain(string group, string resource, long until, long pause) => Do(() =>
    {
        if (Watched(group, resource) is not { } watched)
        {
            return;
        }

        if (world.Now > until || world.Calm)
        {
            if (Machine.Existing(group)?.Find(resource) is null)
            {
                Died(group, resource);
                return;
            }

            // Every check that is answered says so, until it is heard.
            Replica.OnMonitorAnswered(group, resource, 0);
            long over = Math.Min(until, world.Now);
            if (world.Now < over + 20_000
                || (Replica.State.Groups.TryGetValue(group, out GroupState? known) && known.Instance.Checks.ContainsKey(resource)))
            {
                world.Schedule.In(watched.MonitorInterval, () => AskAgain(group, resource, over, pause));
            }

            return;
        }

        Replica.OnMonitorUnknown(group, resource, 0, "silent");
        world.Schedule.In(Math.Min(pause, watched.MonitorInterval), () => AskAgain(group, resource, until, pause * 2));
    });

    // Silence may be heard long after it has ended, when quorum is back; every check from then on says so.
    private void AnsweredLater(string group, string resource) => world.Schedule.In(30_000, () => AskAgain(group, resource, 0, 1000));

    public IEnumerable<string> MonitoredGroups => monitors.Keys;

    public ImmutableArray<ResourceConfiguration> MonitoredOf(string group) => monitors[group];

    private ResourceConfiguration? Watched(string group, string resource)
    {
        if (monitors.TryGetValue(group, out ImmutableArray<ResourceConfiguration> list))
        {
            foreach (ResourceConfiguration one in list)
            {
                if (one.Id == resource)
                {
                    return one;
                }
            }
        }

        return null;
    }

    private void CheckLater(string group, ResourceConfiguration resource)
    {
        string key = $"{group}/{resource.Id}";
        if (!monitoring.Add(key))
        {
            return;
        }

        world.Schedule.In(world.Random.Between(20, resource.MonitorInterval), () => Do(() =>
        {
            monitoring.Remove(key);
            if (Watched(group, resource.Id) is not { } watched || Machine.Existing(group)?.Find(resource.Id) is not null)
            {
                return;
            }

            Replica.OnMonitorFailed(group, resource.Id, "not running");
            CheckLater(group, watched);
        }));
    }

    // ---- fencing

    private void Fence(RunFence asked)
    {
        FenceDeviceAction action = asked.Action;
        world.Checkers.OnFenceAsked(this, action);
        int timeout = asked.Timeout;
        if (asked.Quorum == Quorum.Quorate && !Confirmed)
        {
            world.Schedule.In(50, () => Do(() =>
            {
                if (Primary is not null && !Replica.Expelled)
                {
                    Fence(asked);
                }
            }));
            return;
        }

        RandomSource random = world.Random;
        string device = action.Call.Device;
        bool dead = world.DeviceDeadUntil.GetValueOrDefault(device) > world.Now;
        bool slow = world.DeviceSlowUntil.GetValueOrDefault(device) > world.Now;
        bool silent = world.DeviceSilentUntil.GetValueOrDefault(device) > world.Now;
        bool lies = world.DeviceLiesUntil.GetValueOrDefault(device) > world.Now && random.Chance(700);
        long duration = slow ? timeout * (long)random.Between(500, 1000) / 1000 : random.Between(20, Math.Min(1500, timeout));
        bool off = action.Id.Operation == ActionOperation.FenceOff;
        if (slow)
        {
            world.Tally.Count(Fault.FenceDeviceSlow);
        }

        if (dead)
        {
            world.Tally.Count(Fault.FenceDeviceFails);
        }

        if (silent)
        {
            world.Tally.Count(Fault.AnswerUnknownToFence);
        }

        // Who does not answer may have done it or not.
        bool reaches = !dead && (!silent || random.Chance(500));

        Machine? target = world.Machines.FirstOrDefault(m => m.Name == action.Target);
        Machine machine = Machine;
        long boot = machine.Boot;
        world.Trace?.Write(
            $"{this} asks {device} to switch {(off ? "off" : "on")} {action.Target}{(dead ? " (dead)" : "")}{(slow ? " (slow)" : "")}");
        world.FenceCalls++;
        world.Schedule.In(duration, () =>
        {
            world.FenceCalls--;
            if (!machine.On || machine.Boot != boot)
            {
                return;
            }

            bool success = !dead && !silent;
            if (reaches)
            {
                if (!off)
                {
                    world.Checkers.OnDeviceOn(action.Target, device);
                }

                World.Switch(target, device, !off, $"{device} by {machine.Name}");
                if (lies)
                {
                    success = false;
                    if (off)
                    {
                        world.Tally.Count(Fault.FenceSaysFailureButOff);
                    }
                }
            }

            if (off && success)
            {
                world.Checkers.OnDeviceOff(action.Target, device);
            }

            if (!Dead)
            {
                Do(() => Answer(new FenceCompleted(action.Id, success, success ? "done" : dead || silent ? "does not answer" : "lies")));
            }
        });
    }
}

/// <summary>Agents of a group misbehave for a while.</summary>
/// <param name="Kind">In which way.</param>
/// <param name="Resource">Null: all of the group.</param>
/// <param name="Machine">-1: everywhere.</param>
/// <param name="Until">True time.</param>
internal sealed record AgentFault(Fault Kind, string? Resource, int Machine, long Until)
{
    public bool Bites(Machine machine, string resource, long now) =>
        now <= Until && (Machine < 0 || Machine == machine.Index) && (Resource is null || Resource == resource);
}
