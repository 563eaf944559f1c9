using ClusterTools.Agents;
using ClusterTools.Core.Configuration;
using ClusterTools.Fencing.Lab;

namespace ClusterTools.Lab.Tests;

/// <summary>What is planned goes without fencing.</summary>
public sealed class PlannedTests
{
    private const int Interrupt = 2;
    private const int Kill = 9;
    private const int Terminate = 15;

    [Fact]
    public async Task A_daemon_that_is_stopped_moves_its_groups_and_is_not_fenced()
    {
        await using TestLab lab = await TestLab.StartAsync();
        int mark = lab.Mark("node2");
        ClusterdResult stopped = await Clusterd.RunAsync("stop", "--state", lab.StateFolder("node1"));
        Assert.True(stopped.ExitCode == 0, stopped.Error);
        await lab.JournalAsync("node2", e => e.Kind == "node.left" && e.Node == "node1", mark);
        await lab.JournalAsync("node2", e => e.Kind == "group.started" && e.Group == "web" && e.Node == "node2", mark);
        Assert.Equal(["begin node1", "end node1", "begin node2"], [.. lab.Witness("web").Select(FailureTests.WithoutPid)]);
        Assert.DoesNotContain(lab.Journal("node2", mark), e => e.Kind is "fence.begin" or "node.lost");
        lab.NeverTwice();
    }

    [Fact]
    public async Task A_machine_that_is_shut_down_keeps_its_group_by_the_policy_and_has_it_again_when_it_is_back()
    {
        await using TestLab lab = await TestLab.StartAsync(c => c with { Timing = c.Timing with { ShutdownPolicy = ShutdownPolicy.Keep } });
        int mark = lab.Mark("node2");
        ClusterdResult stopped = await Clusterd.RunAsync("stop", "--machine", "--state", lab.StateFolder("node1"));
        Assert.True(stopped.ExitCode == 0, stopped.Error);
        Assert.Contains("has left the cluster", stopped.Output, StringComparison.Ordinal);
        await lab.JournalAsync("node2", e => e.Kind == "node.shutdown" && e.Node == "node1", mark);
        await lab.JournalAsync("node2", e => e.Kind == "node.left" && e.Node == "node1", mark);
        await lab.JournalAsync(
            "node2",
            e => e.Kind == "group.waits" && e.Group == "web" && e.Message.Contains("kept for node node1", StringComparison.Ordinal), mark);
        await lab.UntilAsync(() => lab.Power("node1").Daemon is not { IsAlive: true }, "the daemon of node1 ends");
        await lab.Control.ReviveAsync("node1", CancellationToken.None);
        await lab.JournalAsync("node2", e => e.Kind == "group.started" && e.Group == "web" && e.Node == "node1", mark);
        Assert.Equal(["begin node1", "end node1", "begin node1"], [.. lab.Witness("web").Select(FailureTests.WithoutPid)]);
        Assert.DoesNotContain(lab.Journal("node2", mark), e => e.Kind is "fence.begin" or "node.lost");
        lab.NeverTwice();
    }

    [Fact]
    public async Task A_node_that_has_left_comes_back_when_its_daemon_is_started()
    {
        await using TestLab lab = await TestLab.StartAsync();
        int mark = lab.Mark("node2");
        ClusterdResult stopped = await Clusterd.RunAsync("stop", "--state", lab.StateFolder("node3"));
        Assert.True(stopped.ExitCode == 0, stopped.Error);
        await lab.JournalAsync("node2", e => e.Kind == "node.left" && e.Node == "node3", mark);
        await lab.UntilAsync(() => lab.Power("node3").Daemon is not { IsAlive: true }, "the daemon of node3 ends");
        await lab.Control.ReviveAsync("node3", CancellationToken.None);
        await lab.JournalAsync("node2", e => e.Kind == "node.online" && e.Node == "node3", mark);
        Assert.DoesNotContain(lab.Journal("node2", mark), e => e.Kind is "fence.begin" or "node.lost");
    }

    [Fact]
    public async Task A_daemon_with_a_frozen_group_says_at_once_that_it_cant_leave_and_a_shutdown_leaves_that_group_alone()
    {
        await using TestLab lab = await TestLab.StartAsync();
        await lab.Client.GroupAsync("web", "freeze", null, CancellationToken.None);
        await lab.JournalAsync("node1", e => e.Kind == "operation.succeeded" && e.Message.Contains("is frozen", StringComparison.Ordinal));
        var service = ProcessIdentity.Find(lab.LastPid("web"))!.Value;
        ClusterdResult refused = await Clusterd.RunAsync("stop", "--state", lab.StateFolder("node1"));
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("web on it is frozen or Failed", refused.Error, StringComparison.Ordinal);
        ProcessIdentity daemon = lab.Power("node1").Daemon!.Value;
        Assert.True(daemon.IsAlive);

        int mark = lab.Mark("node2");
        daemon.Signal(Terminate);
        await lab.UntilAsync(() => !daemon.IsAlive, "the daemon of node1 ends");
        await lab.JournalAsync("node2", e => e.Kind == "node.away" && e.Node == "node1", mark);
        Assert.True(service.IsAlive);
        Assert.DoesNotContain(lab.Journal("node2", mark), e => e.Kind is "fence.begin" or "node.lost");

        // Back, it takes part as before: the order to be emptied was for the shutdown.
        await lab.Control.ReviveAsync("node1", CancellationToken.None);
        await lab.JournalAsync("node2", e => e.Kind == "node.online" && e.Node == "node1", mark);
        Contract.NodeStatus[] nodes = await lab.Client.GetNodesAsync(CancellationToken.None);
        Assert.Equal(Contract.NodePhase.Online, nodes.Single(n => n.Name == "node1").Phase);
        Assert.True(service.IsAlive);
    }

    [Fact]
    public async Task A_daemon_that_is_restarted_leaves_its_groups_running_and_finds_them_again()
    {
        await using TestLab lab = await TestLab.StartAsync();
        var service = ProcessIdentity.Find(lab.LastPid("web"))!.Value;
        int daemon = lab.Power("node1").Daemon!.Value.Pid;
        int mark = lab.Mark("node2");
        ClusterdResult restarted = await Clusterd.RunAsync("restart", "--state", lab.StateFolder("node1"));
        Assert.True(restarted.ExitCode == 0, restarted.Error);
        await lab.JournalAsync("node2", e => e.Kind == "node.online" && e.Node == "node1", mark);
        // What it says when it is back is said after its probe has found the group.
        Contract.GroupStatus web = await lab.Client.GetGroupAsync("web", explain: false, CancellationToken.None);
        Assert.Equal("node1", web.Owner);
        Assert.Equal(Contract.GroupPhase.Started, web.Phase);
        Assert.True(service.IsAlive);
        Assert.NotEqual(daemon, lab.Power("node1").Daemon!.Value.Pid);
        Assert.Single(lab.Witness("web"));
        Assert.DoesNotContain(lab.Journal("node2", mark), e => e.Kind is "fence.begin" or "node.lost" or "group.start");
    }

    [Fact]
    public async Task A_lab_that_is_interrupted_leaves_no_process_and_no_folder()
    {
        using System.Diagnostics.Process lab = Clusterd.Start("lab", "--nodes", "2", "--base-port", "0");
        (string folder, ProcessIdentity daemon) = await StartedAsync(lab);
        // As a terminal does when Ctrl-C is pressed again and again: the lab and its nodes' supervisors hear it all.
        ProcessIdentity[] hearers =
            [
                ProcessIdentity.Find(lab.Id)!.Value,
                .. new[] { "node1", "node2" }.Select(n => new LabPower(folder, n).Supervisor).OfType<ProcessIdentity>()];
        Assert.NotEmpty(hearers[1..]);
        for (int press = 0; press < 3; press++)
        {
            foreach (ProcessIdentity hearer in hearers)
            {
                hearer.Signal(Interrupt);
            }
        }

        using var limit = new CancellationTokenSource(TestLab.Limit);
        await lab.WaitForExitAsync(limit.Token);
        Assert.Equal(0, lab.ExitCode);
        Assert.False(daemon.IsAlive);
        Assert.False(Directory.Exists(folder));
        Assert.DoesNotContain(folder, LabCluster.FindRunning());
    }

    [Fact]
    public async Task A_lab_that_is_killed_leaves_no_process()
    {
        using System.Diagnostics.Process lab = Clusterd.Start("lab", "--nodes", "2", "--base-port", "0");
        (string folder, ProcessIdentity daemon) = await StartedAsync(lab);
        ProcessIdentity.Find(lab.Id)!.Value.Signal(Kill);
        using var limit = new CancellationTokenSource(TestLab.Limit);
        while (daemon.IsAlive || LabCluster.FindRunning().Contains(folder))
        {
            await Task.Delay(20, limit.Token);
        }

        Directory.Delete(folder, recursive: true);
    }

    private static async Task<(string Folder, ProcessIdentity Daemon)> StartedAsync(System.Diagnostics.Process lab)
    {
        string? folder = null;
        while (folder is null && await lab.StandardOutput.ReadLineAsync() is { } line)
        {
            folder = line.Contains("All its files are in ", StringComparison.Ordinal) ? line.Split(' ')[^1] : null;
        }

        Assert.NotNull(folder);
        var power = new Fencing.Lab.LabPower(folder, "node1");
        using var limit = new CancellationTokenSource(TestLab.Limit);
        while (power.Daemon is not { IsAlive: true })
        {
            await Task.Delay(20, limit.Token);
        }

        return (folder, power.Daemon.Value);
    }
}
