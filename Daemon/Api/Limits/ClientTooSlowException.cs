namespace ClusterTools.Api;

/// <summary>A client did not take what was sent to it, and its connection was cut.</summary>
internal sealed class ClientTooSlowException() : Exception("The client is too slow.");
