using ClusterTools.Core;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Simulation;

/// <summary>
/// Guests that move, by the cluster's order and by others: what hypervisors do with them, and what people and other tools do behind the
/// cluster's back.
/// </summary>
internal sealed partial class World
{
    // Dice of their own: where no guest moves the story is the one without.
    private readonly RandomSource others;

    private readonly List<Migration> migrations = [];

    private void BeginMoves()
    {
        if (Moving)
        {
            Schedule.In(others.Between(10_000, 20_000), Move);
        }
    }

    private void Move()
    {
        if (Calm)
        {
            return;
        }

        Schedule.In(others.Between(300, 6000), Move);
        Migration? under = migrations.Count > 0 ? others.Pick(migrations) : null;
        switch (others.Below(20))
        {
            case < 8:
                AskToMigrate();
                break;
            case < 10:
                CancelMigration();
                break;
            case < 12:
                MoveByOthers(outside: false);
                break;
            case 12:
                MoveByOthers(outside: true);
                break;
            case 13:
                EndGuest();
                break;
            case 14 when under is not null:
                Crash(under.From, Fault.PowerCrash);
                break;
            case 15 when under is not null:
                Crash(under.To, Fault.PowerCrash);
                break;
            case 16 when under is { From.Daemon: { } daemon }:
                Tally.Count(Fault.DaemonCrash);
                Trace?.Write($"FAULT {Fault.DaemonCrash} {under.From.Name}, from which {under.Group} moves");
                daemon.End("crash");
                StartLater(under.From, others.Between(100, 8000));
                break;
            default:
                break;
        }
    }

    private void StartLater(Machine machine, int delay)
    {
        long boot = machine.Boot;
        Schedule.In(delay, () =>
        {
            if (machine.On && machine.Boot == boot && machine.Daemon is null && !machine.DaemonHeld)
            {
                StartDaemon(machine);
            }
        });
    }

    // ---- operators

    private void AskToMigrate()
    {
        if (Spokesman() is not { } daemon)
        {
            return;
        }

        GroupState[] guests = [.. daemon.Replica.State.Groups.Values.Where(g => g.Definition.Guest is not null)];
        GroupState[] running = [.. guests.Where(g => g.Phase == GroupPhase.Started)];
        if (guests.Length == 0)
        {
            return;
        }

        GroupState guest = running.Length > 0 && others.Chance(900) ? others.Pick(running) : others.Pick(guests);
        string? node = others.Chance(500) ? others.Pick(Machines).Name : null;
        MigrationKind? kind = others.Below(10) switch { < 2 => MigrationKind.Live, 2 => MigrationKind.Suspended, _ => null };
        Tally.Count(node is null ? Asked.Migrate : Asked.MigrateTo);
        Submit(daemon, new GroupRequest(RequestId(), "operator", guest.Name, GroupOperation.Migrate, node, Kind: kind));
    }

    private void CancelMigration()
    {
        if (Spokesman() is { } daemon
            && daemon.Replica.State.Groups.Values.Where(g => g is { Migration: not null, Operation: not null }).ToArray()
                is { Length: > 0 } moving)
        {
            Tally.Count(Asked.CancelMigration);
            Submit(daemon, new CancelRequest(RequestId(), "operator", others.Pick(moving).Operation!));
        }
    }

    // ---- others

    /// <summary>Another tool moves a guest that nobody is working on to another host.</summary>
    /// <param name="outside">To one that is not of this cluster.</param>
    private void MoveByOthers(bool outside)
    {
        if (Guest() is not var (from, lane))
        {
            return;
        }

        Machine[] fit =
        [
            .. Machines.Where(m => m != from && m.On && Engine.Linked(from.Index, m.Index) && Engine.Linked(m.Index, from.Index)
                && m.Existing(lane.Group) is null or { Idle: true } && IsOfTheCluster(m)),
        ];
        if (!outside && fit.Length == 0)
        {
            return;
        }

        string resource = lane.Active[0].Resource;
        lane.Remove(resource);
        if (outside)
        {
            Tally.Count(Fault.GuestMovedOutside);
            Trace?.Write($"FAULT {Fault.GuestMovedOutside} {lane.Group} from {from.Name}");
            Checkers.OnMovedOutside(lane.Group);
        }
        else
        {
            Machine to = others.Pick(fit);
            Tally.Count(Fault.GuestMovedByOthers);
            Trace?.Write($"FAULT {Fault.GuestMovedByOthers} {lane.Group} from {from.Name} to {to.Name}");
            Arrive(to, lane.Group, resource, decided: 0);
        }

        Changed(from, lane.Group, movedAway: true);
    }

    /// <summary>Who is not of it is as good as a host outside.</summary>
    private bool IsOfTheCluster(Machine machine) =>
        Engine.Canonical.Nodes.TryGetValue(machine.Name, out NodeState? node)
        && node is { Member: true, MaintenanceUntil: null, Phase: NodePhase.Online } && machine.Daemon?.Incarnation == node.Incarnation;

    /// <summary>Somebody ends a guest, or it ends by itself.</summary>
    private void EndGuest()
    {
        if (Guest() is var (machine, lane))
        {
            Tally.Count(Fault.GuestEnded);
            Die(machine, machine.Boot, lane, lane.Active[0].Resource);
        }
    }

    /// <summary>One that runs and that nobody is working on.</summary>
    private (Machine Machine, Lane Lane)? Guest()
    {
        ClusterState state = Engine.Canonical;
        (Machine, Lane)[] all =
        [
            .. Machines.SelectMany(m => m.Lanes.Values.Where(l => l is { Idle: true, Active.Count: 1 } && !IsOnTheWay(m, l.Group)
                && state.Groups.TryGetValue(l.Group, out GroupState? group) && group.Definition.Guest is not null)
                .Select(l => (m, l))),
        ];
        return all.Length == 0 ? null : others.Pick(all);
    }

    // ---- hypervisors

    /// <summary>Nobody can say whether the guest runs on the machine: it is on its way there, or from there.</summary>
    public bool IsOnTheWay(Machine machine, string group) =>
        migrations.Exists(m => m.Group == group && (m.From == machine || (m.To == machine && !m.Moved)));

    /// <summary>The hypervisor of the daemon's machine is asked to move a guest.</summary>
    public void Migrate(Daemon daemon, MigrationAction action)
    {
        Machine to = Machines.Find(m => m.Name == action.To)!;
        int conduct = Calm ? 0 : others.Below(1000);
        long limit = GuestSettings.Of(action.Resource.Parameters).MigrationLimit * 1000L;
        var migration = new Migration(daemon, action, to)
        {
            Limit = Now + limit,
            Fails = conduct is >= 650 and < 850,
            Lies = conduct >= 900,
        };
        migrations.Add(migration);
        Trace?.Write($"   {action.Group} begins to move from {daemon.Machine.Name} to {to.Name} ({conduct})");
        if (conduct is >= 750 and < 850)
        {
            // Its memory changes faster than it can be sent.
            Schedule.In(limit, () => Ends(Fault.MigrationNeverConverges, "it took too long"));
            return;
        }

        long duration = others.Chance(600) ? others.Between(100, 3000) : others.Between(3000, 20_000);
        Schedule.In(Math.Min(duration, limit), () =>
        {
            if (migration.Fails)
            {
                Ends(Fault.MigrationFails, "the hypervisor could not do it");
            }
            else
            {
                SwitchOver(migration);
            }
        });

        void Ends(Fault why, string message)
        {
            if (!migration.Over)
            {
                Tally.Count(why);
                Fail(migration, message);
            }
        }
    }

    private void SwitchOver(Migration migration)
    {
        if (migration.Over)
        {
            return;
        }

        Lane from = migration.From.Lane(migration.Group);
        Lane to = migration.To.Lane(migration.Group);
        string resource = migration.Action.Resource.Id;
        if (from.Find(resource) is null || to.Busy || migration.To.Boot != migration.ToBoot || !migration.To.On || Now > migration.Limit)
        {
            Fail(migration, "the last step could not be taken");
        }
        else if (!Engine.Linked(migration.From.Index, migration.To.Index) || !Engine.Linked(migration.To.Index, migration.From.Index))
        {
            Schedule.In(others.Between(100, 1000), () => SwitchOver(migration));
        }
        else if (from.Current is { Kind: JobKind.Stop, Spawned: true } || to.Current is { Kind: JobKind.Stop, Spawned: true })
        {
            Schedule.In(50, () => SwitchOver(migration));
        }
        else
        {
            migration.Moved = true;
            from.Remove(resource);
            Arrive(migration.To, migration.Group, resource, migration.Action.Id.Index);
            Schedule.In(others.Between(0, 800), () => Finish(migration));
        }
    }

    private void Arrive(Machine machine, string group, string resource, long decided)
    {
        Lane lane = machine.Lane(group);
        lane.Add(new Running(resource, null));
        Trace?.Write($"   {machine.Name}: {group}/{resource} has arrived");
        Checkers.OnArrived(machine, lane, decided);
        Changed(machine, group);
    }

    private void Finish(Migration migration)
    {
        if (migration.Over)
        {
            return;
        }

        if (migration.Lies)
        {
            Tally.Count(Fault.MigrationLies);
        }

        End(migration, !migration.Lies, migration.Lies ? "the hypervisor lost sight of it" : "it runs there");
    }

    private void Fail(Migration migration, string message) => End(migration, success: false, message);

    private void End(Migration migration, bool success, string message)
    {
        if (migration.Over)
        {
            return;
        }

        migration.Over = true;
        migrations.Remove(migration);
        Trace?.Write($"   {migration.Group} has ended to move from {migration.From.Name}: {message}");
        migration.Asked.MigrationOver(migration.Action.Id, success, message);
        Changed(migration.From, migration.Group);
    }

    /// <summary>The daemon wants it to end.</summary>
    public bool EndMove(ActionId id)
    {
        if (migrations.Find(m => m.Action.Id == id) is not { } migration)
        {
            return false;
        }

        Schedule.In(others.Between(5, 1500), () =>
        {
            if (migration.Over)
            {
                return;
            }

            Tally.Count(migration.Moved ? Premise.MigrationEndedTooLate : Premise.MigrationEnded);
            if (migration.Moved)
            {
                migration.Lies |= others.Chance(500);
            }
            else
            {
                Fail(migration, "ended on request");
            }
        });
        return true;
    }

    /// <summary>A guest was stopped on a machine: what comes there is turned away, and what goes from there has ended.</summary>
    public void OnStopped(Machine machine, string group)
    {
        foreach (Migration migration in migrations.FindAll(m => m.Group == group && !m.Moved && (m.From == machine || m.To == machine)))
        {
            Fail(migration, $"it was stopped on {machine.Name}");
        }

        Changed(machine, group);
    }

    public void OnPowerLost(Machine machine)
    {
        foreach (Migration migration in migrations.FindAll(m => m.From == machine || m.To == machine))
        {
            Tally.Count(migration.From == machine ? Fault.MigrationSourceLost : Fault.MigrationDestinationLost);
            if (migration.From == machine)
            {
                End(migration, success: false, "its power is lost");
            }
            else if (migration.Moved)
            {
                Schedule.In(others.Between(10, 3000), () => Finish(migration));
            }
            else
            {
                Schedule.In(others.Between(10, 5000), () => Fail(migration, "the other host does not answer"));
            }
        }
    }

    /// <summary>Hypervisors go on without the daemon; mostly.</summary>
    public void OnDaemonEnded(Daemon daemon)
    {
        foreach (Migration migration in migrations.FindAll(m => m.Asked == daemon && daemon.Machine.On))
        {
            Tally.Count(Fault.MigrationDaemonLost);
            if (!migration.Moved && others.Chance(200))
            {
                Fail(migration, "its daemon is gone");
            }
        }
    }

    /// <summary>Something has begun or ended on the machine: its daemon sees that, if there is one.</summary>
    public void Changed(Machine machine, string group, bool movedAway = false)
    {
        if (Moving && Engine.Canonical.Groups.TryGetValue(group, out GroupState? known) && known.Definition.Guest is not null)
        {
            machine.Daemon?.Notice(group, movedAway, others);
        }
    }
}
