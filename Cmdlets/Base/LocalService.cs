using System.ComponentModel;
using System.Diagnostics;

namespace ClusterTools.Client;

/// <summary>The daemon of this machine as a service of systemd.</summary>
internal static class LocalService
{
    private const string Unit = "clusterd.service";

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    /// <summary>Whether it is installed.</summary>
    public static bool IsHere(CancellationToken cancellationToken)
    {
        try
        {
            LabProgram.Run("systemctl", ["cat", Unit], Limit, cancellationToken);
            return true;
        }
        catch (Exception e) when (e is LabException or Win32Exception)
        {
            // There is no such unit, or no systemd.
            return false;
        }
    }

    /// <summary>Starts it.</summary>
    /// <exception cref="LabException">It did not start, with what systemd said.</exception>
    public static void Start(CancellationToken cancellationToken)
    {
        try
        {
            LabProgram.Run("systemctl", ["start", Unit], Limit, cancellationToken);
        }
        catch (LabException e)
        {
            throw new LabException(
                LabException.LabFailed, $"The daemon of this machine did not start: {e.Detail}",
                $"Look at its journal: journalctl -u {Unit}. Starting it takes root.");
        }
    }
}
