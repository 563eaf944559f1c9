using ClusterTools.Core;

namespace ClusterTools.Simulation;

/// <summary>
/// Guests that move (invariant 7; FEATURES D3 to D5): no failover while one does, both ends proven before it is started anywhere, and
/// never started here once a host has said that it was moved out of the cluster.
/// </summary>
internal sealed partial class Checkers
{
    private readonly List<Outstanding> outstanding = [];

    /// <summary>By group: the index of the word that somebody has moved it off its node, while it is nowhere in the cluster.</summary>
    private readonly Dictionary<string, long> movedOff = new(StringComparer.Ordinal);

    /// <summary>Guests that run on hosts outside.</summary>
    private readonly HashSet<string> outside = new(StringComparer.Ordinal);

    /// <summary>By group: where it has come to, and by which decision; 0: not the cluster's.</summary>
    private readonly Dictionary<string, (int Machine, long Decided)> arrived = new(StringComparer.Ordinal);

    /// <summary>A migration that was handed to a hypervisor.</summary>
    private sealed class Outstanding(string group, ActionId id, string source, long incarnation)
    {
        public string Group { get; } = group;

        public ActionId Id { get; } = id;

        public string Source { get; } = source;

        public long Incarnation { get; } = incarnation;

        /// <summary>Index of the entry that told its end, or the end of its source's life.</summary>
        public long Ended { get; set; } = long.MaxValue;

        public bool IsOpenAt(long index) => Id.Index < index && index < Ended;
    }

    public void OnMigrationSpawned(Daemon daemon, Lane lane, MigrationAction action, long known)
    {
        Machine to = world.Machines.Find(m => m.Name == action.To)!;
        GroupFacts facts = Of(action.Group);
        Thawed(daemon, action.Group, facts, action.Id, known, "migration");
        ByHand(daemon, action.Group, action.Id, known, start: true);
        Placed(to, to.Lane(action.Group), facts, new ResourceAction(action.Id, action.To, action.Group, action.Resource));
        Undisturbed(action.Group, action.Id, "a second migration");
        var move = new Outstanding(action.Group, action.Id, daemon.Machine.Name, daemon.Incarnation);
        outstanding.Add(move);
        foreach (Entry since in world.Engine.Committed.Skip((int)action.Id.Index))
        {
            // What was dropped meanwhile is no longer asked for, and may be on its way to the hypervisor still.
            Close(since, move);
        }

        facts.Holds[daemon.Machine.Index] = world.Now;
        if (to.On)
        {
            facts.Holds[to.Index] = world.Now;
        }
    }

    /// <summary>A guest has come to a machine, which has it from now on.</summary>
    public void OnArrived(Machine machine, Lane lane, long decided)
    {
        NobodyElse(machine, lane.Group, "it arrived");
        GroupFacts facts = Of(lane.Group);
        facts.Holds[machine.Index] = world.Now;
        facts.LastStart = machine.Index;
        facts.StoppedAt = -1;
        facts.Restarts.Clear();
        facts.Failure = null;
        lane.Up.Add(lane.Active[0].Resource);
        arrived[lane.Group] = (machine.Index, decided);
    }

    public void OnMovedOutside(string group) => outside.Add(group);

    /// <summary>What it was not told of a node can't stop, nor wait for.</summary>
    private bool Unheard(Machine machine, string group, long index) =>
        arrived.TryGetValue(group, out (int Machine, long Decided) last) && last.Machine == machine.Index
        && (last.Decided == 0 || last.Decided > index);

    /// <summary>Invariant 7: while a guest moves the cluster neither starts nor stops it.</summary>
    private void Undisturbed(string group, ActionId id, string what)
    {
        if (id.Epoch <= 0)
        {
            // A node without quorum stops what it has.
            return;
        }

        foreach (Outstanding move in outstanding)
        {
            if (move.Group != group)
            {
                continue;
            }

            Tally.Count(Premise.UndisturbedChecked);
            if (move.IsOpenAt(id.Index))
            {
                throw Broken("7", $"{what} of guest {group} by {id}, while it moves by {move.Id}");
            }
        }
    }

    private void NotOutside(string group, ActionId id)
    {
        if (outside.Contains(group) && movedOff.TryGetValue(group, out long told) && id.Index > told)
        {
            throw Broken("D5", $"guest {group} is started by {id}, though it was moved out of the cluster, as was told at {told}");
        }

        outside.Remove(group);
        movedOff.Remove(group);
    }

    private void Moves(Entry entry, ClusterState before, ClusterState after)
    {
        if (!world.Moving)
        {
            return;
        }

        switch (entry.Envelope?.Event)
        {
            case GuestNoticed { MovedAway: true } moved when outside.Contains(moved.Group) && Counts(before, moved):
                movedOff.TryAdd(moved.Group, entry.Index);
                break;
            case GroupRequest request when Answer(entry, request, after) is { } answer && (!answer.Refused
                || after.Groups.GetValueOrDefault(request.Group)?.Goal == GroupGoal.Run):
                // Who starts it has made sure that it runs nowhere else.
                outside.Remove(request.Group);
                movedOff.Remove(request.Group);
                break;
            case EventScriptCompleted script:
                foreach (EventScriptDecision decision in script.Decisions)
                {
                    outside.Remove(decision.Group);
                }

                break;
            default:
                break;
        }

        foreach (Outstanding move in outstanding)
        {
            Close(entry, move);
        }

        foreach (string name in after.Touched.Groups)
        {
            if (arrived.TryGetValue(name, out (int Machine, long Decided) last) && last.Decided == 0
                && after.Groups.GetValueOrDefault(name)?.ActiveOn.Contains(world.Machines[last.Machine].Name) == true)
            {
                Tally.Count(Premise.GuestAdoptedElsewhere);
                arrived.Remove(name);
            }

            if (after.Groups.GetValueOrDefault(name) is { Migration: not null, Pending: null })
            {
                Tally.Count(Premise.MigrationInDoubt);
            }
        }

        foreach (JournalEntry told in after.Journal)
        {
            Told(entry, told, before);
        }
    }

    private static bool Counts(ClusterState before, GuestNoticed moved) =>
        before.Groups.TryGetValue(moved.Group, out GroupState? group) && group is { Frozen: false, Migration: null, Goal: GroupGoal.Run }
        && group.Owner == moved.Node && before.Members.GetValueOrDefault(moved.Node) == moved.Incarnation
        && before.Disarmed is null && group.Pending is null;

    private static void Close(Entry entry, Outstanding move)
    {
        bool ends = entry.View is { } view
            // Without quorum nobody answers for what was under way.
            ? !view.Continuous || !view.Members.TryGetValue(move.Source, out long life) || life != move.Incarnation
            : entry.Envelope?.Event switch
            {
                ActionCompleted answer => answer.Id == move.Id,
                NodeLeft left => left.Node == move.Source && left.Incarnation == move.Incarnation,
                _ => false,
            };
        if (ends)
        {
            move.Ended = Math.Min(move.Ended, entry.Index);
        }
    }

    private void Told(Entry entry, JournalEntry told, ClusterState before)
    {
        switch (told.Kind)
        {
            case "group.migrating":
                if (before.Nodes.GetValueOrDefault(told.Node!) is { Drain.Goal: not DrainGoal.None })
                {
                    Tally.Count(Premise.DrainedByMigration);
                }

                string? kept = flapping.FirstOrDefault(n => told.Message.Contains($" to {n}:", StringComparison.Ordinal)
                    || told.Message.Contains($" to {n},", StringComparison.Ordinal));
                if (kept is not null)
                {
                    throw Broken("A12", $"{told.Group} comes to {kept}, which was lost too often: {told.Message}");
                }

                break;
            case "group.found" when told.Group is { } found:
                movedOff.Remove(found);
                if (Of(found).Failure is { } failure && world.Machines[failure.Machine].Name != told.Node)
                {
                    // No start follows that failure: it runs elsewhere.
                    Of(found).Failure = null;
                    Of(found).Restarts.Clear();
                }

                break;
            case "group.migrated":
                Tally.Count(Premise.Migrated);
                break;
            case "group.migrationFailed":
                Tally.Count(Premise.MigrationFailed);
                break;
            case "guest.noticed" when told.Message.Contains("is on no node of this cluster", StringComparison.Ordinal):
                Tally.Count(Premise.GuestLeftOutside);
                break;
            case "group.recover" or "group.start" when outstanding.Exists(m => m.Group == told.Group && m.IsOpenAt(entry.Index)):
                throw Broken("7", $"while guest {told.Group} moves: {told.Message}");
            default:
                break;
        }
    }
}
