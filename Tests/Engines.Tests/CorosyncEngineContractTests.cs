using System.Collections.Concurrent;
using ClusterTools.Engines.Corosync;
using ClusterTools.Engines.Tests.Corosync.Network;

namespace ClusterTools.Engines.Tests;

/// <summary>The contract, kept by the engine for several machines over the distribution's corosync.</summary>
[Collection(CorosyncCollection.Name)]
public sealed class CorosyncEngineContractTests(CorosyncNetwork network) : NetworkEngineContract, IAsyncDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly string group = Guid.NewGuid().ToString("N");
    private readonly ConcurrentDictionary<string, ManualResetEventSlim> disks = [];

    public async ValueTask DisposeAsync()
    {
        await network.CutAsync();
        folder.Dispose();
    }

    protected override IClusterEngine Create(EngineSetup setup, bool isImpatient)
    {
        Assert.SkipUnless(CorosyncNetwork.Obstacle is null, $"THE COROSYNC ENGINE IS NOT TESTED: {CorosyncNetwork.Obstacle}");
        return new CorosyncEngine(new CorosyncEngineOptions
        {
            Setup = setup,
            Folder = Path.Combine(folder.Path, setup.Self.Node),
            Group = group,
            Token = CorosyncNetwork.Timing.Token,
            AnswerLimit = isImpatient ? 5_000 : 60_000,
            FormDelay = 200,
            OnThread = () => network.Enter(setup.Self.Node),
            BeforeWrite = () => Disk(setup.Self.Node).Wait(),
        });
    }

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
