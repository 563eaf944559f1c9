using System.Collections.Immutable;

namespace ClusterTools.Agents.Tests;

/// <summary>An executor with a state folder and an OCF root of its own.</summary>
public sealed class ExecutorFixture : IDisposable
{
    private int lastId;

    public ExecutorFixture()
    {
        Options = new ResourceAgentOptions
        {
            StateFolder = Folder["state"], AgentRunFolder = Folder["run"], OcfRoot = Folder["ocf"],
                KillGrace = TimeSpan.FromMilliseconds(200),
        };
        Executor = new ResourceAgentExecutor(Options);
    }

    public Folder Folder { get; } = new();

    public ResourceAgentOptions Options { get; private set; }

    public ResourceAgentExecutor Executor { get; private set; }

    public void Dispose()
    {
        Executor.Dispose();
        Folder.Dispose();
    }

    /// <summary>As a restart of the daemon does it.</summary>
    public void Restart(Func<ResourceAgentOptions, ResourceAgentOptions>? change = null)
    {
        Executor.Dispose();
        Options = change is null ? Options : change(Options);
        Executor = new ResourceAgentExecutor(Options);
    }

    /// <summary>Installs an OCF agent <c>ocf:test:NAME</c>.</summary>
    public string Ocf(string name, string body)
    {
        Folder.Script($"ocf/resource.d/test/{name}", body);
        return $"ocf:test:{name}";
    }

    public ResourceRequest Request(string agent, ResourceOperation operation, params (string Name, string Value)[] parameters) => new()
    {
        ActionId = $"action-{++lastId}",
        Group = "web",
        Resource = "script:one",
        Agent = agent,
        Operation = operation,
        Timeout = TestProcess.HangLimit,
        Parameters =
        ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, parameters.Select(static p => KeyValuePair.Create(p.Name, p.Value))),
    };

    public Task<ResourceResult> RunAsync(string agent, ResourceOperation operation, params (string Name, string Value)[] parameters) =>
        RunAsync(Request(agent, operation, parameters));

    public Task<ResourceResult> RunAsync(ResourceRequest request) => Executor.RunAsync(request, TestProcess.Cancel);
}
