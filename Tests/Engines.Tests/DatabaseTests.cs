using Microsoft.Data.Sqlite;

namespace ClusterTools.Engines.Tests;

public sealed class DatabaseTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private string DatabasePath => Path.Combine(folder.Path, "log.db");

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_file_that_is_no_database_is_named_with_the_remedy()
    {
        byte[] junk = new byte[8192];
        new Random(1).NextBytes(junk);
        await File.WriteAllBytesAsync(DatabasePath, junk);
        await using TestNode a = new(folder.Path, "a", 1, TestNode.Votes("a"));
        EngineFailedException error = await Assert.ThrowsAsync<EngineFailedException>(() => a.Running.WaitAsync(TestNode.Limit));
        Assert.Contains(DatabasePath, error.Message, StringComparison.Ordinal);
        Assert.Contains("move the file", error.Message, StringComparison.Ordinal);
        Assert.Equal(junk, await File.ReadAllBytesAsync(DatabasePath));
    }

    [Fact]
    public async Task A_newer_schema_is_named_with_the_remedy()
    {
        await using (TestNode a = new(folder.Path, "a", 1, TestNode.Votes("a")))
        {
            await a.WaitForViewAsync(ViewQuorum.Quorate, new Member("a", 1));
        }

        Execute("PRAGMA user_version = 99");
        await using TestNode again = new(folder.Path, "a", 2, TestNode.Votes("a"));
        EngineFailedException error = await Assert.ThrowsAsync<EngineFailedException>(() => again.Running.WaitAsync(TestNode.Limit));
        Assert.Contains(DatabasePath, error.Message, StringComparison.Ordinal);
        Assert.Contains("schema 99", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_view_that_an_earlier_version_wrote_has_no_votes_and_is_read()
    {
        await using (TestNode a = new(folder.Path, "a", 1, TestNode.Votes("a")))
        {
            await a.WaitForViewAsync(ViewQuorum.Quorate, new Member("a", 1));
        }

        const string Earlier = """{"members":[{"node":"a","incarnation":1}],"continuous":false,"silent":{"b":5}}""";
        Execute($"UPDATE log SET payload = CAST('{Earlier}' AS BLOB), sum = NULL WHERE idx = 1");
        await using TestNode again = new(folder.Path, "a", 2, TestNode.Votes("a"));
        Assert.Null((await again.WaitForViewAsync(ViewQuorum.Quorate, new Member("a", 1))).Votes);
        Assert.NotNull((await again.WaitForViewAsync(ViewQuorum.Quorate, new Member("a", 2))).Votes);
    }

    [Fact]
    public async Task The_database_of_something_else_is_left_alone()
    {
        Execute("CREATE TABLE recipe (name TEXT)");
        await using TestNode a = new(folder.Path, "a", 1, TestNode.Votes("a"));
        EngineFailedException error = await Assert.ThrowsAsync<EngineFailedException>(() => a.Running.WaitAsync(TestNode.Limit));
        Assert.Contains("another folder", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(199)]
    [InlineData(60_001)]
    public void A_token_out_of_range_is_refused(int token) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new Local.LocalEngine(new Local.LocalEngineOptions
        {
            Folder = folder.Path,
            Node = "a",
            Incarnation = 1,
            Votes = TestNode.Votes("a"),
            Token = token,
        }));

    [Fact]
    public async Task A_node_name_may_hold_what_a_file_name_may_not()
    {
        const string Name = "../rack 1/node*~%";
        await using TestNode a = new(folder.Path, Name, 1, TestNode.Votes(Name));
        await a.WaitForViewAsync(ViewQuorum.Quorate, new Member(Name, 1));
        Assert.Equal(["heartbeats"], Directory.GetDirectories(folder.Path).Select(Path.GetFileName));
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
