using System.Collections.Immutable;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Simulation;

/// <summary>Random clusters, and random changes to them.</summary>
/// <param name="random">Where it comes from.</param>
/// <param name="linked">Groups depend on each other, resources have limits, and scripts decide.</param>
/// <param name="moving">Some groups are guests that move while they run.</param>
/// <param name="flaps">Dice for how often a node may be lost.</param>
/// <param name="races">Dice for what becomes of groups at a shutdown, and for what decides a fence race.</param>
/// <param name="standing">Dice for whether the last man stands.</param>
internal sealed partial class RandomConfiguration(
    RandomSource random, bool linked, bool moving, RandomSource flaps, RandomSource races, RandomSource standing)
{
    public const int MostNodes = 9;

    private static readonly string[] NodeNames = [.. Enumerable.Range(1, MostNodes).Select(i => $"n{i}")];
    private static readonly string[] GroupNames = [.. Enumerable.Range(0, 400).Select(i => $"g{i:000}")];
    private static readonly string[] ResourceNames = [.. Enumerable.Range(0, 3000).Select(i => $"r:{i}")];
    private static readonly ImmutableSortedDictionary<string, string>[] Ports =
        [.. NodeNames.Select(n => ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal).Add("port", n))];

    private static readonly ImmutableSortedDictionary<string, string>[] Values =
        [
            .. Enumerable.Range(0, 50)
            .Select(n => ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal).Add("value", $"{n}"))];

    private int groupsMade;
    private int resourcesMade;

    public static string NodeName(int index) => NodeNames[index];

    public ClusterConfiguration First()
    {
        int nodes = random.Chance(150) ? 2 : random.Between(3, 7);
        bool twoNode = nodes == 2;
        bool weighted = !twoNode && random.Chance(300);
        ImmutableSortedDictionary<string, NodeConfiguration> configured = ClusterConfiguration.Sorted<NodeConfiguration>();
        for (int i = 0; i < nodes; i++)
        {
            configured = configured.Add(NodeNames[i], Node(i, weighted ? random.Between(1, 3) : 1));
        }

        ImmutableSortedDictionary<string, FailoverDomain> domains = ClusterConfiguration.Sorted<FailoverDomain>();
        int count = random.Between(2, 5);
        for (int i = 0; i < count; i++)
        {
            string name = $"d{i}";
            domains = domains.Add(name, Domain(name, [.. configured.Keys]));
        }

        var configuration = new ClusterConfiguration
        {
            Name = "sim",
            TwoNode = twoNode,
            LastManStanding = !twoNode && standing.Chance(400),
            LastManStandingWindow = standing.Between(1000, 12_000),
            Timing = Timing(),
            Nodes = configured,
            FenceDevices = Devices(),
            FailoverDomains = domains,
        };
        int groups = random.Between(20, 30);
        ImmutableSortedDictionary<string, GroupConfiguration>.Builder made = configuration.Groups.ToBuilder();
        for (int i = 0; i < groups; i++)
        {
            GroupConfiguration group = Group(configuration);
            made.Add(group.Name, group);
        }

        configuration = configuration with { Groups = made.ToImmutable() };
        return linked ? Linked(configuration) : configuration;
    }

    /// <summary>A changed configuration with the next version, and in a word what was changed.</summary>
    public (ClusterConfiguration Next, string What) Change(ClusterConfiguration old, IReadOnlyList<string> removable)
    {
        if (!linked)
        {
            return ChangeAny(old, removable);
        }

        (ClusterConfiguration changed, string what) = random.Chance(400) ? ChangeLinks(old with { Version = old.Version + 1 })
            : ChangeAny(old, removable);
        return (Consistent(changed), what);
    }

    private (ClusterConfiguration Next, string What) ChangeAny(ClusterConfiguration old, IReadOnlyList<string> removable)
    {
        ClusterConfiguration next = old with { Version = old.Version + 1 };
        if (!old.TwoNode && old.LastManStandingWindow is not null && standing.Chance(60))
        {
            return (next with { LastManStanding = !old.LastManStanding }, "last man standing");
        }

        switch (random.Below(20))
        {
            case 0 or 1 when old.Groups.Count < 40:
                GroupConfiguration added = Group(next);
                return (next with { Groups = next.Groups.Add(added.Name, added) }, "group added");
            case 2 or 3 when old.Groups.Count > 20:
                return (next with { Groups = next.Groups.Remove(random.Pick([.. old.Groups.Keys])) }, "group removed");
            case 4 when !old.TwoNode && old.Nodes.Count > 2:
                string voter = random.Pick([.. old.Nodes.Keys]);
                NodeConfiguration changed = old.Nodes[voter] with { Votes = random.Between(old.Nodes.Count > 3 ? 0 : 1, 3) };
                return (next with { Nodes = next.Nodes.SetItem(voter, changed) }, $"votes of {voter}");
            case 5 when old.Nodes.Count < MostNodes && Array.FindIndex(NodeNames, n => !old.Nodes.ContainsKey(n)) is >= 0 and var free:
                // A name that was taken out before comes back with another id.
                return (
                    next with { TwoNode = false, Nodes = next.Nodes.Add(NodeNames[free], Node(free, 1)) }, $"node added {NodeNames[free]}");
            case 6 when old.Nodes.Count > 2 && removable.Count > 0:
                string gone = random.Pick(removable);
                return (
                    next with
                    {
                        Nodes = next.Nodes.Remove(gone),
                        FailoverDomains = next.FailoverDomains.ToImmutableSortedDictionary(
                            d => d.Key, d => Without(d.Value, gone, next.Nodes.Keys.First(n => n != gone)), StringComparer.Ordinal),
                    },
                    $"node removed {gone}");
            case 7:
                return (next with { Timing = Timing() with { Token = old.Timing.Token } }, "timing");
            case 8 or 9:
                string domain = random.Pick([.. old.FailoverDomains.Keys]);
                return (
                    next with { FailoverDomains = next.FailoverDomains.SetItem(domain, Domain(domain, [.. old.Nodes.Keys])) },
                    $"domain {domain}");
            case 10 or 11:
                GroupConfiguration other = old.Groups[random.Pick([.. old.Groups.Keys])];
                other = other with
                {
                    Domain = random.Chance(200) ? null : random.Pick([.. old.FailoverDomains.Keys]),
                    Exclusive = random.Chance(40),
                    Recovery = Recovery(),
                };
                return (next with { Groups = next.Groups.SetItem(other.Name, other) }, $"policy of {other.Name}");
            case 12 when old.Nodes.Keys.FirstOrDefault(n => old.Nodes[n].FenceMethods.IsEmpty) is { } unfenced:
                NodeConfiguration fenced = Node(Array.IndexOf(NodeNames, unfenced), old.Nodes[unfenced].Votes, always: true);
                return (
                    next with { Nodes = next.Nodes.SetItem(unfenced, fenced with { Id = old.Nodes[unfenced].Id }) },
                    $"fencing of {unfenced}");
            default:
                GroupConfiguration group = old.Groups[random.Pick([.. old.Groups.Keys])];
                group = group with { Resources = group.Guest is null ? Edited(group.Resources) : [Edited(group.Resources[0])] };
                return (next with { Groups = next.Groups.SetItem(group.Name, group) }, $"resources of {group.Name}");
        }
    }

    private static FailoverDomain Without(FailoverDomain domain, string node, string instead)
    {
        ImmutableSortedDictionary<string, int> members = domain.Members.Remove(node);
        return domain with { Members = members.IsEmpty ? members.Add(instead, 1) : members };
    }

    private static ImmutableSortedDictionary<string, FenceDevice> Devices() =>
        ClusterConfiguration.Sorted<FenceDevice>()
            .Add("bmc", new FenceDevice { Name = "bmc", Agent = "fence_ipmilan" })
            .Add("pdu1", new FenceDevice { Name = "pdu1", Agent = "fence_apc" })
            .Add("pdu2", new FenceDevice { Name = "pdu2", Agent = "fence_apc" });

    private ClusterTiming Timing() => new()
    {
        Token = random.Between(300, 2000),
        PostFailDelay = random.Chance(700) ? 0 : random.Between(100, 3000),
        PostJoinDelay = random.Chance(200) ? 0 : random.Between(500, 6000),
        QuorumLossDeadline = random.Between(4000, 30_000),
        RetryDelay = random.Between(3000, 30_000),
        FenceTimeout = random.Between(2000, 10_000),
        MaintenanceLimit = random.Between(5000, 40_000),
        FlapLimit = flaps.Chance(200) ? 0 : flaps.Between(1, 4),
        FlapWindow = flaps.Between(60_000, 900_000),
        FlapRelease = flaps.Between(5_000, 60_000),
        ShutdownPolicy = Policy(),
        KeepLimit = races.Between(5_000, 120_000),
        ShutdownWait = races.Chance(300) ? 0 : races.Between(500, 10_000),
    };

    private ShutdownPolicy? Policy() => races.Below(4) switch
    {
        0 => null,
        1 => ShutdownPolicy.Move,
        2 => ShutdownPolicy.Stop,
        _ => ShutdownPolicy.Keep,
    };

    private NodeConfiguration Node(int index, int votes, bool always = false)
    {
        FenceStep bmc = Step("bmc", index);
        FenceMethod power = new() { Name = "power", Steps = [Step("pdu1", index), Step("pdu2", index)] };
        FenceMethod board = new() { Name = "board", Steps = [bmc] };
        ImmutableArray<FenceMethod> methods = random.Below(always ? 9 : 10) switch
        {
            0 or 1 or 2 => [board],
            3 or 4 => [power],
            5 or 6 => [board, power],
            7 => [power, board],
            8 =>
            [
                new FenceMethod
                {
                    Name = "explicit",
                    Steps =
                    [
                        Step("pdu1", index) with { Action = FenceAction.Off }, Step("pdu2", index) with { Action = FenceAction.Off },
                        Step("pdu1", index) with { Action = FenceAction.On }, Step("pdu2", index) with { Action = FenceAction.On },
                    ],
                },
                board,
            ],
            _ => [],
        };
        int delay = races.Chance(300) ? races.Between(100, 2000) : 0;
        return new NodeConfiguration
        {
            Name = NodeNames[index],
            Id = index + 1,
            Votes = votes,
            FenceMethods = methods,
            ShutdownPolicy = races.Chance(500) ? null : Policy(),
            Weight = races.Chance(500) ? 0 : races.Between(1, 20),
            FenceDelay = delay,
            FenceDelayMax = races.Chance(200) ? delay + races.Between(1, 3000) : 0,
        };
    }

    private static FenceStep Step(string device, int index) => new() { Device = device, Parameters = Ports[index] };

    private FailoverDomain Domain(string name, string[] nodes)
    {
        random.Shuffle(nodes);
        int count = random.Between(Math.Min(2, nodes.Length), nodes.Length);
        bool ordered = random.Chance(600);
        ImmutableSortedDictionary<string, int> members = ClusterConfiguration.Sorted<int>();
        for (int i = 0; i < count; i++)
        {
            members = members.Add(nodes[i], ordered ? (random.Chance(100) ? 0 : random.Between(1, 5)) : 0);
        }

        return new FailoverDomain { Name = name, Ordered = ordered, Restricted = random.Chance(500), NoFailback = random.Chance(400),
            Members = members };
    }

    private RecoveryPolicy Recovery() => random.Below(10) switch
    {
        < 6 => RecoveryPolicy.Restart,
        6 or 7 => RecoveryPolicy.Relocate,
        8 => RecoveryPolicy.RestartDisable,
        _ => RecoveryPolicy.Disable,
    };

    private GroupConfiguration Group(ClusterConfiguration configuration)
    {
        bool window = random.Chance(700);
        return new GroupConfiguration
        {
            Name = GroupNames[groupsMade++ % GroupNames.Length],
            Domain = random.Chance(250) ? null : random.Pick([.. configuration.FailoverDomains.Keys]),
            Autostart = random.Chance(930),
            Recovery = Recovery(),
            MaxRestarts = window ? random.Between(1, 3) : 0,
            RestartExpireTime = window ? random.Between(20, 300) : 0,
            Exclusive = random.Chance(25),
            Weight = races.Chance(700) ? 0 : races.Between(1, 5),
            Resources = linked && random.Chance(80) ? [Guest()]
                : moving && random.Chance(350) ? [MovingGuest()]
                : Tree(random.Between(1, linked ? 9 : 5)),
        };
    }

    private ImmutableArray<ResourceConfiguration> Tree(int size)
    {
        // Each new resource goes under a random one before it, or to the top.
        var parents = new int[size];
        for (int i = 0; i < size; i++)
        {
            parents[i] = i == 0 || random.Chance(300) ? -1 : random.Below(i);
        }

        ImmutableArray<ResourceConfiguration> Below(int parent)
        {
            ImmutableArray<ResourceConfiguration>.Builder children = ImmutableArray.CreateBuilder<ResourceConfiguration>();
            for (int i = 0; i < size; i++)
            {
                if (parents[i] == parent)
                {
                    ResourceConfiguration made = Resource();
                    children.Add(i < size - 1 ? made with { Children = Below(i) } : made);
                }
            }

            return children.ToImmutable();
        }

        return Below(-1);
    }

    private ResourceConfiguration Resource()
    {
        bool levelled = random.Chance(250);
        int timeout = random.Between(2000, 8000);
        var resource = new ResourceConfiguration
        {
            Id = ResourceNames[resourcesMade++ % ResourceNames.Length],
            Type = "r",
            Agent = "ocf:heartbeat:Dummy",
            Parameters = Values[random.Below(Values.Length)],
            StartTimeout = timeout,
            StopTimeout = timeout,
            MonitorTimeout = 2000,
            MonitorInterval = random.Chance(100) ? 0 : random.Between(2000, 15_000),
            IndependentSubtree = random.Chance(80),
            NonCritical = random.Chance(60),
            StartLevel = levelled ? random.Between(1, 5) : 0,
            StopLevel = levelled ? random.Between(1, 5) : 0,
        };
        return linked && random.Chance(450) ? resource with { Limits = Limits() } : resource;
    }

    /// <summary>A resource changed, taken out with what stands below it, put in, or put elsewhere.</summary>
    private ImmutableArray<ResourceConfiguration> Edited(ImmutableArray<ResourceConfiguration> resources)
    {
        if (resources.IsEmpty || random.Chance(200))
        {
            return resources.Insert(random.Below(resources.Length + 1), Resource());
        }

        int at = random.Below(resources.Length);
        ResourceConfiguration chosen = resources[at];
        if (!chosen.Children.IsEmpty && random.Chance(500))
        {
            return resources.SetItem(at, chosen with { Children = Edited(chosen.Children) });
        }

        switch (random.Below(6))
        {
            case 0 when resources.Length > 1:
                return resources.RemoveAt(at);
            case 1:
                return resources.SetItem(at, chosen with { Children = chosen.Children.Add(Resource()) });
            case 2 when !chosen.Children.IsEmpty:
                // The first child moves up beside its parent.
                return resources.SetItem(at, chosen with { Children = chosen.Children.RemoveAt(0) }).Add(chosen.Children[0]);
            case 3:
                return resources.SetItem(at, chosen with { StartLevel = random.Below(6), StopLevel = random.Below(6) });
            case 4:
                return resources.SetItem(at, chosen with { NonCritical = !chosen.NonCritical });
            default:
                return resources.SetItem(at, chosen with { Parameters = Values[random.Below(Values.Length)] });
        }
    }
}
