using System.Collections.Immutable;
using System.Text.Json;
using ClusterTools.Core;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Simulation;

/// <summary>
/// The invariants of DESIGN, "Safety", over facts: what really ran where, what was really switched off, what was committed.
/// Tree order, domains, votes and windows are computed here anew; nothing is taken on the Core's word but answers it gave
/// to requests, and where it says nodes are fit to take a group.
/// </summary>
internal sealed partial class Checkers(World world)
{
    private readonly Dictionary<string, GroupFacts> groups = new(StringComparer.Ordinal);
    private readonly HashSet<(int Machine, ActionId Id)> actions = [];
    private readonly Dictionary<ActionId, List<(string Group, long At)>> emptied = [];
    private readonly HashSet<(string Target, string Device)> deviceOff = [];
    private readonly Dictionary<string, long> provenOff = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> confirmed = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> probedAs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, GroupFacts> releases = new(StringComparer.Ordinal);
    private readonly HashSet<ClusterConfiguration> sent = new(ReferenceEqualityComparer.Instance) { world.First };
    private readonly List<GroupFacts> thawing = [];
    private readonly HashSet<string> away = new(StringComparer.Ordinal);
    private ViewEvent? view;

    /// <summary>What is known of a group from the outside.</summary>
    private sealed class GroupFacts
    {
        /// <summary>Machines that may have something of it, with the time of the last spawn there.</summary>
        public SortedDictionary<int, long> Holds { get; } = [];

        /// <summary>Index of the entry that froze it; 0: not frozen.</summary>
        public long Frozen { get; set; }

        /// <summary>Indices between which it was frozen, by what the cluster said of it.</summary>
        public List<(long From, long To)> Said { get; } = [];

        /// <summary>Whether a node that has applied so much may take it for frozen.</summary>
        public bool FrozenFor(long index) => Said.Exists(p => p.From <= index && index < p.To);

        /// <summary>Who had something of it when it was frozen.</summary>
        public List<int> Owners { get; } = [];

        /// <summary>Index of the entry that asked for its end; 0: not asked.</summary>
        public long Unfreeze { get; set; }

        /// <summary>Cluster times of failures that were mended in place.</summary>
        public List<long> Restarts { get; } = [];

        /// <summary>A failure that no start has followed yet.</summary>
        public (long Index, long Time, int Machine)? Failure { get; set; }

        public HashSet<int> FailedStarts { get; } = [];

        /// <summary>When its last resource was stopped; -1: something of it came up since.</summary>
        public long StoppedAt { get; set; }

        /// <summary>Where it was started last.</summary>
        public int LastStart { get; set; } = -1;
    }

    private Tally Tally => world.Tally;

    private GroupFacts Of(string group)
    {
        if (!groups.TryGetValue(group, out GroupFacts? facts))
        {
            groups.Add(group, facts = new GroupFacts());
        }

        return facts;
    }

    private InvariantBrokenException Broken(string invariant, string message) =>
        new(invariant, $"at {world.Now} ms, index {world.Engine.Committed.Count}: {message}");

    // ---- agents

    public void OnAction(Daemon daemon, ActionId id)
    {
        Tally.Count(Premise.ActionIdChecked);
        if (!actions.Add((daemon.Machine.Index, id)))
        {
            throw Broken("action id", $"{daemon} carries out {id} a second time");
        }
    }

    public void OnStartSpawned(Daemon daemon, Lane lane, ResourceAction action, long known)
    {
        Machine machine = daemon.Machine;
        GroupFacts facts = Of(lane.Group);
        NobodyElse(machine, lane.Group, $"start of {action.Resource.Id}");
        Undisturbed(lane.Group, action.Id, "a start");
        NotOutside(lane.Group, action.Id);
        Gate(machine, lane.Group, facts);
        Thawed(daemon, lane.Group, facts, action.Id, known, "start");
        ByHand(daemon, lane.Group, action.Id, known, start: true);
        Tree(machine, lane, action);
        Placed(machine, lane, facts, action);
        Window(machine, lane.Group, facts, action.Id);
        facts.Holds[machine.Index] = world.Now;
        lane.Up.Remove(action.Resource.Id);
    }

    public void OnStopSpawned(Daemon daemon, Lane lane, ResourceAction action, long known)
    {
        Thawed(daemon, lane.Group, Of(lane.Group), action.Id, known, "stop");
        ByHand(daemon, lane.Group, action.Id, known, start: false);
        Undisturbed(lane.Group, action.Id, "a stop");
        lane.Up.Remove(action.Resource.Id);
        DependantsFirst(daemon, lane, action);
        Tally.Count(Premise.ParentStopChecked);
        foreach (Running running in lane.Active)
        {
            if (running.Parent == action.Resource.Id)
            {
                throw Broken("5", $"{daemon} stops {lane.Group}/{action.Resource.Id} while its child {running.Resource} runs");
            }
        }

        if (action.Resource.Children.Length > 0)
        {
            Tally.Count(Premise.ParentStopWithChildrenStopped);
        }
    }

    public void OnAgentEnded(Machine machine, Lane lane, ResourceAction action, bool start, bool success)
    {
        if (start && success)
        {
            lane.Up.Add(action.Resource.Id);
            Of(lane.Group).StoppedAt = -1;
        }
        else if (start)
        {
            Of(lane.Group).FailedStarts.Add(machine.Index);
        }
        else if (success && lane.Active.Count == 0)
        {
            Empty(action.Id, lane.Group);
            // A node that stops what has moved on since says nothing of where it is now.
            if (Of(lane.Group).LastStart == machine.Index
                && world.Machines.TrueForAll(m => m.Existing(lane.Group) is not { Active.Count: > 0 }))
            {
                Of(lane.Group).StoppedAt = world.Now;
            }
        }
    }

    private void Empty(ActionId id, string group)
    {
        if (!emptied.TryGetValue(id, out List<(string, long)>? list))
        {
            emptied.Add(id, list = []);
        }

        list.Add((group, world.Now));
    }

    public void OnActive(Machine machine, Lane lane, string resource) => NobodyElse(machine, lane.Group, $"{resource} came up");

    /// <param name="machine">Where.</param>
    /// <param name="lane">What was looked at.</param>
    /// <param name="probe">For which question.</param>
    /// <param name="silent">Resources of which nothing was said.</param>
    public void OnLooked(Machine machine, Lane lane, ActionId probe, HashSet<string> silent)
    {
        if (lane.Active.Count == 0 && silent.Count == 0)
        {
            Empty(probe, lane.Group);
        }

        foreach (Running running in lane.Active.Where(a => !silent.Contains(a.Resource)))
        {
            lane.Up.Add(running.Resource);
            Of(lane.Group).StoppedAt = -1;
            Of(lane.Group).Holds[machine.Index] = world.Now;
        }
    }

    /// <summary>Who the resource needs, by the configuration that the action came from.</summary>
    public string? ParentOf(string group, ResourceConfiguration resource)
    {
        ClusterState state = world.Engine.Canonical;
        if (state.Configuration.Groups.TryGetValue(group, out GroupConfiguration? definition)
            && Find(definition.Resources, null, resource.Id, out string? parent))
        {
            return parent;
        }

        return state.Groups.TryGetValue(group, out GroupState? old) && Find(old.Definition.Resources, null, resource.Id, out parent)
            ? parent : null;
    }

    private static bool Find(ImmutableArray<ResourceConfiguration> resources, string? above, string id, out string? parent)
    {
        foreach (ResourceConfiguration resource in resources)
        {
            if (resource.Id == id)
            {
                parent = above;
                return true;
            }

            if (Find(resource.Children, resource.Id, id, out parent))
            {
                return true;
            }
        }

        parent = null;
        return false;
    }

    /// <summary>Invariant 1, in truth: a machine without power runs nothing.</summary>
    private void NobodyElse(Machine machine, string group, string what)
    {
        Tally.Count(Premise.ExclusiveStartChecked);
        foreach (Machine other in world.Machines)
        {
            if (other != machine && other.Existing(group) is { Busy: true } lane)
            {
                throw Broken("1", $"{group} on {machine.Name} ({what}) while {other.Name} has "
                    + string.Join(", ", lane.Active.Select(a => a.Resource))
                    + (lane.Current is { Spawned: true } ? " and an agent under way" : ""));
            }
        }
    }

    /// <summary>
    /// Invariant 2: whoever had something of the group has stopped it, has said that it has nothing, or is proven off since.
    /// </summary>
    private void Gate(Machine machine, string group, GroupFacts facts)
    {
        foreach ((int index, long since) in facts.Holds)
        {
            if (index == machine.Index)
            {
                continue;
            }

            Machine other = world.Machines[index];
            Tally.Count(Premise.ExclusiveOtherHadHeld);
            if (view?.Members.ContainsKey(other.Name) != true)
            {
                Tally.Count(Premise.FencingGateOtherLost);
            }

            if (provenOff.GetValueOrDefault(other.Name, -1) >= since)
            {
                Tally.Count(Premise.FencingProvenByDevices);
            }
            else if (confirmed.GetValueOrDefault(other.Name, -1) >= since)
            {
                Tally.Count(Premise.FencingProvenByOperator);
            }
            else
            {
                throw Broken(
                    "2",
                    $"{group} is started on {machine.Name}, but {other.Name} had it (last touched at {since}), and was neither asked, nor "
                        + $"fenced, nor confirmed down");
            }
        }

        foreach (int proven in facts.Holds.Keys.Where(i => i != machine.Index).ToArray())
        {
            facts.Holds.Remove(proven);
        }
    }

    /// <summary>Invariant 6.</summary>
    private void Thawed(Daemon daemon, string group, GroupFacts facts, ActionId id, long known, string what)
    {
        if (facts.Frozen == 0)
        {
            return;
        }

        // What was recorded before the group was frozen is let end; a node that has not heard of it can't know.
        long knows = id.Epoch > 0 ? id.Index : known;
        if (knows <= facts.Frozen)
        {
            return;
        }

        if (facts.Unfreeze == 0 || knows < facts.Unfreeze)
        {
            throw Broken("6", $"{what} of frozen {group} on {daemon} by {id}");
        }

        // Private work of a node without quorum came before it could know.
        if (id.Epoch > 0)
        {
            throw Broken("6", $"{what} of {group} on {daemon} though its owner has not rejoined since it was frozen");
        }
    }

    /// <summary>A freeze ends when that is asked for and whoever has the group is there and has answered a probe.</summary>
    private void Thaw()
    {
        for (int i = thawing.Count - 1; i >= 0; i--)
        {
            GroupFacts facts = thawing[i];
            bool back = true;
            foreach (int holder in facts.Owners)
            {
                back &= !facts.Holds.ContainsKey(holder) || Present(world.Machines[holder].Name);
            }

            if (back || facts.Unfreeze == 0)
            {
                thawing.RemoveAt(i);
                if (facts.Unfreeze > 0)
                {
                    facts.Frozen = 0;
                    facts.Unfreeze = 0;
                }
            }
            else
            {
                Tally.Count(Premise.UnfreezeWaited);
            }
        }
    }

    private bool Present(string node) =>
        view is not null && view.Members.TryGetValue(node, out long incarnation) && probedAs.GetValueOrDefault(node, -1) == incarnation;

    /// <summary>Invariant 5, by what was really started.</summary>
    private void Tree(Machine machine, Lane lane, ResourceAction action)
    {
        GroupConfiguration? definition = DefinitionAt(action.Id.Index, lane.Group);
        if (definition is null)
        {
            return;
        }

        Tally.Count(Premise.ChildStartChecked);
        if (!Ordered(definition.Resources, action.Resource.Id, lane, out string missing))
        {
            throw Broken("5", $"{machine.Name} starts {lane.Group}/{action.Resource.Id} before {missing} is up");
        }
    }

    /// <summary>Parents first; siblings by level, then in the order of the file. Who may be given up alone may be missing.</summary>
    private static bool Ordered(ImmutableArray<ResourceConfiguration> siblings, string id, Lane lane, out string missing)
    {
        missing = "";
        foreach (ResourceConfiguration sibling in siblings)
        {
            if (sibling.Id != id && !Contains(sibling.Children, id))
            {
                continue;
            }

            int at = siblings.IndexOf(sibling);
            for (int i = 0; i < siblings.Length; i++)
            {
                ResourceConfiguration before = siblings[i];
                if (i != at && Earlier(before, i, sibling, at) && !MayBeMissing(before) && !lane.Up.Contains(before.Id))
                {
                    missing = before.Id;
                    return false;
                }
            }

            if (sibling.Id == id)
            {
                return true;
            }

            if (!lane.Up.Contains(sibling.Id))
            {
                missing = sibling.Id;
                return false;
            }

            return Ordered(sibling.Children, id, lane, out missing);
        }

        return true;
    }

    private static bool MayBeMissing(ResourceConfiguration resource) =>
        resource.NonCritical || resource.Limits?.StartFinal is FinalAction.Continue or FinalAction.Hold;

    private static bool Earlier(ResourceConfiguration x, int xAt, ResourceConfiguration y, int yAt)
    {
        int xLevel = x.StartLevel == 0 ? 1000 : x.StartLevel;
        int yLevel = y.StartLevel == 0 ? 1000 : y.StartLevel;
        return xLevel < yLevel || (xLevel == yLevel && xAt < yAt);
    }

    private static bool Contains(ImmutableArray<ResourceConfiguration> resources, string id)
    {
        foreach (ResourceConfiguration resource in resources)
        {
            if (resource.Id == id || Contains(resource.Children, id))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The configuration that was in force when the action was decided.</summary>
    private ClusterConfiguration? ConfigurationAt(long index) =>
        index >= 1 && index <= world.Engine.Committed.Count ? world.Engine.Committed[(int)index - 1].Result!.Configuration : null;

    private GroupConfiguration? DefinitionAt(long index, string group) => ConfigurationAt(index)?.Groups.GetValueOrDefault(group);

    /// <summary>Restricted domains and exclusive groups (FEATURES B1, B8).</summary>
    private void Placed(Machine machine, Lane lane, GroupFacts facts, ResourceAction action)
    {
        if (ConfigurationAt(action.Id.Index) is not { } configuration
            || !configuration.Groups.TryGetValue(lane.Group, out GroupConfiguration? definition))
        {
            return;
        }

        if (definition.Domain is { } domain && configuration.FailoverDomains[domain] is { Restricted: true } restricted)
        {
            Tally.Count(Premise.RestrictedDomainStart);
            if (!restricted.Members.ContainsKey(machine.Name))
            {
                throw Broken("B1", $"{lane.Group} is started on {machine.Name}, outside its restricted domain {domain}");
            }
        }

        Depends(machine, lane, facts, action, configuration, definition);

        // A group that is there already, given-up resources and all, stays when it or another becomes exclusive.
        if (facts.Holds.ContainsKey(machine.Index)
            || (world.Engine.Committed[(int)action.Id.Index - 1].From!.Groups.TryGetValue(lane.Group, out GroupState? known)
                && known.ActiveOn.Contains(machine.Name)))
        {
            return;
        }

        foreach (Lane other in machine.Lanes.Values)
        {
            // Whose node can't tell that it is there keeps nobody away.
            if (other == lane || !other.Busy || released.Contains(other.Group) || Unheard(machine, other.Group, action.Id.Index)
                || world.Engine.Committed[(int)action.Id.Index - 1].Result!.Nodes.GetValueOrDefault(machine.Name)?.Answers
                .ContainsKey(other.Group) == true)
            {
                continue;
            }

            // One that has ceased to be exclusive since may have come beside it.
            bool otherExclusive = configuration.Groups.TryGetValue(other.Group, out GroupConfiguration? beside) && beside.Exclusive
                && world.Engine.Canonical.Configuration.Groups.TryGetValue(other.Group, out GroupConfiguration? latest) && latest.Exclusive;
            Apart(machine, lane, other, configuration, definition);
            if (definition.Exclusive || otherExclusive)
            {
                throw Broken(
                    "B8",
                    $"{lane.Group} is started on {machine.Name} beside {other.Group}; "
                        + $"{(definition.Exclusive ? "the former" : "the latter")} is exclusive");
            }
        }

        if (definition.Exclusive)
        {
            Tally.Count(Premise.ExclusiveGroupStart);
        }
    }

    /// <summary>Never more than max_restarts in place within restart_expire_time, unless there is no other place.</summary>
    private void Window(Machine machine, string group, GroupFacts facts, ActionId id)
    {
        bool moved = facts.LastStart != machine.Index;
        facts.LastStart = machine.Index;
        if (facts.Failure is not { } failure || id.Index < failure.Index)
        {
            if (moved)
            {
                facts.Restarts.Clear();
            }

            return;
        }

        facts.Failure = null;
        if (
            DefinitionAt(id.Index, group) is not { MaxRestarts: > 0, Recovery: RecoveryPolicy.Restart
                or RecoveryPolicy.RestartDisable } definition)
        {
            return;
        }

        Tally.Count(Premise.RestartInPlace);
        if (Elsewhere(machine, definition, facts, id) is not { } elsewhere)
        {
            // The last resort of a relocation is where it was; the window begins anew.
            facts.Restarts.Clear();
            return;
        }

        long since = failure.Time - (definition.RestartExpireTime * 1000L);
        facts.Restarts.RemoveAll(t => t <= since);
        facts.Restarts.Add(failure.Time);
        if (facts.Restarts.Count > definition.MaxRestarts)
        {
            throw Broken(
                "B4",
                $"{group} is restarted on {machine.Name} for the {facts.Restarts.Count}th time within {definition.RestartExpireTime} s "
                    + $"(allowed {definition.MaxRestarts}), though {elsewhere} could take it");
        }
    }

    private string? Elsewhere(Machine machine, GroupConfiguration definition, GroupFacts facts, ActionId id)
    {
        ClusterState state = world.Engine.Committed[(int)id.Index - 1].Result!;
        if (IsBound(state.Configuration, definition))
        {
            return null;
        }

        foreach (NodeState node in state.Nodes.Values)
        {
            int index = world.Machines.FindIndex(m => m.Name == node.Name);
            if (index >= 0 && index != machine.Index && node.Eligible && !definition.Exclusive && node.ExclusiveGroups == 0
                && !facts.FailedStarts.Contains(index) && !node.Answers.ContainsKey(definition.Name)
                && Allowed(state.Configuration, definition, node.Name))
            {
                return node.Name;
            }
        }

        return null;
    }

    public static bool Allowed(ClusterConfiguration configuration, GroupConfiguration group, string node) =>
        group.Domain is not { } name || configuration.FailoverDomains[name] is not { Restricted: true } domain
        || domain.Members.ContainsKey(node);

    // ---- fencing

    public void OnFenceAsked(Daemon daemon, FenceDeviceAction action)
    {
        HandsOff(daemon, action);
        FencesNobody(daemon, action);
        if (daemon.Replica.Acting.Quorum == Quorum.Contested)
        {
            Tally.Count(Premise.ViewWithoutQuorumNeverFences);
        }
        else if (daemon.WithoutQuorumSince >= 0 || daemon.Replica.Acting.Quorum == Quorum.None)
        {
            throw Broken("no fence wars", $"{daemon} fences {action.Target} without quorum");
        }
    }

    private bool Proven(string node, long since) =>
        provenOff.GetValueOrDefault(node, -1) >= since || confirmed.GetValueOrDefault(node, -1) >= since;

    /// <summary>A device says off. Once all of one method have, and none was switched on in between, the target is proven off.</summary>
    public void OnDeviceOff(string target, string device)
    {
        deviceOff.Add((target, device));
        if (!world.Engine.Canonical.Configuration.Nodes.TryGetValue(target, out NodeConfiguration? node))
        {
            return;
        }

        foreach (FenceMethod method in node.FenceMethods)
        {
            bool all = true;
            foreach (FenceStep step in method.Steps)
            {
                all &= step.Action == FenceAction.On || deviceOff.Contains((target, step.Device));
            }

            if (all)
            {
                provenOff[target] = world.Now;
            }
        }
    }

    public void OnDeviceOn(string target, string device) => deviceOff.Remove((target, device));

    public void OnConfirmed(Machine machine) => confirmed[machine.Name] = world.Now;

    public void OnReleased(Request request, string group) => releases[request.RequestId] = Of(group);

    public void OnConfigurationSent(ClusterConfiguration configuration) => sent.Add(configuration);

    public void OnMaintenance(Machine machine) => away.Add(machine.Name);

    public void OnDeclaredLost(Daemon daemon)
    {
        foreach (GroupFacts facts in groups.Values)
        {
            if (facts.Frozen > 0 && facts.Holds.ContainsKey(daemon.Machine.Index))
            {
                Tally.Count(Premise.FrozenGroupOwnerLost);
            }
        }
    }

    // ---- quorum

    /// <summary>Invariant 3.</summary>
    public void OnQuorumLost(Daemon daemon)
    {
        Machine machine = daemon.Machine;
        if (machine.Lanes.Values.Any(l => l.Busy))
        {
            Tally.Count(Premise.QuorumLostWithWork);
        }

        long since = daemon.WithoutQuorumSince;
        long boot = machine.Boot;
        long deadline = daemon.Replica.State.Configuration.Timing.QuorumLossDeadline;
        deadline += deadline / 100;
        world.Schedule.In(deadline + 300, Check);

        void Check()
        {
            if (!machine.On || machine.Boot != boot || daemon.Dead || daemon.WithoutQuorumSince != since)
            {
                return;
            }

            if (daemon.Stalled || world.Now - daemon.WokeAt < 300)
            {
                // A stopped process can do nothing; once it wakes the deadline is over.
                world.Schedule.In(350, Check);
                return;
            }

            if (daemon.Replica.State.Configuration.Version == 0)
            {
                // It has never heard of a cluster, and so of nothing to stop.
                return;
            }

            if (DisarmedFor(daemon.Replica.State.Index))
            {
                Tally.Count(Premise.DisarmedLeftRunningWithoutQuorum);
                return;
            }

            Tally.Count(Premise.QuorumLossDeadlineChecked);
            foreach (Lane lane in machine.Lanes.Values)
            {
                if (lane.Active.Count == 0 || released.Contains(lane.Group)
                    || Unheard(machine, lane.Group, daemon.Replica.State.Index))
                {
                    continue;
                }

                if (Of(lane.Group).FrozenFor(daemon.Replica.State.Index))
                {
                    Tally.Count(Premise.FrozenLeftRunningWithoutQuorum);
                    continue;
                }

                throw Broken(
                    "3",
                    $"{daemon} is without quorum since {since} and still runs {lane.Group}: "
                        + $"{string.Join(", ", lane.Active.Select(a => a.Resource))}");
            }
        }
    }

    // ---- status checks

    /// <summary>Something of it has died; a frozen group stays as it is.</summary>
    public void OnDied(string group)
    {
        if (Of(group).Frozen > 0)
        {
            Tally.Count(Premise.FrozenGroupHeld);
        }
    }

    public void OnMonitored(Daemon daemon, MonitorGroup monitor)
    {
        if (!monitor.Resources.IsEmpty && Of(monitor.Group) is { Frozen: > 0, Unfreeze: 0 } facts
            && daemon.Replica.State.Index > facts.Frozen)
        {
            throw Broken("6", $"{daemon} checks frozen {monitor.Group}");
        }
    }

    // ---- the log

    public void OnApplied(Daemon daemon, Entry entry)
    {
        if (!world.Unshared || entry.Index % 32 != 0)
        {
            return;
        }

        Tally.Count(Premise.ReplicasCompared);
        Same(entry.Result!, daemon.Replica.State, $"{daemon} at {entry.Index}");
    }

    public void Same(ClusterState x, ClusterState y, string what)
    {
        byte[] left = JsonSerializer.SerializeToUtf8Bytes(x, CoreJson.Options);
        byte[] right = JsonSerializer.SerializeToUtf8Bytes(y, CoreJson.Options);
        if (!left.AsSpan().SequenceEqual(right))
        {
            int at = left.AsSpan().CommonPrefixLength(right);
            string Near(byte[] json) =>
                System.Text.Encoding.UTF8.GetString(json.AsSpan(Math.Max(0, at - 100), Math.Min(200, json.Length - Math.Max(0, at - 100))));
            throw Broken("equal states", $"{what} differs: …{Near(left)}… and …{Near(right)}…");
        }
    }

    public void OnCommitted(Entry entry)
    {
        ClusterState before = entry.From!;
        ClusterState after = entry.Result!;
        if (after.Index != entry.Index || after.Time < before.Time || after.Time > before.Time + 600_000)
        {
            throw Broken("time", $"index {before.Index} → {after.Index}, time {before.Time} → {after.Time}");
        }

        Grows(entry, before, after);
        Unknown(entry, before, after);
        Flapping(entry, before, after);
        Shutdown(entry, before, after);
        LastMan(entry, before, after);
        Moves(entry, before, after);
        if (entry.View is { } next)
        {
            view = next;
            if (!next.Continuous)
            {
                foreach (GroupFacts facts in groups.Values)
                {
                    facts.Restarts.Clear();
                    facts.Failure = null;
                }
            }
        }
        else
        {
            Fold(entry, entry.Envelope!, after);
        }

        Arming(entry, after);
        Watch(entry, after);
        Thaw();
        Settled(after, entry.ToString());
        if ((entry.Index & 7) == 0)
        {
            Indices(after);
        }
    }

    /// <summary>Invariant 4.</summary>
    private void Grows(Entry entry, ClusterState before, ClusterState after)
    {
        if (ReferenceEquals(before.Configuration, after.Configuration))
        {
            return;
        }

        Tally.Count(Premise.ConfigurationGrew);
        Guests(before, after);
        if (entry.Envelope?.Event is not ConfigurationRequest request || !ReferenceEquals(request.Configuration, after.Configuration)
            || !sent.Contains(request.Configuration)
            || (before.Configuration.Version > 0 && after.Configuration.Version != before.Configuration.Version + 1))
        {
            throw Broken(
                "4",
                $"the configuration went from version {before.Configuration.Version} to {after.Configuration.Version} by "
                    + $"{entry.Envelope?.Event}");
        }
    }

    private void Fold(Entry entry, EventEnvelope envelope, ClusterState after)
    {
        foreach (JournalEntry told in after.Journal)
        {
            CountLinks(told);
            if (told is { Kind: "group.unfrozen", Group: { } thawed } && Of(thawed).Said is { Count: > 0 } said
                && said[^1].To == long.MaxValue)
            {
                said[^1] = (said[^1].From, entry.Index);
            }

            if (told is { Kind: "group.start", Group: { } started } && Of(started) is { Failure: { } failure } moving
                && world.Machines.FindIndex(m => m.Name == told.Node) is var there && there != failure.Machine)
            {
                // Decided for another node, whether it came to a spawn there or not.
                if (after.Configuration.Groups.TryGetValue(started, out GroupConfiguration? definition) && definition.MaxRestarts > 0
                    && moving.Restarts.Count(t => t > failure.Time - (definition.RestartExpireTime * 1000L)) >= definition.MaxRestarts)
                {
                    Tally.Count(Premise.RestartWindowFull);
                }

                moving.Failure = null;
                moving.Restarts.Clear();
            }

            if (told.Kind is "fence.success" or "node.confirmed")
            {
                int down = world.Machines.FindIndex(m => m.Name == told.Node);
                foreach (GroupFacts each in groups.Values)
                {
                    if (each.LastStart == down)
                    {
                        // What was on a node that is down starts with a clean sheet.
                        each.Failure = null;
                        each.Restarts.Clear();
                    }
                }
            }
        }

        switch (envelope.Event)
        {
            case ActionCompleted { Success: true, Id.Operation: ActionOperation.Stop } stopped:
                Cleared(envelope.Origin, stopped.Id);
                break;
            case Probed probed:
                if (view?.Members.TryGetValue(envelope.Origin, out long incarnation) == true && incarnation == envelope.Incarnation)
                {
                    probedAs[envelope.Origin] = incarnation;
                    if (away.Remove(envelope.Origin))
                    {
                        Tally.Count(Premise.MaintenanceReturned);
                    }

                    Cleared(envelope.Origin, probed.Id);
                    if (after.Journal.Exists(j => j.Kind == "group.found" && j.Message.Contains("found running", StringComparison.Ordinal)))
                    {
                        Tally.Count(Premise.Adopted);
                    }
                }

                break;
            case MonitorFailed failed when after.Journal.Exists(j => j.Kind == "group.recover"):
                GroupFacts facts = Of(failed.Group);
                facts.Failure ??= (entry.Index, after.Time, world.Machines.FindIndex(m => m.Name == failed.Node));
                facts.FailedStarts.Clear();
                break;
            case GuestNoticed gone when after.Journal.Exists(j => j.Kind == "group.recover"):
                Of(gone.Group).Failure ??= (entry.Index, after.Time, world.Machines.FindIndex(m => m.Name == gone.Node));
                Of(gone.Group).FailedStarts.Clear();
                break;
            case NodeLeft left when after.Nodes.TryGetValue(left.Node, out NodeState? node) && node.Phase == NodePhase.Down
                && node.Incarnation == left.Incarnation:
                Machine leaving = world.Machines.Find(m => m.Name == left.Node)!;
                if (leaving.Daemon?.Incarnation == left.Incarnation
                    && leaving.Lanes.Values.FirstOrDefault(l => l.Busy && !released.Contains(l.Group)
                        && !Unheard(leaving, l.Group, entry.Index)
                        // What it could not tell is held against it even after it has left.
                        && node.Answers.GetValueOrDefault(l.Group)?.Answer != FoundAnswer.Unknown) is { } busy)
                {
                    throw Broken("1", $"{left.Node} leaves as clean and still has {busy.Group}");
                }

                break;
            case ConfigurationRequest refused when after.Operations.TryGetValue(refused.RequestId, out OperationState? answer)
                && answer.Began == entry.Index && answer.Message.StartsWith("The votes can't", StringComparison.Ordinal):
                Tally.Count(Premise.VoteChangeRefused);
                break;
            case GroupRequest request:
                Requested(entry, request, after);
                break;
            case EventScriptCompleted { Decisions.Length: > 0 } script:
                foreach (EventScriptDecision decision in script.Decisions)
                {
                    // What it asks for counts as an operator's request.
                    GroupFacts decided = Of(decision.Group);
                    decided.Failure = null;
                    decided.Restarts.Clear();
                }

                break;
            case ConfigurationRequest:
                foreach ((string name, GroupFacts each) in groups)
                {
                    if (!after.Configuration.Groups.TryGetValue(name, out GroupConfiguration? now)
                        || !ReferenceEquals(now, entry.From!.Configuration.Groups.GetValueOrDefault(name)))
                    {
                        // A changed group is started as changed, where it is.
                        each.Failure = null;
                        each.Restarts.Clear();
                    }
                }

                break;
            default:
                break;
        }
    }

    private void Requested(Entry entry, GroupRequest request, ClusterState after)
    {
        GroupFacts facts = Of(request.Group);
        if (!after.Operations.TryGetValue(request.RequestId, out OperationState? operation) || operation.Began != entry.Index)
        {
            return;
        }

        bool refused = operation.Phase == OperationPhase.Failed;
        switch (request.Operation)
        {
            case GroupOperation.Freeze when !refused:
                if (facts.Said.Count == 0 || facts.Said[^1].To != long.MaxValue)
                {
                    facts.Said.Add((entry.Index, long.MaxValue));
                }

                if (facts.Frozen == 0)
                {
                    facts.Frozen = entry.Index;
                    facts.Owners.Clear();
                    foreach ((int index, long since) in facts.Holds)
                    {
                        // Who was proven down before has nothing that could be waited for; nor may each node to which a guest can have
                        // gone.
                        string holder = world.Machines[index].Name;
                        GroupState? at = after.Groups.GetValueOrDefault(request.Group);
                        if (!Proven(holder, since) && (at?.Definition.Guest is null || at.Owner == holder))
                        {
                            facts.Owners.Add(index);
                        }
                    }
                }

                facts.Unfreeze = 0;
                break;
            case GroupOperation.Unfreeze when !refused:
                if (facts.Frozen > 0 && facts.Unfreeze == 0)
                {
                    facts.Unfreeze = entry.Index;
                    thawing.Add(facts);
                }

                break;
            case GroupOperation.Disable when !refused && releases.ContainsKey(request.RequestId):
                facts.Holds.Clear();
                facts.Failure = null;
                break;
            default:
                // A start that waits ends its operation as failed, and is asked for all the same.
                if (!refused
                    || (request.Operation == GroupOperation.Enable && after.Groups.GetValueOrDefault(request.Group)?.Goal == GroupGoal.Run))
                {
                    facts.Failure = null;
                    facts.Restarts.Clear();
                }

                break;
        }
    }

    /// <summary>The answer of a machine that had, when it answered, nothing of these groups is committed.</summary>
    private void Cleared(string node, ActionId answer)
    {
        if (!emptied.Remove(answer, out List<(string Group, long At)>? list))
        {
            return;
        }

        int index = world.Machines.FindIndex(m => m.Name == node);
        foreach ((string group, long at) in list)
        {
            GroupFacts facts = Of(group);
            if (facts.Holds.TryGetValue(index, out long since) && since <= at)
            {
                facts.Holds.Remove(index);
            }
        }
    }

    /// <summary>
    /// What the Core decides by looking at what an event concerns is all that looking at everything decides, words and deadlines too.
    /// </summary>
    public void Settled(ClusterState state, string by)
    {
        Tally.Count(state.Quorum == Quorum.Quorate ? Premise.SettlingCompared : Premise.PrivateSettlingCompared);
        if (Cluster.Unsettled(state) is { } more)
        {
            throw Broken("settled", $"after {by}: {more}");
        }
    }

    /// <summary>What must hold of every state does, the indices that save the Core from looking at everything among it.</summary>
    private void Indices(ClusterState state)
    {
        Tally.Count(Premise.IndicesCompared);
        if (StateInvariants.Broken(state).FirstOrDefault() is { } broken)
        {
            throw Broken("state", broken);
        }

        Tally.Count(Premise.PlanCompared);
        ImmutableArray<ClusterAction> plan = Cluster.Plan(state);
        ImmutableArray<ClusterAction> full = Cluster.PlanInFull(state);
        if (!plan.AsSpan().SequenceEqual(full.AsSpan()))
        {
            throw Broken("plan", $"{string.Join("; ", plan)} is not {string.Join("; ", full)}");
        }

        // Who is not in the view can't be asked for anything.
        foreach (ClusterAction action in plan)
        {
            if (view is not null && (!view.Members.TryGetValue(action.Node, out long life) || life != action.Id.Incarnation))
            {
                throw Broken("plan", $"{action.Id} is asked of {action.Node}, which is not in the view in that life");
            }
        }
    }
}
