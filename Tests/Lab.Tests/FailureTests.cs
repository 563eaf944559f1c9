using System.Collections.Immutable;
using ClusterTools.Agents;
using ClusterTools.Contract;
using JournalEntry = ClusterTools.Core.JournalEntry;

namespace ClusterTools.Lab.Tests;

/// <summary>Whole clusters of real processes, and what becomes of their groups when something fails.</summary>
public sealed class FailureTests
{
    [Fact]
    public async Task A_daemon_killed_alone_is_fenced_and_its_double_forked_services_end_before_others_start_them()
    {
        await using TestLab lab = await TestLab.StartAsync();
        var service = ProcessIdentity.Find(lab.LastPid("web"))!.Value;
        int mark = lab.Mark("node2");
        lab.Control.KillDaemon("node1");
        // The daemon is gone and its service is not: nobody but the fence agent ends it.
        Assert.True(service.IsAlive);
        JournalEntry fenced = await lab.JournalAsync("node2", e => e.Kind == "fence.success" && e.Node == "node1", mark);
        Assert.False(service.IsAlive);
        JournalEntry start = await lab.JournalAsync("node2", e => e.Kind == "group.start" && e.Group == "web", mark);
        Assert.True(start.Index >= fenced.Index, "The group was started before its node was proven down.");
        JournalEntry started = await lab.JournalAsync("node2", e => e.Kind == "group.started" && e.Group == "web", mark);
        Assert.Equal("node2", started.Node);
        Assert.DoesNotContain(lab.Witness("web"), l => l.StartsWith("end node1", StringComparison.Ordinal));
        lab.NeverTwice();
    }

    [Fact]
    public async Task A_power_cut_moves_groups_and_the_returned_node_gets_its_own_back()
    {
        await using TestLab lab = await TestLab.StartAsync();
        int mark = lab.Mark("node2");
        await lab.Control.PullPlugAsync("node1", CancellationToken.None);
        JournalEntry moved = await lab.JournalAsync("node2", e => e.Kind == "group.started" && e.Group == "web", mark);
        Assert.Equal("node2", moved.Node);
        await lab.Control.ReviveAsync("node1", CancellationToken.None);
        await lab.JournalAsync("node2", e => e.Kind == "node.online" && e.Node == "node1", mark);
        await lab.JournalAsync("node2", e => e.Kind == "group.started" && e.Group == "web" && e.Node == "node1", mark);
        Assert.Equal(["begin node1", "begin node2", "end node2", "begin node1"], [.. lab.Witness("web").Select(WithoutPid)]);
        Assert.Single(lab.Witness("db"));
        lab.NeverTwice();
    }

    [Fact]
    public async Task A_stalled_daemon_that_wakes_before_it_is_fenced_stops_its_work_and_starts_nothing()
    {
        await using TestLab lab = await TestLab.StartAsync();
        // Fencing is late, so that the stalled daemon has time to wake up.
        await File.WriteAllTextAsync(Path.Combine(lab.Power("node1").PowerFolder, "slow-pdu"), "6000");
        int mark = lab.Mark("node2");
        int own = lab.Mark("node1");
        lab.Control.Stall("node1");
        await lab.JournalAsync("node2", e => e.Kind == "node.lost" && e.Node == "node1", mark);
        lab.Control.Resume("node1");
        await lab.JournalAsync("node1", e => e.Kind == "node.expelled", own);
        JournalEntry fenced = await lab.JournalAsync("node2", e => e.Kind == "fence.success" && e.Node == "node1", mark);
        JournalEntry start = await lab.JournalAsync("node2", e => e.Kind == "group.start" && e.Group == "web", mark);
        Assert.True(start.Index >= fenced.Index, "The group was started before its node was proven down.");
        await lab.JournalAsync("node2", e => e.Kind == "group.started" && e.Group == "web" && e.Node == "node2", mark);
        string[] witness = [.. lab.Witness("web").Select(WithoutPid)];
        Assert.Equal(["begin node1", "end node1", "begin node2"], witness[..3]);
        lab.NeverTwice();
    }

    [Fact]
    public async Task A_daemon_that_was_expelled_and_can_not_be_fenced_joins_again_in_a_new_life()
    {
        await using TestLab lab = await TestLab.StartAsync(c => c with
        {
            FenceDevices = c.FenceDevices.Clear(),
            Nodes = c.Nodes.ToImmutableSortedDictionary(n => n.Key, n => n.Value with { FenceMethods = [] }, StringComparer.Ordinal),
        });
        int mark = lab.Mark("node2");
        int own = lab.Mark("node1");
        long daemon = lab.Power("node1").Daemon!.Value.Pid;
        lab.Control.Stall("node1");
        await lab.JournalAsync("node2", e => e.Kind == "node.lost" && e.Node == "node1", mark);
        lab.Control.Resume("node1");
        await lab.JournalAsync("node1", e => e.Kind == "node.expelled", own);
        await lab.JournalAsync("node2", e => e.Kind == "node.online" && e.Node == "node1", mark);
        await lab.JournalAsync("node2", e => e.Kind == "group.started" && e.Group == "web" && e.Node == "node1", mark);
        Assert.Equal(daemon, lab.Power("node1").Daemon!.Value.Pid);
        Assert.True(lab.Power("node1").Daemon!.Value.IsAlive);
        lab.NeverTwice();
    }

    [Fact]
    public async Task Without_quorum_and_without_fencing_everything_but_frozen_groups_is_stopped_by_the_deadline()
    {
        await using TestLab lab = await TestLab.StartAsync();
        await OperateAsync(lab, "db", "freeze");
        var frozen = ProcessIdentity.Find(lab.LastPid("db"))!.Value;
        int mark = lab.Mark("node2");
        foreach (string path in ((string[])["node1", "node3"]).Select(node => lab.Power(node).PowerFolder))
        {
            await File.WriteAllTextAsync(Path.Combine(path, "fail-pdu"), "");
            await File.WriteAllTextAsync(Path.Combine(path, "fail-bmc"), "");
        }

        // web comes to node2 first, so that there is something to stop.
        await OperateAsync(lab, "web", "relocate", "node2");
        await Task.WhenAll(
            lab.Control.PullPlugAsync("node1", CancellationToken.None),
            lab.Control.PullPlugAsync("node3", CancellationToken.None));
        JournalEntry stop =
            await lab.JournalAsync("node2", e => e.Kind == "group.stop" && e.Message.Contains("quorum", StringComparison.Ordinal), mark);
        await lab.UntilAsync(() => WithoutPid(lab.Witness("web")[^1]) == "end node2", "the service ended without quorum");
        Assert.True(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() - stop.WallTime < 10_000, "The service ended after the deadline.");
        Assert.True(frozen.IsAlive, "The frozen group was touched.");
        // The first of the two may have been missed while there still was quorum; nobody is fenced without.
        Assert.DoesNotContain(lab.Journal("node2", mark).SkipWhile(e => e != stop), e => e.Kind == "fence.begin");
        Assert.DoesNotContain(lab.Journal("node2", mark), e => e.Kind == "fence.success");
        lab.NeverTwice();
    }

    [Fact]
    public async Task A_node_that_can_not_stop_its_work_without_quorum_resets_itself()
    {
        await using TestLab lab = await TestLab.StartAsync();
        var service = ProcessIdentity.Find(lab.LastPid("db"))!.Value;
        lab.LetStopsFail();
        await Task.WhenAll(
            lab.Control.PullPlugAsync("node1", CancellationToken.None),
            lab.Control.PullPlugAsync("node3", CancellationToken.None));
        await lab.UntilAsync(() => !service.IsAlive, "the service that did not stop is ended by the reset of its node");
        Assert.Contains(lab.Journal("node2"), e => e.Kind == "node.reset");
        Assert.DoesNotContain(lab.Witness("db"), l => l.StartsWith("end ", StringComparison.Ordinal));
        lab.NeverTwice();
    }

    [Fact]
    public async Task A_frozen_group_is_not_recovered_when_its_owner_loses_its_power()
    {
        await using TestLab lab = await TestLab.StartAsync(c => c with
        {
            Groups = c.Groups.SetItem("db", c.Groups["db"] with { Domain = "home1" }),
        });
        await OperateAsync(lab, "web", "freeze");
        int mark = lab.Mark("node2");
        await lab.Control.PullPlugAsync("node1", CancellationToken.None);
        // Its neighbour on the same node is recovered, so that there was time to do wrong.
        await lab.JournalAsync("node2", e => e.Kind == "group.started" && e.Group == "db", mark);
        GroupStatus web = await lab.Client.GetGroupAsync("web", explain: false, CancellationToken.None);
        Assert.True(web.Frozen);
        Assert.Equal(["begin node1"], [.. lab.Witness("web").Select(WithoutPid)]);
        Assert.DoesNotContain(lab.Journal("node2", mark), e => e.Kind == "group.start" && e.Group == "web");
    }

    [Fact]
    public async Task When_a_fence_device_fails_the_next_method_is_tried()
    {
        await using TestLab lab = await TestLab.StartAsync();
        await File.WriteAllTextAsync(Path.Combine(lab.Power("node1").PowerFolder, "fail-pdu"), "");
        int mark = lab.Mark("node2");
        lab.Control.KillDaemon("node1");
        JournalEntry fenced = await lab.JournalAsync("node2", e => e.Kind == "fence.success" && e.Node == "node1", mark);
        Assert.Contains("'second'", fenced.Message, StringComparison.Ordinal);
        Assert.Contains(lab.Journal("node2", mark), e => e.Message.Contains("told to fail", StringComparison.Ordinal));
        await lab.JournalAsync("node2", e => e.Kind == "group.started" && e.Group == "web" && e.Node == "node2", mark);
        lab.NeverTwice();
    }

    [Fact]
    public async Task A_service_that_dies_by_itself_is_restarted_where_it_was()
    {
        await using TestLab lab = await TestLab.StartAsync();
        int mark = lab.Mark("node2");
        Assert.True(ProcessIdentity.Find(lab.LastPid("web"))!.Value.Signal(9));
        JournalEntry started = await lab.JournalAsync("node2", e => e.Kind == "group.started" && e.Group == "web", mark);
        Assert.Equal("node1", started.Node);
        Assert.DoesNotContain(lab.Journal("node2", mark), e => e.Kind == "fence.begin");
        lab.NeverTwice();
    }

    internal static async Task OperateAsync(TestLab lab, string group, string operation, string? node = null)
    {
        Operation asked = await lab.Client.GroupAsync(group, operation, new GroupOperationRequest { Node = node }, CancellationToken.None);
        Operation ended = await lab.Client.WaitForOperationAsync(asked.Id, CancellationToken.None).WaitAsync(TestLab.Limit);
        Assert.True(ended.Phase == Contract.OperationPhase.Succeeded, ended.Message);
    }

    internal static string WithoutPid(string line) => line[..line.LastIndexOf(' ')];
}
