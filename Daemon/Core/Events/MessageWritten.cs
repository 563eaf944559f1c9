namespace ClusterTools.Core;

/// <summary>A message written into the journal (FEATURES G5).</summary>
public sealed record MessageWritten(
    string RequestId, string Who, JournalSeverity Severity, string Message, string? Group = null, string? Node = null)
    : Request(RequestId, Who);
