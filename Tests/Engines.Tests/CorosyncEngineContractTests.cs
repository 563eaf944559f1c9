using System.Collections.Concurrent;
using ClusterTools.Engines.Tests.Corosync.Network;

namespace ClusterTools.Engines.Tests;

/// <summary>The contract, kept by the engine for several machines over the distribution's corosync.</summary>
[Collection(CorosyncCollection.Name)]
public sealed class CorosyncEngineContractTests(CorosyncNetwork network) : NetworkEngineContract, IAsyncDisposable
{
    private readonly CorosyncNodes nodes = new(network);
    private readonly ConcurrentDictionary<string, ManualResetEventSlim> disks = [];

    public async ValueTask DisposeAsync()
    {
        await network.CutAsync();
        nodes.Dispose();
    }

    protected override IClusterEngine Create(EngineSetup setup, bool isImpatient) =>
        nodes.Create(setup, isImpatient ? 5_000 : 60_000, () => Disk(setup.Self.Node).Wait());

    protected override void Cut(params string[][] sides) => network.CutAsync(sides).GetAwaiter().GetResult();

    protected override void HoldDisk(string node, bool held)
    {
        if (held)
        {
            Disk(node).Reset();
        }
        else
        {
            Disk(node).Set();
        }
    }

    private ManualResetEventSlim Disk(string node) => disks.GetOrAdd(node, static _ => new ManualResetEventSlim(initialState: true));
}
