using System.Collections.Immutable;
using System.Text.Json;
using ClusterTools.Agents;

namespace ClusterTools.RealAgents.Tests;

/// <summary>
/// The executor of the product in a process of its own, so that it can live in namespaces: a request a line in, a result a line out.
/// </summary>
internal static class AgentHost
{
    public const string Role = "role-agents";

    /// <param name="stateFolder">The executor's.</param>
    /// <param name="runFolder">The agents'.</param>
    /// <param name="environment">What agents find in their environment besides (<c>NAME=value</c>).</param>
    public static async Task<int> RunAsync(string stateFolder, string runFolder, string[] environment)
    {
        using var executor = new ResourceAgentExecutor(new ResourceAgentOptions
        {
            StateFolder = stateFolder,
            AgentRunFolder = runFolder,
            Environment = environment.Select(static entry => entry.Split('=', 2))
            .ToImmutableSortedDictionary(static e => e[0], static e => e[1], StringComparer.Ordinal),
        });
        while (await Console.In.ReadLineAsync() is { } line)
        {
            ResourceResult result = await executor.RunAsync(JsonSerializer.Deserialize<ResourceRequest>(line)!, CancellationToken.None);
            await Console.Out.WriteLineAsync(JsonSerializer.Serialize(result));
        }

        return 0;
    }
}
