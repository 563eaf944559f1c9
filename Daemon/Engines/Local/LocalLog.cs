using Microsoft.Data.Sqlite;

namespace ClusterTools.Engines.Local;

/// <summary>What is there of a shared log.</summary>
public enum LogCondition
{
    /// <summary>No file, or an empty one.</summary>
    Missing,

    /// <summary>It can't be read as it must.</summary>
    Damaged,

    /// <summary>It can be read to its end.</summary>
    Whole,
}

/// <summary>A look at a shared log from outside.</summary>
/// <param name="Condition">What is there of it.</param>
/// <param name="Words">The same for people.</param>
/// <param name="Log">Which log it is; empty unless whole.</param>
/// <param name="Head">Its last index; 0 unless whole.</param>
public sealed record LogLook(LogCondition Condition, string Words, string Log, long Head);

/// <summary>The shared log of a machine's daemons, for somebody who must go on without it. Daemons may not run meanwhile.</summary>
public static class LocalLog
{
    private static string PathOf(string folder) => Path.Combine(folder, "log.db");

    /// <summary>Reads all of it.</summary>
    /// <exception cref="IOException">It can't be opened, which says nothing of what is in it.</exception>
    public static LogLook Look(string folder)
    {
        string path = PathOf(folder);
        if (!File.Exists(path))
        {
            return new LogLook(LogCondition.Missing, $"{path} is not there", "", 0);
        }

        try
        {
            using LogDatabase database = LogDatabase.Open(path, null, CancellationToken.None);
            database.CheckPages();
            StoredSnapshot? snapshot = database.ReadSnapshot();
            long position = snapshot?.Index ?? 0;
            for (LogBatch batch = database.ReadBatch(position); ; batch = database.ReadBatch(position))
            {
                if (position >= batch.State.Head)
                {
                    return new LogLook(
                        LogCondition.Whole,
                        $"{path} is whole and ends at index {position}{(snapshot?.Damage is { } damage ? $". {damage}" : "")}",
                        batch.State.Log, position);
                }

                long next = batch.Rows.Count > 0 ? batch.Rows[0].Index : batch.State.Head + 1;
                if (next != position + 1)
                {
                    return new LogLook(
                        LogCondition.Damaged, $"{path} is damaged: the rows from {position + 1} to {next - 1} are missing", "", 0);
                }

                position = batch.Rows[^1].Index;
            }
        }
        catch (LogLostException e)
        {
            return new LogLook(LogCondition.Missing, e.Message, "", 0);
        }
        catch (InvalidDataException e)
        {
            return new LogLook(LogCondition.Damaged, e.Message, "", 0);
        }
        catch (SqliteException e) when (LogFault.Explain(path, e) is InvalidDataException damaged)
        {
            return new LogLook(LogCondition.Damaged, damaged.Message, "", 0);
        }
    }

    /// <summary>Process ids of daemons that use it now.</summary>
    public static IReadOnlyList<int> Users(string folder)
    {
        string heartbeats = Path.Combine(folder, "heartbeats");
        return Directory.Exists(heartbeats)
            ? [
                .. Heartbeat.ReadAll(heartbeats).Where(h => h.Record.Process.IsAlive).Select(h => (int)h.Record.Process.Id).Distinct()
                    .Order(),
            ]
            : [];
    }

    /// <summary>Moves what is there of it into a folder beside it; nothing is thrown away.</summary>
    /// <returns>The folder; null: nothing was there.</returns>
    public static string? SetAside(string folder)
    {
        string[] files = [.. ((string[])["", "-wal", "-shm"]).Select(end => PathOf(folder) + end).Where(File.Exists)];
        if (files.Length == 0)
        {
            return null;
        }

        string aside = Path.Combine(folder, $"set-aside-{DateTime.UtcNow:yyyyMMdd'T'HHmmss'Z'}");
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(aside);
        }
        else
        {
            Directory.CreateDirectory(aside, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        foreach (string file in files)
        {
            File.Move(file, Path.Combine(aside, Path.GetFileName(file)), overwrite: true);
        }

        return aside;
    }
}
