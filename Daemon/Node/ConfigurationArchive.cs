using System.IO.Compression;
using System.Text.Json;
using ClusterTools.Core;
using ClusterTools.Core.Configuration;
using Microsoft.Data.Sqlite;

namespace ClusterTools.Node;

/// <summary>A version of the configuration that this node has seen come into force, without the document.</summary>
public sealed record KeptConfiguration
{
    public required long Version { get; init; }

    /// <summary>Index of the event that brought it; of the snapshot when this node was not there.</summary>
    public required long Index { get; init; }

    /// <summary>Milliseconds since 1970-01-01 UTC by the proposer's clock; 0: not known.</summary>
    public long WallTime { get; init; }

    /// <summary>Who asked; null: not known.</summary>
    public string? Who { get; init; }

    public string? Reason { get; init; }

    public ConfigurationOrigin Origin { get; init; }

    /// <summary>The version that <see cref="Changes"/> is told against; 0: none.</summary>
    public long Since { get; init; }

    public ConfigurationDifference Changes { get; init; } = new();
}

/// <summary>
/// The last versions of the configuration, secrets included, in a database of this node's state folder that only the daemon's user may
/// read. A disk that fails costs history, never the cluster.
/// </summary>
public sealed class ConfigurationArchive : IAsyncDisposable
{
    /// <summary>Versions kept.</summary>
    public const int Limit = 200;

    // Configurations that wait for a disk which hangs; what comes after is not kept.
    private const int MostWaiting = 16;

    private readonly Lock gate = new();
    private readonly SemaphoreSlim turn = new(1);
    private readonly Action<string> warn;
    private readonly SqliteConnection connection;
    private Task last = Task.CompletedTask;
    private int waiting;
    private (long Version, long Index) newest;

    /// <summary>Opens the archive of a state folder.</summary>
    /// <param name="folder">Null: in memory only.</param>
    /// <param name="warn">Told what can't be kept, and why.</param>
    public ConfigurationArchive(string? folder, Action<string> warn)
    {
        this.warn = warn;
        connection = Open(folder is null ? null : Path.Combine(folder, "configurations.db"));
        newest = Execute(
            "SELECT version, record FROM configuration ORDER BY version DESC LIMIT 1", [],
            static reader => (reader.GetInt64(0), Record(reader.GetString(1)).Index)).FirstOrDefault();
    }

    /// <summary>Keeps a version that is in force; one that is kept already, as at a restart, costs nothing.</summary>
    /// <param name="configuration">The document.</param>
    /// <param name="record">About it, without the changes.</param>
    /// <param name="before">What was in force here before; null: what was kept last.</param>
    public void Keep(ClusterConfiguration configuration, KeptConfiguration record, ClusterConfiguration? before)
    {
        lock (gate)
        {
            // Of one that came by a snapshot only the version is known.
            if (newest.Version == record.Version && (newest.Index == record.Index || record.Who is null))
            {
                return;
            }

            if (waiting >= MostWaiting)
            {
                warn($"Configuration version {record.Version} is not kept: the disk of the state folder hangs.");
                return;
            }

            waiting++;
            newest = (record.Version, record.Index);
            last = KeepAsync(last, configuration, record, before);
        }
    }

    /// <summary>What is kept, oldest first.</summary>
    public Task<IReadOnlyList<KeptConfiguration>> ReadAllAsync(CancellationToken cancel) => ReadAsync<IReadOnlyList<KeptConfiguration>>(
        () => Execute("SELECT record FROM configuration ORDER BY version", [], static reader => Record(reader.GetString(0))), cancel);

    /// <summary>A document that is kept, secrets included; null: it is not.</summary>
    public Task<ClusterConfiguration?> ReadAsync(long version, CancellationToken cancel) => ReadAsync(() => Document("version = $v", version), cancel);

    public async ValueTask DisposeAsync()
    {
        Task end;
        lock (gate)
        {
            end = last;
        }

        await end.ConfigureAwait(false);
        await connection.DisposeAsync().ConfigureAwait(false);
        turn.Dispose();
    }

    private static KeptConfiguration Record(string text) => JsonSerializer.Deserialize<KeptConfiguration>(text, CoreJson.Options)!;

    private async Task<T> ReadAsync<T>(Func<T> read, CancellationToken cancel)
    {
        Task before;
        lock (gate)
        {
            before = last;
        }

        // What was in force before the question is in the answer.
        await before.WaitAsync(cancel).ConfigureAwait(false);
        await turn.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            return await Task.Run(read, CancellationToken.None).ConfigureAwait(false);
        }
        catch (SqliteException e)
        {
            throw new IOException($"The configuration history can't be read: {e.Message} Check the disk of the state folder.", e);
        }
        finally
        {
            turn.Release();
        }
    }

    private async Task KeepAsync(Task before, ClusterConfiguration configuration, KeptConfiguration record, ClusterConfiguration? old)
    {
        await before.ConfigureAwait(false);
        await turn.WaitAsync().ConfigureAwait(false);
        try
        {
            await Task.Run(() => Write(configuration, record, old)).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SqliteException or IOException)
        {
            warn($"Configuration version {record.Version} is not kept in the history: {e.Message} Check the disk of the state folder.");
        }
        finally
        {
            turn.Release();
            lock (gate)
            {
                waiting--;
            }
        }
    }

    private void Write(ClusterConfiguration configuration, KeptConfiguration record, ClusterConfiguration? old)
    {
        if (old is null or { Version: 0 })
        {
            old = Document("version = (SELECT max(version) FROM configuration WHERE version < $v)", record.Version);
        }

        KeptConfiguration whole = record with
        {
            Since = old?.Version ?? 0,
            Changes = ConfigurationDifference.Between(old ?? new ClusterConfiguration { Name = configuration.Name }, configuration),
        };
        using var packed = new MemoryStream();
        using (var stream = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            JsonSerializer.Serialize(stream, configuration, CoreJson.Options);
        }

        // A side that was superseded may have had this version too, and later ones.
        Execute("BEGIN IMMEDIATE", []);
        try
        {
            Execute("DELETE FROM configuration WHERE version >= $v OR version <= $v - $limit", [("$v", record.Version), ("$limit", Limit)]);
            Execute(
                "INSERT INTO configuration (version, record, document) VALUES ($v, $record, $document)",
                [("$v", record.Version), ("$record", JsonSerializer.Serialize(whole, CoreJson.Options)), ("$document", packed.ToArray())]);
            Execute("COMMIT", []);
        }
        catch (SqliteException)
        {
            Execute("ROLLBACK", []);
            throw;
        }
    }

    private ClusterConfiguration? Document(string where, long version) => Execute(
        $"SELECT document FROM configuration WHERE {where}",
        [("$v", version)],
        static reader =>
        {
            using var stream = new GZipStream(reader.GetStream(0), CompressionMode.Decompress);
            return JsonSerializer.Deserialize<ClusterConfiguration>(stream, CoreJson.Options);
        }).FirstOrDefault();

    private SqliteConnection Open(string? path)
    {
        if (path is null)
        {
            return Open("Data Source=:memory:;Pooling=False", null);
        }

        try
        {
            return Open(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString(), path);
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            warn($"The configuration history {path} can't be used ({e.Message}). What comes from now on is kept until the daemon ends; move the file away to begin a new history.");
            return Open("Data Source=:memory:;Pooling=False", null);
        }
    }

    private static SqliteConnection Open(string source, string? path)
    {
        if (path is not null && !File.Exists(path))
        {
            // Before SQLite makes it: what it makes itself may be readable by others; its journal gets the file's mode.
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            new FileStream(path, options).Dispose();
        }

        var connection = new SqliteConnection(source);
        try
        {
            connection.Open();
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = "CREATE TABLE IF NOT EXISTS configuration (version INTEGER PRIMARY KEY, record TEXT NOT NULL, document BLOB NOT NULL)";
            command.ExecuteNonQuery();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private void Execute(string text, (string Name, object Value)[] values) => Execute(text, values, static _ => 0);

    private List<T> Execute<T>(string text, (string Name, object Value)[] values, Func<SqliteDataReader, T> read)
    {
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // Every text is written in this file; values are parameters.
        command.CommandText = text;
#pragma warning restore CA2100
        foreach ((string name, object value) in values)
        {
            command.Parameters.AddWithValue(name, value);
        }

        List<T> rows = [];
        using SqliteDataReader reader = command.ExecuteReader();
        while (reader.Read())
        {
            rows.Add(read(reader));
        }

        return rows;
    }
}
