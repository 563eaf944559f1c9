using ClusterTools.Core.Configuration;
using ClusterTools.Fencing;
using ClusterTools.Node;

namespace ClusterTools.Api;

/// <summary>
/// What the fence agents of a new configuration say of themselves, where they are installed here (see <see cref="FenceProof"/>).
/// </summary>
internal static class FenceMethodCheck
{
    // An agent that hangs must not hold up the change: what it can't say is found out when it is used.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Methods of which every agent says itself that it cuts nothing off. Asks only agents that the configuration in force does not use.
    /// </summary>
    public static async Task<IReadOnlyList<ConfigurationProblem>> MethodsWithoutProofAsync(
        AgentCatalogue agents, ClusterConfiguration current, ClusterConfiguration next, CancellationToken cancel)
    {
        HashSet<string> used = [.. current.FenceDevices.Values.Select(d => d.Agent)];
        var reasons = new Dictionary<string, string>(StringComparer.Ordinal);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(Limit);
        foreach (string agent in next.FenceDevices.Values.Select(d => d.Agent).Distinct(StringComparer.Ordinal))
        {
            if (await WhyNoneAsync(agents, agent, used.Contains(agent), limit.Token, cancel).ConfigureAwait(false) is { } why)
            {
                reasons.Add(agent, why);
            }
        }

        return reasons.Count == 0
            ? []
            :
            [
                .. from node in next.Nodes.Values
                   from method in node.FenceMethods
                   where FenceProof.WhyNone(next, method) is null
                   let why = FenceProof.WhyNone(next, method, reasons.GetValueOrDefault)
                   where why is not null
                   select new ConfigurationProblem(
                       ProblemSeverity.Error,
                       $"nodes/{node.Name}/fenceMethods/{method.Name}",
                       $"Fence method '{method.Name}' of node '{node.Name}' proves nothing: {why}.",
                       "Put a device into it that cuts the node off, or remove the method."),
            ];
    }

    private static async Task<string?> WhyNoneAsync(
        AgentCatalogue agents, string agent, bool used, CancellationToken limit, CancellationToken cancel)
    {
        try
        {
            return used || !agents.IsFenceAgentInstalled(agent)
                ? agents.KnownFence(agent)?.WhyNoProof
                : (await agents.DescribeFenceAsync(agent, limit).ConfigureAwait(false)).WhyNoProof;
        }
        catch (FenceAgentException)
        {
            return null;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return null;
        }
    }
}
