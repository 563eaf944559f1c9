using System.Collections.Immutable;
using ClusterTools.Core.Configuration;
using ClusterTools.RealAgents.Tests.SeveralMachines;

namespace ClusterTools.RealAgents.Tests.Fencing;

/// <summary>The BMCs of a cluster's machines: of each one for each of its supplies.</summary>
internal sealed class Bmcs : IDisposable
{
    private readonly MachineCluster cluster;
    private readonly ImmutableSortedDictionary<string, ImmutableArray<Bmc>> bmcs;

    public Bmcs(MachineCluster cluster, Workshop workshop, int supplies)
    {
        this.cluster = cluster;
        bmcs = cluster.Machines.ToImmutableSortedDictionary(
            static name => name,
            name => Enumerable.Range(1, supplies).Select(i => new Bmc(cluster, workshop, name, i, Password)).ToImmutableArray(),
            StringComparer.Ordinal);
    }

    /// <summary>What is to be found nowhere.</summary>
    public string Password { get; } = Guid.NewGuid().ToString("N")[..16];

    public IEnumerable<FenceDevice> Devices => bmcs.Values.SelectMany(static all => all).Select(static bmc => bmc.Device);

    /// <summary>All BMCs of a machine, as a fence method.</summary>
    public FenceMethod Method(string machine) => new()
    {
        Name = "bmc", Steps = [.. bmcs[machine].Select(static bmc => new FenceStep { Device = bmc.Device.Name })],
    };

    /// <summary>They answer from now on.</summary>
    public async Task StartAsync() => await Task.WhenAll(bmcs.Values.SelectMany(static all => all).Select(static bmc => bmc.StartAsync()));

    /// <summary>What a machine's BMCs were told to do, in this order: <c>SUPPLY off</c>.</summary>
    public IEnumerable<string> Told(string machine) => File.ReadLines(Path.Combine(cluster.SwitchFolder, "told"))
        .Where(line => line.StartsWith(machine + " ", StringComparison.Ordinal)).Select(line => line[(machine.Length + 1)..]);

    /// <summary>They answer no more.</summary>
    public void Dispose()
    {
        foreach (Bmc bmc in bmcs.Values.SelectMany(static all => all))
        {
            bmc.Dispose();
        }
    }
}
