using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace ClusterTools.Engines;

/// <summary>What is wrong with a log database, with the file's name and what to do.</summary>
internal static class LogFault
{
    /// <summary>An error of SQLite with the file's name and what to do.</summary>
    public static Exception Explain(string path, SqliteException error) => error.SqliteErrorCode switch
    {
        raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB => Damaged(path, $"it can't be read as a database ({error.Message}).", error),
        raw.SQLITE_FULL => new IOException($"The disk of the log database '{path}' is full. Make room; nothing else is needed.", error),
        raw.SQLITE_CANTOPEN or raw.SQLITE_PERM or raw.SQLITE_READONLY => new IOException(
            $"The log database '{path}' cannot be opened for writing ({error.Message}). "
                + $"Check that the folder and the files in it belong to '{Environment.UserName}', who runs "
            + $"clusterd (chown -R {Environment.UserName} '{Path.GetDirectoryName(path)}'), that none of them is write-protected (chmod "
                + "u+rw, chattr -i), and that their file system "
            + "is not mounted read-only (mount -o remount,rw).", error),
        _ =>
            new IOException(
                $"The log database '{path}' failed: {error.Message} Check the disk and the folder; "
                    + "the kernel's log (dmesg) tells of a failing one.", error),
    };

    /// <summary>What is damaged, with the file's name and the remedy.</summary>
    public static InvalidDataException Damaged(string path, string what, Exception? inner = null) => new(
        $"The log database '{path}' is damaged: {what} Stop every daemon that uses it, move the file and its -wal and -shm files away and "
            + "put a copy of the file back, "
        + "or run 'clusterd recover' to go on with the newest configuration that the nodes know.",
        inner);
}
