namespace ClusterTools.Node;

/// <summary>
/// Size of the last snapshot, and when to warn of it: every node holds the state in memory, and a joiner takes it in whole.
/// </summary>
internal sealed class SnapshotSize
{
    /// <summary>Bytes above which an administrator is warned: far more than the largest configuration needs beside itself.</summary>
    public const long Alarm = 32 * 1024 * 1024;

    private long bytes;
    private bool large;

    /// <summary>Of the last one; 0 before there was one.</summary>
    public long Bytes => Interlocked.Read(ref bytes);

    /// <summary>Takes note of a snapshot. Not thread-safe.</summary>
    /// <returns>The warning, once when it has become too large, and again only after it fell; null: nothing to say.</returns>
    public string? Note(long size)
    {
        Interlocked.Exchange(ref bytes, size);
        bool was = large;
        large = size > Alarm;
        return large && !was
            ? $"The cluster's state has grown to {size / 1048576.0:0.0} MiB; more than {Alarm / 1048576} MiB make joining and "
                + "restarting slow. "
                + "Look for what is large (a configuration with long parameters, event scripts that are behind, many runbooks) and remove "
                    + "what is not needed."
            : null;
    }
}
