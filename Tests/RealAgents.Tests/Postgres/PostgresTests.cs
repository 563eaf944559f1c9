using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using ClusterTools.Agents;
using ClusterTools.Core;

namespace ClusterTools.RealAgents.Tests.Postgres;

/// <summary>
/// A real PostgreSQL failing over between two nodes on one data directory, under a client that writes all the time.
/// <c>CLUSTERTOOLS_POSTGRES_ROUNDS=20</c> makes it twenty rounds instead of three.
/// </summary>
public sealed class PostgresTests : IDisposable
{
    private const int UsualRounds = 3;
    private const int FullRounds = 20;
    private const int RowsBetween = 100;

    private readonly Workshop workshop = new();

    public void Dispose() => workshop.Dispose();

    [Fact]
    public async Task Nothing_of_PostgreSQL_itself_hides_a_double_start_and_the_witnesses_see_it()
    {
        // Without a cluster: what the next test proves would prove nothing if PostgreSQL prevented it, or if nobody could see it.
        await PostgresStorage.RequireAsync();
        PostgresStorage storage = await PostgresStorage.CreateAsync(workshop, "node1", "node2");
        await using (var witness = new PostgresWitness(storage.Data))
        {
            await using Machine first = await StartAsync(storage, "node1");
            await using Machine second = await StartAsync(storage, "node2");
            ResourceResult one = await first.RunAsync(PostgresStorage.Agent, ResourceOperation.Start, storage.Parameters);
            Assert.True(one.Success, one.Message);
            Assert.Empty(witness.Twice);
            Assert.Equal(
                ResourceStatus.Stopped, (await second.RunAsync(PostgresStorage.Agent, ResourceOperation.Probe, storage.Parameters)).Status);
            ResourceResult two = await second.RunAsync(PostgresStorage.Agent, ResourceOperation.Start, storage.Parameters);
            Assert.True(two.Success, two.Message);
            await Shell.UntilAsync(() => witness.Twice.Count > 0, () => "the witness sees two servers");
            Assert.Equal(["start node1", "twice node2 node1", "start node2"], storage.Starts);
            // Both serve.
            Assert.Equal("node1", await LedgerClient.QueryAsync(storage, "node1", "postgres", "show cluster_name"));
            Assert.Equal("node2", await LedgerClient.QueryAsync(storage, "node2", "postgres", "show cluster_name"));
        }

        await AllGoneAsync();
    }

    [Fact]
    public async Task Nothing_but_the_fencing_keeps_a_second_server_from_starting()
    {
        await PostgresStorage.RequireAsync();
        PostgresStorage storage = await CreateStorageAsync();
        await using (var witness = new PostgresWitness(storage.Data))
        await using (PostgresCluster cluster = await PostgresCluster.StartAsync(workshop, storage))
        {
            string owner = cluster.Owner;
            Assert.Empty(witness.Twice);
            // The daemon is gone and its server is not, and the power switch that should end it lies.
            cluster.Fence.Lies = true;
            await cluster.KillDaemonAsync(owner);
            await Shell.UntilAsync(() => witness.Twice.Count > 0, () => "the witness sees what a lying fence device has done");
            Assert.Contains(storage.Starts, static line => line.StartsWith("twice", StringComparison.Ordinal));
        }

        await AllGoneAsync();
    }

    [Fact]
    public async Task Whoever_is_killed_under_a_writing_client_every_acknowledged_row_is_there()
    {
        await PostgresStorage.RequireAsync();
        int rounds = Environment.GetEnvironmentVariable("CLUSTERTOOLS_POSTGRES_ROUNDS") is { Length: > 0 } asked
            ? int.Parse(asked, CultureInfo.InvariantCulture)
            : Environment.GetEnvironmentVariable("CLUSTERTOOLS_FULL") is { Length: > 0 } ? FullRounds
            : UsualRounds;
        PostgresStorage storage = await CreateStorageAsync();
        var report = new FailoverReport();
        await using (var witness = new PostgresWitness(storage.Data))
        await using (PostgresCluster cluster = await PostgresCluster.StartAsync(workshop, storage))
        {
            try
            {
                await RunAsync(cluster, witness, rounds, report);
            }
            catch
            {
                cluster.Print();
                throw;
            }
        }

        await AllGoneAsync();
        string words = report.Describe();
        TestContext.Current.TestOutputHelper?.WriteLine(words);
        if (rounds != UsualRounds)
        {
            Console.WriteLine(words);
        }
    }

    private static async Task RunAsync(PostgresCluster cluster, PostgresWitness witness, int rounds, FailoverReport report)
    {
        string owner = cluster.Owner;
        await LedgerClient.QueryAsync(cluster.Storage, owner, "postgres", "create database ledger");
        await LedgerClient.QueryAsync(cluster.Storage, owner, "ledger", LedgerClient.Table);
        await using var client = new LedgerClient(cluster.Storage, [.. PostgresCluster.Servers]);
        for (int round = 0; round < rounds; round++)
        {
            owner = await FailOverAsync("power cut", cluster, client, owner, report, cluster.CutPowerAsync);
            if (round % 3 == 1)
            {
                await RestartAsync(cluster, client, owner, report);
            }

            if (round % 3 == 2)
            {
                owner = await FailOverAsync("clusterd killed", cluster, client, owner, report, cluster.KillDaemonAsync);
            }
        }

        await client.WaitForAsync(static _ => true, RowsBetween);
        await client.StopAsync();
        await AuditAsync(cluster, client, owner, report);
        Assert.Empty(witness.Twice);
        Assert.DoesNotContain(cluster.Storage.Starts, static line => line.StartsWith("twice", StringComparison.Ordinal));
        (report.Looks, report.LooksWithServer) = witness.Looks;
        Assert.True(report.LooksWithServer > 0, "The witness never saw a server.");
        // A service that is stopped in good order, too.
        int mark = cluster.Mark();
        await cluster.Client.GroupAsync(PostgresCluster.Group, "disable", null, Shell.Cancel);
        await cluster.JournalAsync(static e => e.Kind == "group.disabled" && e.Group == PostgresCluster.Group, mark);
        Assert.Empty(PostgresWitness.Find(cluster.Storage.Data));
    }

    /// <summary>The owner is lost in some way; the other node may serve only after the fencing.</summary>
    private static async Task<string> FailOverAsync(
        string kind, PostgresCluster cluster, LedgerClient client, string owner, FailoverReport report, Func<string, Task> lose)
    {
        string heir = PostgresCluster.Servers.Single(n => n != owner);
        await client.WaitForAsync(row => row.Node == owner, RowsBetween);
        int mark = cluster.Mark();
        long began = Stopwatch.GetTimestamp();
        await lose(owner);
        JournalEntry fenced = await cluster.JournalAsync(e => e.Kind == "fence.success" && e.Node == owner, mark);
        JournalEntry start = await cluster.JournalAsync(static e => e.Kind == "group.start" && e.Group == PostgresCluster.Group, mark);
        Assert.True(start.Index >= fenced.Index, "The group was started before its node was proven down.");
        JournalEntry started = await cluster.JournalAsync(static e => e.Kind == "group.started" && e.Group == PostgresCluster.Group, mark);
        Assert.Equal(heir, started.Node);
        AcknowledgedRow served = await client.WaitForAsync(row => row.Node == heir);
        report.Add(
            kind, began, client.Acknowledged.Last(row => row.Node == owner && row.Id < served.Id), served, cluster.Journal(mark), owner);
        await cluster.JournalAsync(e => e.Kind == "node.online" && e.Node == owner, mark);
        return heir;
    }

    /// <summary>The server alone dies, and comes back where it was.</summary>
    private static async Task RestartAsync(PostgresCluster cluster, LedgerClient client, string owner, FailoverReport report)
    {
        await client.WaitForAsync(row => row.Node == owner, RowsBetween);
        int mark = cluster.Mark();
        long began = Stopwatch.GetTimestamp();
        cluster.KillPostmaster();
        JournalEntry started = await cluster.JournalAsync(static e => e.Kind == "group.started" && e.Group == PostgresCluster.Group, mark);
        Assert.Equal(owner, started.Node);
        Assert.DoesNotContain(cluster.Journal(mark), static e => e.Kind == "fence.begin");
        client.CatchUp();
        AcknowledgedRow served = await client.WaitForAsync(static _ => true);
        report.AddRestart(began, client.Acknowledged, served);
    }

    /// <summary>Compares what the database holds with what the client was told.</summary>
    private static async Task AuditAsync(PostgresCluster cluster, LedgerClient client, string owner, FailoverReport report)
    {
        string[][] rows =
            [
                .. (
                    await LedgerClient.QueryAsync(
                        cluster.Storage, owner, "ledger", "select id, node, extract(epoch from server) from ledger order by id"))
            .Split('\n').Select(static line => line.Split('|'))];
        Dictionary<long,
            string[][]> held = rows.GroupBy(static row => long.Parse(row[0], CultureInfo.InvariantCulture))
            .ToDictionary(static g => g.Key, static g => g.ToArray());
        long[] lost = [.. client.Acknowledged.Where(row => !held.ContainsKey(row.Id)).Select(static row => row.Id)];
        Assert.True(lost.Length == 0, $"{lost.Length} acknowledged rows are lost: {string.Join(", ", lost.Take(20))}");
        Assert.DoesNotContain(held, static row => row.Value.Length > 1);
        Assert.All(client.Acknowledged, row => Assert.Equal(row.Node, held[row.Id][0][1]));
        Assert.All(held.Keys, id => Assert.InRange(id, 1, client.Attempted));
        // No server that had been followed by another one wrote again.
        string[] servers = [.. rows.Select(static row => $"{row[1]} {row[2]}")];
        int changes = servers.Zip(servers.Skip(1)).Count(static pair => pair.First != pair.Second);
        Assert.Equal(servers.Distinct().Count() - 1, changes);
        (report.Acknowledged, report.Held, report.Attempted, report.Servers) =
            (client.Acknowledged.Count, rows.Length, client.Attempted, changes + 1);
    }

    private Task<PostgresStorage> CreateStorageAsync() =>
        PostgresStorage.CreateAsync(workshop, [.. PostgresCluster.Servers, PostgresCluster.Voter]);

    private Task<Machine> StartAsync(PostgresStorage storage, string node) =>
        Machine.StartAsync(workshop, node, storage.Boot(node), storage.Environment);

    private Task AllGoneAsync() =>
        Shell.UntilAsync(() => workshop.Users().Length == 0, () => $"everything is gone: {string.Join(", ", workshop.Users())}");
}
