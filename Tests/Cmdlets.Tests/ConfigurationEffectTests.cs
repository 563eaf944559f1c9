using ClusterTools.Client;
using Newtonsoft.Json.Linq;

namespace ClusterTools.Cmdlets.Tests;

/// <summary>What a change does, told from the configuration before it and the one after it.</summary>
public sealed class ConfigurationEffectTests
{
    [Fact]
    public void An_address_and_its_prefix_are_parameters()
    {
        Contract.ResourceDefinition address = ResourceForms.OfAddress("2001:db8::1/64");
        Assert.Equal("2001:db8::1", address.Parameters!["ip"]);
        Assert.Equal("64", address.Parameters["cidr_netmask"]);
        Assert.Throws<ClusterApiException>(() => ResourceForms.OfAddress("192.0.2.1/x"));
        Assert.Throws<ClusterApiException>(() => ResourceForms.OfAddress("host"));
    }

    [Fact]
    public void What_a_change_stops_is_told_as_the_cluster_says_it()
    {
        (JObject before, JObject after) = Changed(d => Address(d)["parameters"]!["nic"] = "eth0");
        Contract.PlanStep[] steps =
        [
            Stop("script:web"),
            Stop("ip:192.0.2.1"),
            new() { Action = Contract.PlanAction.Start, Group = "web", Resource = "ip:192.0.2.1" },
        ];
        var effect = ConfigurationEffect.Of(before, after, steps);
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
        (JObject before, JObject after) = Changed(d => Address(d).Merge(JObject.Parse("""
            {
              "startTimeout": 90000, "monitorInterval": 5000, "enforceTimeouts": false, "nonCritical": true, "startLevel": 3,
              "statusChecks": [ { "depth": 10, "interval": 1000 } ], "limits": { "startRetries": 2, "stopRetries": 0, "failovers": 1, "startFinal": "default", "stopFinal": "powerOff", "finalScript": null, "finalScriptTimeout": 60000 }
            }
            """)));
        var effect = ConfigurationEffect.Of(before, after, []);
        Assert.Empty(effect.Stopped);
        Assert.Contains(
            "nothing is restarted", Assert.Single(effect.Describe(new Dictionary<string, string?> { ["web"] = "n1" })),
            StringComparison.Ordinal);
        Assert.Contains(effect.Differences, d => d is { Path: "groups/web/resources/ip:192.0.2.1/limits/failovers", New: 1L or 1 });
        Assert.DoesNotContain(effect.Differences, d => d.Path.EndsWith("/startFinal", StringComparison.Ordinal));
        Assert.Contains(
            effect.Differences,
            d => d is { Path: "groups/web/resources/ip:192.0.2.1/statusChecks/10", Change: ConfigurationChangeKind.Added });
    }

    [Fact]
    public void A_dependency_is_told_as_what_it_may_move()
    {
        (JObject before, JObject after) = Changed(
            d => Web(d)["dependencies"] = JArray.Parse("""[ { "group": "db", "require": "hard", "colocation": "any" } ]"""));
        var effect = ConfigurationEffect.Of(before, after, []);
        Assert.Equal(["web"], effect.Changed);
        Assert.Equal(("web", "db"), effect.AddedPart);
        Assert.Contains("it moves, stops or waits", Assert.Single(effect.Describe(null)), StringComparison.Ordinal);
    }

    [Fact]
    public void An_event_script_is_a_difference_of_its_own()
    {
        (JObject before, JObject after) = Changed(
            d => d["eventScripts"] = JObject.Parse(
                """{ "watch": { "name": "watch", "command": "exec:/x", "events": ["node.*"], "placement": false } }"""));
        Assert.Equal(["event script watch is added"], ConfigurationEffect.Of(before, after, []).Describe(null));
        var third = (JObject)after.DeepClone();
        third["eventScripts"]!["watch"]!["placement"] = true;
        Assert.Equal(["event script watch is changed: placement False -> True"], ConfigurationEffect.Of(after, third, []).Describe(null));
        ((JObject)third["eventScripts"]!).RemoveAll();
        Assert.Equal(["event script watch is removed"], ConfigurationEffect.Of(after, third, []).Describe(null));
    }

    [Fact]
    public void A_rule_that_changes_restarts_nothing_and_an_added_child_neither()
    {
        (JObject before, JObject after) = Changed(d =>
        {
            Web(d)["maxRestarts"] = 3;
            ((JArray)Address(d)["children"]![0]!["children"]!).Add(Program());
        });
        var effect = ConfigurationEffect.Of(before, after, []);
        Assert.Empty(effect.Stopped);
        Assert.Equal(("web", "exec:web"), effect.AddedPart);
    }

    [Fact]
    public void A_changed_domain_concerns_the_groups_that_use_it()
    {
        (JObject before, JObject after) = Changed(d => d["failoverDomains"]!["east"]!["noFailback"] = true);
        Assert.Equal(["web"], ConfigurationEffect.Of(before, after, []).Changed);
    }

    [Fact]
    public void A_secret_that_is_hidden_on_one_side_is_no_difference_and_is_shown_on_none()
    {
        (JObject one, JObject two) = Changed(_ => { });
        one["fenceDevices"]!["pdu"]!["parameters"] = new JObject
        {
            ["passwd"] = "(secret)",
            ["options"] = "user=a,password=b",
            ["ip"] = "x",
        };
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
        (JObject one, JObject two) = Changed(_ => { });
        ((JArray)Web(one)["resources"]!).Add(Program());
        ((JArray)Web(two)["resources"]!).Add(Program());
        two["version"] = 9;
        Assert.Empty(ConfigurationComparison.Compare(one, two));
        JToken last = Web(two)["resources"]![1]!;
        last.Remove();
        Address(two).AddBeforeSelf(last);
        ConfigurationDifference difference = Assert.Single(ConfigurationComparison.Compare(one, two));
        Assert.Equal("exec:web, ip:192.0.2.1", difference.New);
    }

    private static (JObject Before, JObject After) Changed(Action<JObject> change)
    {
        JObject before = Document();
        var after = (JObject)before.DeepClone();
        change(after);
        return (before, after);
    }

    private static Contract.PlanStep Stop(string resource) =>
        new() { Action = Contract.PlanAction.Stop, Group = "web", Resource = resource };

    private static JObject Web(JObject document) => (JObject)document["groups"]!["web"]!;

    private static JObject Address(JObject document) => (JObject)Web(document)["resources"]![0]!;

    private static JObject Program() =>
        JObject.Parse("""{ "id": "exec:web", "type": "exec", "agent": "exec:/bin/x", "parameters": {}, "children": [] }""");

    private static JObject Document() => JObject.Parse("""
        {
          "name": "shop", "version": 3,
          "nodes": { "n1": { "name": "n1", "id": 1 }, "n2": { "name": "n2", "id": 2 } },
          "fenceDevices": { "pdu": { "name": "pdu", "agent": "fence_apc", "parameters": { "ip": "192.0.2.9" } } },
          "failoverDomains": { "east": { "name": "east", "ordered": true, "noFailback": false, "members": { "n1": 1 } } },
          "groups": {
            "web": {
              "name": "web", "domain": "east", "maxRestarts": 0, "dependencies": [],
              "resources": [
                { "id": "ip:192.0.2.1", "type": "ip", "agent": "ocf:heartbeat:IPaddr2", "parameters": { "ip": "192.0.2.1" }, "startTimeout": 60000,
                  "children": [ { "id": "script:web", "type": "script", "agent": "lsb:/etc/init.d/web", "parameters": {}, "children": [] } ] }
              ]
            }
          }
        }
        """);
}
