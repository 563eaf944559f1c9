namespace ClusterTools.Core;

/// <summary>Sets or removes a small document that the cluster keeps for a runbook.</summary>
/// <param name="RequestId">Applied once.</param>
/// <param name="Who">Who asked.</param>
/// <param name="Name">The document's name.</param>
/// <param name="Content">The document; null: it is removed.</param>
/// <param name="Expected">The version that the change was made from, 0: there is none yet; null: whatever there is.</param>
public sealed record RunbookRequest(
    string RequestId, string Who, string Name, string? Content, long? Expected = null) : Request(RequestId, Who);
