using ClusterTools.Client;
using ClusterTools.Contract;

namespace ClusterTools.Lab.Tests;

/// <summary>A cluster whose log was lost says so, and goes on with what is known when somebody says that it may.</summary>
public sealed class RecoverTests
{
    private static readonly string[] Nodes = ["node1", "node2", "node3"];

    [Fact]
    public async Task A_lost_log_is_refused_and_recovered_with_the_newest_version_on_somebodys_word()
    {
        await using TestLab lab = await TestLab.StartAsync();
        Operation changed =
            await lab.Client.PutConfigurationAsync(await NextAsync(lab), 1, "a change that must not get lost", CancellationToken.None);
        await lab.Client.WaitForOperationAsync(changed.Id, CancellationToken.None).WaitAsync(TestLab.Limit);
        foreach (string node in Nodes)
        {
            await lab.JournalAsync(node, e => e.Kind == "configuration" && e.Message.Contains("version 2", StringComparison.Ordinal));
        }

        foreach (Uri server in lab.Client.Servers)
        {
            using Client.ClusterClient node = lab.ClientOf(server);
            // It is in force before it is in the node's archive; the answer waits for that.
            Assert.Contains((await node.GetConfigurationHistoryAsync(CancellationToken.None)).Versions, v => v.Version == 2);
        }

        string[] folders = [.. Nodes.Select(lab.StateFolder)];
        foreach (string node in Nodes)
        {
            lab.Control.KillDaemon(node);
        }

        string engine = Path.Combine(Path.GetDirectoryName(folders[0])!, ".engine");
        await lab.UntilAsync(() => Nodes.All(n => lab.Power(n).Daemon is not { IsAlive: true }), "the daemons have ended");
        foreach (string file in Directory.GetFiles(engine, "log.db*"))
        {
            File.Delete(file);
        }

        foreach (string node in Nodes)
        {
            int mark = lab.Mark(node);
            await lab.Control.ReviveAsync(node, CancellationToken.None);
            Core.JournalEntry told = await lab.JournalAsync(node, e => e.Kind == "log.lost", mark);
            Assert.Contains("configuration version 2", told.Message, StringComparison.Ordinal);
        }

        await lab.UntilAsync(() => Nodes.All(n => lab.Power(n).Daemon is not { IsAlive: true }), "the daemons have refused");
        string[] states = [.. folders.SelectMany(f => (string[])["--state", f])];
        ClusterdResult shown = await Clusterd.RunAsync(["recover", .. states]);
        Assert.Equal(1, shown.ExitCode);
        Assert.Contains("node3: keeps configuration version 2", shown.Output, StringComparison.Ordinal);
        Assert.Contains("rights that were taken away", shown.Output, StringComparison.Ordinal);
        Assert.Contains("--accept-loss", shown.Output, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(folders[0], "bootstrap.json")));

        ClusterdResult done = await Clusterd.RunAsync(["recover", .. states, "--accept-loss"]);
        Assert.True(done.ExitCode == 0, done.Error);
        foreach (string node in Nodes)
        {
            await lab.Control.ReviveAsync(node, CancellationToken.None);
        }

        await lab.UntilAsync(
            () => Answers(lab) is { Quorum: Quorum.Quorate, ConfigurationVersion: 2 }, "the cluster goes on with version 2");
        await lab.UntilAsync(
            () =>
            folders.All(f => !File.Exists(Path.Combine(f, "recover")) && !File.Exists(Path.Combine(f, "bootstrap.json"))),
            "the word is used up");
        lab.NeverTwice();
    }

    private static async Task<string> NextAsync(TestLab lab)
    {
        var document = System.Text.Json.Nodes.JsonNode.Parse((await lab.Client.GetConfigurationAsync(CancellationToken.None)).Json)!;
        document["version"] = 2;
        return document.ToJsonString();
    }

    private static ClusterStatus? Answers(TestLab lab)
    {
        try
        {
            return lab.Client.GetClusterAsync(CancellationToken.None).GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is Client.ClusterUnreachableException or Client.ClusterApiException)
        {
            return null;
        }
    }
}
