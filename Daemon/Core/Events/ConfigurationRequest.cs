using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>A new configuration; its version must be the present one plus one.</summary>
/// <param name="RequestId">Applied once.</param>
/// <param name="Who">Who asked.</param>
/// <param name="Configuration">All of it.</param>
/// <param name="Reason">For the journal.</param>
/// <param name="Origin">How it came; decides nothing.</param>
public sealed record ConfigurationRequest(
    string RequestId, string Who, ClusterConfiguration Configuration, string? Reason = null,
    ConfigurationOrigin Origin = ConfigurationOrigin.Put)
    : Request(RequestId, Who);
