using System.Collections.Immutable;
using System.Text.Json;
using ClusterTools.Core;
using ClusterTools.Core.Configuration;
using Xunit;

namespace ClusterTools.Node.Tests;

/// <summary>Event scripts, final scripts and deeper status checks, with real programs.</summary>
public sealed class ScriptTests
{
    [Fact]
    public async Task An_event_script_reads_the_question_and_its_answer_places_the_group()
    {
        await using var cluster = new TestCluster();
        string script = cluster.Program("place", $$"""
            cat > "{{cluster.FileOf("question.json")}}"
            echo '{"decisions":[{"group":"web","node":"node3"}]}'
            """);
        await cluster.StartAllAsync(Placed(cluster, script));
        await TestCluster.UntilAsync(cluster["node2"], s => s.Groups.TryGetValue("web", out GroupState? g)
            && g is { Phase: GroupPhase.Started, Owner: "node3" });
        Assert.Equal("node3", cluster.Runs("web"));

        using JsonDocument question = JsonDocument.Parse(await File.ReadAllBytesAsync(cluster.FileOf("question.json")));
        JsonElement placing = Assert.Single(question.RootElement.GetProperty("placing").EnumerateArray());
        Assert.Equal("web", placing.GetProperty("group").GetString());
        Assert.Equal("node1", placing.GetProperty("default").GetString());
        Assert.Contains("node3", placing.GetProperty("candidates").EnumerateArray().Select(c => c.GetString()));
        Assert.Equal("quorate", question.RootElement.GetProperty("quorum").GetString());
        Assert.Equal(3, question.RootElement.GetProperty("nodes").GetArrayLength());
        Assert.Equal("stopped", question.RootElement.GetProperty("groups")[0].GetProperty("state").GetString());
    }

    [Theory]
    [InlineData("exit 3", "returned 3")]
    [InlineData("kill -9 $$", "signal 9")]
    [InlineData("exec sleep 1000", "took longer than 0.3 s")]
    [InlineData("echo to node3, please", "not understood")]
    [InlineData("echo '{\"decisions\":[{\"group\":\"web\",\"nod\":\"node3\"}]}'", "not understood")]
    [InlineData("echo '{\"decisions\":[{\"group\":\"web\",\"operation\":\"dance\"}]}'", "not understood")]
    [InlineData("echo '{\"decisions\":[null]}'", "not understood")]
    [InlineData("printf '{\"decisions\":[{\"group\":\"%300s\"}]}' x", "not understood")]
    [InlineData("head -c 300000 /dev/zero | tr '\\0' ' '", "more than")]
    public async Task A_crash_a_hang_or_nonsense_falls_back_to_the_default_and_is_journalled(string body, string said)
    {
        await using var cluster = new TestCluster();
        await cluster.StartAllAsync(Placed(cluster, cluster.Program("place", body), timeout: 300));
        await TestCluster.UntilAsync(cluster["node2"], s => s.Groups.TryGetValue("web", out GroupState? g)
            && g is { Phase: GroupPhase.Started, Owner: "node1" });
        Assert.Contains(cluster["node1"].Journal.Read(0, 1000), r => r.Entry.Kind == "script.failed"
            && r.Entry.Message.Contains(said, StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_event_script_that_is_not_there_falls_back_too()
    {
        await using var cluster = new TestCluster();
        await cluster.StartAllAsync(Placed(cluster, cluster.FileOf("missing.sh")));
        await TestCluster.UntilAsync(cluster["node2"], s => s.Groups.TryGetValue("web", out GroupState? g)
            && g is { Phase: GroupPhase.Started, Owner: "node1" });
        Assert.Contains(cluster["node1"].Journal.Read(0, 1000), r => r.Entry.Kind == "script.failed"
            && r.Entry.Message.Contains("no program", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_user_event_reaches_the_script_and_its_answer_is_done()
    {
        await using var cluster = new TestCluster();
        string script = cluster.Program("watch", """
            grep -q '"kind":"user.nightly","message":"at two"' || exit 1
            echo '{"decisions":[{"group":"web","operation":"disable"}]}'
            """);
        ClusterConfiguration configuration = Placed(cluster, script);
        configuration = configuration with
        {
            EventScripts =
                configuration.EventScripts.SetItem(
                    "place", configuration.EventScripts["place"] with { Placement = false, Events = ["user.*"] }),
        };
        await cluster.StartAllAsync(configuration);
        await TestCluster.UntilAsync(cluster["node1"], s => s.Groups.TryGetValue("web", out GroupState? g)
            && g.Phase == GroupPhase.Started);
        using var limit = new CancellationTokenSource(TestCluster.Limit);
        OperationState sent = await cluster["node2"].SubmitAsync(new UserEvent("e1", "ada", "nightly", "at two"), limit.Token);
        Assert.Equal(OperationPhase.Succeeded, sent.Phase);
        await TestCluster.UntilAsync(cluster["node1"], s => s.Groups["web"].Phase == GroupPhase.Disabled);
        Assert.Null(cluster.Runs("web"));
    }

    [Fact]
    public async Task The_script_before_a_final_action_is_run_and_told_what_follows()
    {
        await using var cluster = new TestCluster();
        string last =
            cluster.Program(
                "last", $"""echo "$CLUSTER_GROUP $CLUSTER_RESOURCE $CLUSTER_FINAL_ACTION" > "{cluster.FileOf("said")}"; exit 7""");
        ClusterConfiguration configuration = cluster.Three("web");
        ResourceConfiguration extra = cluster.Script("extra") with
        {
            Limits =
                new ActivationLimits { StartRetries = 1, Failovers = 0, StartFinal = FinalAction.Continue, FinalScript = $"exec:{last}" },
        };
        await File.WriteAllTextAsync(cluster.FileOf("extra.broken"), "");
        GroupConfiguration web = configuration.Groups["web"];
        await cluster.StartAllAsync(
            configuration with { Groups = configuration.Groups.SetItem("web", web with { Resources = [.. web.Resources, extra] }) });
        await TestCluster.UntilAsync(cluster["node2"], s => s.Groups.TryGetValue("web", out GroupState? g) && g.Phase == GroupPhase.Started
            && g.Instance.Abandoned.Contains("script:extra"));
        Assert.Equal("web script:extra continue", (await File.ReadAllTextAsync(cluster.FileOf("said"))).Trim());
        Assert.Contains(cluster["node1"].Journal.Read(0, 1000), r => r.Entry.Kind == "resource.start.retry");
        Assert.Contains(cluster["node1"].Journal.Read(0, 1000), r => r.Entry.Kind == "resource.final.script"
            && r.Entry.Message.Contains("returned 7", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_deeper_status_check_has_its_own_interval_and_finds_what_the_usual_one_does_not()
    {
        await using var cluster = new TestCluster();
        string agent = cluster.Program("deep", $"""
            case "$1" in
              start) : > "{cluster.FileOf("deep.on")}" ;;
              stop) rm -f "{cluster.FileOf("deep.on")}" "{cluster.FileOf("rotten")}" ;;
              status)
                [ -e "{cluster.FileOf("deep.on")}" ] || exit 3
                [ "$CLUSTER_CHECK_LEVEL" = 20 ] && [ -e "{cluster.FileOf("rotten")}" ] && exit 1
                exit 0 ;;
            esac
            """);
        ClusterConfiguration configuration = cluster.Three("web");
        var deep = new ResourceConfiguration
        {
            Id = "script:deep",
            Type = "script",
            Agent = $"exec:{agent}",
            MonitorInterval = 50,
            StatusChecks = [new StatusCheck { Depth = 20, Interval = 300, Timeout = 5_000 }],
        };
        await cluster.StartAllAsync(
            configuration with { Groups = configuration.Groups.SetItem("web", configuration.Groups["web"] with { Resources = [deep] }) });
        await TestCluster.UntilAsync(cluster["node1"], s => s.Groups.TryGetValue("web", out GroupState? g)
            && g.Phase == GroupPhase.Started);
        await File.WriteAllTextAsync(cluster.FileOf("rotten"), "");
        await TestCluster.UntilAsync(cluster["node1"], s => s.Groups["web"].Phase == GroupPhase.Recovering);
        Assert.Contains(cluster["node1"].Journal.Read(0, 1000), r => r.Entry.Kind == "resource.failure"
            && r.Entry.Message.Contains("depth 20", StringComparison.Ordinal));
        await TestCluster.UntilAsync(cluster["node1"], s => s.Groups["web"].Phase == GroupPhase.Started);
    }

    private static ClusterConfiguration Placed(TestCluster cluster, string script, int timeout = 10_000) => cluster.Three("web") with
    {
        EventScripts = ClusterConfiguration.Sorted<EventScript>().Add(
            "place", new EventScript { Name = "place", Command = $"exec:{script}", Placement = true, Timeout = timeout }),
    };
}
