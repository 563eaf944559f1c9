using ClusterTools.Core;
using ClusterTools.Lab;
using ClusterTools.Node;

namespace ClusterTools.Host.Daemon;

/// <summary>A node that can't stop its work in time takes itself away, as a watchdog would.</summary>
internal static class MachineReset
{
    private const string SystemRequest = "/proc/sysrq-trigger";

    /// <summary>
    /// In a lab ends all that the node runs; on a machine run by systemd reboots it at once; where that is refused, and elsewhere, ends the
    /// daemon, so that a watchdog is not fed any more.
    /// </summary>
    public static void Run(NodeSettings settings, string stateFolder, Watchdog? watchdog)
    {
        string otherwise = watchdog is null ? "The others must fence this node."
            : $"The watchdog resets this machine within {SpanText.Of(watchdog.Timeout)}.";
        watchdog?.Starve("this node resets itself");
        if (settings.Lab is { } lab)
        {
            LabReset.Run(new LabFolder(lab), settings.Node);
        }
        else if (Directory.Exists("/run/systemd/system") && Environment.IsPrivilegedProcess)
        {
            try
            {
                // No sync and no unmount: what can't be stopped must not write any more (kernel, admin-guide/sysrq, 'b').
                File.WriteAllText(SystemRequest, "b");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Console.Error.WriteLine($"clusterd: {SystemRequest} refused: {e.Message}. {otherwise}");
            }
        }

        Environment.FailFast($"Node {settings.Node} has reset itself. Its state folder is {stateFolder}.");
    }
}
