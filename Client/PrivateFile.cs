using System.Runtime.InteropServices;
#if !NET
using System.Reflection;
#endif

namespace ClusterTools.Client;

/// <summary>
/// Files and folders that only their owner may read: keys, certificates with keys, client contexts. On Windows the folder's rights decide.
/// </summary>
public static class PrivateFile
{
    private static bool Windows => RuntimeInformation.IsOSPlatform(OSPlatform.Windows);

    /// <summary>Refuses a file that others may read or write, as ssh does with keys.</summary>
    /// <exception cref="ContextException">It is not private; says what to do.</exception>
    public static void Check(string path)
    {
        if (!Windows && IsOpenToOthers(path))
        {
            throw new ContextException(
                ContextException.FileNotPrivate, $"{path} gives access to a cluster and can be read by others.", $"Run: chmod 600 '{path}'",
                path);
        }
    }

    /// <summary>
    /// Writes a file as a whole or not at all; mode 0600 from its first byte on. Its folder is made, if need be, with 0700.
    /// </summary>
    public static void Write(string path, byte[] content)
    {
        CreateFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);

        // A name of its own: two writers at once must not mix, and what a crash left behind must not be in the way.
        string draft = $"{path}.{Guid.NewGuid():N}.new";
        try
        {
            using (FileStream stream = Create(draft))
            {
                stream.Write(content, 0, content.Length);
                stream.Flush(flushToDisk: true);
            }

            Take(draft, path);
        }
        catch
        {
            File.Delete(draft);
            throw;
        }
    }

#if NET
    private const UnixFileMode Mode0600 = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>Makes a folder with mode 0700; one that is there keeps its mode.</summary>
    public static void CreateFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, Mode0600 | UnixFileMode.UserExecute);
        }
    }

    private static bool IsOpenToOthers(string path) => !OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & Others) != 0;

    private static void Take(string draft, string path) => File.Move(draft, path, overwrite: true);

    private static FileStream Create(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = Mode0600;
        }

        return new FileStream(path, options);
    }
#else
    // netstandard2.0 knows no modes of files; the runtime that it is loaded into does, wherever there are any.
    private const int Mode0600 = 0x180;

    private const int Mode0700 = 0x1C0;

    private const int Others = 0x3F;

    private static Type? Mode => Windows ? null : typeof(File).Assembly.GetType("System.IO.UnixFileMode");

    /// <summary>Makes a folder with mode 0700; one that is there keeps its mode.</summary>
    public static void CreateFolder(string path)
    {
        if (Mode is { } mode && typeof(Directory).GetMethod("CreateDirectory", [typeof(string), mode]) is { } create)
        {
            Invoke(() => create.Invoke(null, [path, Enum.ToObject(mode, Mode0700)]));
        }
        else
        {
            Directory.CreateDirectory(path);
        }
    }

    private static bool IsOpenToOthers(string path) =>
        typeof(File).GetMethod("GetUnixFileMode", [typeof(string)]) is { } mode
            && (Convert.ToInt32(Invoke(() => mode.Invoke(null, [path]))) & Others) != 0;

    private static void Take(string draft, string path)
    {
        if (File.Exists(path))
        {
            File.Replace(draft, path, null);
        }
        else
        {
            File.Move(draft, path);
        }
    }

    private static FileStream Create(string path)
    {
        if (Mode is not { } mode || typeof(File).Assembly.GetType("System.IO.FileStreamOptions") is not { } options)
        {
            return new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        }

        object value = Activator.CreateInstance(options)!;
        options.GetProperty("Mode")!.SetValue(value, FileMode.CreateNew);
        options.GetProperty("Access")!.SetValue(value, FileAccess.Write);
        options.GetProperty("Share")!.SetValue(value, FileShare.None);
        options.GetProperty("UnixCreateMode")!.SetValue(value, Enum.ToObject(mode, Mode0600));
        return (FileStream)Invoke(() => Activator.CreateInstance(typeof(FileStream), path, value))!;
    }

    private static object? Invoke(Func<object?> call)
    {
        try
        {
            return call();
        }
        catch (TargetInvocationException e) when (e.InnerException is { } inner)
        {
            throw inner;
        }
    }
#endif
}
