using System.Collections.Immutable;
using ClusterTools.Core;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Simulation;

/// <summary>Invariant 8: after the last fault everything that can run comes up, and then nothing moves any more.</summary>
internal sealed partial class Checkers
{
    /// <summary>Groups that operators keep down to the end.</summary>
    public HashSet<string> Disabled { get; } = new(StringComparer.Ordinal);

    public void ChooseDisabled()
    {
        foreach (string group in world.Engine.Canonical.Groups.Keys)
        {
            if (world.Random.Chance(50))
            {
                Disabled.Add(group);
            }
        }
    }

    /// <summary>Whether the entry changed more than the clock.</summary>
    public static bool Moved(Entry entry) =>
        entry.Envelope?.Event is not Tick || !entry.Result!.Touched.Groups.IsEmpty || !entry.Result.Touched.Nodes.IsEmpty;

    public bool AtRest() => Unsettled().Length == 0;

    /// <summary>What still moves; empty: nothing.</summary>
    public string Unsettled()
    {
        if (world.Engine.Primary is not { } primary)
        {
            return "no quorum";
        }

        ClusterState state = world.Engine.Canonical;
        foreach (string node in state.Configuration.Nodes.Keys)
        {
            Machine machine = world.Machines.Find(m => m.Name == node)!;
            if (machine.Daemon is not { } daemon || !primary.Has(daemon))
            {
                IEnumerable<string> barring = world.Machines.Where(m => m.Daemon?.Barred.Contains(node) == true).Select(m => m.Name);
                string daemonIs = machine.Daemon is { } it ? $"daemon runs{it.Standing}" : "no daemon";
                return $"{node} is not in the view ({(machine.On ? daemonIs : "off")}; the "
                    + $"cluster says {state.Nodes[node].Phase}: {state.Nodes[node].Why}; "
                    + $"barred by {string.Join(',', barring)})";
            }

            if (state.Nodes[node].Phase != NodePhase.Online)
            {
                return $"{node} is {state.Nodes[node].Phase}: {state.Nodes[node].Why}";
            }

            if (state.Nodes[node].KeptOut)
            {
                return $"{node} is kept out: {state.Nodes[node].Why}";
            }

            if (!state.Nodes[node].Answers.IsEmpty)
            {
                return $"{node} has not told of {string.Join(',', state.Nodes[node].Answers.Keys)}";
            }
        }

        if (primary.Open.Count > 0)
        {
            return "entries are not committed";
        }

        ImmutableArray<ClusterAction> plan = Cluster.PlanInFull(state);
        if (!plan.IsEmpty)
        {
            return $"under way: {string.Join("; ", plan.Select(a => a.Id))}";
        }

        foreach (GroupState group in state.Groups.Values)
        {
            if (group.Migration is not null)
            {
                return $"{group.Name} moves from {group.Migration.From} to {group.Migration.To}";
            }

            if (!group.Instance.Checks.IsEmpty || group.IsUnconfirmed)
            {
                return $"{group.Name} is not sure: {group.Waits}; checks of {string.Join(',', group.Instance.Checks.Keys)}";
            }

            if (group.Phase is GroupPhase.Starting or GroupPhase.Stopping or GroupPhase.Recovering or GroupPhase.Failed || group.Frozen)
            {
                return $"{group.Name} is {group.Phase}{(group.Frozen ? ", frozen" : "")}: {group.Why} (owner {group.Owner}, active on "
                    + $"{string.Join(',', group.ActiveOn)}, probe {group.ProbeVersion})";
            }
        }

        return "";
    }

    public void Final()
    {
        ClusterState state = world.Engine.Canonical;
        Indices(state);
        AllCount(state);
        foreach (GroupConfiguration group in state.Configuration.Groups.Values)
        {
            Machine[] where = [.. world.Machines.Where(m => m.Existing(group.Name) is { Busy: true })];
            if (Disabled.Contains(group.Name))
            {
                if (where.Length > 0)
                {
                    throw Broken("8", $"{group.Name} is disabled and runs on {where[0].Name}");
                }

                Tally.Count(Premise.LiveGroupDisabledDown);
                continue;
            }

            // Nobody notices the death of what is not checked.
            string[] wanted = [.. All(group.Resources).Where(r => r.MonitorInterval > 0).Select(r => r.Id)];
            string[] allowed = [.. All(group.Resources).Select(r => r.Id)];
            if (where.Length <= 1 && wanted.Length == 0)
            {
                continue;
            }

            if (where.Length == 1 && wanted.All(r => where[0].Lane(group.Name).Find(r) is not null)
                && where[0].Lane(group.Name).Active.All(a => allowed.Contains(a.Resource))
                && Allowed(state.Configuration, group, where[0].Name))
            {
                if (group.Guest is not null && state.Groups[group.Name].Owner != where[0].Name)
                {
                    throw Broken("8", $"guest {group.Name} runs on {where[0].Name}, and not on {state.Groups[group.Name].Owner}");
                }

                Tally.Count(Premise.LiveGroupUp);
                Linked(state, group, where[0].Name);
                continue;
            }

            if (where.Length == 0 && KeptDown(state, group) is not null)
            {
                Tally.Count(Premise.LiveGroupWithoutWhatItRequires);
                continue;
            }

            if (where.Length == 0 && !Room(state, group))
            {
                Tally.Count(Premise.LiveGroupWithoutRoom);
                continue;
            }

            GroupState known = state.Groups[group.Name];
            string has = string.Join(
                "; ", where.Select(m => $"{m.Name}: {string.Join(',', m.Lane(group.Name).Active.Select(a => a.Resource))}"));
            throw Broken(
                "8",
                $"{group.Name} should be up and is not: it has {has} "
                + $"of {string.Join(',', wanted)}; the cluster says {known.Phase}, goal {known.Goal}, owner {known.Owner}: {known.Why}");
        }

        foreach (Machine machine in world.Machines)
        {
            foreach (Lane lane in machine.Lanes.Values)
            {
                if (lane.Busy && !state.Configuration.Groups.ContainsKey(lane.Group) && !released.Contains(lane.Group))
                {
                    throw Broken("8", $"{lane.Group} is no longer configured and still runs on {machine.Name}");
                }
            }
        }

        Stable(state);
    }

    private static IEnumerable<ResourceConfiguration> All(ImmutableArray<ResourceConfiguration> resources) =>
        resources.SelectMany(r => All(r.Children).Prepend(r));

    /// <summary>Exclusive groups may leave no room; who came first stays.</summary>
    private bool Room(ClusterState state, GroupConfiguration group)
    {
        foreach (string node in state.Configuration.Nodes.Keys)
        {
            if (!Allowed(state.Configuration, group, node))
            {
                continue;
            }

            Machine machine = world.Machines.Find(m => m.Name == node)!;
            bool free = true;
            foreach (Lane lane in machine.Lanes.Values)
            {
                // One whose unchecked resources have died takes its place too.
                bool there = (lane.Busy && !released.Contains(lane.Group))
                    || (state.Groups.TryGetValue(lane.Group, out GroupState? known) && known.Owner == node);
                free &= !there
                    || (!group.Exclusive
                        && !(state.Configuration.Groups.TryGetValue(lane.Group, out GroupConfiguration? other) && other.Exclusive));
            }

            if (free && LeaveRoom(state, group, node))
            {
                return true;
            }
        }

        return false;
    }

    private void Stable(ClusterState state)
    {
        Tally.Count(Premise.SettledStable);
        var tick = new EventEnvelope { Origin = state.Members.Keys.First(), Incarnation = 1, Time = state.Time + 1, Event = new Tick() };
        ClusterState next = Cluster.Apply(state, state.Epoch, state.Index + 1, tick);
        if (!next.Touched.Groups.IsEmpty || !next.Touched.Nodes.IsEmpty)
        {
            throw Broken(
                "8",
                $"the settled state moves by itself: {string.Join("; ", next.Journal.Select(j => j.Message))} "
                    + $"({string.Join(',', next.Touched.Groups)})");
        }

        foreach (Machine machine in world.Machines)
        {
            if (machine.Daemon is { Primary: not null } daemon && !world.Unshared && daemon.Replica.State.Index == state.Index
                && !ReferenceEquals(daemon.Replica.State, state))
            {
                Tally.Count(Premise.ReplicasCompared);
                Same(state, daemon.Replica.State, daemon.ToString());
            }
        }
    }
}
