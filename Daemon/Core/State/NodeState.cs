using System.Collections.Immutable;
using System.Text.Json.Serialization;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>A configured node as the cluster sees it.</summary>
public sealed record NodeState
{
    public required string Name { get; init; }

    public required NodePhase Phase { get; init; }

    /// <summary>The life of the node that is meant; 0: never seen.</summary>
    public long Incarnation { get; init; }

    /// <summary>In the present view with this incarnation.</summary>
    public bool Member { get; init; }

    /// <summary>The probe demand (see <see cref="ClusterState.ProbeCounter"/>) that this incarnation has answered.</summary>
    public long ProbedVersion { get; init; }

    /// <summary>The probe that was asked for.</summary>
    public ProbeAction? Probe { get; init; }

    /// <summary>By group: what this life of the node said of it when it could not say that it runs or that it does not.</summary>
    public ImmutableSortedDictionary<string, InstanceAnswer> Answers { get; init; } = ClusterConfiguration.Sorted<InstanceAnswer>();

    /// <summary>Asked again for some of <see cref="Answers"/>; not answered yet.</summary>
    public AskAction? Ask { get; init; }

    /// <summary>Cluster time of the loss; null while it is not known, or not lost.</summary>
    public long? LostAt { get; init; }

    /// <summary>Lost at the forming of the cluster rather than from a running one: waits for post_join_delay.</summary>
    public bool NeverSeen { get; init; }

    /// <summary>Highest functional level that this node's program knows; 0: not told yet.</summary>
    public int Level { get; init; }

    /// <summary>What it has been told of being emptied.</summary>
    public DrainOrder Drain { get; init; } = DrainOrder.None;

    /// <summary>An operator has paused it, until resumed: it keeps what it runs, and no other groups come to it.</summary>
    public bool Paused { get; init; }

    /// <summary>Away by plan until this cluster time; then it counts as lost.</summary>
    public long? MaintenanceUntil { get; init; }

    /// <summary>
    /// It is away, or Down, because people have taken it out: it left with nothing on it, went away empty, was switched off or confirmed
    /// down on request, or has never been here. It can't have been given anything since, so nothing needs proof, and nobody but people
    /// switches it (FEATURES C8).
    /// </summary>
    public bool TakenOut { get; init; }

    /// <summary>What this life has said of its machine's watchdog; null: nothing, or it is let go of by plan.</summary>
    public WatchdogReport? Watchdog { get; init; }

    /// <summary>
    /// It was away when the cluster was armed again, and may not know of it: it does not stop its work for want of quorum, and its watchdog
    /// may be released, so that no time that goes by proves it dead.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool MayBeDisarmed { get; init; }

    /// <summary>How often it was lost of late; null: not at all.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public FlapState? Flaps { get; init; }

    /// <summary>What last man standing makes of its vote; null: it counts, and is not about to be taken away.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public VoteState? Vote { get; init; }

    /// <summary>The call of a fence device to switch it on that has not been answered.</summary>
    public ActionId? SwitchOnCall { get; init; }

    /// <summary>Cluster time at which every unanswered call to switch it on is surely over; null: there is none.</summary>
    public long? SwitchOnUntil { get; init; }

    /// <summary>Request id of the operation under way on this node.</summary>
    public string? Operation { get; init; }

    /// <summary>Groups that count as active here.</summary>
    public ImmutableSortedSet<string> Groups { get; init; } = Names.None;

    /// <summary>How many of them are exclusive.</summary>
    public int ExclusiveGroups { get; init; }

    /// <summary>Why it is in its phase.</summary>
    public Cause Why { get; init; } = Cause.None;

    /// <summary>Nothing of this node can be running: what it owned may be recovered.</summary>
    public bool ProvenDown => Phase == NodePhase.Down;

    /// <summary>No groups come to it because it was lost too often (FEATURES A12).</summary>
    public bool KeptOut => Flaps is { KeptOut: true };

    /// <summary>May be given groups.</summary>
    public bool Eligible => Phase == NodePhase.Online && Member && !Paused && !KeptOut;

    /// <summary>What keeps groups from it, in words such as <c>Draining</c>; meaningful where it is not <see cref="Eligible"/>.</summary>
    public string Standing => Phase != NodePhase.Online ? $"{Phase}"
        : Paused ? "Paused"
        : KeptOut ? "KeptOut"
        : $"{Phase}";
}
