using ClusterTools.Core;
using ClusterTools.Core.Configuration;
using Microsoft.Data.Sqlite;
using Xunit;

namespace ClusterTools.Node.Tests;

public sealed class ConfigurationArchiveTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("clustertools-archive-").FullName;
    private readonly List<string> warnings = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string File => Path.Combine(folder, "configurations.db");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static ClusterConfiguration Configuration(long version, params string[] groups) => new()
    {
        Name = "shop",
        Version = version,
        Groups =
        groups.Aggregate(
            ClusterConfiguration.Sorted<GroupConfiguration>(), (all, name) => all.Add(name, new GroupConfiguration { Name = name })),
    };

    private static KeptConfiguration Record(long version, string? who = "ada", long? index = null) =>
        new() { Version = version, Index = index
            ?? version * 10, Who = who, Reason = $"change {version}", Origin = ConfigurationOrigin.Import };

    private ConfigurationArchive Open() => new(folder, warnings.Add);

    [Fact]
    public async Task What_is_kept_survives_a_restart_and_only_the_owner_may_read_it()
    {
        await using (ConfigurationArchive archive = Open())
        {
            archive.Keep(Configuration(1, "a"), Record(1), null);
            archive.Keep(Configuration(2, "a", "b"), Record(2), Configuration(1, "a"));
        }

        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
        }

        await using ConfigurationArchive again = Open();
        // As a replayed log does it.
        again.Keep(Configuration(2, "a", "b"), Record(2), Configuration(1, "a"));
        IReadOnlyList<KeptConfiguration> kept = await again.ReadAllAsync(Cancel);
        Assert.Equal([1, 2], kept.Select(k => k.Version));
        Assert.Equal(("ada", "change 2", ConfigurationOrigin.Import, 1L), (kept[1].Who, kept[1].Reason, kept[1].Origin, kept[1].Since));
        Assert.Equal(["b"], kept[1].Changes.Groups.Added);
        Assert.True(ConfigurationEquality.Same(Configuration(2, "a", "b"), await again.ReadAsync(2, Cancel)));
        Assert.Null(await again.ReadAsync(3, Cancel));
        Assert.Empty(warnings);
    }

    [Fact]
    public async Task A_snapshot_after_an_absence_is_told_against_what_was_kept_last()
    {
        await using ConfigurationArchive archive = Open();
        archive.Keep(Configuration(1, "a"), Record(1), null);
        archive.Keep(Configuration(4, "b"), Record(4, who: null), null);
        archive.Keep(Configuration(4, "b"), Record(4, who: null, index: 99), null);
        IReadOnlyList<KeptConfiguration> kept = await archive.ReadAllAsync(Cancel);
        Assert.Equal([1, 4], kept.Select(k => k.Version));
        Assert.Equal(1, kept[1].Since);
        Assert.Equal(["b"], kept[1].Changes.Groups.Added);
        Assert.Equal(["a"], kept[1].Changes.Groups.Removed);
    }

    [Fact]
    public async Task The_oldest_give_way_and_a_superseded_side_is_set_aside()
    {
        await using ConfigurationArchive archive = Open();
        for (long version = 1; version <= ConfigurationArchive.Limit + 5; version++)
        {
            archive.Keep(Configuration(version), Record(version), null);
            _ = await archive.ReadAsync(version, Cancel);
        }

        IReadOnlyList<KeptConfiguration> kept = await archive.ReadAllAsync(Cancel);
        Assert.Equal((ConfigurationArchive.Limit, 6L), (kept.Count, kept[0].Version));
        archive.Keep(Configuration(100, "other"), Record(100, index: 5000), null);
        kept = await archive.ReadAllAsync(Cancel);
        Assert.Equal((100L, 5000L), (kept[^1].Version, kept[^1].Index));
        Assert.Equal(ConfigurationArchive.Limit + 5 - 100 + 1, Count("SELECT count(*) FROM superseded WHERE version BETWEEN 100 AND 205"));
    }

    [Theory]
    [InlineData("this is no database, and never was one, however long one looks at it")]
    [InlineData("page")]
    public async Task A_damaged_file_costs_history_and_is_moved_aside_and_told(string how)
    {
        if (how == "page")
        {
            await using (ConfigurationArchive whole = Open())
            {
                whole.Keep(Configuration(1), Record(1), null);
            }

            byte[] bytes = await System.IO.File.ReadAllBytesAsync(File, Cancel);
            new Random(3).NextBytes(bytes.AsSpan(4096, 4096));
            await System.IO.File.WriteAllBytesAsync(File, bytes, Cancel);
        }
        else
        {
            await System.IO.File.WriteAllTextAsync(File, how, Cancel);
        }

        await using (ConfigurationArchive archive = Open())
        {
            archive.Keep(Configuration(1), Record(1), null);
            Assert.Single(await archive.ReadAllAsync(Cancel));
        }

        Assert.Contains("configurations.db", Assert.Single(warnings), StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(File)!, "configurations.db.damaged-*"));
        await using ConfigurationArchive again = Open();
        Assert.Equal(1, again.Newest?.Version);
        Assert.Single(warnings);
    }

    [Theory]
    [InlineData("UPDATE configuration SET document = x'00' WHERE version = 2")]
    [InlineData("UPDATE configuration SET record = '{}' WHERE version = 2")]
    [InlineData("UPDATE configuration SET record = 'junk', sum = NULL WHERE version = 2")]
    public async Task A_damaged_version_is_named_and_passed_over(string damage)
    {
        await using (ConfigurationArchive archive = Open())
        {
            archive.Keep(Configuration(1), Record(1), null);
            archive.Keep(Configuration(2), Record(2), null);
        }

        Count(damage + "; SELECT 1");
        await using ConfigurationArchive again = Open();
        Assert.Equal(1, again.Newest?.Version);
        Assert.Equal([1L], (await again.ReadAllAsync(Cancel)).Select(k => k.Version));
        Assert.Null(await again.ReadAsync(2, Cancel));
        Assert.Contains("Version 2 in the configuration history", Assert.Single(warnings), StringComparison.Ordinal);
        again.Keep(Configuration(3), Record(3), null);
        Assert.Equal([1L, 3L], (await again.ReadAllAsync(Cancel)).Select(k => k.Version));
    }

    private long Count(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={File};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)command.ExecuteScalar()!;
    }
}
