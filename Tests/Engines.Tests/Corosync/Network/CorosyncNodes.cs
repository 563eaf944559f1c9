using ClusterTools.Engines.Corosync;

namespace ClusterTools.Engines.Tests.Corosync.Network;

/// <summary>The engines of one test on the machines of a network, with a process group and folders of their own.</summary>
internal sealed class CorosyncNodes(CorosyncNetwork network) : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public string Group { get; } = Guid.NewGuid().ToString("N");

    /// <summary>Where a node's log is.</summary>
    public string Folder(string node) => Path.Combine(folder.Path, node);

    /// <summary>A life of a node; skips the test where there can be no such machines.</summary>
    /// <param name="setup">The life.</param>
    /// <param name="answerLimit">Milliseconds until a member that does not answer is gone on without.</param>
    /// <param name="beforeWrite">Is called before each transaction on the disk.</param>
    public CorosyncEngine Create(EngineSetup setup, int answerLimit, Action? beforeWrite = null)
    {
        Assert.SkipUnless(CorosyncNetwork.Obstacle is null, $"THE COROSYNC ENGINE IS NOT TESTED: {CorosyncNetwork.Obstacle}");
        return new CorosyncEngine(new CorosyncEngineOptions
        {
            Setup = setup,
            Folder = Folder(setup.Self.Node),
            Group = Group,
            Token = CorosyncNetwork.Timing.Token,
            AnswerLimit = answerLimit,
            FormDelay = 200,
            OnThread = () => network.Enter(setup.Self.Node),
            BeforeWrite = beforeWrite,
        });
    }

    public void Dispose() => folder.Dispose();
}
