namespace ClusterTools.Core;

/// <summary>
/// What a node said of a group on it that is neither that it runs nor that it does not, in its present life. It is asked again.
/// </summary>
public sealed record InstanceAnswer
{
    /// <summary>
    /// <see cref="FoundAnswer.Unknown"/>, or <see cref="FoundAnswer.CannotRun"/>: not running there, and no place for it.
    /// </summary>
    public required FoundAnswer Answer { get; init; }

    /// <summary>The resource that was asked.</summary>
    public required string Resource { get; init; }

    /// <summary>What its agent said, shortened.</summary>
    public required string Message { get; init; }

    /// <summary>Cluster time of the first such answer in a row.</summary>
    public required long Since { get; init; }

    /// <summary>The same in milliseconds since 1970-01-01 UTC; for people only, 0 when unknown.</summary>
    public long SinceWall { get; init; }

    /// <summary>How often in a row it was said.</summary>
    public int Asked { get; init; } = 1;

    /// <summary>Cluster time of the next question.</summary>
    public required long AskAgainAt { get; init; }

    /// <summary>
    /// The group may be there for all that is known, so that it is started nowhere else. Where something else says where the group is (it
    /// runs on another node, or was stopped there in order), or an operator vouches, an unknown answer keeps nothing waiting.
    /// </summary>
    public bool Blocks { get; init; }
}
