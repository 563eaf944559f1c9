using System.Collections.Immutable;
using System.Text;
using ClusterTools.Core.Configuration;
using Xunit;

namespace ClusterTools.Core.Tests.Configuration;

/// <summary>Edits change what they name and nothing else, and what they refuse says what to do.</summary>
public sealed class ConfigurationEditTests
{
    private static readonly ClusterConfiguration Shop = Read("""
        {
          "name": "shop", "version": 3,
          "nodes": {
            "n1": { "name": "n1", "id": 1, "fenceMethods": [ { "name": "power", "steps": [ { "device": "pdu", "parameters": { "port": "1" } } ] } ] },
            "n2": { "name": "n2", "id": 2 }
          },
          "fenceDevices": { "pdu": { "name": "pdu", "agent": "fence_apc", "parameters": { "ip": "192.0.2.9", "passwd": "hidden" } } },
          "failoverDomains": {
            "east": { "name": "east", "ordered": true, "members": { "n1": 1 } },
            "west": { "name": "west" }
          },
          "groups": {
            "web": {
              "name": "web", "domain": "east",
              "resources": [
                { "id": "ip:192.0.2.1", "type": "ip", "agent": "ocf:heartbeat:IPaddr2", "parameters": { "ip": "192.0.2.1" },
                  "children": [ { "id": "script:web", "type": "script", "agent": "lsb:/etc/init.d/web" } ] }
              ]
            }
          }
        }
        """);

    [Fact]
    public void What_is_not_given_stays()
    {
        ClusterConfiguration next = Edit(
            Shop, new ConfigurationEdit
            {
                Group = new GroupEdit { Name = "web", Autostart = false, Recovery = RecoveryPolicy.RestartDisable },
            });
        Assert.True(
            ConfigurationEquality.Same(
                Shop.Groups["web"] with { Autostart = false, Recovery = RecoveryPolicy.RestartDisable }, next.Groups["web"]));
        Assert.True(ConfigurationEquality.Same(Shop with { Groups = next.Groups }, next));
        next = Edit(
            next, Set(
                "ip:192.0.2.1",
                new ResourceDefinition
                {
                    StartTimeout = 5_000,
                    Parameters = new Dictionary<string, string?> { ["nic"] = "eth0", ["ip"] = null },
                }));
        ResourceConfiguration address = next.Groups["web"].Resources[0];
        Assert.Equal(5_000, address.StartTimeout);
        Assert.Equal("nic=eth0", string.Join(" ", address.Parameters.Select(p => $"{p.Key}={p.Value}")));
        Assert.Equal("script:web", Assert.Single(address.Children).Id);
    }

    [Fact]
    public void Names_are_found_in_any_case_and_written_as_they_are()
    {
        Assert.Equal(
            "west", Edit(Shop, new ConfigurationEdit { Group = new GroupEdit { Name = "WEB", Domain = "WEST" } }).Groups["web"].Domain);
        Assert.Null(Edit(Shop, new ConfigurationEdit { Group = new GroupEdit { Name = "web", Domain = "" } }).Groups["web"].Domain);
    }

    [Fact]
    public void A_name_that_is_not_there_is_refused_with_those_that_are()
    {
        EditRefusedException e = Refused(Shop, new ConfigurationEdit { Group = new GroupEdit { Name = "wev" } });
        Assert.Equal((EditRefusal.NotFound, "There is no service 'wev'.", "wev"), (e.Reason, e.Message, e.Missing));
        Assert.Equal(["web"], e.There);
    }

    [Fact]
    public void Edits_are_made_one_after_the_other_or_none_is()
    {
        ConfigurationEdit add = new()
        {
            Action = EditAction.Add,
            Group = new GroupEdit { Name = "mail", Dependencies = [new GroupDependency { Group = "WEB" }] },
        };
        ConfigurationEdit part = new()
        {
            Action = EditAction.Add,
            Resource = new ResourceEdit { Group = "mail", Definition = new ResourceDefinition { Agent = "systemd:postfix" } },
        };
        ClusterConfiguration next = Edit(Shop, add, part);
        Assert.Equal(("systemd:mail", "web"), (next.Groups["mail"].Resources[0].Id, next.Groups["mail"].Dependencies[0].Group));
        Assert.Equal(EditRefusal.AlreadyExists, Refused(Shop, add, part, add).Reason);
        Assert.Equal(EditRefusal.NotFound, Refused(Shop, part, add).Reason);
    }

    [Fact]
    public void An_edit_has_one_subject_and_a_request_some_edits()
    {
        Assert.Equal(EditRefusal.Invalid, Refused(Shop).Reason);
        Assert.Equal(EditRefusal.Invalid, Refused(Shop, new ConfigurationEdit()).Reason);
        Assert.Equal(
            EditRefusal.Invalid, Refused(Shop, new ConfigurationEdit { Quorum = new QuorumEdit(), Timing = new TimingEdit() }).Reason);
        Assert.Equal(
            EditRefusal.Invalid,
            Refused(Shop, [.. Enumerable.Repeat(new ConfigurationEdit { Timing = new TimingEdit() }, ConfigurationEdit.Most + 1)]).Reason);
        Assert.Equal(
            EditRefusal.Invalid, Refused(Shop, new ConfigurationEdit { Action = EditAction.Add, Timing = new TimingEdit() }).Reason);
    }

    [Theory]
    [InlineData("ocf:heartbeat:IPaddr2", null, null, "IPaddr2:web")]
    [InlineData("lsb:/etc/init.d/x", "x", null, "script:x")]
    [InlineData("systemd:a.service", null, "unit", "unit:web")]
    [InlineData("exec:/bin/a b", "a", "program", "program:a")]
    public void A_resource_gets_its_id_from_what_is_said(string agent, string? name, string? type, string id) =>
        Assert.Equal(
            id, Edit(Shop, Add(new ResourceDefinition { Agent = agent, Name = name, Type = type })).Groups["web"].Resources[^1].Id);

    [Theory]
    [InlineData("nothing:x", null)]
    [InlineData(null, null)]
    [InlineData("systemd:x", "other:x")]
    public void A_resource_without_a_known_agent_or_with_a_wrong_id_is_refused(string? agent, string? id) =>
        Assert.Equal(
            EditRefusal.Invalid,
            Refused(Shop, Add(new ResourceDefinition { Agent = agent, Id = id, Type = id is null ? null : "systemd" })).Reason);

    [Fact]
    public void A_resource_is_put_where_it_is_wanted_and_moved()
    {
        ClusterConfiguration now = Edit(
            Shop,
            Add(Program("a"), new ResourcePlace { Before = "ip:192.0.2.1" }), Add(Program("b"), new ResourcePlace { Parent = "exec:a" }),
            Add(Program("c"), new ResourcePlace { After = "exec:b" }));
        Assert.Equal("exec:a exec:b exec:c ip:192.0.2.1 script:web", Ids(now));
        now = Edit(now, Place("c", new ResourcePlace { Parent = "" }));
        Assert.Equal("exec:a exec:b ip:192.0.2.1 script:web exec:c", Ids(now));
        Assert.Equal(EditRefusal.Invalid, Refused(now, Place("exec:a", new ResourcePlace { Parent = "exec:b" })).Reason);
        Assert.Equal(EditRefusal.Invalid, Refused(now, Place("exec:a", new ResourcePlace { Before = "exec:a" })).Reason);
        Assert.Equal(
            EditRefusal.Invalid, Refused(now, Add(Program("d"), new ResourcePlace { Before = "exec:a", After = "exec:c" })).Reason);
        Assert.Equal(
            EditRefusal.Invalid, Refused(now, Add(Program("d"), new ResourcePlace { Parent = "exec:a", After = "exec:c" })).Reason);
        now = Edit(now, Remove(new ResourceEdit { Group = "web", Id = "exec:a", KeepChildren = true }));
        Assert.Equal("exec:b ip:192.0.2.1 script:web exec:c", Ids(now));
        now = Edit(now, Remove(new ResourceEdit { Group = "web", Id = "ip:192.0.2.1" }));
        Assert.Equal("exec:b exec:c", Ids(now));
    }

    [Fact]
    public void A_resource_goes_to_another_group_with_what_stands_below_it_and_is_switched_off()
    {
        ClusterConfiguration now = Edit(
            Shop, new ConfigurationEdit { Action = EditAction.Add, Group = new GroupEdit { Name = "db", Resources = [Program("x")] } },
            new ConfigurationEdit
            {
                Resource = new ResourceEdit { Group = "web", Id = "ip:192.0.2.1", To = "DB", Place = new ResourcePlace { Parent = "x" } },
            });
        Assert.Empty(now.Groups["web"].Resources);
        Assert.Equal("ip:192.0.2.1", now.Groups["db"].Resources[0].Children[0].Id);
        now = Edit(now, new ConfigurationEdit { Resource = new ResourceEdit { Group = "db", Id = "script:web", Disabled = true } });
        Assert.True(now.Groups["db"].Resources[0].Children[0].Children[0].Disabled);
        Assert.Equal(
            EditRefusal.AlreadyExists,
            Refused(now, new ConfigurationEdit
            {
                Action = EditAction.Add,
                Group = new GroupEdit { Name = "e", Resources = [Program("x")] },
            },
                new ConfigurationEdit { Resource = new ResourceEdit { Group = "db", Id = "exec:x", To = "e" } }).Reason);
    }

    [Fact]
    public void Limits_are_taken_back_one_by_one()
    {
        ClusterConfiguration now = Edit(Shop, Set("ip:192.0.2.1", new ResourceDefinition { Failovers = 0, FinalScript = "exec:/x" }));
        Assert.Equal(0, now.Groups["web"].Resources[0].Limits!.Failovers);
        now = Edit(now, Set("ip:192.0.2.1", new ResourceDefinition { Failovers = -1 }));
        Assert.Equal(
            (null, "exec:/x"), (now.Groups["web"].Resources[0].Limits!.Failovers, now.Groups["web"].Resources[0].Limits!.FinalScript));
    }

    [Fact]
    public void A_domain_in_use_goes_only_when_its_groups_are_let_go_of()
    {
        EditRefusedException e = Refused(Shop, Remove(new FailoverDomainEdit { Name = "east" }));
        Assert.Equal(EditRefusal.InUse, e.Reason);
        Assert.Contains("web", e.Message, StringComparison.Ordinal);
        ClusterConfiguration now = Edit(Shop, Remove(new FailoverDomainEdit { Name = "east", Release = true }));
        Assert.False(now.FailoverDomains.ContainsKey("east"));
        Assert.Null(now.Groups["web"].Domain);
        FailoverDomainEdit twice = new() { Name = "west", Members = [new DomainMember("n1", 1), new DomainMember("N1", 2)] };
        Assert.Equal(EditRefusal.Invalid, Refused(Shop, new ConfigurationEdit { FailoverDomain = twice }).Reason);
    }

    [Fact]
    public void A_device_that_is_taken_from_a_node_takes_its_empty_method_along()
    {
        FenceAssignment off = new()
        {
            Node = "N2",
            Action = FenceAction.Off,
            Parameters = new Dictionary<string, string?> { ["port"] = "2" },
        };
        ClusterConfiguration now = Edit(
            Shop, new ConfigurationEdit { FenceDevice = new FenceDeviceEdit { Name = "pdu", Assignments = [off] } });
        FenceStep step = Assert.Single(Assert.Single(now.Nodes["n2"].FenceMethods).Steps);
        Assert.Equal((FenceAction.Off, "2"), (step.Action, step.Parameters["port"]));
        Assert.Equal(EditRefusal.InUse, Refused(now, Remove(new FenceDeviceEdit { Name = "pdu" })).Reason);
        now = Edit(now, Remove(new FenceDeviceEdit { Name = "pdu", Release = true }));
        Assert.Empty(now.Nodes["n1"].FenceMethods);
        Assert.Empty(now.Nodes["n2"].FenceMethods);
        Assert.Empty(now.FenceDevices);
    }

    [Fact]
    public void An_off_is_put_before_the_first_on_of_its_method()
    {
        FenceMethod pair = new()
        {
            Name = "power",
            Steps = [new FenceStep { Device = "pdu", Action = FenceAction.Off }, new FenceStep { Device = "pdu", Action = FenceAction.On }],
        };
        ClusterConfiguration now = Shop with { Nodes = Shop.Nodes.SetItem("n1", Shop.Nodes["n1"] with { FenceMethods = [pair] }) };
        FenceAssignment off = new() { Node = "n1", Method = "power", Action = FenceAction.Off };
        now = Edit(
            now, new ConfigurationEdit
            {
                Action = EditAction.Add,
                FenceDevice = new FenceDeviceEdit { Name = "pdu2", Agent = "fence_apc", Assignments = [off] },
            });
        Assert.Equal(
            "pdu Off, pdu2 Off, pdu On", string.Join(", ", now.Nodes["n1"].FenceMethods[0].Steps.Select(s => $"{s.Device} {s.Action}")));
    }

    [Fact]
    public void A_secret_that_comes_back_as_it_is_shown_stays_what_it_is()
    {
        var shown = new Dictionary<string, string?> { ["passwd"] = SecretParameters.Replacement };
        ClusterConfiguration now = Edit(
            Shop, new ConfigurationEdit { FenceDevice = new FenceDeviceEdit { Name = "pdu", Parameters = shown } });
        Assert.Equal("hidden", now.FenceDevices["pdu"].Parameters["passwd"]);
    }

    [Fact]
    public void A_dependency_is_added_changed_and_removed_by_the_groups_name()
    {
        ClusterConfiguration now = Edit(
            Shop, new ConfigurationEdit { Action = EditAction.Add, Group = new GroupEdit { Name = "db" } },
            new ConfigurationEdit
            {
                Action = EditAction.Add,
                Dependency = new DependencyEdit { Group = "WEB", On = "Db", Require = DependencyMode.Hard },
            });
        Assert.Equal(new GroupDependency { Group = "db", Require = DependencyMode.Hard }, Assert.Single(now.Groups["web"].Dependencies));
        Assert.Equal(
            EditRefusal.AlreadyExists,
            Refused(now, new ConfigurationEdit
            {
                Action = EditAction.Add,
                Dependency = new DependencyEdit { Group = "web", On = "db" },
            }).Reason);
        now = Edit(
            now, new ConfigurationEdit { Dependency = new DependencyEdit { Group = "web", On = "db", Colocation = Colocation.Never } });
        Assert.Equal(
            new GroupDependency { Group = "db", Require = DependencyMode.Hard, Colocation = Colocation.Never },
            Assert.Single(now.Groups["web"].Dependencies));
        ConfigurationEdit remove = new() { Action = EditAction.Remove, Dependency = new DependencyEdit { Group = "web", On = "DB" } };
        now = Edit(now, remove);
        Assert.Empty(now.Groups["web"].Dependencies);
        Assert.Equal(EditRefusal.NotFound, Refused(now, remove).Reason);
    }

    [Fact]
    public void Scripts_rights_votes_and_times_are_edited_by_what_is_given()
    {
        ClusterConfiguration now = Edit(
            Shop,
            new ConfigurationEdit
            {
                Action = EditAction.Add,
                EventScript = new EventScriptEdit { Name = "watch", Command = "/etc/watch.ps1", Events = ["node.*", "node.*"] },
            },
            new ConfigurationEdit { EventScript = new EventScriptEdit { Name = "Watch", Timeout = 3_000 } },
            new ConfigurationEdit { Access = new AccessEdit { Fingerprint = "AB", Name = "ada", Role = AccessRole.Operator } },
            new ConfigurationEdit { Quorum = new QuorumEdit { Node = "N2", Votes = 3, ExpectedVotes = 4 } },
            new ConfigurationEdit { Timing = new TimingEdit { RetryDelay = 61_000 } });
        EventScript watch = now.EventScripts["watch"];
        Assert.Equal(("powershell:/etc/watch.ps1", "node.*", 3_000), (watch.Command, Assert.Single(watch.Events), watch.Timeout));
        Assert.Equal(new AccessGrant { Name = "ada", Role = AccessRole.Operator }, now.Access["AB"]);
        Assert.Equal((3, 4), (now.Nodes["n2"].Votes, now.ExpectedVotes));
        Assert.Equal(Shop.Timing with { RetryDelay = 61_000 }, now.Timing);
        now = Edit(
            now, Remove(new AccessEdit { Fingerprint = "AB" }),
            new ConfigurationEdit { Action = EditAction.Remove, EventScript = new EventScriptEdit { Name = "watch" } },
            new ConfigurationEdit { Quorum = new QuorumEdit { ExpectedVotes = 0 } });
        Assert.Empty(now.Access);
        Assert.Empty(now.EventScripts);
        Assert.Null(now.ExpectedVotes);
        Assert.Equal(EditRefusal.Invalid, Refused(Shop, new ConfigurationEdit { Timing = new TimingEdit { RetryDelay = -1 } }).Reason);
    }

    [Fact]
    public void Nodes_come_and_go_with_their_addresses_and_a_pair_is_none_then()
    {
        ClusterConfiguration pair = Shop with { TwoNode = true };
        ClusterConfiguration now = Edit(
            pair,
            new ConfigurationEdit { Action = EditAction.Add, Node = new NodeEdit { Name = "n3", Votes = 0, Addresses = ["192.0.2.3"] } },
            new ConfigurationEdit { Action = EditAction.Add, Node = new NodeEdit { Name = "n9", Id = 9 } });
        Assert.Equal((3, 0, "192.0.2.3"), (now.Nodes["n3"].Id, now.Nodes["n3"].Votes, Assert.Single(now.Nodes["n3"].Addresses)));
        Assert.Equal((9, 1, true), (now.Nodes["n9"].Id, now.Nodes["n9"].Votes, now.Nodes["n9"].Addresses.IsDefault));
        Assert.False(now.TwoNode);
        now = Edit(now, new ConfigurationEdit { Node = new NodeEdit { Name = "N9", Addresses = ["192.0.2.9", "198.51.100.9"] } });
        Assert.Equal(2, now.Nodes["n9"].Addresses.Length);
        now = Edit(now, new ConfigurationEdit { Action = EditAction.Remove, Node = new NodeEdit { Name = "n1" } });
        Assert.Equal(["n2", "n3", "n9"], now.Nodes.Keys);
        Assert.Empty(now.FailoverDomains["east"].Members);
        Assert.Equal(4, Edit(now, new ConfigurationEdit
        {
            Action = EditAction.Add, Node = new NodeEdit { Name = "n4", Id = 4 },
        }).Nodes["n4"].Id);
        Assert.Equal(
            EditRefusal.AlreadyExists,
            Refused(now, new ConfigurationEdit { Action = EditAction.Add, Node = new NodeEdit { Name = "n2" } }).Reason);
        Assert.Equal(EditRefusal.Invalid, Refused(now, new ConfigurationEdit { Node = new NodeEdit { Name = "n2", Votes = 2 } }).Reason);
        Assert.Equal(
            EditRefusal.NotFound,
            Refused(now, new ConfigurationEdit { Action = EditAction.Remove, Node = new NodeEdit { Name = "n7" } }).Reason);
    }

    [Fact]
    public void What_decides_shutdowns_and_fence_races_is_set_and_taken_back()
    {
        ClusterConfiguration now = Edit(
            Shop,
            new ConfigurationEdit
            {
                Timing = new TimingEdit { ShutdownPolicy = ShutdownPolicy.Keep, KeepLimit = 120_000, ShutdownWait = 0 },
            },
            new ConfigurationEdit
            {
                Node = new NodeEdit
                {
                    Name = "n1", ShutdownPolicy = ShutdownPolicy.Stop, Weight = 3, FenceDelay = 1000, FenceDelayMax = 2000,
                },
            },
            new ConfigurationEdit { Group = new GroupEdit { Name = Shop.Groups.Keys.First(), Weight = 7 } });
        Assert.Equal((ShutdownPolicy.Keep, 120_000, 0), (now.Timing.ShutdownPolicy, now.Timing.KeepLimit, now.Timing.ShutdownWait));
        NodeConfiguration node = now.Nodes["n1"];
        Assert.Equal((ShutdownPolicy.Stop, 3, 1000, 2000), (node.ShutdownPolicy, node.Weight, node.FenceDelay, node.FenceDelayMax));
        Assert.Equal(7, now.Groups.Values.First().Weight);
        Assert.Equal(ShutdownPolicy.Stop, MachineShutdown.Policy(now, "n1"));
        now = Edit(now, new ConfigurationEdit { Node = new NodeEdit { Name = "n1", ClusterShutdownPolicy = true } });
        Assert.Equal((null, 3), (now.Nodes["n1"].ShutdownPolicy, now.Nodes["n1"].Weight));
        Assert.Equal(ShutdownPolicy.Keep, MachineShutdown.Policy(now, "n1"));
        Assert.Equal(ShutdownPolicy.Move, MachineShutdown.Policy(Shop, "n1"));
        var both = new NodeEdit { Name = "n1", ClusterShutdownPolicy = true, ShutdownPolicy = ShutdownPolicy.Move };
        Assert.Equal(EditRefusal.Invalid, Refused(now, new ConfigurationEdit { Node = both }).Reason);
    }

    private static ClusterConfiguration Edit(ClusterConfiguration configuration, params ImmutableArray<ConfigurationEdit> edits) =>
        ConfigurationEdit.Apply(configuration, edits);

    private static EditRefusedException Refused(ClusterConfiguration configuration, params ImmutableArray<ConfigurationEdit> edits) =>
        Assert.Throws<EditRefusedException>(() => ConfigurationEdit.Apply(configuration, edits));

    private static ResourceDefinition Program(string name) => new() { Agent = "exec:/bin/x", Name = name };

    private static ConfigurationEdit Add(ResourceDefinition definition, ResourcePlace? place = null) =>
        new() { Action = EditAction.Add, Resource = new ResourceEdit { Group = "web", Definition = definition, Place = place } };

    private static ConfigurationEdit Set(string id, ResourceDefinition definition) =>
        new() { Resource = new ResourceEdit { Group = "web", Id = id, Definition = definition } };

    private static ConfigurationEdit Place(string id, ResourcePlace place) =>
        new() { Resource = new ResourceEdit { Group = "web", Id = id, Place = place } };

    private static ConfigurationEdit Remove(ResourceEdit resource) => new() { Action = EditAction.Remove, Resource = resource };

    private static ConfigurationEdit Remove(FailoverDomainEdit domain) => new() { Action = EditAction.Remove, FailoverDomain = domain };

    private static ConfigurationEdit Remove(FenceDeviceEdit device) => new() { Action = EditAction.Remove, FenceDevice = device };

    private static ConfigurationEdit Remove(AccessEdit access) => new() { Action = EditAction.Remove, Access = access };

    private static string Ids(ClusterConfiguration configuration) => string.Join(" ", Below(configuration.Groups["web"].Resources));

    private static IEnumerable<string> Below(ImmutableArray<ResourceConfiguration> resources) =>
        resources.SelectMany(r => Below(r.Children).Prepend(r.Id));

    private static ClusterConfiguration Read(string json) => ConfigurationJson.Read(Encoding.UTF8.GetBytes(json)).Configuration!;
}
