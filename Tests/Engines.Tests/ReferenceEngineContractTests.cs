using ClusterTools.Engines.Tests.Reference;

namespace ClusterTools.Engines.Tests;

/// <summary>
/// The contract, kept by the engine that other engines are compared with: what is asked of them can be kept, and the tests don't ask for
/// what only one engine does.
/// </summary>
public sealed class ReferenceEngineContractTests : NetworkEngineContract
{
    private readonly ReferenceNetwork network = new();

    protected override IClusterEngine Create(EngineSetup setup, bool isImpatient) => network.Create(setup, isImpatient ? 3000 : 60_000);

    protected override void Cut(params string[][] sides) => network.Cut(sides);

    protected override void HoldDisk(string node, bool held) => network.HoldDisk(node, held);

    protected override void SetDevice(int votes, string? side) => network.SetDevice(votes, side);
}
