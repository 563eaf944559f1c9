namespace ClusterTools.Core;

/// <summary>Disarms the cluster for work on switches or storage, or arms it again (FEATURES A10).</summary>
/// <param name="RequestId">Made up by whoever asks.</param>
/// <param name="Who">Who asks.</param>
/// <param name="Arms">True: it is to be armed; false: disarmed.</param>
/// <param name="Reason">For the journal.</param>
public sealed record ArmingRequest(string RequestId, string Who, bool Arms, string? Reason = null) : Request(RequestId, Who);
