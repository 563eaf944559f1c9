namespace ClusterTools.Node;

/// <summary>Quorum was to be forced where there is quorum.</summary>
public sealed class QuorumNotNeededException(string message) : Exception(message);
