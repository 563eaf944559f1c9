using System.Collections.Immutable;

namespace ClusterTools.Core.Configuration;

/// <summary>A power switch, BMC, storage switch or hypervisor that can cut nodes off.</summary>
public sealed record FenceDevice
{
    public required string Name { get; init; }

    /// <summary>The agent program, such as <c>fence_ipmilan</c>.</summary>
    public required string Agent { get; init; }

    /// <summary>The agent's parameters, passwords included: secrets go in, never out (see <c>SecretParameters</c>).</summary>
    public ImmutableSortedDictionary<string, string> Parameters { get; init; } = ClusterConfiguration.Sorted<string>();
}
