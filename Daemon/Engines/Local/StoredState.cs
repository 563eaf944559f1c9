using System.Text.Json.Serialization;
using ClusterTools.Voting;

namespace ClusterTools.Engines.Local;

/// <summary>A life of a node in the database, as a member or as one who wants to join.</summary>
/// <param name="Node">The node's name.</param>
/// <param name="Incarnation">Which life.</param>
/// <param name="Since">When it asked to join (<see cref="BootClock"/> milliseconds).</param>
internal readonly record struct Seat(string Node, long Incarnation, long Since)
{
    public Member Member => new(Node, Incarnation);
}

/// <summary>What the database says about the cluster, the log aside; read in one transaction.</summary>
internal sealed record StoredState
{
    /// <summary>Which log this is: made up when it was created, and kept for as long as it lives.</summary>
    public required string Log { get; init; }

    /// <summary>Grows with every change of membership or quorum, logged or not.</summary>
    public required long Generation { get; init; }

    /// <summary>The last index of the log.</summary>
    public required long Head { get; init; }

    public required long Epoch { get; init; }

    public required ViewQuorum Quorum { get; init; }

    /// <summary>Quorum was lost, or never held, since the last quorate view.</summary>
    public required bool Interrupted { get; init; }

    public required VoteTable Votes { get; init; }

    public required IReadOnlyList<Seat> Members { get; init; }

    public required IReadOnlyList<Seat> Joiners { get; init; }

    /// <summary>Nodes that an epoch was opened without: they do not count until a member of that line admits them.</summary>
    public required IReadOnlySet<string> Superseded { get; init; }

    public bool HasMember(Member member) => Members.Any(seat => seat.Member == member);

    public bool HasJoiner(Member member) => Joiners.Any(seat => seat.Member == member);

    /// <summary>Whether a quorate view stays quorate with these nodes alone; those superseded count on neither side.</summary>
    public bool KeepsQuorum(VoteTable votes, IEnumerable<string> nodes) => votes.Majority(Superseded).IsHeldBy(nodes);

    /// <summary>
    /// Whether these nodes may form a quorate view where there is none: a majority of all votes, one of the last epoch's line among them.
    /// </summary>
    public bool Forms(IReadOnlyCollection<string> nodes) =>
        HasMajorityOfAll(nodes) && Votes.Majority(Superseded).Present(nodes) > 0;

    /// <summary>The votes of these members as they count before a view of them comes into force.</summary>
    public VoteCount Count(IReadOnlyCollection<Seat> members)
    {
        string[] nodes = [.. members.Select(seat => seat.Node)];
        return Votes.Majority(Superseded.Except(nodes).ToHashSet()).Count(nodes);
    }

    /// <summary>Whether these nodes hold a majority, those superseded counting like all others.</summary>
    public bool HasMajorityOfAll(IEnumerable<string> nodes) => Votes.Majority(new HashSet<string>()).IsHeldBy(nodes);
}

/// <summary>A quorate view as it stands in the log; an earlier version wrote no votes.</summary>
internal sealed record ViewPayload(IReadOnlyList<Member> Members, bool Continuous, VoteCount? Votes = null);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, IgnoreReadOnlyProperties = true)]
[JsonSerializable(typeof(VoteTable))]
[JsonSerializable(typeof(ViewPayload))]
internal sealed partial class StoredJson : JsonSerializerContext;
