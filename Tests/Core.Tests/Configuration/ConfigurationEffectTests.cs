using System.Text.Json;
using System.Text.Json.Nodes;
using ClusterTools.Core.Configuration;
using Xunit;

namespace ClusterTools.Core.Tests.Configuration;

/// <summary>What a change does, told from the configuration before it and the one after it.</summary>
public sealed class ConfigurationEffectTests
{
    private const string Address = "groups/web/resources/ip:192.0.2.1";

    [Fact]
    public void What_a_change_stops_is_told_as_the_cluster_says_it()
    {
        ConfigurationEffect effect = Effect(d => IpOf(d)["parameters"]!["nic"] = "eth0", ("web", "script:web"), ("web", "ip:192.0.2.1"));
        Assert.Equal(["web"], effect.Changed);
        Assert.Equal(["ip:192.0.2.1", "script:web"], effect.Stopped["web"]);
        Assert.Equal(
            "group web is changed: ip:192.0.2.1/parameters/nic = eth0; stopped or restarted on n1: ip:192.0.2.1, script:web",
            Assert.Single(effect.Describe(_ => "n1")));
        Assert.EndsWith("; it does not run, nothing is restarted", Assert.Single(effect.Describe(_ => null)), StringComparison.Ordinal);
    }

    [Fact]
    public void How_a_resource_is_watched_and_treated_is_told_thing_by_thing()
    {
        ConfigurationEffect effect = Effect(d =>
        {
            JsonObject ip = IpOf(d);
            ip["monitorInterval"] = 5000;
            ip["nonCritical"] = true;
            ip["statusChecks"] = JsonNode.Parse("""[ { "depth": 10, "interval": 1000 } ]""");
            ip["limits"] = JsonNode.Parse("""{ "startRetries": 2, "failovers": 1, "stopFinal": "powerOff" }""");
        });
        Assert.EndsWith("; nothing is restarted", Assert.Single(effect.Describe(_ => "n1")), StringComparison.Ordinal);
        Assert.Contains(new MemberDifference($"{Address}/limits/failovers", MemberChange.Added, null, "1"), effect.Differences, ByValue);
        Assert.Contains(new MemberDifference($"{Address}/nonCritical", MemberChange.Changed, "false", "true"), effect.Differences, ByValue);
        Assert.DoesNotContain(effect.Differences, d => d.Path.EndsWith("/startFinal", StringComparison.Ordinal));
        Assert.Contains(effect.Differences, d => d is { Path: $"{Address}/statusChecks/10", Change: MemberChange.Added });
    }

    [Fact]
    public void A_resource_that_is_put_out_of_use_is_told_so()
    {
        Assert.Contains("ip:192.0.2.1 is disabled", Assert.Single(Effect(d => IpOf(d)["disabled"] = true).Describe(_ => "n1")));
    }

    [Fact]
    public void A_dependency_is_told_as_what_it_may_move()
    {
        ConfigurationEffect effect = Effect(d => WebOf(d)["dependencies"] = JsonNode.Parse("""[ { "group": "db", "require": "hard" } ]"""));
        Assert.Equal(["web"], effect.Changed);
        Assert.Contains(effect.Differences, d => d is { Path: "groups/web/dependencies/db", Change: MemberChange.Added });
        Assert.Contains("it moves, stops or waits", Assert.Single(effect.Describe(_ => "n1")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_group_comes_with_its_resources_and_goes_from_where_it_runs()
    {
        JsonObject next = Document();
        next["groups"]!["mail"] = JsonNode.Parse("""
            { "name": "mail", "domain": "east", "autostart": true, "resources": [
              { "id": "fs:mail", "type": "fs", "agent": "exec:/x", "children": [ { "id": "app:mail", "type": "app", "agent": "exec:/y" } ] } ] }
            """);
        Assert.Equal(
            ["group mail is added with fs:mail, app:mail, and started by the rules of failover domain east"],
            Of(Document(), next).Describe(_ => null));
        Assert.Equal(["group mail is stopped on n2 and removed"], Of(next, Document()).Describe(_ => "n2"));
        Assert.Equal(["group mail is removed"], Of(next, Document()).Describe(_ => null));
    }

    [Fact]
    public void An_event_script_is_a_difference_of_its_own()
    {
        JsonObject with = Document();
        with["eventScripts"] = JsonNode.Parse(
            """{ "watch": { "name": "watch", "command": "exec:/x", "events": ["node.*"], "placement": false } }""");
        Assert.Equal(["event script watch is added"], Of(Document(), with).Describe(_ => null));
        var third = (JsonObject)with.DeepClone();
        third["eventScripts"]!["watch"]!["placement"] = true;
        Assert.Equal(["event script watch is changed: placement False -> True"], Of(with, third).Describe(_ => null));
        Assert.Equal(["event script watch is removed"], Of(third, Document()).Describe(_ => null));
    }

    [Fact]
    public void A_rule_that_changes_restarts_nothing_and_an_added_child_neither()
    {
        ConfigurationEffect effect = Effect(d =>
        {
            WebOf(d)["maxRestarts"] = 3;
            IpOf(d)["children"]![0]!["children"] = new JsonArray(Program());
        });
        Assert.Empty(effect.Stopped);
        Assert.Equal(
            "group web is changed: maxRestarts 0 -> 3, exec:web added; nothing is restarted", Assert.Single(effect.Describe(_ => "n1")));
    }

    [Fact]
    public void A_changed_domain_concerns_the_groups_that_use_it()
    {
        ConfigurationEffect effect = Effect(d => d["failoverDomains"]!["east"]!["noFailback"] = true);
        Assert.Equal(["web"], effect.Changed);
        Assert.Equal(["failover domain east is changed: noFailback False -> True"], effect.Describe(_ => "n1"));
    }

    [Fact]
    public void Of_many_lines_and_changes_the_rest_is_counted()
    {
        JsonObject next = Document();
        foreach (int i in Enumerable.Range(0, 50))
        {
            next["fenceDevices"]![$"pdu-{i:00}"] = JsonNode.Parse($$"""{ "name": "pdu-{{i:00}}", "agent": "fence_apc" }""");
            IpOf(next)["parameters"]![$"option{i:00}"] = "x";
        }

        string[] lines = [.. Of(Document(), next).Describe(_ => "n1")];
        Assert.Equal(41, lines.Length);
        Assert.EndsWith(" and 40 more; nothing is restarted", lines[0], StringComparison.Ordinal);
        Assert.Equal("and 11 more", lines[40]);
    }

    [Fact]
    public void A_secret_that_is_hidden_on_one_side_is_no_difference_and_is_shown_on_none()
    {
        JsonObject one = Document();
        JsonObject two = Document();
        one["fenceDevices"]!["pdu"]!["parameters"] = JsonNode.Parse("""{ "passwd": "(secret)", "cmd": "x --password=b", "ip": "x" }""");
        two["fenceDevices"]!["pdu"]!["parameters"] = JsonNode.Parse("""{ "passwd": "hidden", "cmd": "x --password=c", "ip": "y" }""");
        two["fenceDevices"]!["new"] = JsonNode.Parse("""{ "agent": "fence_x", "parameters": { "userpass": "hidden", "secretByMetadata": "hidden" } }""");
        ConfigurationComparison.Hide(one, (_, name) => name == "secretByMetadata");
        ConfigurationComparison.Hide(two, (_, name) => name == "secretByMetadata");
        MemberDifference[] found = [.. ConfigurationComparison.Between(one, two)];
        Assert.Equal(["fenceDevices/pdu/parameters/ip", "fenceDevices/new"], found.Select(d => d.Path));
        Assert.DoesNotContain("hidden", string.Join(' ', found.Select(d => $"{d}")), StringComparison.Ordinal);
    }

    [Fact]
    public void Another_order_of_resources_is_a_difference_and_the_version_is_none()
    {
        JsonObject one = Document();
        ((JsonArray)WebOf(one)["resources"]!).Add(Program());
        var two = (JsonObject)one.DeepClone();
        two["version"] = 9;
        Assert.Empty(ConfigurationComparison.Between(one, two));
        var resources = (JsonArray)WebOf(two)["resources"]!;
        JsonNode last = resources[1]!;
        resources.RemoveAt(1);
        resources.Insert(0, last);
        MemberDifference difference = Assert.Single(ConfigurationComparison.Between(one, two));
        Assert.Equal(
            ("groups/web/resources (order)", "\"exec:web, ip:192.0.2.1\""), (difference.Path, difference.New));
    }

    private static IEqualityComparer<MemberDifference> ByValue { get; } = EqualityComparer<MemberDifference>.Create(
        (a, b) => (a!.Path, a.Change, a.Old, a.New) == (b!.Path, b.Change, b.Old, b.New));

    private static ConfigurationEffect Effect(Action<JsonObject> change, params (string Group, string Resource)[] stops)
    {
        JsonObject after = Document();
        change(after);
        return Of(Document(), after, stops);
    }

    private static ConfigurationEffect Of(JsonObject before, JsonObject after, params (string Group, string Resource)[] stops) =>
        ConfigurationEffect.Of(Read(before), Read(after), stops);

    private static ClusterConfiguration Read(JsonObject document) =>
        JsonSerializer.Deserialize<ClusterConfiguration>(document, CoreJson.Options)!;

    private static JsonObject WebOf(JsonObject document) => (JsonObject)document["groups"]!["web"]!;

    private static JsonObject IpOf(JsonObject document) => (JsonObject)WebOf(document)["resources"]![0]!;

    private static JsonNode Program() =>
        JsonNode.Parse("""{ "id": "exec:web", "type": "exec", "agent": "exec:/bin/x", "parameters": {}, "children": [] }""")!;

    private static JsonObject Document() => (JsonObject)JsonNode.Parse("""
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
        """)!;
}
