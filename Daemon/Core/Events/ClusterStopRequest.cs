namespace ClusterTools.Core;

/// <summary>The whole cluster is stopped: every group in order, then all daemons leave at once.</summary>
/// <param name="RequestId">Applied once.</param>
/// <param name="Who">Who asked.</param>
/// <param name="Reason">For the journal.</param>
public sealed record ClusterStopRequest(string RequestId, string Who, string? Reason = null) : Request(RequestId, Who);
