namespace ClusterTools.Core;

/// <summary>A status check on the owner that is not answered, and has not counted as failed yet.</summary>
/// <param name="Resource">The resource.</param>
/// <param name="Since">Cluster time of the first unanswered one.</param>
/// <param name="Asked">How many in a row.</param>
/// <param name="Message">What its agent said last, shortened.</param>
public sealed record UnansweredCheck(string Resource, long Since, int Asked, string Message);
