using ClusterTools.Client;
using ClusterTools.Contract;
using ClusterTools.Lab.Tests;

namespace ClusterTools.Cmdlets.Tests;

/// <summary>A lab that several tests share; they leave it as they find it.</summary>
public sealed class LabFixture : IAsyncLifetime
{
    private TestLab? lab;

    internal TestLab Lab => lab ?? throw new InvalidOperationException("The lab has not started.");

    /// <summary>The lab's context file.</summary>
    internal string ContextPath => PathOf(Lab);

    internal static string PathOf(TestLab lab) => Path.Combine(Path.GetDirectoryName(lab.StateFolder("node1"))!, "context.json");

    internal ClientContext Context() => ContextFile.Read(ContextPath, ApiJson.Wire).Contexts[0];

    internal ClusterClient Connect(Action<ClientContext>? change = null)
    {
        ClientContext context = Context();
        change?.Invoke(context);
        return ClusterClient.FromContext(context, ContextPath, ApiJson.Wire);
    }

    public async ValueTask InitializeAsync() => lab = await TestLab.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (lab is not null)
        {
            await lab.DisposeAsync();
        }
    }
}
