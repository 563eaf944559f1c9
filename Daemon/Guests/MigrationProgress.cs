namespace ClusterTools.Guests;

/// <summary>How far a migration is, or what it took.</summary>
public sealed record MigrationProgress
{
    /// <summary>Since its beginning.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>How long the guest stood still, or is expected to; null: not known.</summary>
    public TimeSpan? Downtime { get; init; }

    /// <summary>Bytes sent so far, memory and disks.</summary>
    public long Sent { get; init; }

    /// <summary>Bytes to be sent yet; the guest may make them more again.</summary>
    public long Remaining { get; init; }

    /// <summary>Bytes of memory and disks that it began with.</summary>
    public long Total { get; init; }

    /// <summary>Bytes a second now; 0: not known.</summary>
    public long Speed { get; init; }

    /// <summary>How often the guest's memory was gone through.</summary>
    public int Rounds { get; init; }
}
