namespace ClusterTools.Engines.Corosync;

/// <summary>A place in a log. The later epoch stands before, then the longer log.</summary>
/// <param name="Epoch">Of the entry.</param>
/// <param name="Index">Of the entry.</param>
/// <param name="Digest">
/// Of the entry and of all before it: two sides of a ring that is cut may each append something else at one index before they notice.
/// </param>
internal readonly record struct LogPosition(long Epoch, long Index, UInt128 Digest) : IComparable<LogPosition>
{
    public int CompareTo(LogPosition other) => (Epoch, Index).CompareTo((other.Epoch, other.Index));
}
