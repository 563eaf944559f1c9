using ClusterTools.Contract;
using ClusterTools.Core.Configuration;
using ActivationLimits = ClusterTools.Core.Configuration.ActivationLimits;
using Colocation = ClusterTools.Core.Configuration.Colocation;
using DependencyMode = ClusterTools.Core.Configuration.DependencyMode;
using FailoverDomain = ClusterTools.Core.Configuration.FailoverDomain;
using FinalAction = ClusterTools.Core.Configuration.FinalAction;
using GroupDependency = ClusterTools.Core.Configuration.GroupDependency;
using JournalEntry = ClusterTools.Core.JournalEntry;
using ResourceConfiguration = ClusterTools.Core.Configuration.ResourceConfiguration;

namespace ClusterTools.Lab.Tests;

/// <summary>Final actions and dependencies between groups, in whole clusters of real processes.</summary>
public sealed class LimitTests
{
    // Its start always fails; the operation is the shell's own name.
    private const string NeverStarts = "exec:/bin/sh -c 'case $0 in start) exit 1;; status) exit 3;; esac'";

    [Fact]
    public async Task After_a_failed_start_the_node_leaves_in_good_order_and_its_daemon_starts_again()
    {
        await using TestLab lab = await TestLab.StartAsync(c => c with
        {
            FailoverDomains =
                c.FailoverDomains.Add(
                    "only1",
                    new FailoverDomain { Name = "only1", Restricted = true, Members = ClusterConfiguration.Sorted<int>().Add("node1", 1) }),
            Groups = c.Groups.Add("extra", new GroupConfiguration
            {
                Name = "extra",
                Domain = "only1",
                Autostart = false,
                Resources =
                [
                    new ResourceConfiguration
                    {
                        Id = "exec:extra",
                        Type = "exec",
                        Agent = NeverStarts,
                        Limits = new ActivationLimits { StartRetries = 1, StartFinal = FinalAction.Reboot, FinalScript = "exec:/bin/true" },
                    },
                ],
            }),
        });
        int mark = lab.Mark("node2");
        int own = lab.Mark("node1");
        await AskAsync(lab, "extra", "enable");
        await lab.JournalAsync("node2", e => e.Kind == "resource.start.retry", mark);
        await lab.JournalAsync("node2", e => e.Kind == "resource.final", mark);
        await lab.JournalAsync("node2", e => e.Kind == "node.left" && e.Node == "node1", mark);
        await lab.JournalAsync("node2", e => e.Kind == "group.started" && e.Group == "web" && e.Node == "node2", mark);
        await lab.JournalAsync("node2", e => e.Kind == "node.online" && e.Node == "node1", mark);
        await lab.JournalAsync("node2", e => e.Kind == "group.started" && e.Group == "web" && e.Node == "node1", mark);
        // It is tried once more, and costs no node a second time.
        await lab.JournalAsync("node2", e => e.Kind == "group.disabled" && e.Group == "extra", mark);
        Assert.Single(lab.Journal("node2", mark), e => e.Kind == "node.left");
        Assert.DoesNotContain(lab.Journal("node2", mark), e => e.Kind.StartsWith("fence.", StringComparison.Ordinal));
        Assert.Contains(lab.Journal("node1", own), e => e.Kind == "resource.final.script");
        lab.NeverTwice();
    }

    [Fact]
    public async Task After_a_failed_stop_the_node_is_fenced_and_the_group_starts_elsewhere()
    {
        await using TestLab lab = await TestLab.StartAsync(c => c with
        {
            Groups = c.Groups.SetItem("web", c.Groups["web"] with
            {
                Resources =
                    [
                        c.Groups["web"].Resources[
                            0] with { Limits = new ActivationLimits { StopRetries = 1, StopFinal = FinalAction.Reboot } }],
            }),
        });
        int mark = lab.Mark("node2");
        lab.LetStopsFail();
        await AskAsync(lab, "web", "relocate", "node2");
        await lab.JournalAsync("node2", e => e.Kind == "resource.stop.retry" && e.Group == "web", mark);
        JournalEntry fenced = await lab.JournalAsync("node2", e => e.Kind == "fence.success" && e.Node == "node1", mark);
        JournalEntry started = await lab.JournalAsync("node2", e => e.Kind == "group.started" && e.Group == "web", mark);
        Assert.True(started.Index > fenced.Index);
        Assert.NotEqual("node1", started.Node);
        lab.NeverTwice();
    }

    [Fact]
    public async Task A_group_that_requires_another_on_its_node_fails_over_with_it_and_starts_after_it()
    {
        await using TestLab lab = await TestLab.StartAsync(c => c with
        {
            Groups = c.Groups.SetItem("web", c.Groups["web"] with
            {
                Domain = null,
                Dependencies = [new GroupDependency { Group = "db", Require = DependencyMode.Hard, Colocation = Colocation.Same }],
            }),
        });
        Assert.StartsWith("begin node2", lab.Witness("web")[0], StringComparison.Ordinal);
        int mark = lab.Mark("node3");
        await lab.Control.PullPlugAsync("node2", CancellationToken.None);
        // That they started on node2 may come to node3's journal only now.
        JournalEntry db = await lab.JournalAsync("node3", e => e.Kind == "group.started" && e.Group == "db" && e.Node != "node2", mark);
        JournalEntry web = await lab.JournalAsync("node3", e => e.Kind == "group.start" && e.Group == "web" && e.Node != "node2", mark);
        Assert.Equal("node3", db.Node);
        Assert.Equal("node3", web.Node);
        Assert.True(web.Index >= db.Index);
        await lab.JournalAsync("node3", e => e.Kind == "group.started" && e.Group == "web" && e.Node == "node3", mark);

        // Stopped, they stop in turn.
        await AskAsync(lab, "db", "disable");
        JournalEntry stopped = await lab.JournalAsync("node3", e => e.Kind == "group.disabled" && e.Group == "db", mark);
        JournalEntry left = await lab.JournalAsync("node3", e => e.Kind == "group.stop" && e.Group == "web", mark);
        Assert.True(left.Index < stopped.Index);
        Assert.StartsWith("end node3", lab.Witness("web")[^1], StringComparison.Ordinal);
        lab.NeverTwice();
    }

    private static Task AskAsync(TestLab lab, string group, string operation, string? node = null) =>
        lab.Client.GroupAsync(group, operation, new GroupOperationRequest { Node = node }, CancellationToken.None);
}
