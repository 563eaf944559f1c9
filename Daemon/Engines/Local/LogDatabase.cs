using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace ClusterTools.Engines.Local;

internal enum LogKind
{
    Entry = 0,
    View = 1,
}

/// <summary>A row of the log.</summary>
internal readonly record struct LogRow(long Index, long Epoch, LogKind Kind, Member Origin, byte[] Payload);

/// <summary>What a node reads of the log in one transaction.</summary>
internal sealed record LogBatch(StoredState State, IReadOnlyList<LogRow> Rows);

/// <summary>A state of the cluster as it was stored.</summary>
/// <param name="Index">Of the last event in it; 0: the state before the first.</param>
/// <param name="Epoch">Of that event.</param>
/// <param name="State">Empty before the first event.</param>
internal sealed record StoredSnapshot(long Index, long Epoch, byte[] State)
{
    /// <summary>Which newer one is damaged, for people; null: it is the newest.</summary>
    public string? Damage { get; init; }
}

/// <summary>One connection to the shared database (SQLite in WAL mode); not for use by two threads at once.</summary>
internal sealed class LogDatabase : IDisposable
{
    private const int SchemaVersion = 2;
    private const int ApplicationId = 0x43544C31;
    private const int BatchRows = 256;
    private const int BatchBytes = EngineLimits.MaxPayload;

    /// <summary>How long opening may wait for others who open, recover or create (ms).</summary>
    private const int OpenLimit = 15_000;

    private readonly SqliteConnection connection;
    private readonly SqliteCommand readCluster;
    private readonly SqliteCommand readSeats;
    private readonly SqliteCommand readSuperseded;
    private readonly SqliteCommand readDataVersion;
    private readonly SqliteCommand readRows;
    private readonly SqliteCommand readStanding;
    private readonly SqliteCommand insertRow;
    private readonly SqliteCommand updateHead;
    private (string Text, VoteTable Table)? votes;

    private LogDatabase(SqliteConnection connection)
    {
        this.connection = connection;
        readCluster = Command("SELECT generation, head, epoch, quorum, interrupted, votes, votes_sum, log FROM cluster");
        readSeats = Command(
            "SELECT 0, node, incarnation, since FROM member UNION ALL SELECT 1, node, incarnation, since FROM joiner ORDER BY 1, 2");
        readSuperseded = Command("SELECT node FROM superseded");
        readDataVersion = Command("PRAGMA data_version");
        readRows = Command(
            $"SELECT idx, epoch, kind, origin, incarnation, payload, sum FROM log WHERE idx > $position ORDER BY idx LIMIT {BatchRows}",
            "$position");
        readStanding = Command(
            "SELECT head, epoch, quorum, (SELECT incarnation FROM member WHERE node = $node), (SELECT incarnation FROM joiner WHERE node "
                + "= $node) FROM cluster",
            "$node");
        insertRow = Command(
            "INSERT INTO log (idx, epoch, kind, origin, incarnation, payload, sum) VALUES ($idx, $epoch, $kind, $origin, $incarnation, "
                + "$payload, $sum)",
            "$idx", "$epoch", "$kind", "$origin", "$incarnation", "$payload", "$sum");
        updateHead = Command("UPDATE cluster SET head = $head, epoch = $epoch", "$head", "$epoch");
    }

    /// <summary>Opens the database.</summary>
    /// <param name="path">The file.</param>
    /// <param name="initialVotes">It is created with these votes when it is not there; null: it must be there.</param>
    /// <param name="cancellationToken">Gives up waiting for others who open it.</param>
    /// <exception cref="LogLostException">It is not there, or empty, and must not be made anew.</exception>
    /// <exception cref="InvalidDataException">The file is damaged or is not ours.</exception>
    /// <exception cref="NotSupportedException">A newer version wrote it.</exception>
    /// <exception cref="IOException">It cannot be opened or read.</exception>
    public static LogDatabase Open(string path, VoteTable? initialVotes, CancellationToken cancellationToken)
    {
        if (initialVotes is null && !File.Exists(path))
        {
            throw new LogLostException($"The log '{path}' is not there any more. What was committed in it would be lost.");
        }

        SqliteConnection connection = new(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = initialVotes is null ? SqliteOpenMode.ReadWrite : SqliteOpenMode.ReadWriteCreate,
            Pooling = false,
            DefaultTimeout = 1,
        }.ToString());
        try
        {
            connection.Open();

            // The first to close would move the WAL to the database and delete it; of a log that is refused, nothing may be touched.
            _ = raw.sqlite3_db_config(connection.Handle!, raw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, out _);
            Retry(connection, "PRAGMA journal_mode = WAL", cancellationToken);
            Retry(connection, "PRAGMA synchronous = FULL", cancellationToken);

            // Checkpoints are made in the background (LogWriter); this one is for when that does not come to it.
            Retry(connection, "PRAGMA wal_autocheckpoint = 16384", cancellationToken);
            Retry(connection, "PRAGMA journal_size_limit = 67108864", cancellationToken);
            Check(connection, path, initialVotes, cancellationToken);
            return new LogDatabase(connection);
        }
        catch (SqliteException error)
        {
            connection.Dispose();
            throw LogFault.Explain(path, error);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Takes the write lock. False: somebody else has it.</summary>
    public bool TryBegin()
    {
        int result = raw.sqlite3_exec(connection.Handle!, "BEGIN IMMEDIATE");
        if ((result & 0xFF) is raw.SQLITE_BUSY or raw.SQLITE_LOCKED)
        {
            return false;
        }

        SqliteException.ThrowExceptionForRC(result, connection.Handle!);
        return true;
    }

    public void Commit() => SqliteException.ThrowExceptionForRC(raw.sqlite3_exec(connection.Handle!, "COMMIT"), connection.Handle!);

    public void Rollback()
    {
        if (raw.sqlite3_get_autocommit(connection.Handle!) == 0)
        {
            _ = raw.sqlite3_exec(connection.Handle!, "ROLLBACK");
        }
    }

    /// <summary>Reads the state inside the transaction that is open.</summary>
    public StoredState ReadState()
    {
        List<Seat> members = [];
        List<Seat> joiners = [];
        using (SqliteDataReader reader = readSeats.ExecuteReader())
        {
            while (reader.Read())
            {
                (reader.GetInt32(0) == 0 ? members : joiners).Add(new Seat(reader.GetString(1), reader.GetInt64(2), reader.GetInt64(3)));
            }
        }

        members.Sort((one, other) => string.CompareOrdinal(one.Node, other.Node));
        HashSet<string> superseded = [];
        using (SqliteDataReader reader = readSuperseded.ExecuteReader())
        {
            while (reader.Read())
            {
                superseded.Add(reader.GetString(0));
            }
        }

        using SqliteDataReader cluster = readCluster.ExecuteReader();
        if (!cluster.Read())
        {
            throw Damaged("the row about the cluster is missing.");
        }

        return Whole("the row about the cluster", () => new StoredState
        {
            Log = cluster.GetString(7),
            Generation = cluster.GetInt64(0),
            Head = cluster.GetInt64(1),
            Epoch = cluster.GetInt64(2),
            Quorum = (ViewQuorum)cluster.GetInt32(3),
            Interrupted = cluster.GetBoolean(4),
            Votes = ParseVotes(cluster.GetString(5), cluster.IsDBNull(6) ? null : cluster.GetFieldValue<byte[]>(6)),
            Members = members,
            Joiners = joiners,
            Superseded = superseded,
        });
    }

    /// <summary>Reads the state in a transaction of its own.</summary>
    public StoredState ReadStateAlone() => ReadAlone(ReadState);

    /// <summary>Changes whenever another connection has committed something; far cheaper than reading.</summary>
    public long ReadDataVersion() => readDataVersion.ExecuteScalar() is long version ? version : 0;

    /// <summary>Reads the state and the rows after a position, as many as are good to hold at once, in a transaction of its own.</summary>
    public LogBatch ReadBatch(long position) => ReadAlone(() =>
    {
        List<LogRow> rows = [];
        long size = 0;
        readRows.Parameters[0].Value = position;
        using (SqliteDataReader reader = readRows.ExecuteReader())
        {
            while (size < BatchBytes && reader.Read())
            {
                LogRow row = ReadRow(reader);
                if (rows.Count > 0 && row.Index != rows[^1].Index + 1)
                {
                    throw Damaged($"the rows from {rows[^1].Index + 1} to {row.Index - 1} of the table 'log' are missing.");
                }

                rows.Add(row);
                size += row.Payload.Length;
            }
        }

        StoredState state = ReadState();
        if (rows.Count > 0 && rows[^1].Index > state.Head)
        {
            throw Damaged($"the table 'log' has row {rows[^1].Index}, and the row about the cluster says that {state.Head} is the last.");
        }

        return new LogBatch(state, rows);
    });

    private LogRow ReadRow(SqliteDataReader reader)
    {
        (LogRow row, byte[]? sum) = Whole("a row of the table 'log'", () => (
            new LogRow(
                reader.GetInt64(0),
                reader.GetInt64(1),
                (LogKind)reader.GetInt32(2),
                new Member(reader.GetString(3), reader.GetInt64(4)),
                reader.GetFieldValue<byte[]>(5)),
            reader.IsDBNull(6) ? null : reader.GetFieldValue<byte[]>(6)));
        return row.Kind is LogKind.Entry or LogKind.View && LogIntegrity.Fits(sum, LogIntegrity.SumOf(row, row.Payload))
            ? row
            : throw Damaged($"row {row.Index} of the table 'log' does not fit its checksum.");
    }

    /// <summary>The newest snapshot that is whole, if the log's rows go on from there; null: they go on from the beginning.</summary>
    /// <exception cref="InvalidDataException">One is damaged, and what an older one needs of the log was dropped.</exception>
    public StoredSnapshot? ReadSnapshot() => ReadAlone(() =>
    {
        using SqliteCommand command = Command("SELECT idx, epoch, state, sum FROM snapshot ORDER BY idx DESC");
        using SqliteDataReader reader = command.ExecuteReader();
        long damaged = 0;
        while (reader.Read())
        {
            if (ReadSnapshot(reader) is { } whole)
            {
                return damaged == 0 ? whole : InsteadOf(damaged, whole);
            }

            damaged = Math.Max(damaged, reader.GetInt64(0));
        }

        return damaged == 0 ? null : InsteadOf(damaged, new StoredSnapshot(0, 0, []));
    });

    private StoredSnapshot? ReadSnapshot(SqliteDataReader reader)
    {
        try
        {
            (long index, long epoch, byte[] state, byte[]? sum) = Whole("a row of the table 'snapshot'", () => (
                reader.GetInt64(0), reader.GetInt64(1), reader.GetFieldValue<byte[]>(2),
                reader.IsDBNull(3) ? null : reader.GetFieldValue<byte[]>(3)));
            return LogIntegrity.Fits(sum, LogIntegrity.SumOf(index, epoch, state)) ? new StoredSnapshot(index, epoch, state) : null;
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    private StoredSnapshot InsteadOf(long damaged, StoredSnapshot older)
    {
        string what = $"row {damaged} of the table 'snapshot' does not fit its checksum";
        long first = Scalar("SELECT min(idx) FROM log");
        return first > 0 && first <= older.Index + 1
            ? older with
            {
                Damage = $"In the log database '{connection.DataSource}' {what}. It was passed over: "
                    + $"the log reaches back to {(older.Index == 0 ? "its beginning" : $"the snapshot at {older.Index}")}, "
                    + "and nothing is lost. The next snapshots replace it. Check the disk.",
            }
            : throw Damaged(
                $"{what}, and the log does not reach back to "
                    + $"{(older.Index == 0 ? "its beginning" : $"the snapshot before it, at {older.Index}")} any more.");
    }

    /// <summary>This is the log to go on with: whoever closes it last leaves one whole file.</summary>
    public void Trust() => _ = raw.sqlite3_db_config(connection.Handle!, raw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, out _);

    /// <summary>Looks whether the file's pages hang together; costs reading all of it.</summary>
    public void CheckPages()
    {
        using SqliteCommand command = Command("PRAGMA quick_check(1)");
        if (command.ExecuteScalar() is not "ok" and var found)
        {
            throw Damaged($"its pages do not hang together ({found?.ToString()?.ReplaceLineEndings(" ").Trim()}).");
        }
    }

    /// <summary>What an append needs to know, in one look.</summary>
    public (long Head, long Epoch, ViewQuorum Quorum, long? Member, long? Joiner) ReadStanding(string node)
    {
        readStanding.Parameters[0].Value = node;
        using SqliteDataReader reader = readStanding.ExecuteReader();
        return reader.Read()
            ? (reader.GetInt64(0), reader.GetInt64(1), (ViewQuorum)reader.GetInt32(2), reader.IsDBNull(3)
                ? null
                : reader.GetInt64(3), reader.IsDBNull(4) ? null : reader.GetInt64(4))
            : throw Damaged("the row about the cluster is missing.");
    }

    public void Insert(LogRow row, ReadOnlyMemory<byte> payload)
    {
        SqliteParameterCollection parameters = insertRow.Parameters;
        parameters[0].Value = row.Index;
        parameters[1].Value = row.Epoch;
        parameters[2].Value = (int)row.Kind;
        parameters[3].Value = row.Origin.Node;
        parameters[4].Value = row.Origin.Incarnation;
        parameters[5].Value = Bytes(payload);
        parameters[6].Value = LogIntegrity.SumOf(row, payload.Span);
        insertRow.ExecuteNonQuery();
    }

    public void SetHead(long head, long epoch)
    {
        updateHead.Parameters[0].Value = head;
        updateHead.Parameters[1].Value = epoch;
        updateHead.ExecuteNonQuery();
    }

    public void SetVotes(VoteTable table)
    {
        string text = JsonSerializer.Serialize(table, StoredJson.Default.VoteTable);
        Execute("UPDATE cluster SET votes = $votes, votes_sum = $sum", ("$votes", text), ("$sum", LogIntegrity.SumOf(text)));
    }

    /// <summary>Writes membership and quorum; the log row of a quorate view is the caller's.</summary>
    public void SetMembership(StoredState state)
    {
        Execute(
            "UPDATE cluster SET generation = $generation, head = $head, epoch = $epoch, quorum = $quorum, interrupted = $interrupted",
            ("$generation", state.Generation),
            ("$head", state.Head),
            ("$epoch", state.Epoch),
            ("$quorum", (int)state.Quorum),
            ("$interrupted", state.Interrupted));
        Execute("DELETE FROM member");
        foreach (Seat seat in state.Members)
        {
            Execute(
                "INSERT INTO member (node, incarnation, since) VALUES ($node, $incarnation, $since)",
                ("$node", seat.Node), ("$incarnation", seat.Incarnation), ("$since", seat.Since));
            Execute("DELETE FROM joiner WHERE node = $node AND incarnation <= $incarnation", (
                "$node", seat.Node), ("$incarnation", seat.Incarnation));
        }

        Execute("DELETE FROM superseded");
        foreach (string node in state.Superseded)
        {
            Execute("INSERT INTO superseded (node) VALUES ($node)", ("$node", node));
        }
    }

    /// <summary>The last life of a node that ever asked to join; 0: none did.</summary>
    public long ReadLife(string node) => Scalar("SELECT incarnation FROM life WHERE node = $node", ("$node", node));

    public void AddJoiner(Seat seat)
    {
        Execute("INSERT OR REPLACE INTO life (node, incarnation) VALUES ($node, $incarnation)", (
            "$node", seat.Node), ("$incarnation", seat.Incarnation));
        Execute(
            "INSERT OR REPLACE INTO joiner (node, incarnation, since) VALUES ($node, $incarnation, $since)",
            ("$node", seat.Node), ("$incarnation", seat.Incarnation), ("$since", seat.Since));
    }

    public void RemoveJoiner(Member member) =>
        Execute("DELETE FROM joiner WHERE node = $node AND incarnation = $incarnation", (
            "$node", member.Node), ("$incarnation", member.Incarnation));

    public long ReadSnapshotIndex() => Scalar("SELECT max(idx) FROM snapshot");

    /// <summary>Of the snapshot before the newest; null: there is none.</summary>
    public long? ReadOlderSnapshotIndex() =>
        Scalar("SELECT idx FROM snapshot ORDER BY idx DESC LIMIT 1 OFFSET 1") is not 0 and long index ? index : null;

    /// <summary>The epoch of a log row; 0 when the log does not hold it.</summary>
    public long ReadEpochAt(long index) => Scalar("SELECT epoch FROM log WHERE idx = $idx", ("$idx", index));

    /// <summary>Stores a snapshot and keeps the newest two.</summary>
    public void AddSnapshot(long index, long epoch, ReadOnlyMemory<byte> state)
    {
        Execute(
            "INSERT OR REPLACE INTO snapshot (idx, epoch, state, sum) VALUES ($idx, $epoch, $state, $sum)",
            ("$idx", index), ("$epoch", epoch), ("$state", Bytes(state)), ("$sum", LogIntegrity.SumOf(index, epoch, state.Span)));
        Execute("DELETE FROM snapshot WHERE idx NOT IN (SELECT idx FROM snapshot ORDER BY idx DESC LIMIT 2)");
    }

    /// <summary>Drops log rows up to an index, at most so many; says how many went.</summary>
    public int DropRows(long upTo, int limit) =>
        Execute("DELETE FROM log WHERE idx IN (SELECT idx FROM log WHERE idx <= $upTo ORDER BY idx LIMIT $limit)", (
            "$upTo", upTo), ("$limit", limit));

    /// <summary>Writes something that changes nothing, to see whether the disk takes it.</summary>
    public void Probe() => Execute("UPDATE cluster SET id = id");

    /// <summary>Moves what it can from the WAL to the database without holding anybody up.</summary>
    public void Checkpoint() => Execute("PRAGMA wal_checkpoint(PASSIVE)");

    public void Dispose()
    {
        foreach (SqliteCommand command in (SqliteCommand[])[
            readCluster,
            readSeats,
            readSuperseded,
            readDataVersion,
            readRows,
            readStanding,
            insertRow,
            updateHead,
        ])
        {
            command.Dispose();
        }

        connection.Dispose();
    }

    private T ReadAlone<T>(Func<T> read)
    {
        SqliteException.ThrowExceptionForRC(raw.sqlite3_exec(connection.Handle!, "BEGIN"), connection.Handle!);
        try
        {
            return read();
        }
        finally
        {
            Rollback();
        }
    }

    private static void Check(SqliteConnection connection, string path, VoteTable? initialVotes, CancellationToken cancellationToken)
    {
        if (Version(connection, path) == SchemaVersion)
        {
            return;
        }

        Retry(connection, "BEGIN IMMEDIATE", cancellationToken);
        long version = Version(connection, path);
        if (version == 0)
        {
            if (initialVotes is null)
            {
                throw new LogLostException($"The log '{path}' is empty. What was committed in it would be lost.");
            }

            using SqliteCommand create = connection.CreateCommand();
            // The column 'silent' is an earlier version's, which still finds it there; nothing is kept in it.
            create.CommandText =
                $"""
                 CREATE TABLE cluster (
                   id INTEGER PRIMARY KEY CHECK (id = 1), generation INTEGER NOT NULL, head INTEGER NOT NULL, epoch INTEGER NOT NULL,
                   quorum INTEGER NOT NULL, interrupted INTEGER NOT NULL, votes TEXT NOT NULL, silent TEXT NOT NULL, votes_sum BLOB, log TEXT NOT NULL DEFAULT '');
                 CREATE TABLE member (node TEXT PRIMARY KEY, incarnation INTEGER NOT NULL, since INTEGER NOT NULL) WITHOUT ROWID;
                 CREATE TABLE joiner (node TEXT PRIMARY KEY, incarnation INTEGER NOT NULL, since INTEGER NOT NULL) WITHOUT ROWID;
                 CREATE TABLE life (node TEXT PRIMARY KEY, incarnation INTEGER NOT NULL) WITHOUT ROWID;
                 CREATE TABLE superseded (node TEXT PRIMARY KEY) WITHOUT ROWID;
                 CREATE TABLE log (
                   idx INTEGER PRIMARY KEY, epoch INTEGER NOT NULL, kind INTEGER NOT NULL, origin TEXT NOT NULL, incarnation INTEGER NOT NULL,
                   payload BLOB NOT NULL, sum BLOB);
                 CREATE TABLE snapshot (idx INTEGER PRIMARY KEY, epoch INTEGER NOT NULL, state BLOB NOT NULL, sum BLOB);
                 INSERT INTO cluster VALUES (1, 0, 0, 0, {(int)ViewQuorum.NotQuorate}, 1, $votes, '{"{}"}', $sum, $log);
                 PRAGMA application_id = {ApplicationId};
                 PRAGMA user_version = {SchemaVersion};
                 """;
            string votes = JsonSerializer.Serialize(initialVotes, StoredJson.Default.VoteTable);
            create.Parameters.AddWithValue("$votes", votes);
            create.Parameters.AddWithValue("$sum", LogIntegrity.SumOf(votes));
            create.Parameters.AddWithValue("$log", Guid.NewGuid().ToString("N"));
            create.ExecuteNonQuery();
        }
        else if (version == 1)
        {
            AddChecksums(connection);
        }

        Retry(connection, "COMMIT", cancellationToken);
    }

    // What was written before has none, and is taken as it is.
    private static void AddChecksums(SqliteConnection connection)
    {
        using SqliteCommand change = connection.CreateCommand();
        change.CommandText =
            $"""
             ALTER TABLE cluster ADD COLUMN votes_sum BLOB;
             ALTER TABLE cluster ADD COLUMN log TEXT NOT NULL DEFAULT '';
             ALTER TABLE log ADD COLUMN sum BLOB;
             ALTER TABLE snapshot ADD COLUMN sum BLOB;
             UPDATE cluster SET log = $log;
             PRAGMA user_version = {SchemaVersion};
             """;
        change.Parameters.AddWithValue("$log", Guid.NewGuid().ToString("N"));
        change.ExecuteNonQuery();
    }

    // One statement, so that another daemon that creates the tables is seen wholly or not at all.
    private static long Version(SqliteConnection connection, string path)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText =
            "SELECT user_version, application_id, (SELECT count(*) FROM sqlite_schema) FROM pragma_user_version, pragma_application_id";
        using SqliteDataReader reader = command.ExecuteReader();
        reader.Read();
        (long version, long application, long tables) = (reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2));
        if (application != ApplicationId && (application != 0 || tables != 0))
        {
            throw new InvalidDataException($"'{path}' is a database of something else. Choose another folder for the cluster.");
        }

        return version <= SchemaVersion
            ? version
            : throw new NotSupportedException(
                $"The log database '{path}' was written by a newer version (schema {version}, this one knows {SchemaVersion}). "
                    + "Run that version, or choose another folder.");
    }

    // SQLite does not wait by itself where waiting could deadlock, as in the switch to WAL.
    private static void Retry(SqliteConnection connection, string sql, CancellationToken cancellationToken)
    {
        long deadline = BootClock.Now + OpenLimit;
        while (true)
        {
            int result = raw.sqlite3_exec(connection.Handle!, sql);
            if ((result & 0xFF) is not (raw.SQLITE_BUSY or raw.SQLITE_LOCKED) || BootClock.Now >= deadline)
            {
                SqliteException.ThrowExceptionForRC(result, connection.Handle!);
                return;
            }

            cancellationToken.ThrowIfCancellationRequested();
            Thread.Sleep(5);
        }
    }

    private SqliteCommand Command(string sql, params ReadOnlySpan<string> parameters)
    {
        SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (string parameter in parameters)
        {
            command.Parameters.Add(new SqliteParameter { ParameterName = parameter });
        }

        return command;
    }

    private int Execute(string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        using SqliteCommand command = Fill(sql, parameters);
        return command.ExecuteNonQuery();
    }

    private long Scalar(string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        using SqliteCommand command = Fill(sql, parameters);
        return command.ExecuteScalar() is long value ? value : 0;
    }

    private SqliteCommand Fill(string sql, ReadOnlySpan<(string Name, object Value)> parameters)
    {
        SqliteCommand command = Command(sql);
        foreach ((string name, object value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }

        return command;
    }

    // SQLite's driver takes whole arrays only; most payloads are one.
    private static byte[] Bytes(ReadOnlyMemory<byte> memory) =>
        MemoryMarshal.TryGetArray(memory, out ArraySegment<byte> segment) && segment.Offset == 0 && segment.Count == segment.Array!.Length
            ? segment.Array
            : memory.ToArray();

    private VoteTable ParseVotes(string text, byte[]? sum)
    {
        if (votes?.Text != text)
        {
            VoteTable? table = LogIntegrity.Fits(sum, LogIntegrity.SumOf(text))
                ? JsonSerializer.Deserialize(text, StoredJson.Default.VoteTable)
                : null;
            votes = table is { Votes: not null }
                ? (text, table)
                : throw Damaged("the column 'votes' of the row about the cluster does not fit its checksum.");
        }

        return votes!.Value.Table;
    }

    private InvalidDataException Damaged(string what) => LogFault.Damaged(connection.DataSource, what);

    /// <summary>Reads columns; one that holds something else than it must is named instead of thrown about.</summary>
    private T Whole<T>(string what, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception error) when (error is InvalidCastException or FormatException or OverflowException or InvalidOperationException
            or JsonException)
        {
            throw LogFault.Damaged(
                connection.DataSource, $"{what} holds what does not belong there ({error.Message.TrimEnd('.')}).", error);
        }
    }
}
