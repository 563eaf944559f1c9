using System.Text;

namespace ClusterTools.Engines.Corosync.Settings;

/// <summary>Corosync's files on this machine. Each is written as a whole or not at all.</summary>
public static class CorosyncFiles
{
    private const UnixFileMode Readable =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>Reads a corosync.conf as <see cref="CorosyncFile.Read"/> does.</summary>
    /// <exception cref="IOException">It is not there or can't be read.</exception>
    public static CorosyncReading ReadSettings(string path)
    {
        using var reader = new StreamReader(path, Encoding.UTF8);
        char[] text = new char[CorosyncParser.MaxText + 1];
        return CorosyncFile.Read(new string(text, 0, reader.ReadBlock(text)), path);
    }

    /// <summary>Writes a corosync.conf; a file that says the same already is left alone.</summary>
    /// <returns>Whether it was written.</returns>
    /// <exception cref="ArgumentException">The settings have errors; the first is named.</exception>
    public static bool WriteSettings(string path, CorosyncSettings settings)
    {
        byte[] content = Encoding.UTF8.GetBytes(CorosyncFile.Write(settings));
        string target = Target(path);
        if (new FileInfo(target) is { Exists: true } file && file.Length == content.Length
            && File.ReadAllBytes(target).AsSpan().SequenceEqual(content))
        {
            return false;
        }

        Write(target, content, Readable);
        return true;
    }

    /// <summary>Reads a key, and refuses one that others can read or that corosync would refuse.</summary>
    /// <exception cref="InvalidDataException">It is not private, too short or too long; says what to do.</exception>
    public static AuthKey ReadKey(string path)
    {
        using FileStream stream = File.OpenRead(path);
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(stream.SafeFileHandle) & Others) != 0)
        {
            throw new InvalidDataException(
                $"{path} is the key of the cluster, and others can read it. Run: chmod 0400 '{path}'; make a new one if they may have.");
        }

        byte[] bytes = new byte[AuthKey.MaxLength + 1];
        int length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return length is >= AuthKey.MinLength and <= AuthKey.MaxLength
            ? new AuthKey(bytes.AsSpan(0, length))
            : throw new InvalidDataException(
                $"{path} has {(length > AuthKey.MaxLength ? "more" : $"{length}")} bytes; a key of corosync has {AuthKey.MinLength} to "
                    + $"{AuthKey.MaxLength}. Copy it from another node.");
    }

    /// <summary>Writes a key that only the owner can read (mode 0400), from its first byte on.</summary>
    public static void WriteKey(string path, AuthKey key) => Write(Target(path), key.Bytes.Span, UnixFileMode.UserRead);

    // A link stays, and what it points to is replaced.
    private static string Target(string path) =>
        new FileInfo(path) is { LinkTarget: not null } link ? link.ResolveLinkTarget(returnFinalTarget: true)!.FullName : path;

    private static void Write(string path, ReadOnlySpan<byte> content, UnixFileMode mode)
    {
        // A name of its own: two writers at once must not mix, and what a crash left behind must not be in the way.
        string draft = $"{path}.{Guid.NewGuid():N}.new";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = mode;
        }

        try
        {
            using (var stream = new FileStream(draft, options))
            {
                stream.Write(content);
                if (!OperatingSystem.IsWindows())
                {
                    // Whatever umask this process has.
                    File.SetUnixFileMode(stream.SafeFileHandle, mode);
                }

                stream.Flush(flushToDisk: true);
            }

            File.Move(draft, path, overwrite: true);
        }
        catch
        {
            File.Delete(draft);
            throw;
        }
    }
}
