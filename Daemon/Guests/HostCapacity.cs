namespace ClusterTools.Guests;

/// <summary>What a host is and has.</summary>
public sealed record HostCapacity
{
    /// <summary>As the hypervisor names it: <c>QEMU</c>, <c>Xen</c>.</summary>
    public required string Hypervisor { get; init; }

    /// <summary>The hypervisor's version.</summary>
    public required Version Version { get; init; }

    /// <summary>The host's own name, as its hypervisor has it.</summary>
    public required string HostName { get; init; }

    /// <summary>All memory of the host, in bytes.</summary>
    public required long Memory { get; init; }

    /// <summary>What could be given to guests now, in bytes.</summary>
    public required long FreeMemory { get; init; }

    /// <summary>Its processors, threads counted.</summary>
    public required int Processors { get; init; }

    /// <summary>The processor's model, as guests may be told.</summary>
    public string? ProcessorModel { get; init; }
}
