namespace ClusterTools.Api;

/// <summary>
/// A client closed its connection in the middle of its request or of the answer: nothing of ours, and nobody is left to be told.
/// </summary>
internal sealed class ClientGoneException() : Exception("The client has gone.");
