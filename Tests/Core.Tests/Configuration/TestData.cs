using System.Collections.Immutable;
using System.Text;
using ClusterTools.Core.Configuration;
using Xunit;

namespace ClusterTools.Core.Tests.Configuration;

internal static class TestData
{
    public static byte[] Bytes(string name)
    {
        using var stream = typeof(TestData).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The test data '{name}' is not embedded.");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    public static byte[] Shop => Bytes("Configuration/shop.conf");

    public static string ShopText => Encoding.UTF8.GetString(Shop);

    public static ImmutableSortedDictionary<string, T> By<T>(params (string Key, T Value)[] items) =>
        ClusterConfiguration.Sorted<T>().AddRange(items.Select(i => KeyValuePair.Create(i.Key, i.Value)));

    /// <summary>A configuration without any problem.</summary>
    public static ClusterConfiguration Sound()
    {
        NodeConfiguration Node(string name, int id) => new()
        {
            Name = name,
            Id = id,
            FenceMethods =
            [
                new FenceMethod
                {
                    Name = "power",
                    Steps =
                    [
                        new FenceStep { Device = "pdu", Action = FenceAction.Off, Parameters = By(("port", $"{id}")) },
                        new FenceStep { Device = "pdu", Action = FenceAction.On, Parameters = By(("port", $"{id}")) },
                    ],
                },
            ],
        };
        return new ClusterConfiguration
        {
            Name = "test",
            Version = 7,
            Nodes = By(("a", Node("a", 1)), ("b", Node("b", 2)), ("c", Node("c", 3))),
            FenceDevices =
            By(
                (
                    "pdu",
                    new FenceDevice { Name = "pdu", Agent = "fence_apc",
                        Parameters = By(("ipaddr", "192.0.2.1"), ("passwd", "pdu-secret")) })),
            FailoverDomains =
            By(("front", new FailoverDomain { Name = "front", Ordered = true, Restricted = true, Members = By(("a", 1), ("b", 2)) })),
            Groups = By(("web", new GroupConfiguration
            {
                Name = "web",
                Domain = "front",
                MaxRestarts = 3,
                RestartExpireTime = 300,
                Resources =
                [
                    Resource("ip", "192.0.2.100", "ocf:heartbeat:IPaddr2") with { Parameters = By(("ip", "192.0.2.100")) },
                    Resource("fs", "data", "ocf:heartbeat:Filesystem") with
                    {
                        StatusChecks = [new StatusCheck { Depth = 10, Interval = 60_000 }],
                        Limits =
                        new ActivationLimits { StartRetries = 2, Failovers = 1, StartFinal = FinalAction.Reboot,
                            FinalScript = "exec:/opt/last-words" },
                        Children = [Resource("script", "web", "lsb:/etc/init.d/web")],
                    },
                ],
                Dependencies = [new GroupDependency { Group = "db", Require = DependencyMode.Hard, Colocation = Colocation.Same }],
            }),
            ("db", new GroupConfiguration { Name = "db", Resources = [Resource("script", "db", "lsb:/etc/init.d/db")] })),
            EventScripts =
            By(
                (
                    "place",
                    new EventScript { Name = "place", Command = "powershell:/opt/place.ps1", Events = ["node.*", "user.deploy"],
                        Placement = true })),
            Access = By((new string('A', 64), new AccessGrant { Name = "root", Role = AccessRole.Administrator })),
        };
    }

    public static ResourceConfiguration Resource(string type, string name, string agent = "exec:/bin/true") =>
        new() { Id = $"{type}:{name}", Type = type, Agent = agent };

    public static ClusterConfiguration WithGroup(
        this ClusterConfiguration configuration, string name, Func<GroupConfiguration, GroupConfiguration> change) =>
        configuration with { Groups = configuration.Groups.SetItem(name, change(configuration.Groups[name])) };

    public static ClusterConfiguration WithNode(
        this ClusterConfiguration configuration, string name, Func<NodeConfiguration, NodeConfiguration> change) =>
        configuration with { Nodes = configuration.Nodes.SetItem(name, change(configuration.Nodes[name])) };

    /// <summary>Every problem of every result says where and what to do, and a result without configuration has an error.</summary>
    public static ImportResult AssertSound(ImportResult result)
    {
        Assert.All(result.Problems, p =>
        {
            Assert.NotEmpty(p.Message);
            Assert.NotEmpty(p.Remedy);
            Assert.True(p.Line is null or >= 1, p.ToString());
        });
        Assert.Equal(result.Configuration is null, result.Errors.Any());
        return result;
    }

    /// <summary>The line on which a text holds something for the first time, from 1.</summary>
    public static int LineOf(string text, string what) =>
        text[..text.IndexOf(what, StringComparison.Ordinal)].Count(c => c == '\n') + 1;
}
