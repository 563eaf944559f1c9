using System.Security.Cryptography;
using System.Text.Json;
using ClusterTools.Core;
using ClusterTools.Engines;

namespace ClusterTools.Node;

public sealed partial class NodeHost
{
    // As many as may be waited for: a comparison is asked for once an interval.
    private const int RememberedHashes = 8;

    private readonly Queue<(long Index, Task<string> Hash)> hashes = new();
    private readonly SnapshotSize snapshotSize = new();
    private Task snapshot = Task.CompletedTask;
    private bool reloading;

    /// <summary>The same bytes for the same state on every node.</summary>
    private static string HashOf(ReadOnlySpan<byte> state) => Convert.ToHexString(SHA256.HashData(state));

    /// <summary>A snapshot in which something does not hold that must is taken all the same: it is what all members have.</summary>
    private void LookInto(ClusterState snapshot)
    {
        string[] broken = [.. StateInvariants.Broken(snapshot).Take(3)];
        if (broken.Length > 0)
        {
            Say(
                JournalSeverity.Error, "snapshot.unsound",
                $"The state at index {snapshot.Index} is not as it must be: {string.Join(" ", broken)} That is a fault of ClusterTools; it "
                    + "goes on. Please report it, with this node's journal.");
        }
    }

    /// <summary>Members compare their states now and then: the first by name says its hash, the others look at theirs.</summary>
    private void Compare(StateHashed said)
    {
        if (hashes.FirstOrDefault(h => h.Index == said.Index).Hash is { } mine)
        {
            _ = CompareAsync(said, mine);
        }
    }

    private async Task CompareAsync(StateHashed said, Task<string> mine)
    {
        // This node may be slower than the one that said it.
        string hash = await mine.ConfigureAwait(false);
        lock (gate)
        {
            if (hash != said.Hash && !reloading && !ending.IsCancellationRequested)
            {
                Reload(said);
            }
        }
    }

    private void Reload(StateHashed said)
    {
        Say(
            JournalSeverity.Error, "state.differs",
            $"This node's state at index {said.Index} differs from that of {said.Node}. It reloads from a snapshot; "
                + "its groups go on running. "
            + "Please report this with both nodes' journals: it must not happen.");
        reloading = true;
        _ = ProposeAsync(new NodeRequest(
            Guid.NewGuid().ToString("N"), Name, Name, NodeOperation.Maintenance, "reloads its state from a snapshot"));
    }

    // Every member offers its snapshot: the engine may keep one a node, or one for all. The first by name says the hash, and all keep it.
    private void AtInterval(long index)
    {
        ClusterState committed = replica.State;
        if (index == 0 || index % SnapshotInterval != 0 || committed.Members.IsEmpty || replica.Expelled)
        {
            return;
        }

        if (!snapshot.IsCompleted)
        {
            // The machine is so busy that the last one is still being written: what waits must not pile up.
            Interlocked.Increment(ref snapshotsSkipped);
            return;
        }

        // The state never changes, so that it can be written out while the next events are taken: under the gate a large one would keep the
        // consumer from them until this node counts as hung.
        Task<byte[]> bytes = Task.Run(
            () => JsonSerializer.SerializeToUtf8Bytes(committed, CoreJson.Options.GetTypeInfo<ClusterState>()), CancellationToken.None);
        Task<string> hash = HashAsync(bytes);
        hashes.Enqueue((index, hash));
        while (hashes.Count > RememberedHashes)
        {
            hashes.Dequeue();
        }

        bool first = committed.Members.Keys.First() == Name;
        snapshot = SnapshotAsync(index, bytes, first && replica.Acting.Quorum == Quorum.Quorate ? hash : null);
    }

    private static async Task<string> HashAsync(Task<byte[]> bytes) => HashOf(await bytes.ConfigureAwait(false));

    private async Task SnapshotAsync(long index, Task<byte[]> written, Task<string>? told)
    {
        try
        {
            byte[] bytes = await written.ConfigureAwait(false);
            if (snapshotSize.Note(bytes.Length) is { } alarm)
            {
                Say(JournalSeverity.Warning, "snapshot.large", alarm);
            }

            if (told is not null)
            {
                _ = ProposeAsync(new StateHashed(Name, index, await told.ConfigureAwait(false)));
            }

            await engine.OfferSnapshotAsync(index, bytes, ending.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Say(JournalSeverity.Warning, "snapshot", $"The snapshot at {index} was not taken: {e.Message}");
        }
    }
}
