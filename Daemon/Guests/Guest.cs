namespace ClusterTools.Guests;

/// <summary>What a host says of one of its guests.</summary>
public sealed record Guest
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its UUID, the same on every host.</summary>
    public required Guid Id { get; init; }

    /// <summary>What it is doing.</summary>
    public required GuestPhase Phase { get; init; }

    /// <summary>Why it is paused or off.</summary>
    public GuestCause Cause { get; init; }

    /// <summary>The host knows it also when it is off.</summary>
    public bool IsPersistent { get; init; }

    /// <summary>Its memory now, in bytes.</summary>
    public long Memory { get; init; }

    /// <summary>The most memory that it may have, in bytes.</summary>
    public long MaxMemory { get; init; }

    /// <summary>Its virtual processors.</summary>
    public int Processors { get; init; }

    /// <summary>What keeps it from being started, stopped or moved now.</summary>
    public GuestJob Job { get; init; }
}
