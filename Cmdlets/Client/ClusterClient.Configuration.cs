using System.IO;
using System.Linq;
using System.Net.Http;
using System.Text;
using ClusterTools.Contract;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace ClusterTools.Client;

/// <content>Agents, fence devices' status, and the history of the configuration.</content>
public sealed partial class ClusterClient
{
    /// <summary>Resource agents by name; <c>*</c> and <c>?</c> are wildcards, and only <c>systemd:*</c> gives units.</summary>
    public Task<ResourceType[]> GetResourceTypesAsync(string pattern, CancellationToken cancellationToken) =>
        GetAsync<ResourceType[]>($"/v1/resource-types?agent={Segment(pattern)}", cancellationToken);

    /// <summary>A resource agent with its parameters.</summary>
    public Task<ResourceType> GetResourceTypeAsync(string agent, CancellationToken cancellationToken) =>
        GetAsync<ResourceType>($"/v1/resource-types/{Segment(agent)}", TimeSpan.FromSeconds(10), cancellationToken);

    /// <summary>Fence agents by name.</summary>
    public Task<FenceAgent[]> GetFenceAgentsAsync(CancellationToken cancellationToken) => GetAsync<FenceAgent[]>("/v1/fence-agents", cancellationToken);

    /// <summary>A fence agent with its parameters.</summary>
    public Task<FenceAgent> GetFenceAgentAsync(string agent, CancellationToken cancellationToken) =>
        GetAsync<FenceAgent>($"/v1/fence-agents/{Segment(agent)}", TimeSpan.FromSeconds(10), cancellationToken);

    /// <summary>What one node keeps, page after page; null: whichever node answers.</summary>
    private async Task<ConfigurationHistory> HistoryOfAsync(Uri? server, CancellationToken cancellationToken)
    {
        ConfigurationHistory history = await SendAsync<ConfigurationHistory>(
            new ClusterRequest(HttpMethod.Get, "/v1/configuration/history") { Only = server }, cancellationToken).ConfigureAwait(false);
        List<ConfigurationVersion> versions = [.. history.Versions];
        for (bool more = history.More; more && versions.Count > 0;)
        {
            ConfigurationHistory next = await SendAsync<ConfigurationHistory>(
                new ClusterRequest(HttpMethod.Get, $"/v1/configuration/history?after={versions[versions.Count - 1].Version}") { Only = server ?? Server }, cancellationToken).ConfigureAwait(false);
            versions.AddRange(next.Versions);
            more = next.More && next.Versions.Count > 0;
        }

        history.Versions = versions;
        history.More = false;
        return history;
    }

    /// <summary>The versions of the configuration that the nodes keep, oldest first; what one lacks is asked of the others.</summary>
    public async Task<ConfigurationHistory> GetConfigurationHistoryAsync(CancellationToken cancellationToken)
    {
        ConfigurationHistory history = await HistoryOfAsync(null, cancellationToken).ConfigureAwait(false);
        var versions = new SortedDictionary<long, ConfigurationVersion>();
        var missing = new HashSet<long>(history.Missing);
        Merge(history);
        for (int i = 0; i < servers.Length && missing.Count > 0; i++)
        {
            try
            {
                Merge(await HistoryOfAsync(servers[i], cancellationToken).ConfigureAwait(false));
            }
            catch (ClusterException)
            {
                // It is away; what only it has stays missing, and is told as such.
            }
        }

        history.Versions = [.. versions.Values];
        history.Missing = [.. missing.OrderBy(v => v)];
        return history;

        void Merge(ConfigurationHistory part)
        {
            foreach (ConfigurationVersion version in part.Versions)
            {
                // Who was there knows more than who heard of it later.
                if (!versions.TryGetValue(version.Version, out ConfigurationVersion? known) || (known.Who is null && version.Who is not null))
                {
                    versions[version.Version] = version;
                }

                missing.Remove(version.Version);
            }
        }
    }

    /// <summary>A version of the configuration, from whichever node keeps it.</summary>
    /// <exception cref="ClusterApiException">No node that answers has it.</exception>
    public Task<JObject> GetConfigurationVersionAsync(long version, CancellationToken cancellationToken) =>
        OfWhoHasItAsync(
            async server =>
            {
                var request = new ClusterRequest(HttpMethod.Get, $"/v1/configuration/history/{version}") { Only = server };
                using HttpResponseMessage response = await AskAsync(request, cancellationToken).ConfigureAwait(false);
                using var text = new StreamReader(await response.Content.ReadAsStreamAsync().ConfigureAwait(false), Encoding.UTF8);
                return ReadDocument(request, text);
            });

    /// <summary>Restores a version as the next one.</summary>
    public Task<Operation> RestoreConfigurationAsync(long version, long expectedVersion, string? reason, CancellationToken cancellationToken)
    {
        string id = NewRequestId();
        return OfWhoHasItAsync(server => SendAsync<Operation>(Restore(server, version, $"&wait={ConfigurationLimit.TotalSeconds:0}", expectedVersion, reason, id), cancellationToken));
    }

    /// <summary>Checks what restoring a version would do, and what the configuration would become.</summary>
    public Task<ConfigurationCheck> CheckRestoreAsync(long version, long expectedVersion, CancellationToken cancellationToken) =>
        OfWhoHasItAsync(server => SendAsync<ConfigurationCheck>(Restore(server, version, "&dry-run=true&show=true", expectedVersion, null, NewRequestId()), cancellationToken));

    private static ClusterRequest Restore(Uri server, long version, string query, long expectedVersion, string? reason, string id) =>
        new(HttpMethod.Post, $"/v1/configuration/restore?version={version}{query}{Reason(reason)}")
        {
            ExpectedVersion = expectedVersion,
            RequestId = id,
            Wait = ConfigurationLimit,
            Only = server,
        };

    private JObject ReadDocument(ClusterRequest request, TextReader text)
    {
        try
        {
            return ApiJson.ReadObject(text);
        }
        catch (JsonException e)
        {
            throw NotUnderstood(request, e);
        }
    }

    /// <summary>Asks the servers one after the other until one has what is not everywhere.</summary>
    private async Task<T> OfWhoHasItAsync<T>(Func<Uri, Task<T>> ask)
    {
        ClusterException? lacking = null;
        ClusterException? silent = null;
        int first = current;
        for (int i = 0; i < servers.Length; i++)
        {
            try
            {
                return await ask(servers[(first + i) % servers.Length]).ConfigureAwait(false);
            }
            catch (ClusterApiException e) when (e.Status is 404 or 503 or 504)
            {
                lacking = e.Status == 404 ? e : lacking;
                silent ??= e;
            }
            catch (ClusterUnreachableException e)
            {
                silent ??= e;
            }
        }

        throw (lacking ?? silent)!;
    }
}
