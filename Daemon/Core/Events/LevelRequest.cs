namespace ClusterTools.Core;

/// <summary>Raises the functional level to the highest that the daemons of all nodes know (FEATURES A14).</summary>
/// <param name="RequestId">Made up by whoever asks.</param>
/// <param name="Who">Who asks.</param>
/// <param name="Reason">For the journal.</param>
public sealed record LevelRequest(string RequestId, string Who, string? Reason = null) : Request(RequestId, Who);
