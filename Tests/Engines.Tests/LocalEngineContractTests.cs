using ClusterTools.Engines.Local;

namespace ClusterTools.Engines.Tests;

/// <summary>The contract, kept by the engine of one machine.</summary>
public sealed class LocalEngineContractTests : EngineContract, IDisposable
{
    // Longer than a loaded machine keeps a daemon from beating.
    private const int Token = 5000;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    protected override IClusterEngine Create(EngineSetup setup, bool isImpatient) => new LocalEngine(
        LocalEngineOptions.For(setup, folder.Path, Token, Path.Combine(folder.Path, $"{setup.Self.Node}.seen")) with
        {
            ConsumerLimit = isImpatient ? Token : 60_000,
        });
}
