namespace ClusterTools.Core;

/// <summary>A stop that could not be asked for, or of which nobody knows what came; it is tried again within its time.</summary>
/// <param name="Resource">The resource.</param>
/// <param name="Since">Cluster time of the first try.</param>
/// <param name="Asked">How many in a row.</param>
/// <param name="At">Cluster time of the next try.</param>
/// <param name="Message">What was said last, shortened.</param>
public sealed record UnansweredStop(string Resource, long Since, int Asked, long At, string Message);
