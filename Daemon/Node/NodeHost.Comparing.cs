using System.Security.Cryptography;
using System.Text.Json;
using ClusterTools.Core;
using ClusterTools.Engines;

namespace ClusterTools.Node;

public sealed partial class NodeHost
{
    // As many as may be waited for: a comparison is asked for once an interval.
    private const int RememberedHashes = 8;

    private readonly Queue<(long Index, string Hash)> hashes = new();
    private bool reloading;

    /// <summary>The same bytes for the same state on every node.</summary>
    private static string HashOf(ReadOnlySpan<byte> state) => Convert.ToHexString(SHA256.HashData(state));

    /// <summary>Members compare their states now and then: the first by name says its hash, the others look at theirs.</summary>
    private void Remember(long index, byte[] state)
    {
        string hash = HashOf(state);
        hashes.Enqueue((index, hash));
        while (hashes.Count > RememberedHashes)
        {
            hashes.Dequeue();
        }

        if (replica.State.Members.Keys.FirstOrDefault() == Name && replica.Acting.Quorum == Quorum.Quorate)
        {
            _ = ProposeAsync(new StateHashed(Name, index, hash));
        }
    }

    private void Compare(StateHashed said)
    {
        (long Index, string Hash) mine = hashes.FirstOrDefault(h => h.Index == said.Index);
        if (mine.Hash is null || mine.Hash == said.Hash || reloading)
        {
            return;
        }

        Say(
            JournalSeverity.Error, "state.differs",
            $"This node's state at index {said.Index} differs from that of {said.Node}. It reloads from a snapshot; its groups go on running. "
            + "Please report this with both nodes' journals: it must not happen.");
        reloading = true;
        _ = ProposeAsync(new NodeRequest(Guid.NewGuid().ToString("N"), Name, Name, NodeOperation.Maintenance, "reloads its state from a snapshot"));
    }

    // One member is enough for the snapshot; the first by name does it. All keep the hash.
    private void AtInterval(long index)
    {
        ClusterState committed = replica.State;
        if (index == 0 || index % SnapshotInterval != 0 || committed.Members.IsEmpty || replica.Expelled)
        {
            return;
        }

        byte[] bytes = JsonSerializer.SerializeToUtf8Bytes(committed, CoreJson.Options);
        Remember(index, bytes);
        if (committed.Members.Keys.First() == Name)
        {
            _ = OfferSnapshotAsync(index, bytes);
        }
    }

    private async Task OfferSnapshotAsync(long index, byte[] bytes)
    {
        try
        {
            await engine.OfferSnapshotAsync(index, bytes, ending.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Say(JournalSeverity.Warning, "snapshot", $"The snapshot at {index} was not taken: {e.Message}");
        }
    }
}
