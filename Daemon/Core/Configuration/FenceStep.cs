using System.Collections.Immutable;

namespace ClusterTools.Core.Configuration;

/// <summary>One call of a fence device within a method.</summary>
public sealed record FenceStep
{
    /// <summary>Name of a <see cref="FenceDevice"/>.</summary>
    public required string Device { get; init; }

    /// <summary>What is asked of the device. Reboot is carried out as Off, then On.</summary>
    public FenceAction Action { get; init; } = FenceAction.Reboot;

    /// <summary>Parameters of this call (port, plug …), added to the device's own.</summary>
    public ImmutableSortedDictionary<string, string> Parameters { get; init; } = ClusterConfiguration.Sorted<string>();
}
