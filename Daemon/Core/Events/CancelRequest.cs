namespace ClusterTools.Core;

/// <summary>Ends a running operation as far as it can be taken back. An action under way is let finish.</summary>
/// <param name="RequestId">Applied once.</param>
/// <param name="Who">Who asked.</param>
/// <param name="Operation">Request id of the operation to end.</param>
public sealed record CancelRequest(string RequestId, string Who, string Operation) : Request(RequestId, Who);
