using ClusterTools.Core.Configuration;
using ClusterTools.Node;

namespace ClusterTools.RealMachines.Tests;

/// <summary>How many machines a cluster has, what they have besides a disk of their own, and what its configuration says.</summary>
internal sealed record KernelPlan
{
    public int Machines { get; init; } = 3;

    /// <summary>The watchdog that they have; null: a power switch that others can use cuts them off.</summary>
    public WatchdogSettings? Watchdog { get; init; }

    /// <summary>An image that all of them have as <c>/dev/vdb</c>.</summary>
    public string? SharedDisk { get; init; }

    /// <summary>The port on this machine's loopback of the target that they reach at <see cref="IscsiTarget.Portal"/>.</summary>
    public int? Target { get; init; }

    /// <summary>Is sourced on each machine at each boot before corosync starts.</summary>
    public string AtBoot { get; init; } = "";

    /// <summary>What the configuration says besides.</summary>
    public Func<ClusterConfiguration, ClusterConfiguration> Configure { get; init; } = static c => c;

    public IReadOnlyList<string> Names => [.. Enumerable.Range(1, Machines).Select(static n => $"n{n}")];
}
