using System.IO;
using System.Reflection;
using System.Runtime.InteropServices;

namespace ClusterTools.Client;

/// <summary>Files that only their owner may read. What netstandard2.0 does not know of file modes is asked of the runtime.</summary>
internal static class PrivateFile
{
    private const int Others = 0x3F;

    private const int Mode0600 = 0x180;

    private const int Mode0700 = 0x1C0;

    private static bool Windows => RuntimeInformation.IsOSPlatform(OSPlatform.Windows);

    /// <summary>Refuses a file that others may read or write, as ssh does with keys. On Windows the folder's rights decide.</summary>
    /// <exception cref="ContextException">It is not private; says what to do.</exception>
    public static void Check(string path)
    {
        if (Windows || typeof(File).GetMethod("GetUnixFileMode", [typeof(string)]) is not { } mode)
        {
            return;
        }

        if ((Convert.ToInt32(Invoke(() => mode.Invoke(null, [path]))) & Others) != 0)
        {
            throw new ContextException(
                ContextException.FileNotPrivate, $"{path} gives access to a cluster and can be read by others.", $"Run: chmod 600 '{path}'", path);
        }
    }

    /// <summary>Writes a file as a whole or not at all; mode 0600 from its first byte on. Its folder is made, if need be, with 0700.</summary>
    public static void Write(string path, byte[] content)
    {
        string folder = Path.GetDirectoryName(path)!;
        if (!Directory.Exists(folder))
        {
            CreateFolder(folder);
        }

        // A name of its own: two writers at once must not mix, and what a crash left behind must not be in the way.
        string draft = $"{path}.{Guid.NewGuid():N}.new";
        try
        {
            using (FileStream stream = Create(draft))
            {
                stream.Write(content, 0, content.Length);
                stream.Flush(flushToDisk: true);
            }

            if (File.Exists(path))
            {
                File.Replace(draft, path, null);
            }
            else
            {
                File.Move(draft, path);
            }
        }
        catch
        {
            File.Delete(draft);
            throw;
        }
    }

    private static void CreateFolder(string folder)
    {
        MethodInfo? create = Windows ? null : typeof(Directory).GetMethod("CreateDirectory", [typeof(string), ModeType()]);
        if (create is null)
        {
            Directory.CreateDirectory(folder);
            return;
        }

        Invoke(() => create.Invoke(null, [folder, Enum.ToObject(ModeType(), Mode0700)]));
    }

    private static FileStream Create(string path)
    {
        Type? options = Windows ? null : typeof(File).Assembly.GetType("System.IO.FileStreamOptions");
        if (options is null)
        {
            return new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        }

        object value = Activator.CreateInstance(options)!;
        options.GetProperty("Mode")!.SetValue(value, FileMode.CreateNew);
        options.GetProperty("Access")!.SetValue(value, FileAccess.Write);
        options.GetProperty("Share")!.SetValue(value, FileShare.None);
        options.GetProperty("UnixCreateMode")!.SetValue(value, Enum.ToObject(ModeType(), Mode0600));
        return (FileStream)Invoke(() => Activator.CreateInstance(typeof(FileStream), path, value))!;
    }

    private static Type ModeType() => typeof(File).Assembly.GetType("System.IO.UnixFileMode") ?? typeof(int);

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
}
