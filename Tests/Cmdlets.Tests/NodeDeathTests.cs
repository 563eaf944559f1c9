using System.Collections.Concurrent;
using ClusterTools.Client;
using ClusterTools.Contract;
using ClusterTools.Lab.Tests;

namespace ClusterTools.Cmdlets.Tests;

/// <summary>The client while the node that it speaks to dies or hangs.</summary>
public sealed class NodeDeathTests
{
    [Fact]
    public async Task Events_go_on_without_a_gap_and_without_repetition_when_the_node_dies_that_they_came_from()
    {
        using CancellationTokenSource limit = new(TestLab.Limit);
        await using TestLab lab = await TestLab.StartAsync();
        using ClusterClient client = Connect(lab, "node1");
        var heard = new ConcurrentQueue<StreamEvent>();
        var said = new SemaphoreSlim(0);
        using CancellationTokenSource end = new();
        Task follow = client.FollowEventsAsync(
            "kinds=journal",
            null,
            item =>
            {
                heard.Enqueue(item);
                said.Release();
            },
            end.Token);
        await UntilAsync(() => heard.Any(h => h.Kind == "hello" && h.Read<StreamBegin>().Node == "node1"));
        await client.WriteJournalAsync(new JournalWriteRequest { Message = "before" }, limit.Token);
        await UntilAsync(() => Messages().Contains("before"));
        await lab.Control.PullPlugAsync("node1", limit.Token);
        using ClusterClient other = Connect(lab, "node2");
        await other.WriteJournalAsync(new JournalWriteRequest { Message = "after" }, limit.Token);
        await UntilAsync(() => Messages().Contains("after"));
        await UntilAsync(() => heard.Any(h => h.Kind == "journal" && h.Read<JournalEntry>() is { Kind: "fence.success", Node: "node1" }));
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => follow);
        Assert.Contains(heard, h => h.Kind == "hello" && h.Read<StreamBegin>().Node != "node1");
        Assert.Single(Messages(), "after");

        IEnumerable<string> Messages() => heard.Where(h => h.Kind == "journal").Select(h => h.Read<JournalEntry>().Message);

        async Task UntilAsync(Func<bool> truth)
        {
            while (!truth())
            {
                await said.WaitAsync(limit.Token);
            }
        }
    }

    [Fact]
    public async Task A_wait_goes_on_at_another_server_when_the_one_it_asked_hangs()
    {
        using CancellationTokenSource limit = new(TestLab.Limit);
        await using TestLab lab = await TestLab.StartAsync();
        using ClusterClient client = Connect(lab, "node3");
        Operation begun = await client.GroupAsync("web", "restart", null, limit.Token);
        lab.Control.Stall("node3");
        Assert.Equal(OperationPhase.Succeeded, (await client.WaitForOperationAsync(begun.Id, limit.Token)).Phase);
        Assert.Equal("test", (await client.GetClusterAsync(limit.Token)).Name);
    }

    /// <summary>A client that asks one node first.</summary>
    private static ClusterClient Connect(TestLab lab, string first)
    {
        string path = LabFixture.PathOf(lab);
        ClientContext context = ContextFile.Read(path, ApiJson.Wire).Contexts[0];
        int at = first[^1] - '1';
        context.Servers = [context.Servers[at], .. context.Servers.Where((_, i) => i != at)];
        return ClusterClient.FromContext(context, path, ApiJson.Wire);
    }
}
