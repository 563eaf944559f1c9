using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ClusterTools.Engines.Tests.Corosync.Network;

/// <summary>
/// The disk of a machine in namespaces: a file system of its own, mounted below /var/lib in the machine alone. With the machine's power it
/// loses what was not synced: nothing is written back when the machine has ended, and the next boot finds what the journal of the file
/// system has.
/// </summary>
internal sealed partial class LosingDisk : IDisposable
{
    private const int Directory = 0x10000;
    private const nuint Shutdown = 0x8004587D;

    /// <summary>The journal is not written out before.</summary>
    private const uint WithoutFlush = 2;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly SafeFileHandle root;

    private LosingDisk(SafeFileHandle root) => this.root = root;

    /// <summary>Makes one.</summary>
    /// <param name="image">The file that it is in.</param>
    /// <param name="content">A folder with what is on it at first.</param>
    public static async Task MakeAsync(string image, string content)
    {
        await using (FileStream file = File.Create(image))
        {
            file.SetLength(256 << 20);
        }

        await CorosyncNetwork.RunAsync("/usr/sbin/mke2fs", "-q", "-F", "-t", "ext4", "-d", content, image);
    }

    /// <summary>Takes hold of the disk of a machine whose power is to be cut: it stays mounted until this is let go.</summary>
    /// <param name="root">The machine's files, as they are seen from outside.</param>
    public static LosingDisk Hold(string root)
    {
        SafeFileHandle handle = Open($"{root}/var/lib", Directory);
        return handle.IsInvalid ? throw new InvalidOperationException($"open: {Marshal.GetLastPInvokeErrorMessage()}")
            : new LosingDisk(handle);
    }

    /// <summary>Waits until nobody has it mounted any more: two who do would spoil it.</summary>
    public static async Task FreeAsync(string image)
    {
        long began = Stopwatch.GetTimestamp();
        while (System.IO.Directory.EnumerateDirectories("/sys/block", "loop*").Any(device => BackingFile(device) == image))
        {
            if (Stopwatch.GetElapsedTime(began) > Limit)
            {
                throw new InvalidOperationException(
                    $"{image} is still in use after {Limit.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s.");
            }

            await Task.Delay(5);
        }
    }

    /// <summary>Nothing more is written to it. The machine has ended: nobody is told.</summary>
    public void Lose()
    {
        uint how = WithoutFlush;
        if (Control(root, Shutdown, ref how) != 0)
        {
            throw new InvalidOperationException($"EXT4_IOC_SHUTDOWN: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    public void Dispose() => root.Dispose();

    private static string BackingFile(string device)
    {
        try
        {
            return File.ReadAllText($"{device}/loop/backing_file").Trim();
        }
        catch (IOException)
        {
            // It has none, or none any more.
            return "";
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Control(SafeFileHandle file, nuint request, ref uint value);
}
