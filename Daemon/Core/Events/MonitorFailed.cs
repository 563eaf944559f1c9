namespace ClusterTools.Core;

/// <summary>A status check failed.</summary>
public sealed record MonitorFailed(string Group, string Resource, string Node, long Incarnation, string Message) : ClusterEvent;
