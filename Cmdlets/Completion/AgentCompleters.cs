using System.Collections;
using System.Management.Automation.Language;

namespace ClusterTools.Cmdlets;

/// <summary>Completes names of resource agents; after <c>systemd:</c> those of units.</summary>
public sealed class ResourceAgentCompleter : NameCompleter
{
    /// <inheritdoc/>
    protected override async Task<IReadOnlyList<(string Name, string About)>> AskAsync(
        ClusterClient client, IDictionary bound, CancellationToken cancellationToken)
    {
        Task<ResourceType[]> agents = client.GetResourceTypesAsync("*", cancellationToken);
        Task<ResourceType[]> units = client.GetResourceTypesAsync("systemd:*", cancellationToken);
        return [
            .. (await agents.ConfigureAwait(false)).Concat(await units.ConfigureAwait(false))
                .Select(a => (a.Name, a.ShortDescription is { } about ? $"{a.Name}: {about}" : "")),
        ];
    }
}

/// <summary>Completes names of fence agents.</summary>
public sealed class FenceAgentCompleter : NameCompleter
{
    /// <inheritdoc/>
    protected override async Task<IReadOnlyList<(string Name, string About)>> AskAsync(
        ClusterClient client, IDictionary bound, CancellationToken cancellationToken) =>
        [
            .. (await client.GetFenceAgentsAsync(cancellationToken).ConfigureAwait(false)).Select(
                a => (a.Name, a.ShortDescription is { } about ? $"{a.Name}: {about}" : "")),
        ];
}

/// <summary>Completes a hashtable with the parameters of the agent on the command line: first all that are required, then each.</summary>
public abstract class AgentParameterCompleter : NameCompleter, IArgumentCompleter
{
    // The order in which the agent lists them is kept; what is required stands first.
    private const string Required = "required: ";

    /// <inheritdoc/>
    IEnumerable<CompletionResult> IArgumentCompleter.CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        string word = wordToComplete.Trim('\'', '"');
        CompletionResult[] names = [.. CompleteArgument(commandName, parameterName, "", commandAst, fakeBoundParameters)];
        string[] required = [.. names.Where(n => n.ToolTip.StartsWith(Required, StringComparison.Ordinal)).Select(n => n.ListItemText)];
        IEnumerable<CompletionResult> each = names.Where(n => n.ListItemText.StartsWith(word, StringComparison.OrdinalIgnoreCase))
            .Select(n => new CompletionResult(
                $"@{{ {Quoted(n.ListItemText)} = '' }}", n.ListItemText, CompletionResultType.ParameterValue, n.ToolTip));
        return required.Length < 2 || word.Length > 0
            ? each
            : each.Prepend(new CompletionResult(
                $"@{{ {string.Join("; ", required.Select(r => $"{Quoted(r)} = ''"))} }}", string.Join(", ", required),
                CompletionResultType.ParameterValue, "all that are required"));
    }

    /// <summary>Names and descriptions, required ones first.</summary>
    private protected static IReadOnlyList<(string Name, string About)> Of(IEnumerable<AgentParameter>? parameters) =>
    [
        .. (parameters ?? []).Where(p => !p.Deprecated).OrderBy(p => !p.Required).Select(p =>
            (p.Name, $"{(p.Required ? Required : "")}{p.Description}{(p.Default is { Length: > 0 } usual ? $" (default: {usual})" : "")}")),
    ];
}

/// <summary>Completes the parameters of a resource agent.</summary>
public sealed class ResourceParameterCompleter : AgentParameterCompleter
{
    /// <inheritdoc/>
    protected override string Scope(IDictionary bound) => $"{Text(bound, "Agent")}\n{Text(bound, "Group")}\n{Text(bound, "Name")}";

    /// <inheritdoc/>
    protected override async Task<IReadOnlyList<(string Name, string About)>> AskAsync(
        ClusterClient client, IDictionary bound, CancellationToken cancellationToken)
    {
        string? agent = Text(bound, "Agent");
        if (agent is not null && agent.IndexOf(':') < 0)
        {
            // The last part of an OCF agent's name will do.
            ResourceType[] all = await client.GetResourceTypesAsync("*", cancellationToken).ConfigureAwait(false);
            agent = all.Select(a => a.Name).FirstOrDefault(n => n == agent || n.EndsWith(":" + agent, StringComparison.OrdinalIgnoreCase))
                ?? agent;
        }

        if (agent is null && Text(bound, "Group") is { } group && Text(bound, "Name") is { } name)
        {
            ResourceStatus[] resources = await client.GetResourcesAsync(group, cancellationToken).ConfigureAwait(false);
            agent = resources.FirstOrDefault(r => r.Id == name || r.Id.EndsWith(":" + name, StringComparison.OrdinalIgnoreCase))?.Agent;
        }

        return agent is null ? [] : Of((await client.GetResourceTypeAsync(agent, cancellationToken).ConfigureAwait(false)).Parameters);
    }
}

/// <summary>Completes the parameters of a fence agent.</summary>
public sealed class FenceParameterCompleter : AgentParameterCompleter
{
    /// <inheritdoc/>
    protected override string Scope(IDictionary bound) => $"{Text(bound, "Agent")}\n{Text(bound, "Name")}";

    /// <inheritdoc/>
    protected override async Task<IReadOnlyList<(string Name, string About)>> AskAsync(
        ClusterClient client, IDictionary bound, CancellationToken cancellationToken)
    {
        string? agent = Text(bound, "Agent");
        if (agent is null && Text(bound, "Name") is { } name)
        {
            FenceDevice[] devices = await client.GetFenceDevicesAsync(cancellationToken).ConfigureAwait(false);
            agent = devices.FirstOrDefault(d => string.Equals(d.Name, name, StringComparison.OrdinalIgnoreCase))?.Agent;
        }

        return agent is null ? [] : Of((await client.GetFenceAgentAsync(agent, cancellationToken).ConfigureAwait(false)).Parameters);
    }
}
