using System.Globalization;
using System.Runtime.InteropServices;
using ClusterTools.Node;
using Microsoft.Win32.SafeHandles;

namespace ClusterTools.Host.Daemon;

/// <summary>An open watchdog: from now on the machine is reset when it is not fed.</summary>
internal sealed class WatchdogDevice : IDisposable
{
    // Written just before the device is closed it says that this is meant (kernel, watchdog/watchdog-api, "Magic Close").
    private static readonly byte[] MagicClose = "V"u8.ToArray();

    private readonly SafeFileHandle handle;

    private WatchdogDevice(SafeFileHandle handle, string path, string identity, int seconds)
    {
        this.handle = handle;
        Path = path;
        Identity = identity;
        Timeout = TimeSpan.FromSeconds(seconds);
    }

    public string Path { get; }

    /// <summary>What its driver calls it.</summary>
    public string Identity { get; }

    /// <summary>What the driver took.</summary>
    public TimeSpan Timeout { get; }

    /// <summary>It can't be released any more: its driver was loaded so, or its kernel was built so.</summary>
    public bool IsForGood => ReadState("nowayout") == "1";

    /// <summary>Opens it and sets its timeout.</summary>
    /// <exception cref="IOException">It can't be used as the settings say; the message says why and what to do. It is not armed then,
    /// as far as its driver lets go of it.</exception>
    public static WatchdogDevice Open(WatchdogSettings settings)
    {
        string path = settings.Device;
        SafeFileHandle handle = OpenFile(path);
        if (WatchdogNative.Identity(handle) is not { } identity)
        {
            handle.Dispose();
            throw new IOException($"{path} is no watchdog. Name the device of one in {NodeSettings.FileName}, such as /dev/watchdog.");
        }

        int wanted = settings.Seconds!.Value;
        int error = WatchdogNative.TrySetTimeout(handle, wanted);
        // A driver with one timeout for ever can still be used: it is told what it is.
        if (error is 0 or WatchdogNative.ErrorNotSupported
            && (WatchdogNative.TimeoutOf(handle) ?? (error == 0 ? wanted : null)) is { } took)
        {
            return new WatchdogDevice(handle, path, identity, took);
        }

        using (var device = new WatchdogDevice(handle, path, identity, 0))
        {
            device.Release();
        }

        throw new IOException(
            $"{path} ({identity}) does not take a timeout of {settings.Timeout}: {Marshal.GetPInvokeErrorMessage(error)}. "
                + $"Set another \"timeout\" in {NodeSettings.FileName}; 'wdctl {path}' shows what it can.");
    }

    /// <returns>What was wrong; null: it was fed.</returns>
    public string? Feed() => WatchdogNative.Feed(handle) is not 0 and int error ? Marshal.GetPInvokeErrorMessage(error) : null;

    /// <summary>Lets go of it so that the machine is not reset, where its driver allows that.</summary>
    /// <returns>False: the machine will be reset unless somebody opens and feeds it again.</returns>
    public bool Release()
    {
        try
        {
            RandomAccess.Write(handle, MagicClose, 0);
        }
        catch (IOException)
        {
            // What becomes of it is read from the kernel below.
        }

        handle.Dispose();
        return ReadState("state") is not "active";
    }

    /// <summary>Closes it and says nothing: the machine is reset unless it was released.</summary>
    public void Dispose() => handle.Dispose();

    private static SafeFileHandle OpenFile(string path)
    {
        const string NoDriver = "Load the driver of this machine's watchdog (modprobe softdog where it has none), or take \"watchdog\" "
            + "out of " + NodeSettings.FileName + ".";
        try
        {
            return File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new IOException($"The watchdog {path} is not there. {NoDriver}", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"The watchdog {path} can't be opened: {e.Message} The daemon needs root for it.", e);
        }
        catch (IOException e) when ((e.HResult & 0xFFFF) == WatchdogNative.ErrorBusy)
        {
            throw new IOException(
                $"The watchdog {path} is in use by another program. There can be one alone: take it from the other (systemd: "
                    + "RuntimeWatchdogSec=0 in system.conf; watchdogd, wd_keepalive or sbd: stop and disable it), or give this node "
                    + "another.",
                e);
        }
        catch (IOException e)
        {
            // The driver's file is there, and no device behind it.
            throw new IOException($"The watchdog {path} can't be opened: {e.Message} {NoDriver}", e);
        }
    }

    /// <summary>What the kernel says of the device in /sys/class/watchdog; null: it does not.</summary>
    private string? ReadState(string attribute)
    {
        string name = System.IO.Path.GetFileName(File.ResolveLinkTarget(Path, returnFinalTarget: true)?.FullName ?? Path);
        // The old name is the first one's.
        string device = name == "watchdog" ? "watchdog0" : name;
        try
        {
            return File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/sys/class/watchdog/{device}/{attribute}")).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
