using ClusterTools.Core;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Simulation;

internal sealed partial class World
{
    // Dice of their own: until a machine is first shut down the story is the one without.
    private readonly RandomSource machines;

    private int requests;

    private string RequestId() => $"q{++requests}";

    /// <summary>Sends a request, now and then through two nodes.</summary>
    private void Submit(Daemon daemon, Request request)
    {
        Trace?.Write(
            $"operator at {daemon}: "
                + $"{(request is ConfigurationRequest c ? $"configuration {c.Configuration.Version} {c.Reason}" : request)}");
        daemon.Do(() => daemon.Submit(request));
        if (Random.Chance(100) && Spokesman() is { } other)
        {
            Tally.Count(Fault.RequestSentTwice);
            other.Do(() => other.Submit(request));
        }
    }

    private void Ask()
    {
        if (Calm)
        {
            return;
        }

        Schedule.In(Random.Between(500, 5000), Ask);
        if (Spokesman() is not { } daemon)
        {
            return;
        }

        ClusterState state = daemon.Replica.State;
        if (state.Configuration.Version == 0 || state.Groups.IsEmpty)
        {
            return;
        }

        if (Linked && Random.Chance(400))
        {
            ChangeConfiguration(daemon, state);
            return;
        }

        switch (Random.Below(101))
        {
            case 100:
                Tally.Count(Asked.StopCluster);
                Submit(daemon, new ClusterStopRequest(RequestId(), "operator"));
                break;
            case < 2 when Linked:
                Tally.Count(Asked.UserEvent);
                Submit(daemon, new UserEvent(RequestId(), "operator", "hello"));
                break;
            case < 50:
                AskGroup(daemon, state);
                break;
            case < 70:
                AskNode(daemon, state);
                break;
            case < 90:
                ChangeConfiguration(daemon, state);
                break;
            case < 94 when state.Operations.Values.Where(o => o.Phase == OperationPhase.Running).ToArray() is { Length: > 0 } running:
                Tally.Count(Asked.Cancel);
                Submit(daemon, new CancelRequest(RequestId(), "operator", Random.Pick(running).Id));
                break;
            case < 97:
                Tally.Count(Asked.Runbook);
                string name = $"book{Random.Below(4)}";
                long? expected = Random.Chance(700) ? state.Runbooks.GetValueOrDefault(name)?.Version ?? 0 : null;
                Submit(
                    daemon,
                    new RunbookRequest(RequestId(), "operator", name, Random.Chance(800) ? $"{{\"step\":{Random.Below(100)}}}"
                        : null, expected));
                break;
            default:
                Tally.Count(Asked.Message);
                Submit(daemon, new MessageWritten(RequestId(), "operator", JournalSeverity.Information, "hello"));
                break;
        }
    }

    private void AskGroup(Daemon daemon, ClusterState state)
    {
        GroupState group = state.Groups.Values.ElementAt(Random.Below(state.Groups.Count));
        if (group.Phase == GroupPhase.Failed && !group.Frozen)
        {
            if (Random.Chance(300))
            {
                Release(daemon, group);
                return;
            }
        }

        (Asked what, GroupOperation operation) = Random.Below(23) switch
        {
            0 or 1 or 2 or 3 => (Asked.Enable, GroupOperation.Enable),
            4 => (Asked.Disable, GroupOperation.Disable),
            5 or 6 => (Asked.Stop, GroupOperation.Stop),
            7 or 8 or 9 or 10 => (Asked.Relocate, GroupOperation.Relocate),
            11 or 12 => (Asked.Restart, GroupOperation.Restart),
            13 or 14 => (Asked.Freeze, GroupOperation.Freeze),
            15 or 16 or 17 => (Asked.Unfreeze, GroupOperation.Unfreeze),
            18 or 19 => (Asked.Home, GroupOperation.Home),
            20 => (Asked.Clear, GroupOperation.Clear),
            _ => (Asked.Convalesce, GroupOperation.Convalesce),
        };
        if (operation == GroupOperation.Unfreeze && state.Groups.Values.FirstOrDefault(g => g.Frozen) is { } frozen)
        {
            group = frozen;
        }
        else if (operation == GroupOperation.Convalesce
            && state.Groups.Values.FirstOrDefault(g => !g.Instance.Abandoned.IsEmpty) is { } ill)
        {
            group = ill;
        }
        else if (operation == GroupOperation.Enable && Random.Chance(700)
            && state.Groups.Values.FirstOrDefault(g => g.Goal != GroupGoal.Run) is { } down)
        {
            group = down;
        }

        Tally.Count(what);
        string? node = operation is GroupOperation.Enable or GroupOperation.Relocate && Random.Chance(500) ? Random.Pick(Machines).Name
            : null;
        Submit(daemon, new GroupRequest(RequestId(), "operator", group.Name, operation, node));
    }

    /// <summary>The operator makes sure by hand that nothing of the group runs anywhere, and says so.</summary>
    private bool Release(Daemon daemon, GroupState group)
    {
        foreach (Machine machine in Machines)
        {
            if (machine.Existing(group.Name)?.Idle == false)
            {
                return false;
            }
        }

        foreach (Machine machine in Machines)
        {
            if (machine.Existing(group.Name) is { } lane)
            {
                OnStopped(machine, group.Name);
                foreach (Running running in lane.Active.Reverse().ToArray())
                {
                    lane.Remove(running.Resource);
                    machine.Daemon?.Died(group.Name, running.Resource);
                }
            }
        }

        Tally.Count(Fault.OperatorReleased);
        var request = new GroupRequest(RequestId(), "operator", group.Name, GroupOperation.Disable, ConfirmReleased: true);
        Checkers.OnReleased(request, group.Name);
        Submit(daemon, request);
        return true;
    }

    private void AskNode(Daemon daemon, ClusterState state)
    {
        string node = state.Nodes.Keys.ElementAt(Random.Below(state.Nodes.Count));
        switch (Random.Below(17))
        {
            case 0 or 1 or 2:
                string? target = Random.Chance(300) ? state.Nodes.Keys.ElementAt(Random.Below(state.Nodes.Count)) : null;
                Tally.Count(target is null ? Asked.Drain : Asked.DrainTo);
                Submit(daemon, new NodeRequest(RequestId(), "operator", node, NodeOperation.Drain, Target: target));
                ResumeLater(node);
                break;
            case 3 or 4:
                bool down = machines.Chance(500);
                Tally.Count(down ? Asked.ShutDown : Asked.Leave);
                Submit(daemon, new NodeRequest(RequestId(), "operator", node, down ? NodeOperation.ShutDown : NodeOperation.Leave));
                ResumeLater(node);
                break;
            case 5 or 6 or 7:
                Tally.Count(Asked.MaintenanceRestart);
                Submit(daemon, new NodeRequest(RequestId(), "operator", node, NodeOperation.Maintenance));
                RestartLater(node, daemon);
                break;
            case 8:
                Tally.Count(Asked.FenceOff);
                Submit(daemon, new NodeRequest(RequestId(), "operator", node, NodeOperation.FenceOff));
                break;
            case 9:
                Tally.Count(Asked.FenceOn);
                Submit(daemon, new NodeRequest(RequestId(), "operator", node, NodeOperation.FenceOn));
                break;
            case 10:
                Tally.Count(Asked.FenceReboot);
                Submit(daemon, new NodeRequest(RequestId(), "operator", node, NodeOperation.FenceReboot));
                break;
            case 11:
                Tally.Count(Asked.Pause);
                Submit(daemon, new NodeRequest(RequestId(), "operator", node, NodeOperation.Pause));
                ResumeLater(node);
                break;
            default:
                if (
                    state.Nodes.Values.FirstOrDefault(n => n.Paused || n.Drain.Goal != DrainGoal.None
                        || n.Phase == NodePhase.Maintenance) is { } away)
                {
                    Resume(daemon, away.Name);
                }

                break;
        }
    }

    private void Resume(Daemon daemon, string node)
    {
        NodeOperation operation = Random.Below(10) switch
        {
            < 5 => NodeOperation.Resume,
            < 8 => NodeOperation.ResumeWithImmediateFailback,
            _ => NodeOperation.ResumeWithoutFailback,
        };
        Tally.Count(operation == NodeOperation.ResumeWithImmediateFailback ? Asked.ResumeImmediate : Asked.Resume);
        Submit(daemon, new NodeRequest(RequestId(), "operator", node, operation));
    }

    private void ResumeLater(string node) => Schedule.In(Random.Between(5000, 30_000), () =>
    {
        if (!Calm && Spokesman() is { } daemon)
        {
            Resume(daemon, node);
        }
    });

    /// <summary>As <c>clusterd restart</c>: once the cluster knows, the daemon goes and comes back; its groups run on.</summary>
    private void RestartLater(string node, Daemon asked)
    {
        int tries = 0;
        Schedule.In(200, Look);

        void Look()
        {
            if (asked.Dead || Calm || tries++ > 20)
            {
                return;
            }

            Machine? machine = Machines.Find(m => m.Name == node);
            if (machine?.Daemon is { Stalled: false } daemon
                && daemon.Replica.State.Nodes.TryGetValue(node, out NodeState? self)
                && self is { Phase: NodePhase.Maintenance, MaintenanceUntil: not null, Member: true }
                && self.Incarnation == daemon.Incarnation)
            {
                int limit = daemon.Replica.State.Configuration.Timing.MaintenanceLimit;
                daemon.Do(
                    () =>
                    daemon.Leave("maintenance", Random.Chance(850) ? Random.Between(300, limit / 2) : Random.Between(limit, limit * 2)));
                Checkers.OnMaintenance(machine);
                return;
            }

            Schedule.In(200, Look);
        }
    }

    private void ChangeConfiguration(Daemon daemon, ClusterState state)
    {
        string[] removable =
        [
            .. state.Nodes.Values
                .Where(n => n.Phase == NodePhase.Down && !n.Member && n.Groups.IsEmpty && state.Configuration.Nodes.ContainsKey(n.Name))
                .Select(n => n.Name),
        ];
        (ClusterConfiguration next, string what) = configurations.Change(state.Configuration, removable);
        if (Random.Chance(60))
        {
            Tally.Count(Fault.ConfigurationStale);
            next = next with { Version = Math.Max(1, next.Version - Random.Between(1, 3)) };
        }
        else
        {
            Tally.Count(Fault.ConfigurationChanged);
        }

        if (what.StartsWith("dependencies", StringComparison.Ordinal))
        {
            Tally.Count(Fault.DependenciesChanged);
        }
        else if (what.StartsWith("event scripts", StringComparison.Ordinal))
        {
            Tally.Count(Fault.EventScriptsChanged);
        }

        if (what.StartsWith("votes", StringComparison.Ordinal))
        {
            Tally.Count(Fault.VotesChanged);
        }

        Checkers.OnConfigurationSent(next);
        Submit(daemon, new ConfigurationRequest(RequestId(), "operator", next, what));
        if (what.StartsWith("node added ", StringComparison.Ordinal))
        {
            Tally.Count(Fault.NodeAdded);
            string name = what["node added ".Length..];
            if (Machines.TrueForAll(m => m.Name != name))
            {
                // It may come up before the cluster has heard of it.
                Machine machine = AddMachine(name);
                Schedule.In(Random.Between(0, 10_000), () => machine.PowerChanged("new machine"));
            }
        }
        else if (what.StartsWith("node removed ", StringComparison.Ordinal))
        {
            Tally.Count(Fault.NodeRemoved);
        }
    }

    /// <summary>After the last fault: everything that only people can put right. True: something was done.</summary>
    private bool Mend()
    {
        bool done = false;
        foreach (Machine machine in Machines)
        {
            if (!machine.On)
            {
                done |= PowerOn(machine);
            }
            else if (machine.Daemon is null && machine.DaemonIdleSince(Now) > 20_000)
            {
                StartDaemon(machine);
                done = true;
            }
        }

        if (Spokesman() is not { } daemon)
        {
            return true;
        }

        ClusterState state = Engine.Canonical;
        if (state.Disarmed is not null)
        {
            Arming(daemon, arms: true);
            return true;
        }

        foreach (NodeState node in state.Nodes.Values)
        {
            if (node is { Member: true }
                && (node.Phase is NodePhase.Maintenance or NodePhase.Draining || node is { Paused: true, Phase: NodePhase.Online }))
            {
                Resume(daemon, node.Name);
                done = true;
            }
        }

        foreach (GroupState group in state.Groups.Values)
        {
            GroupOperation? operation =
                group.Frozen ? (group.Unfreezing ? null : GroupOperation.Unfreeze)
                : group.Phase == GroupPhase.Failed ? null
                : Checkers.Disabled.Contains(group.Name) ? (group.Goal == GroupGoal.Run ? GroupOperation.Disable : null)
                : group.Goal is GroupGoal.Disable or GroupGoal.Stop ? GroupOperation.Enable
                : group is { Instance.Abandoned.IsEmpty: false, Phase: GroupPhase.Started } ? GroupOperation.Convalesce
                : null;
            if (operation is { } wanted)
            {
                Submit(daemon, new GroupRequest(RequestId(), "operator", group.Name, wanted));
                done = true;
            }
            else if (group is { Frozen: false, Phase: GroupPhase.Failed })
            {
                done = true;
                Release(daemon, group);
            }
        }

        return done;
    }
}
