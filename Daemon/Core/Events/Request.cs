namespace ClusterTools.Core;

/// <summary>Something an operator asked for.</summary>
/// <param name="RequestId">Applied once, however often it is sent.</param>
/// <param name="Who">Name and certificate of who asked.</param>
public abstract record Request(string RequestId, string Who) : ClusterEvent;
