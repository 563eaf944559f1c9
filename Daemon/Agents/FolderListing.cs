namespace ClusterTools.Agents;

/// <summary>What was found in folders, kept until one of them has changed. A mode that changed alone is noticed after a while.</summary>
/// <param name="folders">Where it is looked for; those that are not there count too.</param>
/// <param name="find">Looks.</param>
internal sealed class FolderListing(Func<IEnumerable<string>> folders, Func<IEnumerable<string>> find)
{
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(30);

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

            string[] names = [.. find()];
            last = new Listing(seen, names, Environment.TickCount64 + (long)Kept.TotalMilliseconds);
            return names;
        }
    }

    private sealed record Listing((string Folder, DateTime Written)[] Seen, string[] Names, long Until);
}
