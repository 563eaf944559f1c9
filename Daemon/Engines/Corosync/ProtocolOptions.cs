namespace ClusterTools.Engines.Corosync;

/// <summary>What a life begins with.</summary>
internal sealed record ProtocolOptions
{
    public required Member Self { get; init; }

    /// <summary>Milliseconds that a member may take to answer before the others go on without it.</summary>
    public required int AnswerLimit { get; init; }

    /// <summary>Milliseconds that a start waits for those who are not there yet.</summary>
    public required int FormDelay { get; init; }

    /// <summary>Milliseconds between two words that a process is there; much shorter than <see cref="AnswerLimit"/>.</summary>
    public required int PresenceInterval { get; init; }

    /// <summary>Bytes of entries that go into one message.</summary>
    public int TransferSize { get; init; } = 256 * 1024;
}
