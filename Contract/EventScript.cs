namespace ClusterTools.Contract;

/// <summary>A script of the administrator's that is told of events and may decide where groups go: <c>GET /v1/event-scripts</c>.</summary>
public sealed class EventScript
{
    public string Name { get; set; } = "";

    /// <summary>What is run: <c>exec:/path</c> or <c>powershell:/path.ps1</c>.</summary>
    public string Command { get; set; } = "";

    /// <summary>Kinds of events that it is told of; <c>*</c> at the end of one stands for anything.</summary>
    public IReadOnlyList<string> Events { get; set; } = [];

    /// <summary>It is asked where a group starts, in place of the default.</summary>
    public bool Placement { get; set; }

    /// <summary>Its limit; then it is ended and the default counts.</summary>
    public TimeSpan Timeout { get; set; }

    /// <summary>Events that it has not been told yet; those of the call under way are not counted.</summary>
    public int EventsWaiting { get; set; }

    /// <summary>Groups that wait for its word, asked or still to be asked.</summary>
    public IReadOnlyList<string> Placing { get; set; } = [];

    /// <summary>The call under way; null: it does not run.</summary>
    public EventScriptCall? Call { get; set; }
}

/// <summary>A call of an event script that has not been answered.</summary>
public sealed class EventScriptCall
{
    /// <summary>Who runs it.</summary>
    public string Node { get; set; } = "";

    /// <summary>How many events it is told.</summary>
    public int Events { get; set; }

    /// <summary>Groups that it is asked about.</summary>
    public IReadOnlyList<string> Placing { get; set; } = [];

    /// <summary>The time until the default counts, answer or not.</summary>
    public TimeSpan Remaining { get; set; }
}

/// <summary>A kind of journal entry that event scripts may ask for: <c>GET /v1/journal/kinds</c>.</summary>
public sealed class JournalKind
{
    /// <summary>Such as <c>node.lost</c>.</summary>
    public string Kind { get; set; } = "";

    /// <summary>What it tells.</summary>
    public string Description { get; set; } = "";
}
