using ClusterTools.Engines.Corosync.Native;

namespace ClusterTools.Engines.Corosync;

/// <summary>Corosync is not there, or can't do now what it is asked for.</summary>
internal sealed class RingUnavailableException(CorosyncResult result, string message) : Exception(message)
{
    public CorosyncResult Result => result;
}
