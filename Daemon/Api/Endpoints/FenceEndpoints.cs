using ClusterTools.Core.Configuration;
using ClusterTools.Node;

namespace ClusterTools.Api;

/// <summary>Fence devices and what became of fencing.</summary>
internal sealed class FenceEndpoints(ApiServerOptions options)
{
    public IEnumerable<Route> Routes() =>
    [
        new("GET", "/v1/fence-devices", AccessRole.Viewer, r => r.AnswerSortedAsync(
            r.State.Configuration.FenceDevices.Values, d => d.Name, d => StateViews.FenceDevice(r.State, d, r.IsSecret)), Pages.Query()),
        new("GET", "/v1/fence-devices/{device}", AccessRole.Viewer, Device),
        new("POST", "/v1/fence-devices/test", AccessRole.Operator, Test),
        new("GET", "/v1/fence-history", AccessRole.Viewer, History, Pages.Query("node")),
        new("GET", "/v1/fencing", AccessRole.Viewer, r => r.AnswerAsync<Contract.Fencing[]>(
            [.. r.State.Fences.Values.Select(f => StateViews.Fencing(r.State, f))])),
    ];

    private static Task Device(ApiRequest request)
    {
        ClusterConfiguration configuration = request.State.Configuration;
        string name = request.Name("device");
        return request.AnswerAsync(
            configuration.FenceDevices.TryGetValue(name, out FenceDevice? device)
                ? StateViews.FenceDevice(request.State, device, request.IsSecret)
                : throw Problems.NotFound("fence device", name, "Get-ClusterFenceDevice", configuration.FenceDevices.Keys));
    }

    private static Task History(ApiRequest request)
    {
        string? node = request.Query("node");
        int limit = (int)(request.Number("limit", 1, Core.Cluster.MaxFenceHistory) ?? Core.Cluster.MaxFenceHistory);
        // A node is fenced once at a time.
        return request.AnswerInOrderAsync(
            [
                .. request.State.FenceHistory.Where(f => node is null || f.Target == node).TakeLast(
                    request.Query("after") is null ? limit : Core.Cluster.MaxFenceHistory),
            ],
            f => $"{f.Ended}:{f.Target}",
            StateViews.FenceRecord);
    }

    private async Task Test(ApiRequest request)
    {
        Contract.FenceDeviceTestRequest body = await request.ReadAsync<Contract.FenceDeviceTestRequest>(options.MaxBody)
            .ConfigureAwait(false);
        ClusterConfiguration configuration = request.State.Configuration;
        if (body.Node is { } node && !configuration.Nodes.ContainsKey(node))
        {
            throw Problems.NotFound("node", node, "Get-ClusterNode", configuration.Nodes.Keys);
        }

        if (body.Device is { } device && !configuration.FenceDevices.ContainsKey(device))
        {
            throw Problems.NotFound("fence device", device, "Get-ClusterFenceDevice", configuration.FenceDevices.Keys);
        }

        // Every agent has its own limit; this one only keeps a fault of ours from holding the connection for ever.
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(request.Aborted);
        limit.CancelAfter(TimeSpan.FromMilliseconds(configuration.Timing.FenceTimeout) + options.SubmitLimit);
        IReadOnlyList<FenceDeviceStatus> found;
        try
        {
            found = await request.Node.TestFenceDevicesAsync(body.Node, body.Device, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!request.Aborted.IsCancellationRequested)
        {
            throw Problems.FenceDevicesSilent(configuration.Timing.FenceTimeout);
        }

        await request.AnswerAsync<Contract.FenceDeviceTest[]>([.. found.Select(StateViews.FenceDeviceTest)]).ConfigureAwait(false);
    }
}
