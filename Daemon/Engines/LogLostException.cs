namespace ClusterTools.Engines;

/// <summary>
/// The log is not the one that this node took part in, is not there any more, or ends before what this node has seen of it: going on
/// would take back what was committed. Nothing was joined.
/// </summary>
public sealed class LogLostException(string message) : Exception(message);
