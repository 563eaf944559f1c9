using ClusterTools.Engines.Local;
using Microsoft.Data.Sqlite;

namespace ClusterTools.Engines.Tests;

/// <summary>A log that is damaged, lost or cut short is named, and never gone on with in silence.</summary>
public sealed class DamagedLogTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private string DatabasePath => Path.Combine(folder.Path, "log.db");

    private string Memory => Path.Combine(folder.Path, "log.seen");

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("UPDATE log SET payload = x'7B7D' WHERE idx = 3", "row 3 of the table 'log'")]
    [InlineData("UPDATE log SET payload = 'text' WHERE idx = 3", "row")]
    [InlineData("UPDATE log SET epoch = 9 WHERE idx = 3", "row 3 of the table 'log'")]
    [InlineData("UPDATE log SET origin = x'00' WHERE idx = 3", "row")]
    [InlineData("UPDATE log SET kind = 7 WHERE idx = 3", "row 3 of the table 'log'")]
    [InlineData("DELETE FROM log WHERE idx = 3", "rows from 3 to 3")]
    [InlineData("DELETE FROM log WHERE idx < 3", "rows from 1 to 2")]
    [InlineData("DELETE FROM log WHERE idx > 3", "rows from 4 to 5")]
    [InlineData("DELETE FROM log", "rows from 1 to 5")]
    [InlineData("UPDATE cluster SET head = 4", "row 5")]
    [InlineData("UPDATE cluster SET votes = '{}'", "votes")]
    [InlineData("UPDATE cluster SET votes = '{\"votes\":{\"a\":7},\"expected\":1,\"twoNode\":false}'", "votes")]
    [InlineData("UPDATE cluster SET votes = '{}', votes_sum = NULL", "votes")]
    [InlineData("UPDATE cluster SET head = 'junk'", "row about the cluster")]
    [InlineData("DELETE FROM cluster", "row about the cluster is missing")]
    [
        InlineData(
            "INSERT INTO snapshot (idx, epoch, state, sum) VALUES (2, 1, x'7B7D', x'0102030405060708'); DELETE FROM log WHERE idx < 3",
            "row 2 of the table 'snapshot'")]
    public async Task What_is_damaged_is_named_with_file_row_and_remedy(string damage, string named)
    {
        await WriteAsync();
        Execute(damage);
        await using TestNode again = new(folder.Path, "a", 2, TestNode.Votes("a"));
        EngineFailedException error = await Assert.ThrowsAsync<EngineFailedException>(() => again.Running.WaitAsync(TestNode.Limit));
        Assert.Contains(DatabasePath, error.Message, StringComparison.Ordinal);
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
        Assert.Contains("put a copy of the file back", error.Message, StringComparison.Ordinal);
        Assert.Contains("clusterd recover", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("UPDATE snapshot SET state = x'7B7D' WHERE idx = 4", 2, "the snapshot at 2")]
    [InlineData("UPDATE snapshot SET epoch = 'junk' WHERE idx = 4", 2, "the snapshot at 2")]
    [InlineData("UPDATE snapshot SET state = x'7B7D'", 0, "its beginning")]
    public async Task An_older_snapshot_serves_where_the_log_reaches_back_to_it(string damage, long from, string said)
    {
        await WriteAsync(snapshots: [2, 4]);
        Execute(damage);
        List<string> told = [];
        await using TestNode again = new(folder.Path, "a", 2, TestNode.Votes("a"), log: told.Add);
        await again.WaitForViewAsync(ViewQuorum.Quorate, new Member("a", 2));
        Assert.Equal(from, Assert.IsType<SnapshotDelivered>(again.Events[0]).Index);
        Assert.Equal(from + 1, again.Events[1].Index);
        Assert.Contains(told, t => t.Contains("row 4 of the table 'snapshot'", StringComparison.Ordinal)
            && t.Contains(said, StringComparison.Ordinal) && t.Contains(DatabasePath, StringComparison.Ordinal));
        Assert.Equal(LogCondition.Whole, LocalLog.Look(folder.Path).Condition);
    }

    [Fact]
    public async Task A_damaged_snapshot_is_told_with_what_the_log_lacks_for_the_one_before_it()
    {
        await WriteAsync(snapshots: [2, 4]);
        Execute("UPDATE snapshot SET state = x'7B7D' WHERE idx = 4; DELETE FROM log WHERE idx < 4");
        await using TestNode again = new(folder.Path, "a", 2, TestNode.Votes("a"));
        EngineFailedException error = await Assert.ThrowsAsync<EngineFailedException>(() => again.Running.WaitAsync(TestNode.Limit));
        Assert.Contains("does not reach back to the snapshot before it, at 2", error.Message, StringComparison.Ordinal);
        Assert.Contains("clusterd recover", error.Message, StringComparison.Ordinal);
        Assert.Equal(LogCondition.Damaged, LocalLog.Look(folder.Path).Condition);
    }

    [Fact]
    public async Task A_row_that_is_damaged_while_a_daemon_runs_is_named_by_the_one_that_reads_it()
    {
        await using TestNode a = new(folder.Path, "a", 1, TestNode.Votes("a"));
        await a.WaitForViewAsync(ViewQuorum.Quorate, new Member("a", 1));
        long last = await a.ProposeAsync("one");
        Execute(
            "INSERT INTO log (idx, epoch, kind, origin, incarnation, payload) SELECT head + 2, epoch, 0, 'a', 1, x'00' FROM cluster; "
                + $"UPDATE cluster SET head = head + 2");
        EngineFailedException error = await Assert.ThrowsAsync<EngineFailedException>(() => a.Running.WaitAsync(TestNode.Limit));
        Assert.Contains($"rows from {last + 1} to {last + 1}", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gone", "is not there any more")]
    [InlineData("empty", "is empty")]
    [InlineData("anew", "was made anew")]
    [InlineData("old", "ends at index")]
    public async Task A_log_that_was_lost_is_refused_by_who_has_seen_it_and_left_alone(string how, string said)
    {
        await WriteAsync(memory: true);
        File.Copy(DatabasePath, DatabasePath + ".old");
        await WriteAsync(memory: true, incarnation: 2);
        foreach (string file in Directory.GetFiles(folder.Path, "log.db*").Where(f => !f.EndsWith(".old", StringComparison.Ordinal)))
        {
            File.Delete(file);
        }

        switch (how)
        {
            case "empty":
                await File.WriteAllTextAsync(DatabasePath, "");
                break;
            case "anew":
                await WriteAsync(node: "b");
                break;
            case "old":
                File.Move(DatabasePath + ".old", DatabasePath);
                break;
        }

        await using (TestNode again = new(folder.Path, "a", 3, TestNode.Votes("a"), memory: Memory))
        {
            LogLostException error = await Assert.ThrowsAsync<LogLostException>(() => again.Running.WaitAsync(TestNode.Limit));
            Assert.Contains(DatabasePath, error.Message, StringComparison.Ordinal);
            Assert.Contains(said, error.Message, StringComparison.Ordinal);
        }

        Assert.Equal(how == "gone", !File.Exists(DatabasePath));

        // Somebody's word is what makes another log do.
        await using (TestNode accepted = new(folder.Path, "a", 4, TestNode.Votes("a"), memory: Memory, acceptAny: true))
        {
            await accepted.WaitAsync<SnapshotDelivered>();
            await accepted.CrashAsync();
        }

        await using TestNode known = new(folder.Path, "a", 5, TestNode.Votes("a"), memory: Memory);
        await known.WaitAsync<SnapshotDelivered>();
    }

    [Fact]
    public async Task A_log_of_the_schema_before_gets_its_checksums()
    {
        await WriteAsync();
        Execute(
            "ALTER TABLE log DROP COLUMN sum; ALTER TABLE snapshot DROP COLUMN sum; ALTER TABLE cluster DROP COLUMN votes_sum; ALTER "
                + "TABLE cluster DROP COLUMN log; PRAGMA user_version = 1");
        await using TestNode again = new(folder.Path, "a", 2, TestNode.Votes("a"), memory: Memory);
        await again.WaitForTextAsync("three");
        await again.WaitForViewAsync(ViewQuorum.Quorate, new Member("a", 2));
        await again.ProposeAsync("four");
        await again.WaitForTextAsync("four");
        Assert.NotEqual("", LogMemory.Read(Memory)!.Value.Log);
    }

    /// <summary>A view and three entries, then the daemon ends in good order: five rows.</summary>
    private async Task WriteAsync(bool memory = false, long incarnation = 1, string node = "a", params long[] snapshots)
    {
        await using TestNode a = new(folder.Path, node, incarnation, TestNode.Votes(node), memory: memory ? Memory : null);
        await a.WaitForViewAsync(ViewQuorum.Quorate, new Member(node, incarnation));
        foreach (string text in (string[])["one", "two", "three", "last"])
        {
            await a.ProposeAsync(text);
        }

        await a.WaitAsync<Committed>(e => e.Origin == new Member(node, incarnation) && e.Payload.Span.SequenceEqual("last"u8));
        foreach (long index in snapshots)
        {
            await a.Engine.OfferSnapshotAsync(index, "state"u8.ToArray(), CancellationToken.None).WaitAsync(TestNode.Limit);
        }

        await a.Engine.LeaveAsync(CancellationToken.None).WaitAsync(TestNode.Limit);
    }

    private void Execute(string sql)
    {
        using SqliteConnection connection = new($"Data Source={DatabasePath};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
