using System.Diagnostics;
using System.Text;
using ClusterTools.Contract;

namespace ClusterTools.Client;

/// <content>What can be asked, by name.</content>
public sealed partial class ClusterClient
{
    // Short enough that a server which has died silently is noticed soon, long enough to cost nothing.
    private static readonly TimeSpan LongPoll = TimeSpan.FromSeconds(10);

    // The daemon has limits of its own for the agents; this is only longer than those.
    private static readonly TimeSpan FenceTestLimit = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan CatchUp = TimeSpan.FromSeconds(2);

    // A change of the configuration is decided in milliseconds; this only bounds it.
    private static readonly TimeSpan ConfigurationLimit = TimeSpan.FromSeconds(30);

    /// <summary>Which losses the members survive from here. Empty without quorum.</summary>
    public Task<QuorumLoss[]> GetLossesAsync(CancellationToken cancellationToken) =>
        GetAsync<QuorumLoss[]>("/v1/cluster/losses", cancellationToken);

    /// <summary>The cluster on one screen.</summary>
    public Task<ClusterStatus> GetClusterAsync(CancellationToken cancellationToken) =>
        GetAsync<ClusterStatus>("/v1/cluster", cancellationToken);

    /// <summary>All nodes.</summary>
    public Task<NodeStatus[]> GetNodesAsync(CancellationToken cancellationToken) => GetAllAsync<NodeStatus>("/v1/nodes", cancellationToken);

    /// <summary>One node.</summary>
    public Task<NodeStatus> GetNodeAsync(string node, CancellationToken cancellationToken) =>
        GetAsync<NodeStatus>($"/v1/nodes/{Segment(node)}", cancellationToken);

    /// <summary>All groups, without their resources.</summary>
    public Task<GroupStatus[]> GetGroupsAsync(bool explain, CancellationToken cancellationToken) =>
        GetAllAsync<GroupStatus>($"/v1/groups{(explain ? "?explain=true" : "")}", cancellationToken);

    /// <summary>One group with its resources.</summary>
    public Task<GroupStatus> GetGroupAsync(string group, bool explain, CancellationToken cancellationToken) =>
        GetAsync<GroupStatus>($"/v1/groups/{Segment(group)}{(explain ? "?explain=true" : "")}", cancellationToken);

    /// <summary>All guests.</summary>
    public Task<GuestStatus[]> GetGuestsAsync(CancellationToken cancellationToken) =>
        GetAllAsync<GuestStatus>("/v1/guests", cancellationToken);

    /// <summary>One guest.</summary>
    public Task<GuestStatus> GetGuestAsync(string guest, CancellationToken cancellationToken) =>
        GetAsync<GuestStatus>($"/v1/guests/{Segment(guest)}", cancellationToken);

    /// <summary>Each guest's migration that is under way, else its last one.</summary>
    public Task<GuestMigration[]> GetMigrationsAsync(CancellationToken cancellationToken) =>
        GetAllAsync<GuestMigration>("/v1/migrations", cancellationToken);

    /// <summary>A group's resources in the order of start.</summary>
    public Task<ResourceStatus[]> GetResourcesAsync(string group, CancellationToken cancellationToken) =>
        GetAllAsync<ResourceStatus>($"/v1/groups/{Segment(group)}/resources", cancellationToken);

    /// <summary>What would happen now if nodes were lost together.</summary>
    public Task<Plan> GetPlanOfLossAsync(IEnumerable<string> nodes, CancellationToken cancellationToken) =>
        GetAsync<Plan>($"/v1/plan?lose={string.Join(",", nodes.Select(Segment))}", cancellationToken);

    /// <summary>What would happen now if a group failed and could not be started again where it ran.</summary>
    public Task<Plan> GetPlanOfFailureAsync(string group, CancellationToken cancellationToken) =>
        GetAsync<Plan>($"/v1/plan?fail={Segment(group)}", cancellationToken);

    /// <summary>
    /// What would happen now if something were asked for: stop, restart, relocate or home of a group; drain, leave or maintenance of a
    /// node.
    /// </summary>
    /// <param name="operation">One of these.</param>
    /// <param name="name">The group or node.</param>
    /// <param name="node">Where to; null: by the rules.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task<Plan> GetPlanAsync(string operation, string name, string? node, CancellationToken cancellationToken) =>
        GetAsync<Plan>($"/v1/plan?{operation}={Segment(name)}{(node is null ? "" : $"&node={Segment(node)}")}", cancellationToken);

    /// <summary>The order in which a group's resources start or stop.</summary>
    public Task<PlanStep[]> GetResourcePlanAsync(string group, bool stop, CancellationToken cancellationToken) =>
        GetAsync<PlanStep[]>($"/v1/groups/{Segment(group)}/plan?operation={(stop ? "stop" : "start")}", cancellationToken);

    /// <summary>Failover domains.</summary>
    public Task<FailoverDomain[]> GetDomainsAsync(CancellationToken cancellationToken) =>
        GetAllAsync<FailoverDomain>("/v1/domains", cancellationToken);

    /// <summary>Fence devices.</summary>
    public Task<FenceDevice[]> GetFenceDevicesAsync(CancellationToken cancellationToken) =>
        GetAllAsync<FenceDevice>("/v1/fence-devices", cancellationToken);

    /// <summary>Asks fence devices for the state of nodes' power; changes nothing.</summary>
    /// <param name="node">Only the devices of this node; null: of all.</param>
    /// <param name="device">Only this device; null: all.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task<FenceDeviceTest[]> TestFenceDevicesAsync(string? node, string? device, CancellationToken cancellationToken) =>
        SendAsync<FenceDeviceTest[]>(
            new ClusterRequest(HttpMethod.Post, "/v1/fence-devices/test")
            {
                Body = json.Write(new FenceDeviceTestRequest { Node = node, Device = device }),
                Wait = FenceTestLimit,
            },
            cancellationToken);

    /// <summary>Finished fencing, newest last.</summary>
    public Task<FenceRecord[]> GetFenceHistoryAsync(CancellationToken cancellationToken) =>
        GetAllAsync<FenceRecord>("/v1/fence-history", cancellationToken);

    /// <summary>The last thousand requests, oldest first.</summary>
    public Task<Operation[]> GetOperationsAsync(CancellationToken cancellationToken, OperationPhase? phase = null) =>
        GetAllAsync<Operation>(
            $"/v1/operations{(phase is { } only ? $"?phase={only.ToString().ToLowerInvariant()}" : "")}", cancellationToken);

    /// <summary>One request.</summary>
    public Task<Operation> GetOperationAsync(string id, CancellationToken cancellationToken) =>
        GetAsync<Operation>($"/v1/operations/{Segment(id)}", cancellationToken);

    /// <summary>Asks for an operation's end early.</summary>
    public Task<Operation> CancelOperationAsync(string id, CancellationToken cancellationToken) =>
        PostAsync<Operation>($"/v1/operations/{Segment(id)}/cancel", null, cancellationToken);

    /// <summary>Stops the cluster as a whole.</summary>
    public Task<Operation> StopClusterAsync(ClusterStopRequest body, CancellationToken cancellationToken) =>
        PostAsync<Operation>("/v1/cluster/stop", body, cancellationToken);

    /// <summary>Disarms the cluster.</summary>
    public Task<Operation> DisarmClusterAsync(ArmingRequest body, CancellationToken cancellationToken) =>
        PostAsync<Operation>("/v1/cluster/disarm", body, cancellationToken);

    /// <summary>Arms the cluster again.</summary>
    public Task<Operation> ArmClusterAsync(ArmingRequest body, CancellationToken cancellationToken) =>
        PostAsync<Operation>("/v1/cluster/arm", body, cancellationToken);

    /// <summary>Raises the functional level to what the daemons of all nodes know.</summary>
    public Task<Operation> RaiseLevelAsync(LevelRequest body, CancellationToken cancellationToken) =>
        PostAsync<Operation>("/v1/cluster/raise-level", body, cancellationToken);

    /// <summary>An operation on a group: enable, disable, stop, relocate, restart, freeze, unfreeze, convalesce, home, clear.</summary>
    public Task<Operation> GroupAsync(string group, string operation, GroupOperationRequest? body, CancellationToken cancellationToken) =>
        PostAsync<Operation>($"/v1/groups/{Segment(group)}/{operation}", body, cancellationToken);

    /// <summary>
    /// An operation on a node: drain, pause, leave, maintenance, resume, confirm-down, fence-off, fence-on, fence-reboot.
    /// </summary>
    public Task<Operation> NodeAsync(string node, string operation, NodeOperationRequest? body, CancellationToken cancellationToken) =>
        PostAsync<Operation>($"/v1/nodes/{Segment(node)}/{operation}", body, cancellationToken);

    /// <summary>
    /// Makes what is left quorate. Two sides of a cluster must never both be forced: it is sent to one server, the first that answers
    /// or the one of a node, and never to another one after it.
    /// </summary>
    /// <param name="node">Its name; null: any.</param>
    /// <param name="body">Why, and the word that absent nodes are down.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<Operation> ForceQuorumAsync(string? node, ForceQuorumRequest body, CancellationToken cancellationToken)
    {
        ClusterNodeHealth[] healths = await GetHealthAsync(cancellationToken).ConfigureAwait(false);
        ClusterNodeHealth chosen = healths.FirstOrDefault(
            h => h.Answers && (node is null || string.Equals(h.Node, node, StringComparison.OrdinalIgnoreCase)))
            ?? throw new ClusterUnreachableException(
                ClusterUnreachableException.NoServerAnswered,
                $"{(node is null ? "No node" : $"Node '{node}'")} answers "
                    + $"({string.Join("; ", healths.Select(h => $"{h.Server}: {(h.Answers ? $"is {h.Node}" : h.Message)}"))}).",
                "Check that its daemon runs and can be reached.",
                null);
        return await SendAsync<Operation>(
            new ClusterRequest(HttpMethod.Post, "/v1/cluster/force-quorum")
            {
                Body = json.Write(body),
                RequestId = NewRequestId(),
                Only = new Uri(chosen.Server),
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Waits until an operation has ended, however long that takes, and whichever servers die meanwhile.</summary>
    public async Task<Operation> WaitForOperationAsync(string id, CancellationToken cancellationToken)
    {
        var since = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                Operation operation = await GetAsync<Operation>(
                    $"/v1/operations/{Segment(id)}?wait={LongPoll.TotalSeconds:0}", LongPoll, cancellationToken).ConfigureAwait(false);
                if (operation.Phase != OperationPhase.Running)
                {
                    return operation;
                }
            }
            catch (ClusterApiException e) when (e.Code == ProblemCodes.NotFound && since.Elapsed < CatchUp)
            {
                // The node asked may lag a little behind the one that took the request.
                await Task.Delay(TimeSpan.FromMilliseconds(100), cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Some of the journal.</summary>
    /// <param name="query">Such as <c>limit=10&amp;group=web</c>.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<JournalPage> GetJournalAsync(string query, CancellationToken cancellationToken)
    {
        JournalPage page = await GetAsync<JournalPage>($"/v1/journal?{query}", cancellationToken).ConfigureAwait(false);
        List<JournalEntry> entries = [.. page.Entries];

        // Long entries come in several answers; each node's journal has its own numbers.
        int wanted = Limit(query);
        JournalPage part = page;
        while (part.Before is { } before && entries.Count < wanted)
        {
            part = await SendAsync<JournalPage>(
                new ClusterRequest(HttpMethod.Get, $"/v1/journal?before={before}&limit={wanted - entries.Count}{Without(query, "limit")}")
                {
                    Only = Server,
                }, cancellationToken).ConfigureAwait(false);
            if (part.Node != page.Node || part.Entries.Count == 0)
            {
                break;
            }

            entries.InsertRange(0, part.Entries);
        }

        page.Entries = entries;
        return page;
    }

    private static int Limit(string query) =>
        query.Split('&').FirstOrDefault(p => p.StartsWith("limit=", StringComparison.Ordinal)) is { } limit
            && int.TryParse(limit.Substring(6), out int number)
            ? number
            : 0;

    private static string Without(string query, string parameter) =>
        string.Concat(
            query.Split('&').Where(p => p.Length > 0 && !p.StartsWith(parameter + "=", StringComparison.Ordinal)).Select(p => "&" + p));

    /// <summary>Writes a message into the journal.</summary>
    public Task<Operation> WriteJournalAsync(JournalWriteRequest body, CancellationToken cancellationToken) =>
        PostAsync<Operation>($"/v1/journal?wait={LongPoll.TotalSeconds:0}", body, cancellationToken);

    /// <summary>Event scripts, with what they are to be told and asked.</summary>
    public Task<EventScript[]> GetEventScriptsAsync(CancellationToken cancellationToken) =>
        GetAllAsync<EventScript>("/v1/event-scripts", cancellationToken);

    /// <summary>Kinds of the journal that event scripts may ask for.</summary>
    public Task<JournalKind[]> GetJournalKindsAsync(CancellationToken cancellationToken) =>
        GetAsync<JournalKind[]>("/v1/journal/kinds", cancellationToken);

    /// <summary>Sends an event of the administrator's own.</summary>
    public Task<Operation> SendEventAsync(UserEventRequest body, CancellationToken cancellationToken) =>
        PostAsync<Operation>($"/v1/events?wait={LongPoll.TotalSeconds:0}", body, cancellationToken);

    /// <summary>
    /// The configuration in force, secrets replaced, as the JSON that it is, so that members unknown here survive an edit.
    /// </summary>
    public async Task<(string Json, long Version)> GetConfigurationAsync(CancellationToken cancellationToken)
    {
        var request = new ClusterRequest(HttpMethod.Get, "/v1/configuration");
        using HttpResponseMessage response = await AskAsync(request, cancellationToken).ConfigureAwait(false);
        return response.Headers.ETag is { } tag && long.TryParse(tag.Tag.Trim('"'), out long version)
            ? (await response.Content.ReadAsStringAsync().ConfigureAwait(false), version)
            : throw NotUnderstood(request, new InvalidDataException("It says no version."));
    }

    /// <summary>Replaces the configuration if it is still of the expected version, and waits until that is decided.</summary>
    /// <exception cref="ClusterApiException">With code version-conflict it was changed meanwhile.</exception>
    public Task<Operation> PutConfigurationAsync(
        string json, long expectedVersion, string? reason, CancellationToken cancellationToken, bool? force = null) =>
        SendAsync<Operation>(
            Put(json, $"?wait={ConfigurationLimit.TotalSeconds:0}{Forced(force)}", expectedVersion, reason), cancellationToken);

    /// <summary>Checks a configuration without changing anything.</summary>
    public Task<ConfigurationCheck> CheckConfigurationAsync(
        string json, long expectedVersion, CancellationToken cancellationToken, bool? force = null) =>
        SendAsync<ConfigurationCheck>(Put(json, $"?dry-run=true{Forced(force)}", expectedVersion, null), cancellationToken);

    /// <summary>
    /// Imports a cluster.conf, or a configuration in JSON, as the next version, if the one in force is still the expected one.
    /// </summary>
    /// <exception cref="ClusterApiException">With code version-conflict it was changed meanwhile.</exception>
    public Task<Operation> ImportConfigurationAsync(
        byte[] content, long? expectedVersion, string? reason, CancellationToken cancellationToken, bool? force = null) =>
        SendAsync<Operation>(
            Import(content, $"?wait={ConfigurationLimit.TotalSeconds:0}{Forced(force)}", expectedVersion, reason), cancellationToken);

    /// <summary>Checks what an import would do.</summary>
    public Task<ConfigurationCheck> CheckImportAsync(byte[] content, CancellationToken cancellationToken, bool? force = null) =>
        SendAsync<ConfigurationCheck>(Import(content, $"?dry-run=true{Forced(force)}", null, null), cancellationToken);

    // What agents say against it is a warning, or an error; when nothing is said, only what is surely wrong is one.
    private static string Forced(bool? force) => force switch { null => "", true => "&force=true", false => "&force=false" };

    private static ClusterRequest Put(string json, string query, long expectedVersion, string? reason) =>
        new(HttpMethod.Put, "/v1/configuration" + query + Reason(reason))
        {
            Body = Encoding.UTF8.GetBytes(json),
            ExpectedVersion = expectedVersion,
            RequestId = NewRequestId(),
            Wait = ConfigurationLimit,
        };

    private static ClusterRequest Import(byte[] content, string query, long? expectedVersion, string? reason) =>
        new(HttpMethod.Post, "/v1/configuration/import" + query + Reason(reason))
        {
            Body = content,
            ExpectedVersion = expectedVersion,
            RequestId = NewRequestId(),
            Wait = ConfigurationLimit,
        };

    private static string Reason(string? reason) => reason is null ? "" : $"&reason={Segment(reason)}";
}
