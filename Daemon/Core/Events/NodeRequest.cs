namespace ClusterTools.Core;

/// <summary>An operation on a node.</summary>
/// <param name="RequestId">Applied once.</param>
/// <param name="Who">Who asked.</param>
/// <param name="Node">The node.</param>
/// <param name="Operation">What is asked.</param>
/// <param name="Reason">For the journal.</param>
/// <param name="Target">Drain: where its groups go, as far as their rules allow; null: by the rules.</param>
/// <param name="UntilReturn">Of a drain: it ends when the node has been away and is back.</param>
/// <param name="ForGood">Of a node that leaves: it is to be taken out of the configuration.</param>
public sealed record NodeRequest(
    string RequestId, string Who, string Node, NodeOperation Operation, string? Reason = null, string? Target = null,
    bool UntilReturn = false, bool ForGood = false)
    : Request(RequestId, Who);
