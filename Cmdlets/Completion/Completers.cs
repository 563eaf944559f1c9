using System.Collections;
using System.Management.Automation.Language;
using ClusterTools.Core;
using ClusterTools.Views;

namespace ClusterTools.Cmdlets;

/// <summary>Completes names of nodes.</summary>
public sealed class NodeCompleter : NameCompleter
{
    /// <inheritdoc/>
    protected override async Task<IReadOnlyList<(string Name, string About)>> AskAsync(
        ClusterClient client, IDictionary bound, CancellationToken cancellationToken) =>
        [.. (await client.GetNodesAsync(cancellationToken).ConfigureAwait(false)).Select(n => (n.Name, $"{n.Name} is {n.Phase}"))];
}

/// <summary>Completes names of groups.</summary>
public sealed class GroupCompleter : NameCompleter
{
    /// <inheritdoc/>
    protected override async Task<IReadOnlyList<(string Name, string About)>> AskAsync(
        ClusterClient client, IDictionary bound, CancellationToken cancellationToken) =>
        [
            .. (await client.GetGroupsAsync(false, cancellationToken).ConfigureAwait(false)).Select(
                g => (g.Name, $"{g.Name} is {g.Phase}{(g.Owner is null ? "" : $" on {g.Owner}")}")),
        ];
}

/// <summary>Completes names of guests.</summary>
public sealed class GuestCompleter : NameCompleter
{
    /// <inheritdoc/>
    protected override async Task<IReadOnlyList<(string Name, string About)>> AskAsync(
        ClusterClient client, IDictionary bound, CancellationToken cancellationToken) =>
        [
            .. (await client.GetGuestsAsync(cancellationToken).ConfigureAwait(false)).Select(
                g => (g.Name, $"{g.Name} is {g.Phase}{(g.Host is null ? "" : $" on {g.Host}")}")),
        ];
}

/// <summary>Completes names of resources: those of the group on the command line, else of all groups.</summary>
public sealed class ResourceCompleter : NameCompleter
{
    private const int MostGroups = 20;

    /// <inheritdoc/>
    protected override string Scope(IDictionary bound) => Text(bound, "Group") ?? "";

    /// <inheritdoc/>
    protected override async Task<IReadOnlyList<(string Name, string About)>> AskAsync(
        ClusterClient client, IDictionary bound, CancellationToken cancellationToken)
    {
        IEnumerable<string> groups = Text(bound, "Group") is { } named
            ? [named]
            : (await client.GetGroupsAsync(false, cancellationToken).ConfigureAwait(false)).Select(g => g.Name).Take(MostGroups);
        ResourceStatus[][] resources = await Task.WhenAll(groups.Select(g => client.GetResourcesAsync(g, cancellationToken)))
            .ConfigureAwait(false);
        return [.. resources.SelectMany(r => r).Select(r => (r.Id, $"{r.Id} of {r.Group} is {Views.ViewText.Word(r.Phase)}")).Distinct()];
    }
}

/// <summary>Completes names of groups that the group on the command line depends on already.</summary>
public sealed class DependencyCompleter : NameCompleter
{
    /// <inheritdoc/>
    protected override string Scope(IDictionary bound) => Text(bound, "Group") ?? "";

    /// <inheritdoc/>
    protected override async Task<IReadOnlyList<(string Name, string About)>> AskAsync(
        ClusterClient client, IDictionary bound, CancellationToken cancellationToken)
    {
        string? group = Text(bound, "Group");
        GroupStatus[] groups = await client.GetGroupsAsync(false, cancellationToken).ConfigureAwait(false);
        return [.. groups
            .Where(g => group is null || string.Equals(g.Name, group, StringComparison.OrdinalIgnoreCase))
            .SelectMany(g => g.Dependencies).Select(d => (d.DependsOn, d.Why)).GroupBy(d => d.DependsOn).Select(d => d.First())];
    }
}

/// <summary>Completes versions of the configuration, newest first.</summary>
public sealed class ConfigurationVersionCompleter : NameCompleter
{
    /// <inheritdoc/>
    protected override async Task<IReadOnlyList<(string Name, string About)>> AskAsync(
        ClusterClient client, IDictionary bound, CancellationToken cancellationToken) =>
    [
        .. (await client.GetConfigurationHistoryAsync(cancellationToken).ConfigureAwait(false)).Versions
            .OrderByDescending(v => v.Version)
            .Select(v => (
                v.Version.ToString(System.Globalization.CultureInfo.InvariantCulture),
                $"version {v.Version}, {ViewText.Time(v.At)} by {v.Who}{(v.Reason is { Length: > 0 } reason ? $": {reason}" : "")}")),
    ];
}

/// <summary>Completes names of those who have a right.</summary>
public sealed class AccessCompleter : NameCompleter
{
    /// <inheritdoc/>
    protected override async Task<IReadOnlyList<(string Name, string About)>> AskAsync(
        ClusterClient client, IDictionary bound, CancellationToken cancellationToken) =>
        [
            .. ClusterAccess.Of((await client.ReadConfigurationAsync(cancellationToken).ConfigureAwait(false)).Document, null)
                .GroupBy(a => a.Name).Select(a => (a.Key, $"{a.Key}: {string.Join(", ", a.Select(g => g.Role))}")),
        ];
}

/// <summary>Completes names of event scripts.</summary>
public sealed class EventScriptCompleter : NameCompleter
{
    /// <inheritdoc/>
    protected override async Task<IReadOnlyList<(string Name, string About)>> AskAsync(
        ClusterClient client, IDictionary bound, CancellationToken cancellationToken) =>
        [.. (await client.GetEventScriptsAsync(cancellationToken).ConfigureAwait(false)).Select(s => (s.Name, $"{s.Name}: {s.Command}"))];
}

/// <summary>Completes kinds of events: each, and those with an asterisk that stand for several.</summary>
public sealed class EventKindCompleter : NameCompleter
{
    /// <inheritdoc/>
    protected override async Task<IReadOnlyList<(string Name, string About)>> AskAsync(
        ClusterClient client, IDictionary bound, CancellationToken cancellationToken)
    {
        JournalKind[] kinds = await client.GetJournalKindsAsync(cancellationToken).ConfigureAwait(false);
        IEnumerable<(string Kind, string Description)> all = kinds.Select(k => (k.Kind, k.Description))
            .Concat(kinds.Where(k => k.Kind.IndexOf('.') > 0).GroupBy(k => k.Kind.Substring(0, k.Kind.IndexOf('.')))
                .Select(g => ($"{g.Key}.*", $"every event of {g.Count()} kinds, {g.First().Kind} to {g.Last().Kind}")))
            .Append(("user.*", "every event that somebody sends with Send-ClusterUserEvent"))
            .Append(("*", "every event"));
        return [.. all.OrderBy(k => k.Kind, StringComparer.Ordinal).Select(k => (k.Kind, k.Description))];
    }
}

/// <summary>Completes names of failover domains.</summary>
public sealed class FailoverDomainCompleter : NameCompleter
{
    /// <inheritdoc/>
    protected override async Task<IReadOnlyList<(string Name, string About)>> AskAsync(
        ClusterClient client, IDictionary bound, CancellationToken cancellationToken) =>
        [
            .. (await client.GetDomainsAsync(cancellationToken).ConfigureAwait(false)).Select(
                d => (d.Name, $"{d.Name}: {string.Join(", ", d.Members.Select(m => m.Node))}")),
        ];
}

/// <summary>Completes names of fence devices.</summary>
public sealed class FenceDeviceCompleter : NameCompleter
{
    /// <inheritdoc/>
    protected override async Task<IReadOnlyList<(string Name, string About)>> AskAsync(
        ClusterClient client, IDictionary bound, CancellationToken cancellationToken) =>
        [
            .. (await client.GetFenceDevicesAsync(cancellationToken).ConfigureAwait(false)).Select(
                d => (d.Name, $"{d.Name}: {d.Agent} for {string.Join(", ", d.Nodes)}")),
        ];
}

/// <summary>Completes ids of operations, newest first.</summary>
public sealed class OperationCompleter : NameCompleter
{
    private const int Most = 50;

    /// <inheritdoc/>
    protected override async Task<IReadOnlyList<(string Name, string About)>> AskAsync(
        ClusterClient client, IDictionary bound, CancellationToken cancellationToken) =>
        [
            .. (await client.GetOperationsAsync(cancellationToken).ConfigureAwait(false)).Reverse().Take(Most)
                .Select(o => (o.Id, $"{OperationKind.Of(o.Kind).Sentence(o.Target)}: {o.Phase}")),
        ];
}

/// <summary>Completes names of client contexts, from their file.</summary>
public sealed class ContextCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        ClientContexts contexts;
        try
        {
            contexts = ContextFile.Read(ContextFile.DefaultPath, ApiJson.Wire);
        }
        catch (ContextException)
        {
            return [];
        }

        string word = wordToComplete.Trim('\'', '"');
        return contexts.Contexts
            .Where(c => c.Name.StartsWith(word, StringComparison.OrdinalIgnoreCase))
            .Select(c => new CompletionResult(
                NameCompleter.Quoted(c.Name), c.Name, CompletionResultType.ParameterValue,
                $"cluster {c.Cluster}{(ContextFile.Same(c.Name, contexts.Current) ? ", current" : "")}"));
    }
}
