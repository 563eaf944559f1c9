using ClusterTools.Agents;
using ClusterTools.Core;

namespace ClusterTools.Host.Daemon;

/// <summary>
/// Remembers in the state folder that a daemon has armed the watchdog and has not released it. As long as this machine has not been booted
/// since, it is about to be reset, and a daemon that opened the watchdog would only put that off: others may count on it.
/// </summary>
internal sealed class UnreleasedWatchdog(string stateFolder)
{
    private readonly string path = Path.Combine(stateFolder, "watchdog.armed");

    /// <exception cref="InvalidDataException">There is one.</exception>
    public void Check()
    {
        string[] lines = File.Exists(path) ? File.ReadAllLines(path) : [];
        if (lines is [var boot, var device, var timeout, ..] && boot == ProcessIdentity.BootId)
        {
            throw new InvalidDataException(
                $"An earlier daemon of this node has ended without releasing {device}, so that this machine is reset within {timeout} of "
                    + "its end; no daemon begins before that. If the machine is not reset, its watchdog does not work: stop by hand what "
                    + $"the cluster runs here, repair the watchdog, and remove {path}.");
        }
    }

    /// <summary>On the disk before anybody counts on it.</summary>
    public void Write(WatchdogDevice device)
    {
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write);
        file.Write(System.Text.Encoding.UTF8.GetBytes($"{ProcessIdentity.BootId}\n{device.Path}\n{SpanText.Of(device.Timeout)}\n"));
        file.Flush(flushToDisk: true);
    }

    public void Remove() => File.Delete(path);
}
