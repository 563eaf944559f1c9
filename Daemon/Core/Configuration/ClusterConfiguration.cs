using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace ClusterTools.Core.Configuration;

/// <summary>The whole configuration of a cluster: one immutable, versioned value, the same on every node (FEATURES G1).</summary>
public sealed record ClusterConfiguration
{
    /// <summary>votequorum(5)'s last_man_standing_window, in milliseconds.</summary>
    internal const int DefaultVoteWindow = 10_000;

    /// <summary>Name of the cluster; letters, digits, '-', '_' and '.', 1 to 64 characters.</summary>
    public required string Name { get; init; }

    /// <summary>Grows with every accepted change; an older version never overwrites a newer.</summary>
    public long Version { get; init; } = 1;

    /// <summary>Two nodes with one vote each where one vote is quorum, and fencing decides who survives (votequorum(5) two_node).</summary>
    public bool TwoNode { get; init; }

    /// <summary>Votes expected in all; null: the sum of the nodes' votes.</summary>
    public int? ExpectedVotes { get; init; }

    /// <summary>
    /// A node that has been proven down for <see cref="LastManStandingWindow"/>, while the others have quorum, has no vote until it takes
    /// part again, as long as two nodes with votes are left (votequorum(5) last_man_standing).
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool LastManStanding { get; init; }

    /// <summary>Milliseconds, 1,000 to 3,600,000 (votequorum(5) last_man_standing_window); null: 10,000.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? LastManStandingWindow { get; init; }

    /// <summary>Null: there is none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public QuorumDiskConfiguration? QuorumDisk { get; init; }

    /// <summary>Null: there is none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public QuorumArbiterConfiguration? QuorumArbiter { get; init; }

    /// <summary>The arbiter, if there is anything for it to decide: it is for two nodes with two_node.</summary>
    [JsonIgnore]
    public QuorumArbiterConfiguration? ArbiterInForce => TwoNode && Nodes.Count == 2 ? QuorumArbiter : null;

    /// <summary>All nodes say where they are: the daemons keep corosync's own configuration by this one, the token time in it.</summary>
    [JsonIgnore]
    public bool KeepsCorosync => !Nodes.IsEmpty && Nodes.Values.All(static n => !n.Addresses.IsDefaultOrEmpty);

    public ClusterTiming Timing { get; init; } = new();

    /// <summary>By node name.</summary>
    public ImmutableSortedDictionary<string, NodeConfiguration> Nodes { get; init; } = Sorted<NodeConfiguration>();

    /// <summary>By device name.</summary>
    public ImmutableSortedDictionary<string, FenceDevice> FenceDevices { get; init; } = Sorted<FenceDevice>();

    /// <summary>By domain name.</summary>
    public ImmutableSortedDictionary<string, FailoverDomain> FailoverDomains { get; init; } = Sorted<FailoverDomain>();

    /// <summary>By group name.</summary>
    public ImmutableSortedDictionary<string, GroupConfiguration> Groups { get; init; } = Sorted<GroupConfiguration>();

    /// <summary>The administrator's scripts that see events and may decide, by name (FEATURES B11).</summary>
    public ImmutableSortedDictionary<string, EventScript> EventScripts { get; init; } = Sorted<EventScript>();

    /// <summary>Who may do what, by SHA-256 certificate fingerprint (hexadecimal, upper case, no separators).</summary>
    public ImmutableSortedDictionary<string, AccessGrant> Access { get; init; } = Sorted<AccessGrant>();

    /// <summary>Sum of the votes that quorum is counted from.</summary>
    public int TotalVotes => ExpectedVotes ?? Nodes.Values.Sum(n => n.Votes);

    /// <summary>The window in force, in milliseconds; null: votes are not taken away.</summary>
    public int? VoteWindow => LastManStanding ? LastManStandingWindow ?? DefaultVoteWindow : null;

    /// <summary>An empty dictionary with ordinal order, the only order used in the Core.</summary>
    public static ImmutableSortedDictionary<string, T> Sorted<T>() =>
        ImmutableSortedDictionary.Create<string, T>(StringComparer.Ordinal);
}
