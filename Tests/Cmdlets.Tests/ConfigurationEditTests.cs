using ClusterTools.Client;
using ClusterTools.Contract;
using Newtonsoft.Json.Linq;

namespace ClusterTools.Cmdlets.Tests;

/// <summary>Edits are made on the document: what they do not know survives, and what they refuse says what to do.</summary>
public sealed class ConfigurationEditTests
{
    [Fact]
    public void An_edit_keeps_members_that_it_does_not_know()
    {
        JObject document = Document();
        document["colour"] = "blue";
        document["groups"]!["web"]!["colour"] = "green";
        document["groups"]!["web"]!["resources"]![0]!["colour"] = "red";
        ServiceEdit.Set(document, "web", new ServiceSettings { Autostart = false, Recovery = RecoveryPolicy.RestartDisable });
        ResourceEdit.Set(
            document, "web", "ip:192.0.2.1", new ResourceDefinition { StartTimeout = TimeSpan.FromSeconds(5) }, new ResourcePlace());
        Assert.Equal("blue", (string?)document["colour"]);
        Assert.Equal("green", (string?)document["groups"]!["web"]!["colour"]);
        Assert.Equal("red", (string?)document["groups"]!["web"]!["resources"]![0]!["colour"]);
        Assert.False((bool)document["groups"]!["web"]!["autostart"]!);
        Assert.Equal("restartDisable", (string?)document["groups"]!["web"]!["recovery"]);
        Assert.Equal(5000, (int)document["groups"]!["web"]!["resources"]![0]!["startTimeout"]!);
        // What was not given stays.
        Assert.Equal("east", (string?)document["groups"]!["web"]!["domain"]);
    }

    [Fact]
    public void Names_are_found_in_any_case_and_written_as_they_are()
    {
        JObject document = Document();
        ServiceEdit.Set(document, "WEB", new ServiceSettings { FailoverDomain = "WEST" });
        Assert.Equal("west", (string?)document["groups"]!["web"]!["domain"]);
        ServiceEdit.Set(document, "web", new ServiceSettings { FailoverDomain = "" });
        Assert.Equal(JTokenType.Null, document["groups"]!["web"]!["domain"]!.Type);
    }

    [Fact]
    public void A_name_that_is_not_there_is_refused_with_those_that_are_like_it()
    {
        ClusterApiException wrong = Assert.Throws<ClusterApiException>(() => ServiceEdit.Set(Document(), "wev", new ServiceSettings()));
        Assert.Equal(ProblemCodes.NotFound, wrong.Code);
        Assert.Equal(["web"], wrong.Problem.Near);
        Assert.Contains("web", wrong.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void A_refused_edit_of_a_copy_leaves_the_document_alone()
    {
        JObject document = Document();
        var before = (JObject)document.DeepClone();
        var copy = (JObject)document.DeepClone();
        Assert.Throws<ClusterApiException>(
            () => ServiceEdit.Add(copy, "mail", new ServiceSettings(), [new ResourceDefinition { Id = "fs:mail" }]));
        Assert.True(JToken.DeepEquals(before, document));
    }

    [Theory]
    [InlineData("ocf:heartbeat:IPaddr2", null, null, "IPaddr2:web")]
    [InlineData("lsb:/etc/init.d/x", "x", null, "script:x")]
    [InlineData("systemd:a.service", null, "unit", "unit:web")]
    [InlineData("exec:/bin/a b", "a", "program", "program:a")]
    public void A_resource_gets_its_id_from_what_is_said(string agent, string? name, string? type, string id)
    {
        JObject document = Document();
        Assert.Equal(
            id, ResourceEdit.Add(document, "web", new ResourceDefinition { Agent = agent, Name = name, Type = type }, ResourcePlace.Last));
    }

    [Theory]
    [InlineData("nothing:x", null)]
    [InlineData(null, null)]
    [InlineData("systemd:x", "other:x")]
    public void A_resource_without_a_known_agent_or_with_a_wrong_id_is_refused(string? agent, string? id) =>
        Assert.Equal(ProblemCodes.BadRequest, Assert.Throws<ClusterApiException>(
            () =>
            ResourceEdit.Add(
                Document(), "web", new ResourceDefinition { Agent = agent, Id = id, Type = id is null ? null : "systemd" },
                ResourcePlace.Last)).Code);

    [Fact]
    public void A_resource_is_put_where_it_is_wanted_and_moved()
    {
        JObject document = Document();
        var program = new ResourceDefinition { Agent = "exec:/bin/x", Name = "a" };
        ResourceEdit.Add(document, "web", program, new ResourcePlace { Before = "ip:192.0.2.1" });
        program.Name = "b";
        ResourceEdit.Add(document, "web", program, new ResourcePlace { Parent = "exec:a" });
        program.Name = "c";
        ResourceEdit.Add(document, "web", program, new ResourcePlace { After = "exec:b" });
        Assert.Equal(["exec:a", "exec:b", "exec:c", "ip:192.0.2.1", "script:web"], Ids(document));
        ResourceEdit.Set(document, "web", "c", new ResourceDefinition(), new ResourcePlace { Parent = "" });
        Assert.Equal(["exec:a", "exec:b", "ip:192.0.2.1", "script:web", "exec:c"], Ids(document));
        Assert.Throws<ClusterApiException>(
            () => ResourceEdit.Set(document, "web", "exec:a", new ResourceDefinition(), new ResourcePlace { Parent = "exec:b" }));
        Assert.Throws<ClusterApiException>(
            () => ResourceEdit.Set(document, "web", "exec:a", new ResourceDefinition(), new ResourcePlace { Before = "exec:a" }));
        Assert.Throws<ClusterApiException>(
            () =>
            ResourceEdit.Add(
                document, "web", new ResourceDefinition { Agent = "exec:/x", Name = "d" },
                new ResourcePlace { Before = "exec:a", After = "exec:c" }));
        ResourceEdit.Remove(document, "web", "exec:a", keepChildren: true);
        Assert.Equal(["exec:b", "ip:192.0.2.1", "script:web", "exec:c"], Ids(document));
        ResourceEdit.Remove(document, "web", "ip:192.0.2.1", keepChildren: false);
        Assert.Equal(["exec:b", "exec:c"], Ids(document));
    }

    [Fact]
    public void An_address_and_its_prefix_are_parameters()
    {
        ResourceDefinition address = ResourceDefinition.OfAddress("2001:db8::1/64");
        Assert.Equal("2001:db8::1", address.Parameters!["ip"]);
        Assert.Equal("64", address.Parameters["cidr_netmask"]);
        Assert.Throws<ClusterApiException>(() => ResourceDefinition.OfAddress("192.0.2.1/x"));
        Assert.Throws<ClusterApiException>(() => ResourceDefinition.OfAddress("host"));
    }

    [Fact]
    public void A_domain_in_use_goes_only_when_its_groups_are_let_go_of()
    {
        JObject document = Document();
        ClusterApiException wrong = Assert.Throws<ClusterApiException>(() => FailoverDomainEdit.Remove(document, "east", release: false));
        Assert.Equal(EditErrors.InUse, wrong.Code);
        Assert.Contains("web", wrong.Message, StringComparison.Ordinal);
        FailoverDomainEdit.Remove(document, "east", release: true);
        Assert.Null(document["failoverDomains"]!["east"]);
        Assert.Equal(JTokenType.Null, document["groups"]!["web"]!["domain"]!.Type);
        Assert.Throws<ClusterApiException>(
            () => FailoverDomainEdit.Set(document, "west", new FailoverDomainSettings { Members = [new("n1", 1), new("N1", 2)] }));
    }

    [Fact]
    public void A_device_that_is_taken_from_a_node_takes_its_empty_method_along()
    {
        JObject document = Document();
        FenceDeviceEdit.Set(
            document, "pdu",
            new FenceDeviceSettings { Assignments =
                [new FenceAssignment { Node = "n2", Action = "off", Parameters = new Dictionary<string, string?> { ["port"] = "2" } }] });
        Assert.Equal("off", (string?)document["nodes"]!["n2"]!["fenceMethods"]![0]!["steps"]![0]!["action"]);
        Assert.Throws<ClusterApiException>(() => FenceDeviceEdit.Remove(document, "pdu", release: false));
        FenceDeviceEdit.Remove(document, "pdu", release: true);
        Assert.Empty(document["nodes"]!["n1"]!["fenceMethods"]!);
        Assert.Empty(document["nodes"]!["n2"]!["fenceMethods"]!);
        Assert.Empty(document["fenceDevices"]!);
    }

    [Fact]
    public void An_off_is_put_before_the_first_on_of_its_method()
    {
        JObject document = Document();
        var steps = (JArray)document["nodes"]!["n1"]!["fenceMethods"]![0]!["steps"]!;
        steps[0]["action"] = "off";
        steps.Add(new JObject { ["device"] = "pdu", ["action"] = "on", ["parameters"] = new JObject() });
        FenceDeviceEdit.Add(
            document, "pdu2",
            new FenceDeviceSettings { Agent = "fence_apc",
                Assignments = [new FenceAssignment { Node = "n1", Method = "power", Action = "off" }] });
        Assert.Equal(["pdu off", "pdu2 off", "pdu on"], steps.Select(s => $"{s["device"]} {s["action"]}"));
    }

    [Fact]
    public void What_a_change_stops_is_what_changed_and_what_stands_below_it()
    {
        JObject before = Document();
        var after = (JObject)before.DeepClone();
        ResourceEdit.Set(
            after, "web", "ip:192.0.2.1", new ResourceDefinition { Parameters = new Dictionary<string, string?> { ["nic"] = "eth0" } },
            new ResourcePlace());
        var effect = ConfigurationEffect.Of(before, after);
        Assert.Equal(["web"], effect.Changed);
        Assert.Equal(["ip:192.0.2.1", "script:web"], effect.Stopped["web"]);
        Assert.Contains(
            "stopped or restarted on n1: ip:192.0.2.1, script:web",
            Assert.Single(effect.Describe(new Dictionary<string, string?> { ["web"] = "n1" })), StringComparison.Ordinal);
        Assert.Contains(
            "nothing is restarted", Assert.Single(effect.Describe(new Dictionary<string, string?> { ["web"] = null })),
            StringComparison.Ordinal);
    }

    [Fact]
    public void How_a_resource_is_watched_and_treated_changes_without_a_restart()
    {
        JObject before = Document();
        var after = (JObject)before.DeepClone();
        ResourceEdit.Set(
            after,
            "web",
            "ip:192.0.2.1",
            new ResourceDefinition
            {
                StartTimeout = TimeSpan.FromSeconds(90), MonitorInterval = TimeSpan.FromSeconds(5), EnforceTimeouts = false,
                    NonCritical = true, StartLevel = 3,
                StatusChecks = [new StatusCheck { Depth = 10, Interval = TimeSpan.FromSeconds(1) }], StartRetries = 2, Failovers = 1,
                StopFinal = FinalAction.PowerOff,
            },
            new ResourcePlace());
        var effect = ConfigurationEffect.Of(before, after);
        Assert.Empty(effect.Stopped);
        Assert.Contains(
            "nothing is restarted", Assert.Single(effect.Describe(new Dictionary<string, string?> { ["web"] = "n1" })),
            StringComparison.Ordinal);
        Assert.Contains(effect.Differences, d => d is { Path: "groups/web/resources/ip:192.0.2.1/limits/failovers", New: 1L or 1 });
        Assert.Contains(
            effect.Differences, d =>
            d is { Path: "groups/web/resources/ip:192.0.2.1/statusChecks/10", Change: ConfigurationChangeKind.Added });
    }

    [Fact]
    public void Limits_are_taken_back_one_by_one()
    {
        JObject document = Document();
        ResourceEdit.Set(
            document, "web", "ip:192.0.2.1", new ResourceDefinition { Failovers = 0, FinalScript = "exec:/x" }, new ResourcePlace());
        JObject limits = (JObject)ResourceEdit.Find((JObject)document["groups"]!["web"]!, "ip:192.0.2.1")["limits"]!;
        Assert.Equal(0, (int?)limits["failovers"]);
        ResourceEdit.Set(document, "web", "ip:192.0.2.1", new ResourceDefinition { Failovers = -1 }, new ResourcePlace());
        Assert.Null((int?)limits["failovers"]);
        Assert.Equal("exec:/x", (string?)limits["finalScript"]);
    }

    [Fact]
    public void A_dependency_is_added_changed_and_removed_by_the_groups_name_and_told_as_what_it_may_move()
    {
        JObject before = Document();
        ServiceEdit.Add(before, "db", new ServiceSettings(), []);
        var after = (JObject)before.DeepClone();
        GroupDependencyEdit.Add(after, "WEB", "Db", DependencyMode.Hard, Colocation.Any);
        Assert.Equal(
            "db hard any",
            string.Join(" ", after["groups"]!["web"]!["dependencies"]![0]!.Children<JProperty>().Select(p => (string?)p.Value)));
        var effect = ConfigurationEffect.Of(before, after);
        Assert.Equal(["web"], effect.Changed);
        Assert.Contains("it moves, stops or waits", Assert.Single(effect.Describe(null)), StringComparison.Ordinal);
        Assert.Throws<ClusterApiException>(() => GroupDependencyEdit.Add(after, "web", "db", DependencyMode.Soft, Colocation.Any));
        GroupDependencyEdit.Set(after, "web", "db", null, Colocation.Never);
        Assert.Equal(
            "db hard never",
            string.Join(" ", after["groups"]!["web"]!["dependencies"]![0]!.Children<JProperty>().Select(p => (string?)p.Value)));
        GroupDependencyEdit.Remove(after, "web", "DB");
        Assert.Empty(after["groups"]!["web"]!["dependencies"]!);
        Assert.Throws<ClusterApiException>(() => GroupDependencyEdit.Remove(after, "web", "db"));
    }

    [Fact]
    public void An_event_script_is_a_difference_of_its_own()
    {
        JObject before = Document();
        var after = (JObject)before.DeepClone();
        EventScriptEdit.Add(
            after, "watch",
            new EventScriptSettings { Command = "/etc/watch.ps1", Events = ["node.*", "node.*"], Timeout = TimeSpan.FromSeconds(3) });
        Assert.Equal("powershell:/etc/watch.ps1", (string?)after["eventScripts"]!["watch"]!["command"]);
        Assert.Equal(["event script watch is added"], ConfigurationEffect.Of(before, after).Describe(null));
        var third = (JObject)after.DeepClone();
        EventScriptEdit.Set(third, "Watch", new EventScriptSettings { Placement = true });
        Assert.Equal(["event script watch is changed: placement False -> True"], ConfigurationEffect.Of(after, third).Describe(null));
        EventScriptEdit.Remove(third, "watch");
        Assert.Equal(["event script watch is removed"], ConfigurationEffect.Of(after, third).Describe(null));
    }

    [Fact]
    public void A_rule_that_changes_restarts_nothing_and_an_added_child_neither()
    {
        JObject before = Document();
        var after = (JObject)before.DeepClone();
        ServiceEdit.Set(after, "web", new ServiceSettings { MaxRestarts = 3, RestartExpireTime = 60 });
        ResourceEdit.Add(after, "web", new ResourceDefinition { Agent = "exec:/bin/x" }, new ResourcePlace { Parent = "script:web" });
        var effect = ConfigurationEffect.Of(before, after);
        Assert.Empty(effect.Stopped);
        Assert.Contains(effect.Differences, d => d is { Path: "groups/web/resources/exec:web", Change: ConfigurationChangeKind.Added });
    }

    [Fact]
    public void A_changed_domain_concerns_the_groups_that_use_it()
    {
        JObject before = Document();
        var after = (JObject)before.DeepClone();
        FailoverDomainEdit.Set(after, "east", new FailoverDomainSettings { NoFailback = true });
        Assert.Equal(["web"], ConfigurationEffect.Of(before, after).Changed);
    }

    [Fact]
    public void A_secret_that_is_hidden_on_one_side_is_no_difference_and_is_shown_on_none()
    {
        JObject one = Document();
        var two = (JObject)one.DeepClone();
        one["fenceDevices"]!["pdu"]!["parameters"] =
            new JObject { ["passwd"] = "(secret)", ["options"] = "user=a,password=b", ["ip"] = "x" };
        two["fenceDevices"]!["pdu"]!["parameters"] = new JObject { ["passwd"] = "hidden", ["options"] = "user=a,password=c", ["ip"] = "y" };
        ConfigurationDifference difference = Assert.Single(ConfigurationComparison.Compare(one, two));
        Assert.Equal("fenceDevices/pdu/parameters/ip", difference.Path);
        two["fenceDevices"]!["new"] = new JObject { ["parameters"] = new JObject { ["token"] = "hidden" } };
        Assert.DoesNotContain(
            "hidden", string.Join(" ", ConfigurationComparison.Compare(one, two).Select(d => d.ToString())), StringComparison.Ordinal);
    }

    [Fact]
    public void Another_order_of_resources_is_a_difference_and_the_version_is_none()
    {
        JObject one = Document();
        ResourceEdit.Add(one, "web", new ResourceDefinition { Agent = "exec:/bin/x" }, ResourcePlace.Last);
        var two = (JObject)one.DeepClone();
        two["version"] = 9;
        Assert.Empty(ConfigurationComparison.Compare(one, two));
        ResourceEdit.Set(two, "web", "exec:web", new ResourceDefinition(), new ResourcePlace { Before = "ip:192.0.2.1" });
        ConfigurationDifference difference = Assert.Single(ConfigurationComparison.Compare(one, two));
        Assert.Equal("exec:web, ip:192.0.2.1", difference.New);
    }

    private static IEnumerable<string> Ids(JObject document) =>
        ResourceEdit.All((JObject)document["groups"]!["web"]!).Select(ResourceEdit.Id);

    private static JObject Document() => JObject.Parse("""
        {
          "name": "shop", "version": 3,
          "nodes": {
            "n1": { "name": "n1", "id": 1, "votes": 1, "fenceMethods": [ { "name": "power", "steps": [ { "device": "pdu", "action": "reboot", "parameters": { "port": "1" } } ] } ] },
            "n2": { "name": "n2", "id": 2, "votes": 1, "fenceMethods": [] }
          },
          "fenceDevices": { "pdu": { "name": "pdu", "agent": "fence_apc", "parameters": { "ip": "192.0.2.9" } } },
          "failoverDomains": {
            "east": { "name": "east", "ordered": true, "restricted": false, "noFailback": false, "members": { "n1": 1 } },
            "west": { "name": "west", "ordered": false, "restricted": false, "noFailback": false, "members": {} }
          },
          "groups": {
            "web": {
              "name": "web", "domain": "east", "autostart": true, "recovery": "restart", "maxRestarts": 0, "restartExpireTime": 0, "exclusive": false,
              "resources": [
                { "id": "ip:192.0.2.1", "type": "ip", "agent": "ocf:heartbeat:IPaddr2", "parameters": { "ip": "192.0.2.1" }, "startTimeout": 60000,
                  "children": [ { "id": "script:web", "type": "script", "agent": "lsb:/etc/init.d/web", "parameters": {}, "children": [] } ] }
              ]
            }
          }
        }
        """);
}
