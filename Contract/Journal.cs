namespace ClusterTools.Contract;

/// <summary>A decision or an event in words.</summary>
public sealed class JournalEntry
{
    /// <summary>Place in the journal of the node that answered; grows by one.</summary>
    public long Sequence { get; set; }

    /// <summary>Index of the event that caused it; the same on every node.</summary>
    public long Index { get; set; }

    /// <summary>Cluster time: how long the cluster had been at work since it was made.</summary>
    public TimeSpan Time { get; set; }

    public DateTimeOffset? At { get; set; }

    public JournalSeverity Severity { get; set; }

    /// <summary>A stable word for programs: <c>node.lost</c>, <c>group.start</c> …</summary>
    public string Kind { get; set; } = "";

    public string Message { get; set; } = "";

    public string? Node { get; set; }

    public string? Group { get; set; }

    public string? Resource { get; set; }

    /// <summary>Who asked; null: the cluster decided.</summary>
    public string? Who { get; set; }
}

/// <summary>Some of the journal: <c>GET /v1/journal</c>.</summary>
public sealed class JournalPage
{
    /// <summary>The node whose journal it is; sequence numbers are its own.</summary>
    public string Node { get; set; } = "";

    /// <summary>Sequence number of the newest entry of all; give the last one read as <c>after</c> to go on.</summary>
    public long Last { get; set; }

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<JournalEntry> Entries { get; set; } = [];

    /// <summary>There are more between the last entry here and <see cref="Last"/>.</summary>
    public bool More { get; set; }

    /// <summary>Without a place to begin at: give this as <c>before</c> for the entries before these; null: there are none.</summary>
    public long? Before { get; set; }
}

public enum JournalSeverity
{
    Information,
    Warning,
    Error,
}
