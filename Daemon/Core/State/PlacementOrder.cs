using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace ClusterTools.Core;

/// <summary>What is wished of a group's place: where it goes first and last, where it was tried, and when it may go back.</summary>
public sealed record PlacementOrder
{
    /// <summary>Nothing is wished: its domain's rules alone count.</summary>
    public static PlacementOrder None { get; } = new();

    /// <summary>Node to be tried first.</summary>
    public string? Preferred { get; init; }

    /// <summary>Node to be tried last.</summary>
    public string? Avoided { get; init; }

    /// <summary>Nodes on which this start was tried and failed.</summary>
    public ImmutableSortedSet<string> Tried { get; init; } = Names.None;

    /// <summary>How many nodes this start may be tried on, of a resource's failover count; null: all.</summary>
    public int? Limit { get; init; }

    /// <summary>After failing on every node: cluster time of the next try.</summary>
    public long? RetryAt { get; init; }

    /// <summary>An event script is being asked where it goes.</summary>
    public bool AwaitsVerdict { get; init; }

    /// <summary>What the event script said; used with the next placement.</summary>
    public PlacementVerdict? Verdict { get; init; }

    /// <summary>A better node has come up: move there when started.</summary>
    public string? FailbackTo { get; init; }

    /// <summary>An operator has the group brought back there, whatever its domain says of failback: move there when started.</summary>
    public string? ReturnTo { get; init; }

    /// <summary>What shares its node may have found one that suits them all: when started, the set goes there.</summary>
    public bool Gathers { get; init; }

    /// <summary>It waits for a node whose machine was shut down; null: it does not.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public KeptPlace? Kept { get; init; }

    /// <summary>It has been journalled that no node takes it: not again before it is placed, or waits for something else.</summary>
    public bool Unplaced { get; init; }

    /// <summary>The order with a node to be tried first and one to be tried last.</summary>
    public PlacementOrder To(string? preferred, string? avoided = null) => this with { Preferred = preferred, Avoided = avoided };

    /// <summary>The order after a start on a node has failed.</summary>
    public PlacementOrder Without(string node) => this with { Tried = Tried.Add(node), Preferred = Preferred == node ? null : Preferred };

    /// <summary>The order with every node to be tried, and at once.</summary>
    public PlacementOrder Anew() => this with { Tried = Names.None, RetryAt = null, Kept = null };
}
