using System.Collections.Immutable;
using ClusterTools.Core;
using ClusterTools.Core.Configuration;

namespace ClusterTools.RealAgents.Tests.SeveralMachines;

/// <summary>Two machines, and a third that says which of them goes on (FEATURES A5): the distribution's qnetd and qdevice.</summary>
public sealed class ArbiterTests : IDisposable
{
    /// <summary>As the machines' corosyncs call it from their start; the arbiter asks for a certificate of that name.</summary>
    private const string Cluster = "test";
    private const string Group = "web";

    private readonly Workshop workshop = new();

    public void Dispose() => workshop.Dispose();

    [Fact]
    public async Task Of_two_the_one_that_reaches_the_arbiter_goes_on_and_without_its_vote_nobody_is_fenced()
    {
        await Premises.RequireAsync("Dummy", "corosync", "corosync-qdevice", "corosync-qnetd", "certutil");
        // The one that runs the group has the lower id, too: without an arbiter it would be the first to fence.
        await using var cluster = new MachineCluster(workshop, ["n1", "n2"]);
        using var arbiter = new Arbiter(cluster, workshop);
        await cluster.StartAsync(Configuration(cluster));
        await cluster.FirstOwnerAsync(Group);
        await cluster.SaysAsync("n1", 0, e => e.Message.Contains("needs certificates first", StringComparison.Ordinal));
        await arbiter.CertifyAsync(Cluster);
        arbiter.Start();
        await arbiter.VotesForAsync("n1");
        await arbiter.VotesForAsync("n2");

        int cut = cluster.Mark("n2");
        int seen = cluster.Mark("n1");
        await cluster.CutOffAsync("n1");
        Assert.Equal("n2", (await cluster.SaysAsync("n2", cut, Started)).Node);
        Assert.Equal((false, true), (cluster.IsOn("n1"), cluster.IsOn("n2")));
        Assert.Contains(cluster.Journal("n2", cut), e => e.Kind == "view" && e.Message.Contains("its vote, so that it fences the peer"));
        Assert.DoesNotContain(cluster.Journal("n1", seen), e => e.Kind.StartsWith("fence.", StringComparison.Ordinal));
        await cluster.HealAsync();
        await cluster.BootAsync("n1");
        await cluster.SaysAsync("n2", cut, e => e.Kind == "node.online" && e.Node == "n1");
        await arbiter.VotesForAsync("n1");

        // The arbiter goes, and then a node: the other one goes on with what it has, and fences nobody until the arbiter is back.
        arbiter.Stop();
        await cluster.SaysAsync("n2", cut, e => e.Message.Contains("can't be reached from here", StringComparison.Ordinal));
        int alone = cluster.Mark("n2");
        await cluster.CutPowerAsync("n1");
        await cluster.SaysAsync("n2", alone, e => e.Kind == "view" && e.Message.Contains("the arbiter does not give this node its vote"));
        Assert.Contains("Dummy-", await cluster.RunAsync("n2", "ls /run/resource-agents"), StringComparison.Ordinal);
        Assert.DoesNotContain(cluster.Journal("n2", alone), e => e.Kind.StartsWith("fence.", StringComparison.Ordinal));
        arbiter.Start();
        await cluster.SaysAsync("n2", alone, e => e.Kind == "fence.success" && e.Node == "n1");
        Assert.Contains("Dummy-", await cluster.RunAsync("n2", "ls /run/resource-agents"), StringComparison.Ordinal);
    }

    private static bool Started(JournalEntry entry) => entry.Kind == "group.started" && entry.Group == Group;

    private static ClusterConfiguration Configuration(MachineCluster cluster) => new()
    {
        Name = Cluster,
        TwoNode = true,
        QuorumArbiter = new QuorumArbiterConfiguration { Host = Arbiter.Host },
        Timing = new ClusterTiming { Token = 1000, PostJoinDelay = 60_000, TwoNodeDelay = 60_000 },
        FenceDevices = ClusterConfiguration.Sorted<FenceDevice>().Add(cluster.Switch.Name, cluster.Switch),
        Nodes = MachineCluster.Nodes(cluster.Machines, cluster.Switch).ToImmutableSortedDictionary(
            static n => n.Key, n => n.Value with { Addresses = [cluster.Address(n.Key)] }, StringComparer.Ordinal),
        FailoverDomains = ClusterConfiguration.Sorted<FailoverDomain>().Add("first", new FailoverDomain
        {
            Name = "first", Ordered = true, NoFailback = true, Members = ClusterConfiguration.Sorted<int>().Add("n1", 1).Add("n2", 2),
        }),
        Groups = ClusterConfiguration.Sorted<GroupConfiguration>().Add(Group, new GroupConfiguration
        {
            Name = Group,
            Domain = "first",
            Resources = [new ResourceConfiguration { Id = "dummy:web", Type = "dummy", Agent = "ocf:heartbeat:Dummy" }],
        }),
    };
}
