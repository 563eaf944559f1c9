using ClusterTools.Core.Configuration;
using Xunit;

namespace ClusterTools.Node.Tests;

public sealed class WorkerTests
{
    [Fact]
    public async Task A_group_that_is_removed_leaves_no_worker_behind()
    {
        await using var cluster = new TestCluster();
        ClusterConfiguration configuration = cluster.Three("web");
        await cluster.StartAllAsync(configuration);
        await TestCluster.UntilAsync(cluster["node1"], s => s.Groups.TryGetValue("web", out var web)
            && web.Phase == Core.GroupPhase.Started);
        using var limit = new CancellationTokenSource(TestCluster.Limit);
        for (int i = 1; i <= 5; i++)
        {
            // Under another name each time, with nothing in it that takes long to stop.
            ClusterConfiguration now = cluster["node1"].State.Configuration;
            string name = $"web{i}";
            await cluster["node1"].SubmitAsync(
                new Core.ConfigurationRequest(
                    $"change {i}", "ada",
                    now with { Version = now.Version
                        + 1,
                        Groups = now.Groups.Clear()
                        .Add(name, new GroupConfiguration { Name = name, Resources = [cluster.Script(name)] }) }),
                limit.Token);
            await TestCluster.UntilAsync(cluster["node1"], s => s.Groups.Keys.SequenceEqual([name])
                && s.Groups[name].Phase == Core.GroupPhase.Started);
        }

        // What the last removal has left is looked for at each change.
        while (cluster["node1"].Workers > 1)
        {
            await cluster["node1"].SubmitAsync(
                new Core.MessageWritten(Guid.NewGuid().ToString("N"), "ada", Core.JournalSeverity.Information, "on"), limit.Token);
        }

        Assert.Equal(1, cluster["node1"].Workers);
    }
}
