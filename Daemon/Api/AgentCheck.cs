using System.Collections.Immutable;
using System.Globalization;
using ClusterTools.Agents;
using ClusterTools.Core;
using ClusterTools.Core.Configuration;
using ClusterTools.Fencing;
using ClusterTools.Node;

namespace ClusterTools.Api;

/// <summary>
/// Holds what a change gives to agents against what the agents say of themselves, before it is committed: an agent that is not here, a
/// parameter that it does not know, lacks, or could not read. Only what is new or changed is looked at; what is in force is not made wrong
/// by an update of its agent.
/// </summary>
/// <param name="catalogue">The agents of this node.</param>
/// <param name="node">Its name, for the messages.</param>
/// <param name="force">True: the user goes on all the same, and all are warnings. Null: so is a parameter that is like none the agent
/// names, which it may take all the same.</param>
internal sealed class AgentCheck(AgentCatalogue catalogue, string node, bool? force)
{
    private const string GoOn = "or go on with -Force (force=true in the API) if it is meant";

    // Understood by the shell library of every packaged OCF agent (resource-agents, ocf-shellfuncs).
    private static readonly ImmutableHashSet<string> CommonOcfParameters = ["trace_ra", "trace_file"];

    private static readonly ImmutableHashSet<string> Booleans = ImmutableHashSet.Create(
        StringComparer.OrdinalIgnoreCase, "true", "false", "yes", "no", "on", "off", "1", "0", "y", "n");

    private readonly HashSet<ConfigurationProblem> missing = [];

    /// <summary>The problem is that an agent is not installed here; another node may have it.</summary>
    public bool IsMissingHere(ConfigurationProblem problem) => missing.Contains(problem);

    /// <summary>What is wrong in what is new in <paramref name="next"/>.</summary>
    /// <param name="current">In force.</param>
    /// <param name="next">Asked for.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<ImmutableArray<ConfigurationProblem>> FindAsync(
        ClusterConfiguration current, ClusterConfiguration next, CancellationToken cancel)
    {
        var found = ImmutableArray.CreateBuilder<ConfigurationProblem>();
        foreach (GroupConfiguration group in next.Groups.Values)
        {
            ResourceTree? before = current.Groups.TryGetValue(group.Name, out GroupConfiguration? old) ? ResourceTree.Of(old) : null;
            foreach (ResourceConfiguration resource in ResourceTree.Of(group).StartOrder)
            {
                if (before?.Find(resource.Id) is not { } known || !ConfigurationEquality.SameWork(known, resource))
                {
                    found.AddRange(
                        await ResourceAsync($"groups/{group.Name}/resources/{resource.Id}", resource, cancel).ConfigureAwait(false));
                }
            }
        }

        foreach (FenceDevice device in next.FenceDevices.Values)
        {
            ImmutableArray<FenceStep> steps = StepsOf(next, device.Name);
            if (!current.FenceDevices.TryGetValue(device.Name, out FenceDevice? known) || !ConfigurationEquality.Same(known, device)
                || !SameSteps(steps, StepsOf(current, device.Name)))
            {
                found.AddRange(await DeviceAsync($"fenceDevices/{device.Name}", device, steps, cancel).ConfigureAwait(false));
            }
        }

        return force == true ? [.. found.Select(static p => p with { Severity = ProblemSeverity.Warning })] : found.ToImmutable();
    }

    private async Task<IEnumerable<ConfigurationProblem>> ResourceAsync(
        string path, ResourceConfiguration resource, CancellationToken cancel)
    {
        string agent = resource.Agent;
        try
        {
            if (!IsHere(agent))
            {
                return [Missing(path, $"Resource agent '{agent}'", agent, catalogue.Resources.Find())];
            }

            if (!agent.StartsWith("ocf:", StringComparison.Ordinal))
            {
                return [];
            }

            IReadOnlyList<Contract.AgentParameter> parameters = AgentViews.ResourceTypeInFull(
                agent, await catalogue.DescribeAsync(agent, cancel).ConfigureAwait(false), installed: true).Parameters
                ?? [];
            return [
                .. Given(path, agent, parameters, resource.Parameters.Where(static p => !CommonOcfParameters.Contains(p.Key))),
                .. Required(path, agent, parameters, resource.Parameters.Keys),
            ];
        }
        catch (ResourceAgentException e)
        {
            return [Unread(path, agent, e.Message)];
        }
    }

    private async Task<IEnumerable<ConfigurationProblem>> DeviceAsync(
        string path, FenceDevice device, ImmutableArray<FenceStep> steps, CancellationToken cancel)
    {
        string agent = device.Agent;
        if (WatchdogDevice.Is(device))
        {
            return [];
        }

        if (!catalogue.IsFenceAgentInstalled(agent))
        {
            return [Missing(path, $"Fence agent '{agent}'", agent, catalogue.FindFenceAgents())];
        }

        try
        {
            IReadOnlyList<Contract.AgentParameter> parameters = AgentViews.FenceAgentInFull(
                agent, await catalogue.DescribeFenceAsync(agent, cancel).ConfigureAwait(false)).Parameters
                ?? [];
            IEnumerable<string> lacking = steps.SelectMany(step => Lacking(parameters, device.Parameters.Keys.Concat(step.Parameters.Keys)))
                .Distinct();
            return
            [
                .. Given(
                    path, agent, parameters,
                    device.Parameters.Concat(steps.SelectMany(static s => s.Parameters)).DistinctBy(static p => p.Key)),
                .. lacking.Select(
                    name => Error(
                        path, $"{agent} needs the parameter '{name}', which neither the device nor a fence method of a node gives.",
                        $"Add it, {GoOn}.")),
            ];
        }
        catch (FenceAgentException e)
        {
            return [Unread(path, agent, e.Message)];
        }
    }

    private bool IsHere(string agent) => GuestSettings.Is(agent) ? AgentCatalogue.HasHypervisor
        : agent.StartsWith("systemd:", StringComparison.Ordinal)
        ? catalogue.Resources.IsUnit(agent)
        : catalogue.Resources.FileOf(agent) is { } file && File.Exists(file);

    private IEnumerable<ConfigurationProblem> Given(
        string path, string agent, IReadOnlyList<Contract.AgentParameter> parameters, IEnumerable<KeyValuePair<string, string>> given)
    {
        if (parameters.Count == 0)
        {
            // An agent that says nothing of its parameters may take any.
            return given.Any()
                ? [new ConfigurationProblem(
                    ProblemSeverity.Warning, path,
                    $"{agent} does not say which parameters it takes, so that {string.Join(", ", given.Select(static p => $"'{p.Key}'"))} "
                        + "can't be checked.",
                    "Nothing, if the agent is known to take them.")]
                : [];
        }

        return given.Select(p => Given(path, agent, parameters, p.Key, p.Value)).OfType<ConfigurationProblem>();
    }

    private ConfigurationProblem? Given(
        string path, string agent, IReadOnlyList<Contract.AgentParameter> parameters, string name, string value)
    {
        if (parameters.FirstOrDefault(p => p.Name == name) is not { } parameter)
        {
            string[] near = NearNames.Of(name, parameters.Where(static p => !p.Deprecated).Select(static p => p.Name));
            return new ConfigurationProblem(
                near.Length > 0 || force == false ? ProblemSeverity.Error : ProblemSeverity.Warning,
                path, $"{agent} has no parameter '{name}'{(near.Length > 0 ? $"; near it: {string.Join(", ", near)}" : "")}.",
                $"Correct or remove it, {GoOn}. Get-ClusterResourceType or Get-ClusterFenceAgent shows an agent's parameters.");
        }

        // The value is not told: it may be a secret by another name.
        return Expected(parameter, value) is { } expected
            ? Error(path, $"The value of '{name}' is not what {agent} can read: {expected}.", $"Correct it, {GoOn}.")
            : null;
    }

    private static IEnumerable<ConfigurationProblem> Required(
        string path, string agent, IReadOnlyList<Contract.AgentParameter> parameters, IEnumerable<string> given) =>
        Lacking(parameters, given).Select(
            name => Error(path, $"{agent} needs the parameter '{name}', which is not given.", $"Add it, {GoOn}."));

    /// <summary>Required parameters that are not given by their name, by an older name, or by a default.</summary>
    private static IEnumerable<string> Lacking(IReadOnlyList<Contract.AgentParameter> parameters, IEnumerable<string> given)
    {
        HashSet<string> names = [.. given];
        return parameters
            .Where(p => p.Required && !p.Deprecated && string.IsNullOrEmpty(p.Default) && !names.Contains(p.Name)
                && !parameters.Any(older => older.Deprecated && older.Description == p.Description && names.Contains(older.Name)))
            .Select(static p => p.Name);
    }

    private static string? Expected(Contract.AgentParameter parameter, string value) => parameter.Type switch
    {
        // A secret that stays as it is comes without its value.
        _ when parameter.Secret || value.Length == 0 => null,
        "integer" when !long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _) =>
            "a whole number is expected",
        "boolean" when !Booleans.Contains(value) => "true or false is expected",
        "select" when parameter.Options is { Count: > 0 } options && !options.Contains(value, StringComparer.OrdinalIgnoreCase) =>
            $"one of {string.Join(", ", options)} is expected",
        _ => null,
    };

    private ConfigurationProblem Missing(string path, string what, string agent, IEnumerable<string> there)
    {
        string[] near = NearNames.Of(agent, there);
        ConfigurationProblem problem = Error(
            path, $"{what} is not installed on {node}{(near.Length > 0 ? $"; near it: {string.Join(", ", near)}" : "")}.",
            $"Install it on every node that is to use it, or correct the name, {GoOn}: other nodes may have it.");
        missing.Add(problem);
        return problem;
    }

    private static ConfigurationProblem Unread(string path, string agent, string why) => new(
        ProblemSeverity.Warning, path, $"What {agent} needs could not be read, so that its parameters are not checked: {why}",
        "Look at the agent; nothing else, if it is known to work.");

    private static ConfigurationProblem Error(string path, string message, string remedy) =>
        new(ProblemSeverity.Error, path, message, remedy);

    private static ImmutableArray<FenceStep> StepsOf(ClusterConfiguration configuration, string device) =>
        [
            .. configuration.Nodes.Values.SelectMany(static n => n.FenceMethods).SelectMany(static m => m.Steps)
                .Where(s => s.Device == device),
        ];

    private static bool SameSteps(ImmutableArray<FenceStep> a, ImmutableArray<FenceStep> b) =>
        a.Length == b.Length && a.Zip(b).All(static pair => ConfigurationEquality.Same(pair.First, pair.Second));
}
