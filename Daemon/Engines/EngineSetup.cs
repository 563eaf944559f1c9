namespace ClusterTools.Engines;

/// <summary>
/// What a node's shell knows of the life that is to take part by an engine; the rest is said by whoever composes the daemon.
/// </summary>
public sealed record EngineSetup
{
    /// <summary>The node in its life.</summary>
    public required Member Self { get; init; }

    /// <summary>The votes of a log that is made anew; afterwards those in the log hold.</summary>
    public required VoteTable Votes { get; init; }

    /// <summary>Somebody vouches that whatever log is there, or none, is the one to go on with.</summary>
    public required bool AcceptAnyLog { get; init; }

    /// <summary>Whether this node may take part in a log that nothing was written to yet.</summary>
    public required bool MayBeNew { get; init; }

    /// <summary>Gets a line of text now and then. May be called on any thread; does not block.</summary>
    public required Action<string> Log { get; init; }
}
