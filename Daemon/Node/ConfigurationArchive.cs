using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
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

    /// <summary>When the version came and by whom, for a sentence.</summary>
    [JsonIgnore]
    public string Dated =>
        (WallTime == 0
            ? ""
            : string.Create(
                CultureInfo.InvariantCulture, $" of {DateTimeOffset.FromUnixTimeMilliseconds(WallTime):yyyy-MM-dd HH:mm:ss'Z'}"))
        + (Who is { } who ? $" by {who}" : "");
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
    private readonly string? path;
    private readonly SqliteConnection connection;
    private readonly HashSet<long> damaged = [];
    private Task last = Task.CompletedTask;
    private int waiting;
    private (long Version, long Index) newest;

    /// <summary>Opens the archive of a state folder.</summary>
    /// <param name="folder">Null: in memory only.</param>
    /// <param name="warn">Told what can't be kept, and why.</param>
    public ConfigurationArchive(string? folder, Action<string> warn)
    {
        this.warn = warn;
        path = folder is null ? null : Path.Combine(folder, "configurations.db");
        connection = Open(path);
        Newest = ReadNewest();
        newest = Newest is { } kept ? (kept.Version, kept.Index) : default;
    }

    /// <summary>The version that came into force last, as far as it was seen here; null: none.</summary>
    public KeptConfiguration? Newest { get; private set; }

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
            Newest = record;
            last = KeepAsync(last, configuration, record, before);
        }
    }

    /// <summary>What is kept, oldest first.</summary>
    public Task<IReadOnlyList<KeptConfiguration>> ReadAllAsync(CancellationToken cancel) => ReadAsync<IReadOnlyList<KeptConfiguration>>(
        () => [
            .. Execute("SELECT version, record, document, sum FROM configuration ORDER BY version", [], Row).OfType<Kept>()
                .Select(k => k.Record),
        ], cancel);

    /// <summary>A document that is kept, secrets included; null: it is not.</summary>
    public Task<ClusterConfiguration?> ReadAsync(long version, CancellationToken cancel) =>
        ReadAsync(() => Document("version = $v", version), cancel);

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

    private KeptConfiguration? ReadNewest()
    {
        try
        {
            // The newest is whole as a rule; only then the others are not read.
            return Newest(1) ?? Newest(Limit);

            KeptConfiguration? Newest(int limit) =>
                Execute("SELECT version, record, document, sum FROM configuration ORDER BY version DESC LIMIT $limit", [
                    ("$limit", limit),
                ], Row).OfType<Kept>().FirstOrDefault()?.Record;
        }
        catch (SqliteException e)
        {
            warn($"The configuration history {path} can't be read: {e.Message} Check the disk of the state folder.");
            return null;
        }
    }

    /// <returns>Null: the row is damaged, which is told once.</returns>
    private Kept? Row(SqliteDataReader reader)
    {
        long version = reader.GetInt64(0);
        try
        {
            string record = reader.GetString(1);
            byte[] document = reader.GetFieldValue<byte[]>(2);
            if (reader.IsDBNull(3) || SumOf(version, record, document).AsSpan().SequenceEqual(reader.GetFieldValue<byte[]>(3)))
            {
                return new Kept(JsonSerializer.Deserialize(record, NodeJson.Options.GetTypeInfo<KeptConfiguration>())!, document);
            }
        }
        catch (Exception e) when (e is InvalidCastException or InvalidOperationException or JsonException)
        {
            // Told below, as any damage.
        }

        if (damaged.Add(version))
        {
            warn($"Version {version} in the configuration history {path} is damaged: it does not fit its checksum. It is passed over; "
                + "other nodes may have it whole.");
        }

        return null;
    }

    private static byte[] SumOf(long version, string record, byte[] document) =>
        SHA256.HashData([.. BitConverter.GetBytes(version), .. Encoding.UTF8.GetBytes(record), .. document]);

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
            JsonSerializer.Serialize(stream, configuration, CoreJson.Options.GetTypeInfo<ClusterConfiguration>());
        }

        // A side that was superseded may have had this version too, and later ones: they are history of another kind, and not thrown away.
        string text = JsonSerializer.Serialize(whole, NodeJson.Options.GetTypeInfo<KeptConfiguration>());
        byte[] document = packed.ToArray();
        Execute("BEGIN IMMEDIATE", []);
        try
        {
            Execute("INSERT INTO superseded (version, record, document, sum) SELECT version, record, document, sum FROM configuration "
                + "WHERE version >= $v", [
                ("$v", record.Version),
            ]);
            Execute("DELETE FROM superseded WHERE id <= (SELECT max(id) FROM superseded) - $limit", [("$limit", Limit)]);
            Execute("DELETE FROM configuration WHERE version >= $v OR version <= $v - $limit", [("$v", record.Version), ("$limit", Limit)]);
            Execute(
                "INSERT INTO configuration (version, record, document, sum) VALUES ($v, $record, $document, $sum)",
                [("$v", record.Version), ("$record", text), ("$document", document), ("$sum", SumOf(record.Version, text, document))]);
            Execute("COMMIT", []);
        }
        catch (SqliteException)
        {
            Execute("ROLLBACK", []);
            throw;
        }
    }

    private ClusterConfiguration? Document(string where, long version)
    {
        if (Execute($"SELECT version, record, document, sum FROM configuration WHERE {where}", [("$v", version)], Row)
            .FirstOrDefault() is not { } kept)
        {
            return null;
        }

        using var stream = new GZipStream(new MemoryStream(kept.Document), CompressionMode.Decompress);
        return JsonSerializer.Deserialize(stream, CoreJson.Options.GetTypeInfo<ClusterConfiguration>());
    }

    private SqliteConnection Open(string? file)
    {
        const string InMemory = "Data Source=:memory:;Pooling=False";
        if (file is null)
        {
            return Open(InMemory, null);
        }

        string source = new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString();
        try
        {
            return Open(source, file);
        }
        catch (Exception e) when (e is SqliteException { SqliteErrorCode: SQLitePCL.raw.SQLITE_CORRUPT or SQLitePCL.raw.SQLITE_NOTADB }
            or InvalidDataException)
        {
            if (SetAside(file, e.Message))
            {
                try
                {
                    return Open(source, file);
                }
                catch (Exception again) when (again is SqliteException or IOException or UnauthorizedAccessException)
                {
                    warn($"A new configuration history {file} can't be made: {again.Message} What comes from now on is kept until the "
                        + "daemon ends. Check the disk of the state folder.");
                }
            }
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            warn($"The configuration history {file} can't be used ({e.Message}). What comes from now on is kept until the daemon ends. "
                + $"Check the disk of the state folder, and that the file belongs to '{Environment.UserName}'.");
        }

        return Open(InMemory, null);
    }

    private bool SetAside(string file, string why)
    {
        string aside = $"{file}.damaged-{DateTime.UtcNow:yyyyMMdd'T'HHmmss'Z'}";
        try
        {
            File.Move(file, aside, overwrite: true);
            File.Delete(file + "-journal");
            warn($"The configuration history {file} is damaged ({why.TrimEnd('.')}). It was moved to {aside}, and a new history begins; "
                + "other nodes have theirs.");
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            warn($"The configuration history {file} is damaged ({why.TrimEnd('.')}) and can't be moved away ({e.Message}). "
                + "What comes from now on is kept until the daemon ends; move the file away to begin a new history.");
            return false;
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
            command.CommandText = "PRAGMA quick_check(1)";
            if (command.ExecuteScalar() is not "ok" and var found)
            {
                throw new InvalidDataException($"its pages do not hang together: {found?.ToString()?.ReplaceLineEndings(" ").Trim()}");
            }

            command.CommandText =
                """
                CREATE TABLE IF NOT EXISTS configuration (version INTEGER PRIMARY KEY, record TEXT NOT NULL, document BLOB NOT NULL, sum BLOB);
                CREATE TABLE IF NOT EXISTS superseded (id INTEGER PRIMARY KEY, version INTEGER NOT NULL, record TEXT NOT NULL, document BLOB NOT NULL, sum BLOB);
                """;
            command.ExecuteNonQuery();
            command.CommandText = "SELECT count(*) FROM pragma_table_info('configuration') WHERE name = 'sum'";
            if (command.ExecuteScalar() is 0L)
            {
                command.CommandText = "ALTER TABLE configuration ADD COLUMN sum BLOB";
                command.ExecuteNonQuery();
            }

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

    private sealed record Kept(KeptConfiguration Record, byte[] Document);
}
