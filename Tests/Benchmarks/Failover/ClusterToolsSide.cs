using System.Collections.Immutable;
using System.Diagnostics;
using ClusterTools.Core.Configuration;
using ClusterTools.Engines.Corosync.Settings;
using ClusterTools.Lab;
using ClusterTools.RealAgents.Tests.SeveralMachines;

namespace ClusterTools.Benchmarks.Failover;

/// <summary>clusterd manages the service.</summary>
internal sealed class ClusterToolsSide(string program, CorosyncTiming timing) : FailoverSide(timing)
{
    private const string Group = "web";

    private readonly int token = timing.Token;

    private readonly Dictionary<string, JournalTail> journals = [];
    private readonly Dictionary<string, int> begun = [];

    public override string Title => "ClusterTools";

    protected override Task PrepareAsync(CancellationToken cancel)
    {
        DaemonMachines.Write(Network, Names, Configuration(), Folder("admin"), State);
        foreach (string name in Names)
        {
            journals.Add(name, new JournalTail(State(name)));
        }

        return Task.CompletedTask;
    }

    protected override ProcessStartInfo Manager(string name)
    {
        begun[name] = journals[name].Read().Count;
        return DaemonMachines.Run(Network, name, program, State(name), Log(name));
    }

    /// <summary>Each machine's own journal has said, in the life that it is in, that the machine is online.</summary>
    protected override Task<bool> IsWholeAsync(CancellationToken cancel) => Task.FromResult(Names.All(name =>
        journals[name].Read().Skip(begun[name]).Any(e => e.Kind == "node.online" && e.Node == name)));

    protected override string Log(string name) => Path.Combine(Folder("logs"), name);

    private string State(string name) => Path.Combine(Folder("state"), name);

    private FenceDevice Device => SwitchFencing.Device("fence_bench", Switch);

    private ClusterConfiguration Configuration() => new()
    {
        Name = "bench",
        Timing = new ClusterTiming { Token = token, PostJoinDelay = 60_000, FlapLimit = 0 },
        FenceDevices = ClusterConfiguration.Sorted<FenceDevice>().Add(Device.Name, Device),
        Nodes = Names.Select((name, at) => new NodeConfiguration
        {
            Name = name, Id = at + 1, FenceMethods = [SwitchFencing.Plug(Device, name, FenceAction.Off)],
        }).ToImmutableSortedDictionary(static n => n.Name, static n => n, StringComparer.Ordinal),
        Groups = ClusterConfiguration.Sorted<GroupConfiguration>().Add(Group, new GroupConfiguration
        {
            Name = Group,
            Resources =
            [
                new ResourceConfiguration
                {
                    Id = "address:web",
                    Type = "address",
                    Agent = "ocf:bench:address",
                    MonitorInterval = 10_000,
                    Parameters = ClusterConfiguration.Sorted<string>()
                        .Add("ip", "10.77.0.100").Add("cidr_netmask", "24").Add("nic", "eth0"),
                    Children =
                    [
                        new ResourceConfiguration
                        {
                            Id = "service:web", Type = "service", Agent = "ocf:bench:service", MonitorInterval = 10_000,
                        },
                    ],
                },
            ],
        }),
    };
}
