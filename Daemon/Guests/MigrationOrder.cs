namespace ClusterTools.Guests;

/// <summary>Where a guest is to move, and how.</summary>
public sealed record MigrationOrder
{
    /// <summary>The other host, as this host's hypervisor reaches it: <c>qemu+tls://host2/system</c>.</summary>
    public required string Destination { get; init; }

    /// <summary>What the guest does meanwhile.</summary>
    public MigrationKind Kind { get; init; } = MigrationKind.Live;

    /// <summary>From its beginning; then what <see cref="AtLimit"/> says.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>What becomes of a live migration that does not end within <see cref="Limit"/>.</summary>
    public MigrationAtLimit AtLimit { get; init; }

    /// <summary>Where the guest's memory is sent, when by a network of its own: <c>tcp://10.0.1.2</c>; null: as the hosts say.</summary>
    public string? Network { get; init; }

    /// <summary>MiB a second at most; null: as the hypervisor has it.</summary>
    public int? Bandwidth { get; init; }

    /// <summary>Connections side by side; null: one.</summary>
    public int? Connections { get; init; }

    /// <summary>Slows down a guest that changes its memory faster than it can be sent.</summary>
    public bool AutoConverge { get; init; } = true;

    /// <summary>
    /// The guest may go on there before all of its memory has come. It dies when either host or the network does before that.
    /// </summary>
    public bool PostCopy { get; init; }

    /// <summary>What is sent is encrypted; the hosts have certificates for it.</summary>
    public bool Tls { get; init; }

    /// <summary>Its disks are copied along; else both hosts have them.</summary>
    public bool CopyDisks { get; init; }

    /// <summary>
    /// The disks are known to be safe for both hosts though their caches do not say so, as those of a cluster file system are.
    /// </summary>
    public bool IsCacheSafe { get; init; }
}
