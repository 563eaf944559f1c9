using System.Collections.Immutable;

namespace ClusterTools.Engines.Corosync.Settings;

/// <summary>
/// What ClusterTools has corosync do: the content of corosync.conf(5). The transport is always knet, messages are always encrypted with
/// aes256 and authenticated with sha256, and the members are always in a list. What is sensible says <see cref="CorosyncCheck"/>.
/// </summary>
public sealed partial record CorosyncSettings
{
    /// <summary>Where corosync looks for its configuration.</summary>
    public const string DefaultFile = "/etc/corosync/corosync.conf";

    /// <summary>Where corosync looks for its key unless told otherwise.</summary>
    public const string DefaultKeyFile = "/etc/corosync/authkey";

    /// <summary>The cluster's name (totem.cluster_name).</summary>
    public required string ClusterName { get; init; }

    /// <summary>
    /// Grows with each change (totem.config_version): a machine that starts with an older file than the others have is turned away.
    /// </summary>
    public long Version { get; init; } = 1;

    /// <summary>When a silent machine is given up.</summary>
    public CorosyncTiming Timing { get; init; } = CorosyncTiming.Default;

    /// <summary>The members, in the order in which they stand in the file.</summary>
    public required ImmutableArray<CorosyncNode> Nodes { get; init; }

    /// <summary>What is said of single links; a link without an entry works with corosync's own values.</summary>
    public ImmutableArray<CorosyncLink> Links { get; init; } = [];

    /// <summary>
    /// Two nodes with one vote each: one alone is quorate, and fencing decides who survives (votequorum(5), two_node).
    /// </summary>
    public bool TwoNode { get; init; }

    /// <summary>
    /// The cluster is quorate for the first time only after all nodes have seen each other. Null: as corosync has it, which is yes with
    /// <see cref="TwoNode"/> and no without.
    /// </summary>
    public bool? WaitForAll { get; init; }

    /// <summary>Some time after a loss, quorum is counted from the nodes that are left.</summary>
    public bool LastManStanding { get; init; }

    /// <summary>How long after a loss, in milliseconds. Null: corosync's 10,000.</summary>
    public int? LastManStandingWindow { get; init; }

    /// <summary>A vote outside of the nodes. Null: there is none.</summary>
    public CorosyncDevice? Device { get; init; }

    /// <summary>The library that encrypts.</summary>
    public CorosyncCryptoModel CryptoModel { get; init; } = CorosyncCryptoModel.Openssl;

    /// <summary>Full path of the key that all nodes share.</summary>
    public string KeyFile { get; init; } = DefaultKeyFile;

    /// <summary>Messages go to the system's log.</summary>
    public bool LogToSyslog { get; init; } = true;

    /// <summary>Full path of a file that messages go to. Null: to none.</summary>
    public string? LogFile { get; init; }

    /// <summary>Two nodes with one vote each, which <see cref="TwoNode"/> is for.</summary>
    public bool IsPair => Nodes is [{ Votes: 1 }, { Votes: 1 }];

    /// <summary>Votes of the nodes.</summary>
    public long NodeVotes => Nodes.Sum(node => (long)node.Votes);

    /// <summary>Votes of the device: its own figure, or one less than the nodes have; 0 without a device.</summary>
    public long DeviceVotes => Device is null ? 0 : Device.Votes ?? Math.Max(0, NodeVotes - 1);

    /// <summary>How many links each node has, if all have the same number of them.</summary>
    public int LinkCount => Nodes.Length == 0 ? 0 : Nodes.Max(node => node.Addresses.Length);

    /// <summary>Whether the same file would be written of both.</summary>
    public bool Equals(CorosyncSettings? other) => other is not null && CorosyncWriter.Text(this) == CorosyncWriter.Text(other);

    public override int GetHashCode() => CorosyncWriter.Text(this).GetHashCode(StringComparison.Ordinal);
}
