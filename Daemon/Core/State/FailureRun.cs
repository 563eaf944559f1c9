namespace ClusterTools.Core;

/// <summary>Failures of a started group in a row, without a quiet time between them.</summary>
/// <param name="Count">How many.</param>
/// <param name="Since">Cluster time of the first.</param>
/// <param name="Last">Cluster time of the last.</param>
public sealed record FailureRun(int Count, long Since, long Last)
{
    /// <summary>The failures of a group that still count at a time: none, when it has been quiet for long enough since.</summary>
    public static FailureRun? Of(GroupState group, long time)
    {
        ArgumentNullException.ThrowIfNull(group);
        return group.Recovery.Failures is { } run && time - run.Last <= group.Definition.FailureQuietTime * 1000L ? run : null;
    }
}
