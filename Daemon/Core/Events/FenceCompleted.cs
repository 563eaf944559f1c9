using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>A call of a fence device has ended.</summary>
/// <param name="Id">Of the call.</param>
/// <param name="Success">The agent says that it is done.</param>
/// <param name="Message">In words.</param>
/// <param name="NoProof">By the agent's own words it cuts nothing off, so that its success proves nothing (see
/// <see cref="FenceProof"/>).</param>
/// <param name="Took">How long the call took, in milliseconds; 0: not told.</param>
public sealed record FenceCompleted(ActionId Id, bool Success, string Message, bool NoProof = false, long Took = 0) : ClusterEvent;
