namespace ClusterTools.Agents;

/// <summary>What was found in folders, kept until one of them has changed. A mode that changed alone is noticed after a while.</summary>
/// <param name="folders">Where it is looked for; those that are not there count too.</param>
/// <param name="find">Looks.</param>
internal sealed class FolderListing(Func<IEnumerable<string>> folders, Func<IEnumerable<string>> find)
{
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(50);

    private volatile Listing? last;

    public IReadOnlyList<string> Names
    {
        get
        {
            // Seen before looking: what comes meanwhile is found the next time.
            (string, DateTime)[] seen = [.. folders().Select(static folder => (folder, Directory.GetLastWriteTimeUtc(folder)))];
            if (last is { } kept && kept.Until > Environment.TickCount64 && kept.Seen.AsSpan().SequenceEqual(seen))
            {
                return kept.Names;
            }

            // One that has changed a moment ago may change again within the same tick of its clock.
            bool settled = seen.All(f => f.Item2 < DateTime.UtcNow - Tick);
            string[] names = [.. find()];
            last = settled ? new Listing(seen, names, Environment.TickCount64 + (long)Kept.TotalMilliseconds) : null;
            return names;
        }
    }

    private sealed record Listing((string Folder, DateTime Written)[] Seen, string[] Names, long Until);
}
