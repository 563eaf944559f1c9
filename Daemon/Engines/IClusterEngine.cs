using System.Text.Json.Serialization;
using ClusterTools.Voting;

namespace ClusterTools.Engines;

/// <summary>
/// One ordered stream of entries and views, the same on every member (DESIGN, "Engine contract").
/// The engine does not know what a payload means.
/// </summary>
public interface IClusterEngine : IAsyncDisposable
{
    /// <summary>This node.</summary>
    Member Self { get; }

    /// <summary>
    /// Joins, and delivers in one order: <see cref="SnapshotDelivered"/> first (empty state at a first start), then entries and
    /// views without a gap. Ends with <see cref="Expelled"/> when this incarnation was declared lost; nothing follows it.
    /// May be enumerated once.
    /// </summary>
    /// <exception cref="LogLostException">Going on would take back what was committed; nothing was joined.</exception>
    /// <exception cref="EngineFailedException">It can't go on in this life.</exception>
    IAsyncEnumerable<EngineEvent> RunAsync(CancellationToken cancellationToken);

    /// <summary>Appends a payload. Completes when the entry is committed.</summary>
    /// <param name="payload">At most <see cref="EngineLimits.MaxPayload"/> bytes.</param>
    /// <param name="cancellationToken">Gives up waiting; the outcome is then unknown.</param>
    /// <returns>The index of the committed entry.</returns>
    /// <exception cref="NotQuorateException">Nothing was appended.</exception>
    /// <exception cref="UnknownOutcomeException">It may or may not be committed; send the same request id again.</exception>
    Task<long> ProposeAsync(ReadOnlyMemory<byte> payload, CancellationToken cancellationToken);

    /// <summary>Changes the votes; they are in force from the entry on that this appends.</summary>
    /// <param name="votes">The new votes. The members need the majority under the old ones and under these.</param>
    /// <param name="payload">The entry's; at most <see cref="EngineLimits.MaxPayload"/> bytes.</param>
    /// <param name="cancellationToken">Gives up waiting; the outcome is then unknown.</param>
    /// <returns>The index of the committed entry.</returns>
    /// <exception cref="VotesRefusedException">The members do not hold both majorities; nothing was appended.</exception>
    /// <exception cref="NotQuorateException">Nothing was appended.</exception>
    /// <exception cref="UnknownOutcomeException">They may or may not be in force.</exception>
    Task<long> ChangeVotesAsync(VoteTable votes, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken);

    /// <summary>When this node last saw itself in the current view, in <see cref="BootClock"/> milliseconds.</summary>
    long LastConfirmed { get; }

    /// <summary>
    /// When this machine last heard of a life of a node, in <see cref="BootClock"/> milliseconds; null: not since it started, or that is
    /// not known any more. It is true for this machine's clock alone, and so it is in no event.
    /// </summary>
    long? LastHeard(Member member);

    /// <summary>Why nothing can be committed from here now, though there may be quorum; null: nothing is known to be in the way.</summary>
    EngineTrouble? Trouble { get; }

    /// <summary>Looks now. False: this incarnation was declared lost and must do nothing more.</summary>
    /// <exception cref="EngineFailedException">It can't be seen now whether it was.</exception>
    ValueTask<bool> ConfirmAsync(CancellationToken cancellationToken);

    /// <summary>Nodes that are being fenced, by name: not readmitted until the set no longer holds them.</summary>
    void Bar(IReadOnlySet<string> nodes);

    /// <summary>The quorum disk that there is from now on; null: none. An engine of one machine has none.</summary>
    void UseDisk(QuorumDiskSetup? disk)
    {
    }

    /// <summary>What the heuristics of this node add up to.</summary>
    void SetScore(int score)
    {
    }

    /// <summary>The quorum disk as this node sees it; null: there is none.</summary>
    QuorumDiskStatus? Disk => null;

    /// <summary>The token time from now on, in milliseconds: corosync goes by it already. An engine of one machine keeps its own.</summary>
    void UseToken(int token)
    {
    }

    /// <summary>
    /// Whether there is an arbiter of a pair from now on. A contested view then tells as its device whether the arbiter gives this node its
    /// vote, and is told anew when that changes; a device without votes: that is not known. An engine of one machine has none.
    /// </summary>
    void UseArbiter(bool isUsed)
    {
    }

    /// <summary>The arbiter as this node hears it; null: there is none.</summary>
    QuorumArbiterStatus? Arbiter => null;

    /// <summary>
    /// Offers the state as of an index, so that entries before it may be dropped and joiners start from it. Every member offers.
    /// </summary>
    Task OfferSnapshotAsync(long index, ReadOnlyMemory<byte> state, CancellationToken cancellationToken);

    /// <summary>
    /// Opens an epoch against the arithmetic: the fence of a contested two-node peer succeeded, or an operator forced quorum.
    /// The absent are superseded and rejoin by snapshot only. The payload is the epoch's first entry.
    /// </summary>
    Task<long> OpenEpochAsync(ReadOnlyMemory<byte> payload, CancellationToken cancellationToken);

    /// <summary>
    /// Leaves the view at once instead of after the token time. Whether the leave was clean is said by an entry that was
    /// committed before.
    /// </summary>
    Task LeaveAsync(CancellationToken cancellationToken);
}

/// <summary>Commits do not go through.</summary>
/// <param name="Since">In <see cref="BootClock"/> milliseconds.</param>
/// <param name="Why">What is in the way, and what to do.</param>
public sealed record EngineTrouble(long Since, string Why);

/// <summary>A node in one of its lives. A greater incarnation of the same node is a new member and the loss of the old.</summary>
public readonly record struct Member(string Node, long Incarnation);

/// <summary>Who has how many votes.</summary>
/// <param name="Votes">By node name; every configured node.</param>
/// <param name="Expected">Votes that quorum is counted from; majority is ⌊Expected/2⌋+1.</param>
/// <param name="TwoNode">One of two nodes is contested rather than inquorate; wait-for-all applies.</param>
public sealed record VoteTable(IReadOnlyDictionary<string, int> Votes, int Expected, bool TwoNode)
{
    /// <summary>Stands for the device where names of nodes stand; none can have it.</summary>
    internal const string DeviceName = "(device)";

    /// <summary>The quorum device that has votes of its own; null: there is none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DeviceVotes? Device { get; init; }

    /// <summary>More than half of the votes, without those that do not count.</summary>
    internal Majority Majority(IReadOnlySet<string> superseded) => new(Votes, Expected) { Superseded = superseded };

    /// <summary>The same with those of the device, unless it does not count.</summary>
    internal Majority Majority(IReadOnlySet<string> superseded, bool deviceIsHere) => Majority(superseded) with
    {
        Device = Device is { } device && !superseded.Contains(DeviceName) ? new QuorumDevice(device.Votes, deviceIsHere) : default,
    };
}

public static class EngineLimits
{
    /// <summary>Largest payload in bytes (16 MiB).</summary>
    public const int MaxPayload = 16 * 1024 * 1024;

    /// <summary>Refuses a payload that is too long.</summary>
    /// <exception cref="ArgumentException">It is longer than <see cref="MaxPayload"/>.</exception>
    public static void CheckPayload(ReadOnlyMemory<byte> payload)
    {
        if (payload.Length > MaxPayload)
        {
            throw new ArgumentException($"A payload of {payload.Length} bytes is longer than {MaxPayload}.", nameof(payload));
        }
    }

    /// <summary>Entries that may wait to be delivered to one node before it counts as hung.</summary>
    public const int MaxBacklog = 65_536;
}

public abstract record EngineEvent(long Index);

/// <summary>The state to start from, as of <see cref="EngineEvent.Index"/>; empty and 0 when there is none yet.</summary>
public sealed record SnapshotDelivered(long Index, long Epoch, ReadOnlyMemory<byte> State) : EngineEvent(Index);

/// <summary>An entry that every member of the view has on disk.</summary>
/// <param name="Index">Strictly growing by one over entries and quorate views together.</param>
/// <param name="Epoch">The epoch it was committed in.</param>
/// <param name="Origin">Who proposed it.</param>
/// <param name="Payload">As proposed.</param>
public sealed record Committed(long Index, long Epoch, Member Origin, ReadOnlyMemory<byte> Payload) : EngineEvent(Index);

/// <summary>The membership changed. A quorate view has an index and is in the log; the others are news for this node alone.</summary>
/// <param name="Index">Of the view in the log; of the last entry when not quorate.</param>
/// <param name="Epoch">The epoch that this view opened; unchanged when not quorate.</param>
/// <param name="Members">Sorted by node name.</param>
/// <param name="Quorum">Whether work may go on.</param>
/// <param name="Continuous">Quorum was held without interruption since the last quorate view; false at a cold start and after quorum was
/// lost.</param>
/// <param name="Votes">As the engine has counted them; null: it was not written down (by an earlier version).</param>
public sealed record ViewChanged(
    long Index,
    long Epoch,
    IReadOnlyList<Member> Members,
    ViewQuorum Quorum,
    bool Continuous,
    VoteCount? Votes) : EngineEvent(Index);

/// <summary>This incarnation was declared lost: stop everything; only a new incarnation may join.</summary>
public sealed record Expelled(long Index, string Reason) : EngineEvent(Index);

public enum ViewQuorum
{
    /// <summary>A majority of the votes is here.</summary>
    Quorate,

    /// <summary>One of two nodes, the other's fate unknown: it may fence; nothing is committed.</summary>
    Contested,

    /// <summary>Nothing new; what runs is stopped.</summary>
    NotQuorate,
}

/// <summary>Nothing was appended: this node is not in a quorate view.</summary>
public sealed class NotQuorateException(string message) : Exception(message);

/// <summary>The members may not change the votes so; nothing was appended, and the message says what to do.</summary>
public sealed class VotesRefusedException(string message) : Exception(message);

/// <summary>The entry may or may not be committed.</summary>
public sealed class UnknownOutcomeException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The engine can't do its work (a disk, a file, what is below it); the message says what is wrong and what to do.</summary>
/// <param name="message">For people.</param>
/// <param name="inner">What was in the way, as the system says it.</param>
public sealed class EngineFailedException(string message, Exception inner) : Exception(message, inner);
