namespace ClusterTools.Core;

/// <summary>What a life of a node has said of its machine's watchdog.</summary>
/// <param name="Timeout">After how long it resets the machine when it is not fed, in milliseconds.</param>
/// <param name="Within">How long after its loss the node has stopped its work or was reset, at the latest, in milliseconds.</param>
public sealed record WatchdogReport(int Timeout, long Within);
