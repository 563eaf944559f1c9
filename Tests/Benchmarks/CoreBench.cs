using System.Collections.Immutable;
using System.Diagnostics;
using ClusterTools.Core;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Benchmarks;

/// <summary>Deciding and planning, without engine or executors.</summary>
internal static class CoreBench
{
    public static IEnumerable<Distribution> Run(int nodes, int groups)
    {
        string size = $"{nodes:N0} nodes × {groups:N0} groups";
        var driver = new Driver(nodes, groups);
        bool large = groups >= 10_000;
        ClusterState joined = driver.Joined();
        ClusterState deciding = driver.Probed(joined);
        yield return Distribution.Measure(
            $"every group decided anew (last probe → all starts recorded) and planned, {size}", large ? 3 : 20,
            () => Cluster.Plan(driver.ProbedLast(joined)), warmUp: 1);
        yield return Distribution.Measure(
            $"Plan, all groups under way, {size}", 20, () => Cluster.Plan(deciding), large ? "100 ms" : null);
        ClusterState started = Driver.Run(deciding);
        yield return Distribution.Measure(
            $"Plan in full over resting groups, {size}", 20, () => Cluster.PlanInFull(started), large ? "100 ms" : null);
        (ClusterState failing, MonitorFailed failure) = Driver.Failure(started);
        yield return Distribution.Measure(
            $"one group changes: Apply and Plan, {size}", 200, () =>
            Cluster.Plan(Driver.Apply(failing, failure)), "far below the full plan", warmUp: 20);
        ViewEvent without = Driver.Without(started);
        yield return Distribution.Measure(
            $"a node is lost: view → fence action planned, {size}", 20,
            () => Cluster.Plan(Cluster.Apply(started, started.Index + 1, without)), large ? null : "10 ms to the spawn");
        (ClusterState lost, FenceCompleted fenced) = Driver.Fencing(started, without);
        yield return Distribution.Measure(
            $"fence success → starts of all its groups planned, {size}", 20,
            () => Cluster.Plan(Driver.Apply(lost, fenced)), large ? null : "10 ms to the spawn");
    }

    /// <summary>Events of a cluster at work through Apply: groups that fail, stop and start, one resource after the other.</summary>
    public static (double EventsPerSecond, int Events) Throughput()
    {
        var driver = new Driver(5, 100);
        ClusterState state = Driver.Run(driver.Probed(driver.Joined()));
        int events = 0;
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(3))
        {
            foreach (string name in state.Groups.Keys)
            {
                GroupState group = state.Groups[name];
                state =
                    Driver.Apply(
                        state,
                        new MonitorFailed(name, group.Instance.Resources.Keys.First(), group.Owner!, group.OwnerIncarnation, "bench"));
                events++;
                while (state.Groups[name].Pending is { } pending)
                {
                    state = Driver.Apply(state, new ActionCompleted(pending.Id, true, ""));
                    events++;
                }
            }
        }

        return (events / Stopwatch.GetElapsedTime(start).TotalSeconds, events);
    }

    private sealed class Driver(int nodeCount, int groupCount)
    {
        private readonly ClusterConfiguration configuration = Configuration(nodeCount, groupCount);
        private readonly ImmutableSortedDictionary<string, long> members =
            Enumerable.Range(1, nodeCount).ToImmutableSortedDictionary(NodeName, _ => 1L, StringComparer.Ordinal);

        public static ClusterState Apply(ClusterState state, ClusterEvent e) => Cluster.Apply(
            state, state.Epoch, state.Index
            + 1, new EventEnvelope { Origin = "node0001", Incarnation = 1, Time = state.Time + 1, Event = e });

        /// <summary>All nodes but the last have answered their probes.</summary>
        public ClusterState Joined()
        {
            ClusterState state = Cluster.Apply(ClusterState.Empty, 1, new ViewEvent(1, members, Quorum.Quorate, false));
            state = Apply(state, new ConfigurationRequest("bootstrap", "bench", configuration));
            if (state.Configuration.Version == 0)
            {
                throw new InvalidOperationException(state.Operations["bootstrap"].Message);
            }

            foreach (string node in members.Keys.SkipLast(1))
            {
                state = Apply(state, new Probed(state.Nodes[node].Probe!.Id, 1, []));
            }

            return state;
        }

        public ClusterState ProbedLast(ClusterState joined) =>
            Apply(joined, new Probed(joined.Nodes[members.Keys.Last()].Probe!.Id, 1, []));

        public ClusterState Probed(ClusterState joined) => ProbedLast(joined);

        public static ClusterState Run(ClusterState state)
        {
            while (!state.Working.IsEmpty)
            {
                state = Apply(state, new ActionCompleted(state.Groups[state.Working[0]].Pending!.Id, true, ""));
            }

            return state;
        }

        public static (ClusterState State, MonitorFailed Event) Failure(ClusterState state)
        {
            GroupState group = state.Groups.Values.First(g => g.Phase == GroupPhase.Started);
            return (
                state, new MonitorFailed(group.Name, group.Instance.Resources.Keys.First(), group.Owner!, group.OwnerIncarnation, "bench"));
        }

        public static ViewEvent Without(ClusterState state) =>
            new(state.Epoch + 1, state.Members.Remove(state.Groups.Values.First().Owner!), Quorum.Quorate, true);

        public static (ClusterState State, FenceCompleted Event) Fencing(ClusterState state, ViewEvent without)
        {
            ClusterState lost = Cluster.Apply(state, state.Index + 1, without);
            return (lost, new FenceCompleted(lost.Fences.Values.Single().Pending!.Id, true, "off"));
        }

        private static string NodeName(int id) => $"node{id:0000}";

        private static ClusterConfiguration Configuration(int nodes, int groups)
        {
            ImmutableSortedDictionary<string, FailoverDomain>.Builder domains = ClusterConfiguration.Sorted<FailoverDomain>().ToBuilder();
            for (int i = 0; i < nodes; i++)
            {
                domains.Add($"domain{i}", new FailoverDomain
                {
                    Name = $"domain{i}",
                    Ordered = true,
                    Restricted = i % 2 == 0,
                    Members = Enumerable.Range(0, Math.Min(3, nodes))
                        .ToImmutableSortedDictionary(p => NodeName(((i + p) % nodes) + 1), p => p + 1, StringComparer.Ordinal),
                });
            }

            return new ClusterConfiguration
            {
                Name = "bench",
                Nodes = Enumerable.Range(1, nodes).ToImmutableSortedDictionary(
                    NodeName,
                    id => new NodeConfiguration
                    {
                        Name = NodeName(id),
                        Id = id,
                        FenceMethods = [new FenceMethod { Name = "power", Steps = [new FenceStep { Device = "pdu" }] }],
                    },
                    StringComparer.Ordinal),
                FenceDevices = ClusterConfiguration.Sorted<FenceDevice>().Add("pdu", new FenceDevice { Name = "pdu", Agent = "fence_apc" }),
                FailoverDomains = domains.ToImmutable(),
                Groups = Enumerable.Range(0, groups).ToImmutableSortedDictionary(
                    i => $"group{i:00000}",
                    i => new GroupConfiguration
                    {
                        Name = $"group{i:00000}",
                        Domain = i % 4 == 3 ? null : $"domain{i % nodes}",
                        Resources =
                        [
                            new ResourceConfiguration
                            {
                                Id = "fs:data",
                                Type = "fs",
                                Agent = "ocf:heartbeat:Filesystem",
                                Children = [new ResourceConfiguration { Id = "script:app", Type = "script", Agent = "lsb:app" }],
                            },
                            new ResourceConfiguration { Id = "ip:address", Type = "ip", Agent = "ocf:heartbeat:IPaddr2" },
                        ],
                    },
                    StringComparer.Ordinal),
            };
        }
    }
}
