using System.IO.Enumeration;
using ClusterTools.Agents;
using ClusterTools.Core;
using ClusterTools.Core.Configuration;
using ClusterTools.Fencing;
using ClusterTools.Import;
using ClusterTools.Node;

namespace ClusterTools.Api;

/// <summary>The resource and fence agents that this node has.</summary>
internal sealed class AgentEndpoints(ApiServerOptions options)
{
    private const string UnitPrefix = "systemd:";

    public IEnumerable<Route> Routes() =>
    [
        new("GET", "/v1/resource-types", AccessRole.Viewer, ResourceTypes, "agent"),
        new("GET", "/v1/resource-types/{agent}", AccessRole.Viewer, ResourceType),
        new("GET", "/v1/fence-agents", AccessRole.Viewer, FenceAgents),
        new("GET", "/v1/fence-agents/{agent}", AccessRole.Viewer, FenceAgent),
    ];

    private static Task ResourceTypes(ApiRequest request)
    {
        string pattern = request.Query("agent") ?? "*";
        AgentCatalogue catalogue = request.Node.Agents;

        string[] here = [.. catalogue.Resources.Find()];
        HashSet<string> installed = [.. here];

        // A machine has hundreds of units; they are listed only when asked for.
        IEnumerable<string> names = pattern.StartsWith(UnitPrefix, StringComparison.OrdinalIgnoreCase)
            ? catalogue.Resources.FindUnits()
            : here;
        return request.AnswerAsync<Contract.ResourceType[]>(
        [
            .. names
                .Where(name => FileSystemName.MatchesSimpleExpression(pattern, name))
                .Select(name => AgentViews.ResourceType(name, catalogue.Known(name), installed: true)),
            .. ClassicTypes.Names
                .Where(name => FileSystemName.MatchesSimpleExpression(pattern, name))
                .Select(name => AgentViews.ClassicType(name, installed)),
        ]);
    }

    private async Task ResourceType(ApiRequest request)
    {
        string name = request.Name("agent");
        AgentCatalogue catalogue = request.Node.Agents;
        using CancellationTokenSource limit = Limit(request);
        try
        {
            if (ClassicTypes.Contains(name))
            {
                await ClassicType(request, name, limit.Token).ConfigureAwait(false);
                return;
            }

            bool installed = IsInstalled(request, name);
            if (!installed && !IsConfigured(request, name))
            {
                throw NotFound(name, catalogue);
            }

            AgentMetadata metadata = await catalogue.DescribeAsync(name, limit.Token).ConfigureAwait(false);
            await request.AnswerAsync(AgentViews.ResourceTypeInFull(name, metadata, installed)).ConfigureAwait(false);
        }
        catch (ResourceAgentException e)
        {
            throw e.ExitCode is 2 or 5 ? NotFound(name, catalogue) : Problems.AgentFailed(name, e.Message);
        }
        catch (OperationCanceledException) when (!request.Aborted.IsCancellationRequested)
        {
            throw Problems.AgentFailed(name, $"It did not answer within {options.SubmitLimit.TotalSeconds:0} s.");
        }
    }

    // What is known of a classic type does not depend on its agent being there.
    private static async Task ClassicType(ApiRequest request, string name, CancellationToken cancel)
    {
        AgentCatalogue catalogue = request.Node.Agents;
        HashSet<string> installed = [.. catalogue.Resources.Find()];
        Contract.ResourceType type = AgentViews.ClassicType(name, installed);
        if (ClassicTypes.AgentOf(name) is { } agent && installed.Contains(agent))
        {
            type = AgentViews.ResourceTypeInFull(
                agent, await catalogue.DescribeAsync(agent, cancel).ConfigureAwait(false), installed: true);
            type.Name = name;
            type.Class = Contract.ResourceTypeClass.Classic;
        }

        await request.AnswerAsync(type).ConfigureAwait(false);
    }

    // Not by path: whether a file is there is not everybody's to know.
    private static bool IsInstalled(ApiRequest request, string name) =>
        (name.StartsWith(UnitPrefix, StringComparison.Ordinal)
            ? request.Node.Agents.Resources.FindUnits()
            : request.Node.Agents.Resources.Find()).Contains(name);

    private static bool IsConfigured(ApiRequest request, string name) =>
        request.State.Configuration.Groups.Values.Any(g => ResourceTree.OfAll(g).StartOrder.Any(r => r.Agent == name));

    private static Task FenceAgents(ApiRequest request)
    {
        AgentCatalogue catalogue = request.Node.Agents;
        return request.AnswerAsync<Contract.FenceAgent[]>(
            [.. FenceAgentNames(request).Select(name => AgentViews.FenceAgent(name, catalogue.KnownFence(name)))]);
    }

    private async Task FenceAgent(ApiRequest request)
    {
        string name = request.Name("agent");
        string[] known = FenceAgentNames(request);

        // A path is a program that would be run: only an administrator says which, in the configuration.
        if (!known.Contains(name, StringComparer.Ordinal))
        {
            throw Problems.NotFound("fence agent", name, "Get-ClusterFenceAgent", known);
        }

        using CancellationTokenSource limit = Limit(request);
        try
        {
            FenceMetadata metadata = await request.Node.Agents.DescribeFenceAsync(name, limit.Token).ConfigureAwait(false);
            await request.AnswerAsync(AgentViews.FenceAgentInFull(name, metadata)).ConfigureAwait(false);
        }
        catch (FenceAgentException e)
        {
            throw Problems.AgentFailed(name, e.Message);
        }
        catch (OperationCanceledException) when (!request.Aborted.IsCancellationRequested)
        {
            throw Problems.AgentFailed(name, $"It did not answer within {options.SubmitLimit.TotalSeconds:0} s.");
        }
    }

    private static string[] FenceAgentNames(ApiRequest request) =>
    [
        .. request.Node.Agents.FindFenceAgents()
            .Union(request.State.Configuration.FenceDevices.Values.Select(d => d.Agent).Where(
                request.Node.Agents.IsFenceAgentInstalled), StringComparer.Ordinal)
            .Order(StringComparer.Ordinal),
    ];

    private static ApiException NotFound(string name, AgentCatalogue catalogue) => Problems.NotFound(
        "resource agent", name, "Get-ClusterResourceType",
        name.StartsWith(UnitPrefix, StringComparison.Ordinal)
            ? catalogue.Resources.FindUnits()
            : catalogue.Resources.Find().Concat(ClassicTypes.Names));

    private CancellationTokenSource Limit(ApiRequest request)
    {
        var limit = CancellationTokenSource.CreateLinkedTokenSource(request.Aborted);
        limit.CancelAfter(options.SubmitLimit);
        return limit;
    }
}
