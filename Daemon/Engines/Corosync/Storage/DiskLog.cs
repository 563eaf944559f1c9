using System.Security.Cryptography;
using ClusterTools.Engines.Corosync.Wire;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace ClusterTools.Engines.Corosync.Storage;

/// <summary>A node's own log on its disk: an SQLite database in WAL mode, where a transaction is one sync. Not for two threads.</summary>
internal sealed class DiskLog : IDisposable
{
    private const int Version = 2;
    private const int ApplicationId = 0x43544332;
    private const int SumLength = 16;

    private readonly string path;
    private readonly SqliteConnection connection;
    private readonly SqliteCommand begin;
    private readonly SqliteCommand commit;
    private readonly SqliteCommand insert;
    private readonly SqliteCommand cut;
    private readonly SqliteCommand drop;
    private readonly SqliteCommand writeStart;
    private readonly SqliteCommand promise;
    private readonly SqliteCommand join;
    private readonly SqliteCommand writeCommitted;

    private DiskLog(string path, SqliteConnection connection)
    {
        this.path = path;
        this.connection = connection;
        begin = Command("BEGIN IMMEDIATE");
        commit = Command("COMMIT");
        insert = Command("INSERT INTO entry (idx, body, digest) VALUES ($idx, $body, $digest)", "$idx", "$body", "$digest");
        cut = Command("DELETE FROM entry WHERE idx > $idx", "$idx");
        drop = Command("DELETE FROM entry WHERE idx <= $idx", "$idx");
        writeStart = Command("UPDATE node SET start = $start, sum = $sum", "$start", "$sum");
        promise = Command("UPDATE node SET promised = max(promised, $epoch)", "$epoch");
        join = Command("UPDATE node SET joined = 1");
        writeCommitted = Command("UPDATE node SET committed = $committed", "$committed");
    }

    /// <summary>Opens the log.</summary>
    /// <param name="path">The file.</param>
    /// <param name="votes">Those of a log that is made when there is none; null: it must be there.</param>
    /// <exception cref="LogLostException">It is not there, and must not be made anew.</exception>
    /// <exception cref="IOException">It can't be opened; the message says what to do.</exception>
    public static DiskLog Open(string path, VoteTable? votes)
    {
        if (votes is null && !File.Exists(path))
        {
            throw new LogLostException($"The log '{path}' is not there any more. What was committed in it may be lost.");
        }

        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = votes is null ? SqliteOpenMode.ReadWrite : SqliteOpenMode.ReadWriteCreate,
            Pooling = false,
            // A life before this one may still be at its end.
            DefaultTimeout = 10,
        }.ToString());
        try
        {
            connection.Open();
            _ = raw.sqlite3_db_config(connection.Handle!, raw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, out _);
            Execute(connection, "PRAGMA locking_mode = EXCLUSIVE");
            Execute(connection, "PRAGMA journal_mode = WAL");
            Execute(connection, "PRAGMA synchronous = FULL");
            Execute(connection, "PRAGMA wal_autocheckpoint = 4096");
            Execute(connection, "PRAGMA journal_size_limit = 67108864");
            Create(connection, path, votes);
            return new DiskLog(path, connection);
        }
        catch (SqliteException e)
        {
            connection.Dispose();
            throw LogFault.Explain(path, e);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>All that is there.</summary>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    /// <exception cref="IOException">It can't be read.</exception>
    public StoredLog Read()
    {
        try
        {
            using SqliteCommand node = Command("SELECT start, sum, promised, committed, joined FROM node");
            using SqliteDataReader row = node.ExecuteReader();
            if (!row.Read() || !Sum(row.GetFieldValue<byte[]>(0)).SequenceEqual(row.GetFieldValue<byte[]>(1)))
            {
                throw Damaged("the beginning of the log is missing or does not fit its checksum");
            }

            using BinaryReader start = WireFormat.Reader(row.GetFieldValue<byte[]>(0));
            var log = new LogImage(start.ReadBase(), []);
            using SqliteCommand entries = Command("SELECT idx, body, digest FROM entry ORDER BY idx");
            using SqliteDataReader reader = entries.ExecuteReader();
            while (reader.Read())
            {
                Append(log, reader);
            }

            return new StoredLog(log, row.GetInt64(2), row.GetInt64(3), row.GetBoolean(4));
        }
        catch (SqliteException e)
        {
            throw LogFault.Explain(path, e);
        }
        catch (Exception e) when (e is EndOfStreamException or InvalidCastException)
        {
            throw Damaged($"it can't be read ({e.Message})");
        }
    }

    /// <summary>All of these, and what is known to be committed, or nothing.</summary>
    /// <exception cref="IOException">The disk did not take it; the message says what to do.</exception>
    public void Write(IReadOnlyList<DiskWrite> writes, long committed)
    {
        try
        {
            Run(begin);
            foreach (DiskWrite write in writes)
            {
                Do(write);
            }

            Run(writeCommitted, committed);
            Run(commit);
        }
        catch (SqliteException e)
        {
            if (raw.sqlite3_get_autocommit(connection.Handle!) == 0)
            {
                _ = raw.sqlite3_exec(connection.Handle!, "ROLLBACK");
            }

            throw LogFault.Explain(path, e);
        }
    }

    public void Dispose() => connection.Dispose();

    private static void Create(SqliteConnection connection, string path, VoteTable? votes)
    {
        long version = (long)Value(connection, "PRAGMA user_version");
        long application = (long)Value(connection, "PRAGMA application_id");
        if (version == Version && application == ApplicationId)
        {
            return;
        }

        if (version != 0 || application != 0 || votes is null)
        {
            throw new InvalidDataException(
                $"'{path}' is not a log of this version: it says {application:x}, version {version}, and {ApplicationId:x}, "
                    + $"version {Version} is meant. Move the file away, or use the clusterd that wrote it.");
        }

        byte[] start = WireFormat.Bytes(w => w.Write(
            new LogBase(new SnapshotDelivered(0, 0, default), 0, votes, new HashSet<string>())));
        Execute(connection, "BEGIN IMMEDIATE");
        Execute(connection, $"PRAGMA application_id = {ApplicationId}");
        Execute(connection, $"PRAGMA user_version = {Version}");
        Execute(connection, "CREATE TABLE entry (idx INTEGER PRIMARY KEY, body BLOB NOT NULL, digest BLOB NOT NULL)");
        Execute(
            connection,
            "CREATE TABLE node (start BLOB NOT NULL, sum BLOB NOT NULL, promised INTEGER NOT NULL, committed INTEGER NOT NULL, "
                + "joined INTEGER NOT NULL)");
        using SqliteCommand insert = connection.CreateCommand();
        insert.CommandText = "INSERT INTO node (start, sum, promised, committed, joined) VALUES ($start, $sum, 0, 0, 0)";
        insert.Parameters.AddWithValue("$start", start);
        insert.Parameters.AddWithValue("$sum", Sum(start));
        insert.ExecuteNonQuery();
        Execute(connection, "COMMIT");
    }

    private static byte[] Sum(byte[] bytes) => SHA256.HashData(bytes)[..SumLength];

    private static byte[] Bytes(UInt128 digest) => WireFormat.Bytes(w => w.Write(digest));

    private static void Execute(SqliteConnection connection, string text) => Value(connection, text);

    private static object Value(SqliteConnection connection, string text)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = text;
        return command.ExecuteScalar() ?? 0L;
    }

    private static void Run(SqliteCommand command, params object[] values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i];
        }

        command.ExecuteNonQuery();
    }

    private void Append(LogImage log, SqliteDataReader reader)
    {
        long index = reader.GetInt64(0);
        try
        {
            using BinaryReader body = WireFormat.Reader(reader.GetFieldValue<byte[]>(1));
            log.Append(body.ReadEntry());
        }
        catch (Exception e) when (e is ArgumentException or InvalidDataException or EndOfStreamException)
        {
            throw Damaged($"entry {index} can't be read ({e.Message})");
        }

        if (log.Last.Index != index || !Bytes(log.Last.Digest).SequenceEqual(reader.GetFieldValue<byte[]>(2)))
        {
            throw Damaged($"entry {index} is not what was written");
        }
    }

    private InvalidDataException Damaged(string what) => LogFault.Damaged(path, what + ".");

    private void Do(DiskWrite write)
    {
        switch (write)
        {
            case WriteEntry entry:
                Run(insert, entry.Entry.Index, WireFormat.Bytes(w => w.Write(entry.Entry)), Bytes(entry.Digest));
                break;
            case CutLog last:
                Run(cut, last.Last);
                break;
            case WritePromise promised:
                Run(promise, promised.Epoch);
                break;
            case WriteJoined:
                Run(join);
                break;
            case WriteStart begin:
                byte[] start = WireFormat.Bytes(w => w.Write(begin.Start));
                Run(writeStart, start, Sum(start));
                Run(drop, begin.KeepsRest ? begin.Start.Snapshot.Index : long.MaxValue);
                break;
            default:
                throw new ArgumentException($"Unknown write {write.GetType().Name}.", nameof(write));
        }
    }

    private SqliteCommand Command(string text, params string[] parameters)
    {
        SqliteCommand command = connection.CreateCommand();
        command.CommandText = text;
        foreach (string parameter in parameters)
        {
            command.Parameters.Add(new SqliteParameter { ParameterName = parameter });
        }

        return command;
    }
}
