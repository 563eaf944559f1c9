namespace ClusterTools.Cmdlets;

/// <summary>Things of one kind, each with a name: what messages call them, and how all are asked for.</summary>
/// <param name="what">Such as <c>fence device</c>.</param>
/// <param name="allAsync">Asks for all.</param>
/// <param name="nameOf">The name of one.</param>
internal sealed class Noun<T>(string what, Func<ClusterClient, CancellationToken, Task<T[]>> allAsync, Func<T, string> nameOf)
{
    public string What => what;

    public Func<ClusterClient, CancellationToken, Task<T[]>> AllAsync => allAsync;

    public Func<T, string> NameOf => nameOf;
}

/// <summary>What cmdlets find by its name.</summary>
internal static class Noun
{
    public static readonly Noun<GroupStatus> Group = new("group", (client, cancel) => client.GetGroupsAsync(false, cancel), g => g.Name);

    public static readonly Noun<GuestStatus> Guest = new("guest", (client, cancel) => client.GetGuestsAsync(cancel), g => g.Name);

    public static readonly Noun<NodeStatus> Node = new("node", (client, cancel) => client.GetNodesAsync(cancel), n => n.Name);

    public static readonly Noun<FailoverDomain> FailoverDomain = new(
        "failover domain", (client, cancel) => client.GetDomainsAsync(cancel), d => d.Name);

    public static readonly Noun<FenceDevice> FenceDevice = new(
        "fence device", (client, cancel) => client.GetFenceDevicesAsync(cancel), d => d.Name);

    public static readonly Noun<EventScript> EventScript = new(
        "event script", (client, cancel) => client.GetEventScriptsAsync(cancel), s => s.Name);

    public static readonly Noun<Operation> Operation = new("operation", (client, cancel) => client.GetOperationsAsync(cancel), o => o.Id);

    /// <summary>Groups as they are configured.</summary>
    public static readonly Noun<ServiceConfiguration> Service = new(
        "service",
        async (client, cancel) =>
            ConfigurationDocument.Services((await client.ReadConfigurationAsync(cancel).ConfigureAwait(false)).Document),
        s => s.Name);

    /// <summary>The resources of a group.</summary>
    public static Noun<ResourceStatus> ResourceOf(string group) =>
        new("resource", (client, cancel) => client.GetResourcesAsync(group, cancel), r => r.Id);

    /// <summary>What a group needs of others.</summary>
    public static Noun<GroupDependency> DependencyOf(string group) => new(
        $"dependency of group '{group}' on",
        async (client, cancel) => [.. (await client.GetGroupAsync(group, false, cancel).ConfigureAwait(false)).Dependencies],
        d => d.DependsOn);
}
