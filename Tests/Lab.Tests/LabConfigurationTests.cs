using System.Collections.Immutable;
using ClusterTools.Core;
using ClusterTools.Core.Configuration;
using ClusterTools.Import;

namespace ClusterTools.Lab.Tests;

public sealed class LabConfigurationTests
{
    private static readonly ClusterConfiguration Webshop =
        ConfigurationFile.Read("webshop.conf", File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "webshop.conf"))).Configuration!;

    [Fact]
    public void Fence_devices_keep_their_names_and_are_called_through_the_lab()
    {
        ClusterConfiguration lab = Create(Webshop).Configuration!;
        Assert.Equal(Webshop.FenceDevices.Keys, lab.FenceDevices.Keys);
        Assert.All(lab.FenceDevices.Values, d =>
        {
            Assert.Equal("/lab/fence", d.Agent);
            Assert.Equal(["lab"], d.Parameters.Keys);
        });
    }

    [Fact]
    public void Secrets_of_fence_devices_do_not_go_into_a_lab()
    {
        LabConfigurationResult result = Create(Webshop);
        Assert.DoesNotContain(
            "not-a-real-one", System.Text.Encoding.UTF8.GetString(ConfigurationJson.Write(result.Configuration!)),
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_devices_of_one_method_are_the_nodes_feeds_and_order_and_actions_stay()
    {
        ClusterConfiguration lab = Create(Webshop).Configuration!;
        FenceMethod dual = Assert.Single(lab.Nodes["node1"].FenceMethods);
        Assert.Equal(
            Webshop.Nodes["node1"].FenceMethods[0].Steps.Select(s => (s.Device, s.Action)), dual.Steps.Select(s => (s.Device, s.Action)));
        Assert.All(dual.Steps, s =>
        {
            Assert.Equal("node1", s.Parameters["plug"]);
            Assert.Equal("pdu-a,pdu-b", s.Parameters["feeds"]);
            Assert.Equal(s.Device, s.Parameters["device"]);
        });
        Assert.Equal(["bmc-node3", "pdu-a"], lab.Nodes["node3"].FenceMethods.Select(m => m.Steps[0].Parameters["feeds"]));
    }

    [Fact]
    public void Names_that_are_no_file_names_become_feeds_that_are() =>
        Assert.Equal("APC_rack_7", LabConfiguration.Feed("APC rack/7"));

    [Fact]
    public void Scripts_that_are_in_the_root_folder_are_taken_from_there()
    {
        LabConfigurationResult result =
            Create(Webshop, exists: f => f.StartsWith("/my root/opt/", StringComparison.Ordinal), root: "/my root");
        ResourceConfiguration db = result.Configuration!.Groups["webshop"].Resources[0];
        Assert.Equal("lsb:/my root/opt/webshop/init.d/db", db.Agent);
        Assert.Equal("lsb:/my root/opt/webshop/init.d/web", db.Children[0].Agent);
        Assert.Contains(
            result.Replaced, r =>
            r.Contains("/my root/opt/webshop/init.d/web instead of /opt/webshop/init.d/web", StringComparison.Ordinal));
        Assert.Empty(ConfigurationValidation.Validate(result.Configuration).Where(p => p.Severity == ProblemSeverity.Error));
    }

    [Theory]
    [InlineData("ocf:heartbeat:IPaddr2")]
    [InlineData("ocf:heartbeat:Filesystem")]
    [InlineData("ocf:heartbeat:LVM-activate")]
    [InlineData("ocf:heartbeat:VirtualDomain")]
    [InlineData("systemd:nginx.service")]
    [InlineData("lsb:nginx")]
    [InlineData("lsb:/etc/init.d/nginx")]
    [InlineData("exec:/opt/missing")]
    public void What_would_change_the_machine_that_all_nodes_share_gets_a_stand_in_and_it_is_said(string agent)
    {
        LabConfigurationResult result = Create(With(agent));
        Assert.Equal("exec:/lab/stand\\ in", result.Configuration!.Groups["g"].Resources[0].Agent);
        Assert.Contains(result.Replaced, r => r.Contains("stand-in", StringComparison.Ordinal)
            && r.EndsWith(agent, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("ocf:heartbeat:Dummy")]
    [InlineData("exec:/opt/there --option")]
    [InlineData("lsb:/opt/there")]
    public void What_keeps_to_its_own_folder_stays_as_it_is(string agent)
    {
        LabConfigurationResult result = Create(With(agent), exists: f => f == "/opt/there");
        Assert.Equal(agent, result.Configuration!.Groups["g"].Resources[0].Agent);
    }

    [Fact]
    public void Paths_in_parameters_are_taken_from_the_root_folder_too()
    {
        ClusterConfiguration configuration = With("exec:/opt/there");
        ResourceConfiguration resource = configuration.Groups["g"].Resources[0];
        configuration = configuration with
        {
            Groups = configuration.Groups.SetItem("g", configuration.Groups["g"] with
            {
                Resources =
                    [resource with { Parameters = resource.Parameters.Add("config", "/srv/app.conf").Add("other", "/srv/none.conf") }],
            }),
        };
        LabConfigurationResult result = Create(configuration, exists: f => f is "/opt/there" or "/root/srv/app.conf", root: "/root");
        ImmutableSortedDictionary<string, string> parameters = result.Configuration!.Groups["g"].Resources[0].Parameters;
        Assert.Equal("/root/srv/app.conf", parameters["config"]);
        Assert.Equal("/srv/none.conf", parameters["other"]);
    }

    [Fact]
    public void A_number_of_nodes_that_the_configuration_does_not_have_is_refused_with_a_remedy()
    {
        LabConfigurationResult result = Create(Webshop, nodes: 5);
        Assert.Null(result.Configuration);
        Assert.Contains("node1, node2, node3", result.Refusal, StringComparison.Ordinal);
        Assert.Contains("--nodes", result.Refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(17)]
    public void A_lab_has_1_to_16_nodes(int nodes) => Assert.NotNull(Create(null, nodes: nodes).Refusal);

    [Fact]
    public void Without_a_configuration_there_are_nodes_that_can_be_fenced()
    {
        ClusterConfiguration lab = Create(null, nodes: 4).Configuration!;
        Assert.Equal(["node1", "node2", "node3", "node4"], lab.Nodes.Keys);
        Assert.All(lab.Nodes.Values, n => Assert.NotEmpty(n.FenceMethods));
        Assert.Empty(ConfigurationValidation.Validate(lab).Where(p => p.Severity == ProblemSeverity.Error));
    }

    [Fact]
    public void A_node_without_fencing_stays_without_and_it_is_said()
    {
        LabConfigurationResult result = Create(With("ocf:heartbeat:Dummy"));
        Assert.Empty(result.Configuration!.Nodes["n"].FenceMethods);
        Assert.Contains(result.Replaced, r => r.Contains("no fence method", StringComparison.Ordinal));
    }

    [Fact]
    public void The_example_fails_over_in_the_lab_by_the_rules_of_its_domains()
    {
        Prediction prediction = Prediction.Form(Create(Webshop).Configuration!, ImmutableHashSet<string>.Empty);
        Assert.Equal("node1", prediction.State.Groups["webshop"].Owner);
        prediction.Lose("node1");
        Assert.Equal("node2", prediction.State.Groups["webshop"].Owner);
        Assert.Equal(NodePhase.Down, prediction.State.Nodes["node1"].Phase);
    }

    private static ClusterConfiguration With(string agent) => new()
    {
        Name = "c",
        Nodes = ClusterConfiguration.Sorted<NodeConfiguration>().Add("n", new NodeConfiguration { Name = "n", Id = 1 }),
        Groups = ClusterConfiguration.Sorted<GroupConfiguration>().Add("g", new GroupConfiguration
        {
            Name = "g",
            Resources = [new ResourceConfiguration { Id = "x:y", Type = "x", Agent = agent }],
        }),
    };

    private static LabConfigurationResult Create(
        ClusterConfiguration? configuration, Func<string, bool>? exists = null, string? root = null, int? nodes = null) =>
        LabConfiguration.Create(configuration, new LabSubstitutes
        {
            Folder = "/lab",
            FenceAgent = "/lab/fence",
            StandIn = "/lab/stand in",
            Root = root,
            Nodes = nodes,
            FileExists = exists ?? (_ => false),
        });
}
