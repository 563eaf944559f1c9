using System.Collections.Immutable;

namespace ClusterTools.Guests;

/// <summary>A guest's resource that is to move from this host to another one.</summary>
public sealed record MigrationRequest
{
    /// <summary>The resource within its group, <c>vm:name</c>; the name is the guest's unless the parameters say another.</summary>
    public required string Resource { get; init; }

    /// <summary>The resource's parameters, which say how it moves.</summary>
    public ImmutableSortedDictionary<string, string> Parameters { get; init; } =
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>The other host, as this host's hypervisor reaches it: <c>qemu+tls://host2/system</c>.</summary>
    public required string Destination { get; init; }

    /// <summary>Where the guest's memory is sent: <c>tcp://10.0.1.2</c>; null: as the hosts say.</summary>
    public string? Network { get; init; }

    /// <summary>What the guest does meanwhile.</summary>
    public MigrationKind Kind { get; init; } = MigrationKind.Live;
}
