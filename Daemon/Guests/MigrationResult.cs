namespace ClusterTools.Guests;

/// <summary>What became of a <see cref="MigrationRequest"/>.</summary>
public sealed record MigrationResult
{
    /// <summary>It is there. Else where it runs is to be asked of both hosts, if it was <see cref="Begun"/>.</summary>
    public required bool Success { get; init; }

    /// <summary>It was ended on request, and the hypervisor has seen its end.</summary>
    public bool WasCancelled { get; init; }

    /// <summary>The hypervisor was asked to move it; false: nothing has happened at all.</summary>
    public required bool Begun { get; init; }

    /// <summary>
    /// For the journal: what it took, as <c>2.3 s; it stood still for 45 ms, and 312.0 MiB were sent.</c>, or why it is not there.
    /// </summary>
    public required string Message { get; init; }

    /// <summary>What it took; null: it is not there.</summary>
    public MigrationProgress? Figures { get; init; }
}
