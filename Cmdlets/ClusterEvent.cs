using System.Collections.Concurrent;

namespace ClusterTools.Cmdlets;

/// <summary>Gets what happened in the cluster, and why: its journal, as it was or as it goes on.</summary>
/// <remarks>
/// <para>Without parameters the newest hundred entries are shown, oldest first. Every node keeps the journal; entries of one event have the
/// same Index on all nodes.</para>
/// <para>With -Follow entries come as they are written, until the command is stopped or -MaxEvents have come. When the node that it listens
/// to dies, it goes on at another one, without a gap.</para>
/// </remarks>
/// <example><code>Get-ClusterEvent -MaxEvents 20</code>Shows the last twenty entries.</example>
/// <example><code>Get-ClusterEvent -Since (Get-Date).AddHours(-1) -Severity Warning</code>Shows what went wrong in the last hour.</example>
/// <example><code>Get-ClusterGroup webshop | Get-ClusterEvent -MaxEvents 10</code>Shows what happened to one group.</example>
/// <example><code>Write-ClusterLog 'Beginning'
/// Get-ClusterEvent -Since (Get-Date).AddMinutes(-5) -Follow -MaxEvents 1 | ForEach-Object { "$($_.At): $($_.Message)" }</code>Shows
/// entries of the last
/// five minutes and then new ones as they come; here it ends after the first.</example>
[Cmdlet(VerbsCommon.Get, "ClusterEvent", DefaultParameterSetName = ByName)]
[OutputType(typeof(JournalEntry))]
public sealed class GetClusterEventCommand : ClusterCmdlet
{
    private const string ByName = "Name";

    private const string ByObject = "InputObject";

    private const int DefaultCount = 100;

    private const int PageSize = 1000;

    private const int Backlog = 1024;

    private readonly List<string> groups = [];
    private readonly List<string> nodes = [];
    private bool processed;

    /// <summary>Only entries about these groups; wildcards are allowed.</summary>
    [Parameter(Position = 0, ParameterSetName = ByName)]
    [ArgumentCompleter(typeof(GroupCompleter))]
    [GroupName]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Group { get; set; }

    /// <summary>Only entries about these nodes; wildcards are allowed.</summary>
    [Parameter(ParameterSetName = ByName)]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [NodeName]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Node { get; set; }

    /// <summary>Groups or nodes, as Get-ClusterGroup and Get-ClusterNode give them, or names of groups.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = ByObject)]
    [ValidateNotNull]
    public PSObject[] InputObject { get; set; } = [];

    /// <summary>Only entries of these kinds, such as node.lost or group.failed; wildcards are allowed. Tab lists the kinds.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(EventKindCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Kind { get; set; }

    /// <summary>Only entries from this time on.</summary>
    [Parameter]
    public DateTimeOffset? Since { get; set; }

    /// <summary>Only entries of this severity and worse.</summary>
    [Parameter]
    public JournalSeverity Severity { get; set; } = JournalSeverity.Information;

    /// <summary>The newest so many; 100 when neither this nor -Since is given. With -Follow: ends after so many.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? MaxEvents { get; set; }

    /// <summary>Goes on with entries as they are written.</summary>
    [Parameter]
    public SwitchParameter Follow { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        processed = true;
        groups.AddRange(Group ?? []);
        nodes.AddRange(Node ?? []);
        foreach (PSObject item in ParameterSetName == ByObject ? InputObject : [])
        {
            if (item.BaseObject is string name)
            {
                groups.Add(name);
            }
            else if (new NodeNameAttribute().NameOf(item) is { } node)
            {
                nodes.Add(node);
            }
            else if (new GroupNameAttribute().NameOf(item) is { } group)
            {
                groups.Add(group);
            }
            else
            {
                WriteProblem(
                    ClusterErrors.Own(
                        ProblemCodes.BadRequest, 400, $"'{item}' is neither a group nor a node.",
                        "Pipe in what Get-ClusterGroup or Get-ClusterNode give."),
                    item);
            }
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing() => Attempt(null, () =>
    {
        if ((MyInvocation.ExpectingInput && !processed) || (ParameterSetName == ByObject && groups.Count == 0 && nodes.Count == 0))
        {
            // An empty pipeline selects nothing, not everything.
            return;
        }

        JournalFilter filter = Filter();
        if (Follow)
        {
            FollowFrom(filter);
            return;
        }

        List<JournalEntry> entries = Since is null && filter.TakesAll && (MaxEvents ?? DefaultCount) <= PageSize
            ? [.. Call((client, cancel) => client.GetJournalAsync($"limit={MaxEvents ?? DefaultCount}&{filter.Query}", cancel)).Entries]
            : [.. Pages(filter, long.MaxValue)];
        int most = MaxEvents ?? (Since is null ? DefaultCount : int.MaxValue);
        WriteClusterObjects(entries.Skip(Math.Max(0, entries.Count - most)));

        if (entries.Count == 0)
        {
            ReportUnknownNames();
        }
    });

    /// <summary>A name without wildcard that nothing was written about, and that there is not, is a slip.</summary>
    private void ReportUnknownNames()
    {
        if (groups.Count > 0)
        {
            _ = FindGroups(groups);
        }

        if (nodes.Count > 0)
        {
            _ = FindNodes(nodes);
        }
    }

    private JournalFilter Filter()
    {
        // The known names are needed only where a name might be a wildcard.
        bool wild = groups.Concat(nodes).Any(ObjectNames.IsWildcard);
        string[] knownGroups = wild ? [.. Call((client, cancel) => client.GetGroupsAsync(false, cancel)).Select(g => g.Name)] : [];
        string[] knownNodes = wild ? [.. Call((client, cancel) => client.GetNodesAsync(cancel)).Select(n => n.Name)] : [];
        return new JournalFilter(
            groups.Count == 0 ? null : ObjectNames.Filter(groups, knownGroups),
            nodes.Count == 0 ? null : ObjectNames.Filter(nodes, knownNodes),
            Kind is null ? null : ObjectNames.Filter(Kind, []),
            Severity,
            Since);
    }

    /// <summary>All fitting entries that a node has, oldest first, up to an index.</summary>
    private IEnumerable<JournalEntry> Pages(JournalFilter filter, long lastIndex)
    {
        long after = 0;
        while (true)
        {
            JournalPage page = Call((client, cancel) => client.GetJournalAsync($"after={after}&limit={PageSize}&{filter.Query}", cancel));
            foreach (JournalEntry entry in page.Entries)
            {
                after = entry.Sequence;
                if (entry.Index <= lastIndex && filter.Fits(entry))
                {
                    yield return entry;
                }
            }

            if (!page.More || page.Entries.Count == 0)
            {
                yield break;
            }
        }
    }

    private void FollowFrom(JournalFilter filter)
    {
        ReportUnknownNames();
        int left = MaxEvents ?? int.MaxValue;
        string? place = null;
        if (Since is not null)
        {
            // The resume point is fixed before the older entries are read, so that none is missed or repeated.
            JournalPage newest = Call((client, cancel) => client.GetJournalAsync("limit=1", cancel));
            if (newest.Entries.Count > 0)
            {
                JournalEntry last = newest.Entries[newest.Entries.Count - 1];
                place = $"{newest.Node}:{last.Sequence}:{last.Index}";
                foreach (JournalEntry entry in Pages(filter, last.Index))
                {
                    WriteClusterObject(entry);
                    if (--left == 0)
                    {
                        return;
                    }
                }
            }
        }

        foreach (JournalEntry entry in Live(place).Where(filter.Fits))
        {
            WriteClusterObject(entry);
            if (--left == 0)
            {
                return;
            }
        }
    }

    /// <summary>Entries as they come; each of them once, also when it goes on at another node.</summary>
    private IEnumerable<JournalEntry> Live(string? place)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Stopped);
        using var items = new BlockingCollection<StreamEvent>(Backlog);
        ClusterClient client = ClusterConnections.Of(Cluster);

        // On another thread: this one waits for the entries, and a full queue must not block its own reader.
        Task following = Task.Run(
            async () =>
            {
                try
                {
                    await client.FollowEventsAsync("kinds=journal", place, item => items.Add(item, end.Token), end.Token)
                        .ConfigureAwait(false);
                }
                finally
                {
                    items.CompleteAdding();
                }
            },
            CancellationToken.None);
        try
        {
            var seen = new SeenEntries();
            while (Take(items) is { } item)
            {
                if (item.Kind == "hello")
                {
                    seen.NewStream();
                }
                else if (item.Kind == "gap")
                {
                    WriteWarning(
                        $"{item.Read<StreamGap>().Missing} entries are missing here: they are older than what the node keeps in memory.");
                }
                else if (item.Kind == "journal" && item.Read<JournalEntry>() is { } entry && seen.IsNew(entry))
                {
                    yield return entry;
                }
            }

            // It ends by itself only with an error.
            following.GetAwaiter().GetResult();
        }
        finally
        {
            end.Cancel();
            Task.WaitAny([following], TimeSpan.FromSeconds(5));
        }
    }

    private StreamEvent? Take(BlockingCollection<StreamEvent> items)
    {
        try
        {
            return items.TryTake(out StreamEvent? item, Timeout.Infinite, Stopped) ? item : null;
        }
        catch (OperationCanceledException)
        {
            throw new PipelineStoppedException();
        }
    }

    /// <summary>Which entries are wanted.</summary>
    private sealed class JournalFilter(
        Func<string, bool>? groups, Func<string, bool>? nodes, Func<string, bool>? kinds, JournalSeverity severity, DateTimeOffset? since)
    {
        /// <summary>The server can tell alone what fits.</summary>
        public bool TakesAll => groups is null && nodes is null && kinds is null;

        public string Query =>
            $"severity={severity.ToString().ToLowerInvariant()}"
                + $"{(since is { } from ? $"&since={ClusterClient.Segment(from.UtcDateTime.ToString("o"))}" : "")}";

        public bool Fits(JournalEntry entry) =>
            entry.Severity >= severity
            && (since is null || entry.At is null || entry.At >= since)
            && (kinds is null || kinds(entry.Kind))
            && ((groups is null && nodes is null)
                || (entry.Group is { } group && groups?.Invoke(group) == true)
                || (entry.Node is { } node && nodes?.Invoke(node) == true));
    }

    /// <summary>Another node goes on by the index of the event, so that entries of the last one may come twice.</summary>
    private sealed class SeenEntries
    {
        private readonly HashSet<string> atLast = [];
        private HashSet<string> before = [];
        private long last = -1;
        private long resumed = -1;

        public void NewStream() => (before, resumed) = ([.. atLast], last);

        public bool IsNew(JournalEntry entry)
        {
            string key = $"{entry.Kind}\n{entry.Message}\n{entry.Node}\n{entry.Group}\n{entry.Resource}";
            if (entry.Index == resumed && before.Contains(key))
            {
                return false;
            }

            if (entry.Index != last)
            {
                atLast.Clear();
                last = entry.Index;
            }

            atLast.Add(key);
            return true;
        }
    }
}
