using System.Collections.Immutable;
using System.Text.Json.Serialization;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>An order to empty a node.</summary>
public sealed record DrainOrder
{
    /// <summary>It is not to be emptied.</summary>
    public static DrainOrder None { get; } = new();

    /// <summary>What is to become of the node when it is empty.</summary>
    public DrainGoal Goal { get; init; }

    /// <summary>The order ends when the node has been away and is back.</summary>
    public bool UntilReturn { get; init; }

    /// <summary>The node leaves for good, to be taken out of the configuration: its machine leaves the ring as well.</summary>
    public bool ForGood { get; init; }

    /// <summary>
    /// The node leaves by a resource's final action: what its daemon does at the end; otherwise <see cref="FinalAction.Default"/>.
    /// </summary>
    public FinalAction AtLeave { get; init; }

    /// <summary>Its machine is being shut down: what becomes of its groups; null: it is not.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ShutdownPolicy? Shutdown { get; init; }

    /// <summary>Where its groups go, as far as their rules allow; null: by the rules.</summary>
    public string? To { get; init; }

    /// <summary>Groups that the order has moved away, until the node is resumed or an operator moves them himself.</summary>
    public ImmutableSortedSet<string> Moved { get; init; } = Names.None;

    /// <summary>What is left of it where the quorum that it was given in is gone, or everything stops: who was to leave is not.</summary>
    public DrainOrder Outlived() => this with
    {
        Goal = Goal == DrainGoal.Leave ? DrainGoal.None : Goal,
        To = null,
        ForGood = false,
        AtLeave = FinalAction.Default,
        Shutdown = null,
    };
}
