using ClusterTools.Contract;

namespace ClusterTools.Client;

/// <content>Agents, fence devices' status, and the history of the configuration.</content>
public sealed partial class ClusterClient
{
    // Somebody else is quicker once or twice; more often something is wrong.
    private const int MostTries = 10;

    /// <summary>Resource agents by name; <c>*</c> and <c>?</c> are wildcards, and only <c>systemd:*</c> gives units.</summary>
    public Task<ResourceType[]> GetResourceTypesAsync(string pattern, CancellationToken cancellationToken) =>
        GetAsync<ResourceType[]>($"/v1/resource-types?agent={Segment(pattern)}", cancellationToken);

    /// <summary>A resource agent with its parameters.</summary>
    public Task<ResourceType> GetResourceTypeAsync(string agent, CancellationToken cancellationToken) =>
        GetAsync<ResourceType>($"/v1/resource-types/{Segment(agent)}", TimeSpan.FromSeconds(10), cancellationToken);

    /// <summary>Fence agents by name.</summary>
    public Task<FenceAgent[]> GetFenceAgentsAsync(CancellationToken cancellationToken) =>
        GetAsync<FenceAgent[]>("/v1/fence-agents", cancellationToken);

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
                new ClusterRequest(HttpMethod.Get, $"/v1/configuration/history?after={versions[versions.Count - 1].Version}")
                {
                    Only = server ?? Server,
                }, cancellationToken).ConfigureAwait(false);
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
                // The node is away; versions that only it has are reported as missing.
            }
        }

        history.Versions = [.. versions.Values];
        history.Missing = [.. missing.OrderBy(v => v)];
        return history;

        void Merge(ConfigurationHistory part)
        {
            foreach (ConfigurationVersion version in part.Versions)
            {
                // A node that was a member then knows more than one that joined later.
                if (!versions.TryGetValue(version.Version, out ConfigurationVersion? known)
                    || (known.Who is null && version.Who is not null))
                {
                    versions[version.Version] = version;
                }

                missing.Remove(version.Version);
            }
        }
    }

    /// <summary>What differs between two configurations; a version is looked for on whichever node keeps it.</summary>
    public Task<MemberDifference[]> CompareConfigurationsAsync(
        ConfigurationComparisonRequest which, CancellationToken cancellationToken) =>
        SendAsync<MemberDifference[]>(
            new ClusterRequest(HttpMethod.Post, "/v1/configuration/compare") { Body = json.Write(which), TriesNextWhenNotFound = true },
            cancellationToken);

    /// <summary>Makes edits, all of them or none.</summary>
    /// <param name="edits">Made one after the other.</param>
    /// <param name="expectedVersion">The version that must be in force; null: whichever is, also when somebody else was quicker
    /// meanwhile.</param>
    /// <param name="reason">For the journal.</param>
    /// <param name="cancellationToken">Ends it; what was asked for goes on.</param>
    /// <param name="force">What agents say against it is a warning.</param>
    /// <exception cref="ClusterApiException">It can't be made; with code version-conflict it was changed meanwhile.</exception>
    public async Task<Operation> EditConfigurationAsync(
        IReadOnlyList<ConfigurationEdit> edits, long? expectedVersion, string? reason, CancellationToken cancellationToken,
        bool? force = null)
    {
        for (int tries = 1; ; tries++)
        {
            try
            {
                return await SendAsync<Operation>(
                    Edit(edits, $"?wait={ConfigurationLimit.TotalSeconds:0}{Forced(force)}", expectedVersion, reason), cancellationToken)
                        .ConfigureAwait(false);
            }
            catch (ClusterApiException e) when (e.Code == ProblemCodes.VersionConflict && expectedVersion is null && tries < MostTries)
            {
                // Somebody else was quicker; it is made anew on what is in force now.
            }
        }
    }

    /// <summary>Checks what edits would do.</summary>
    public Task<ConfigurationCheck> CheckEditAsync(
        IReadOnlyList<ConfigurationEdit> edits, long? expectedVersion, CancellationToken cancellationToken, bool? force = null) =>
        SendAsync<ConfigurationCheck>(Edit(edits, $"?dry-run=true{Forced(force)}", expectedVersion, null), cancellationToken);

    private ClusterRequest Edit(IReadOnlyList<ConfigurationEdit> edits, string query, long? expectedVersion, string? reason) =>
        new(HttpMethod.Post, "/v1/configuration/edit" + query + Reason(reason))
        {
            Body = json.Write(new ConfigurationEditRequest { Edits = edits }),
            ExpectedVersion = expectedVersion,
            RequestId = NewRequestId(),
            Wait = ConfigurationLimit,
        };

    /// <summary>A version of the configuration as JSON, from whichever node keeps it.</summary>
    /// <exception cref="ClusterApiException">No node that answers has it.</exception>
    public async Task<string> GetConfigurationVersionAsync(long version, CancellationToken cancellationToken)
    {
        var request = new ClusterRequest(HttpMethod.Get, $"/v1/configuration/history/{version}") { TriesNextWhenNotFound = true };
        using HttpResponseMessage response = await AskAsync(request, cancellationToken).ConfigureAwait(false);
        return await response.Content.ReadAsStringAsync().ConfigureAwait(false);
    }

    /// <summary>Restores a version as the next one; asked of whichever node keeps it.</summary>
    public Task<Operation> RestoreConfigurationAsync(
        long version, long expectedVersion, string? reason, CancellationToken cancellationToken) =>
        SendAsync<Operation>(Restore(version, $"&wait={ConfigurationLimit.TotalSeconds:0}", expectedVersion, reason), cancellationToken);

    /// <summary>Checks what restoring a version would do.</summary>
    public Task<ConfigurationCheck> CheckRestoreAsync(long version, long? expectedVersion, CancellationToken cancellationToken) =>
        SendAsync<ConfigurationCheck>(Restore(version, "&dry-run=true", expectedVersion, null), cancellationToken);

    private static ClusterRequest Restore(long version, string query, long? expectedVersion, string? reason) =>
        new(HttpMethod.Post, $"/v1/configuration/restore?version={version}{query}{Reason(reason)}")
        {
            ExpectedVersion = expectedVersion,
            RequestId = NewRequestId(),
            Wait = ConfigurationLimit,
            TriesNextWhenNotFound = true,
        };
}
