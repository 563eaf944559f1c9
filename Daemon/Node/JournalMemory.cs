using ClusterTools.Core;

namespace ClusterTools.Node;

/// <summary>
/// The newest journal entries. Each share forgets its own oldest alone: neither what happens all the time nor what anybody writes drives
/// out what went wrong. Not thread-safe.
/// </summary>
internal sealed class JournalMemory
{
    /// <summary>Entries of all shares together.</summary>
    public const int Entries = OfDecisions + OfTroubles + OfWriters;

    private const int OfDecisions = 4_000;
    private const int OfTroubles = 4_000;
    private const int OfWriters = 2_000;

    // Characters of one entry of ordinary length; a share has room for as many as its entries of this length have.
    private const int Ordinary = 500;

    private readonly LinkedList<JournalRecord> records = new();
    private readonly Share decisions = new(OfDecisions);
    private readonly Share troubles = new(OfTroubles);
    private readonly Share writers = new(OfWriters);

    /// <summary>Oldest first.</summary>
    public IEnumerable<JournalRecord> Records => records;

    /// <summary>Keeps a record that is newer than all before it.</summary>
    public void Add(JournalRecord record)
    {
        Share share = ShareOf(record.Entry);
        share.Nodes.Enqueue(records.AddLast(record));
        share.Length += Length(record);
        while (share.Nodes.Count > share.Entries || share.Length > (long)share.Entries * Ordinary)
        {
            LinkedListNode<JournalRecord> oldest = share.Nodes.Dequeue();
            share.Length -= Length(oldest.Value);
            records.Remove(oldest);
        }
    }

    // However grave a writer says that it is: it is not the cluster's own word.
    private Share ShareOf(JournalEntry entry) =>
        entry.Kind == "message" || entry.Kind.StartsWith("user.", StringComparison.Ordinal)
            || entry.Kind.StartsWith("script.", StringComparison.Ordinal) ? writers
        : entry.Severity > JournalSeverity.Information ? troubles
        : decisions;

    private static int Length(JournalRecord record) => record.Entry.Message.Length + (record.Entry.Who?.Length ?? 0);

    private sealed class Share(int entries)
    {
        public int Entries => entries;

        public Queue<LinkedListNode<JournalRecord>> Nodes { get; } = new();

        public long Length { get; set; }
    }
}
