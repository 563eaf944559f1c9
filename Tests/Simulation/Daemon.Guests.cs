using ClusterTools.Core;

namespace ClusterTools.Simulation;

/// <summary>Guests: migrations are handed to the hypervisor, and what it tells unasked is passed on.</summary>
internal sealed partial class Daemon
{
    private readonly HashSet<ActionId> endedMoves = [];
    private readonly HashSet<string> noticing = new(StringComparer.Ordinal);
    private readonly HashSet<string> movedAway = new(StringComparer.Ordinal);

    private void Migrate(Lane lane, Job job)
    {
        MigrationAction action = job.Move!;
        lane.Current = null;
        world.Trace?.Write($"{this} migrates {action.Group} to {action.To} {action.Id}");
        if (endedMoves.Contains(action.Id))
        {
            Answer(new ActionCompleted(action.Id, false, "ended before it began", ActionAnswer.NotBegun));
        }
        else if (!Confirmed)
        {
            Answer(new ActionCompleted(action.Id, false, "this node is no longer a confirmed member", ActionAnswer.NotBegun));
        }
        else if (!Replica.State.Members.ContainsKey(action.To))
        {
            Answer(new ActionCompleted(action.Id, false, $"{action.To} is gone", ActionAnswer.NotBegun));
        }
        else
        {
            world.Checkers.OnMigrationSpawned(this, lane, action, job.Known);
            if (lane.Find(action.Resource.Id) is null || world.IsOnTheWay(Machine, action.Group))
            {
                MigrationOver(action.Id, false, "it does not run here, or moves already");
            }
            else
            {
                world.Migrate(this, action);
                TellLater(action);
            }
        }

        world.Schedule.In(0, () => Do(() => Next(lane)));
    }

    private void TellLater(MigrationAction action) => world.Schedule.In(1000, () => Do(() =>
    {
        if (!Dead && Replica.State.Groups.TryGetValue(action.Group, out GroupState? group) && group.Pending?.Id == action.Id)
        {
            world.Engine.Propose(
                this, Envelope(new MigrationTold(action.Id, new MigrationFigures(1000, Sent: 1 << 20, Rounds: 1))), null,
                static () => { });
        }
    }));

    private void EndMove(ActionId id)
    {
        world.Trace?.Write($"{this} ends {id}");
        if (!world.EndMove(id))
        {
            endedMoves.Add(id);
        }
    }

    /// <summary>The hypervisor has ended it, however.</summary>
    public void MigrationOver(ActionId id, bool success, string message) =>
        world.Schedule.In(10, () => Do(() => Answer(new ActionCompleted(id, success, message))));

    /// <summary>A guest has begun or ended here: that is told until the cluster says the same, unless it is at work with it.</summary>
    public void Notice(string group, bool moved, RandomSource dice)
    {
        if (moved)
        {
            movedAway.Add(group);
        }

        if (noticing.Add(group))
        {
            world.Schedule.In(dice.Between(5, 400), () => Do(() => Compare(group, dice)));
        }
    }

    private void Compare(string group, RandomSource dice)
    {
        Lane? lane = Machine.Existing(group);
        bool runs = lane is { Active.Count: > 0 };
        if (!Replica.State.Groups.TryGetValue(group, out GroupState? known) || known.Definition.Guest is null
            || (known.ActiveOn.Contains(Machine.Name) == runs && !world.IsOnTheWay(Machine, group)))
        {
            noticing.Remove(group);
            movedAway.Remove(group);
            return;
        }

        if (known is { Pending: null, Migration: null, Frozen: false } && lane?.Idle != false && !world.IsOnTheWay(Machine, group)
            && Primary is not null)
        {
            world.Engine.Propose(
                this,
                Envelope(new GuestNoticed(
                    group, Machine.Name, Incarnation, runs, known.ProbeVersion, MovedAway: !runs && movedAway.Contains(group))),
                null, static () => { });
        }

        world.Schedule.In(dice.Between(1000, 5000), () => Do(() => Compare(group, dice)));
    }
}
