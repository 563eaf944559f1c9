using System.Security.Cryptography;
using ClusterTools.Core;
using ClusterTools.Core.Configuration;
using ClusterTools.Engines;
using ClusterTools.Node;
using Microsoft.AspNetCore.Http;

namespace ClusterTools.Api;

/// <summary>The cluster as a whole, operations, and forced quorum.</summary>
internal sealed class ClusterEndpoints(Changes changes, ApiServerOptions options)
{
    // Health is asked often and a configuration may be large: hashed once.
    private volatile HashedConfiguration? hashed;

    public IEnumerable<Route> Routes() =>
    [
        new("GET", "/v1/health", AccessRole.Viewer, Health),
        new("GET", "/v1/me", AccessRole.Viewer, Me),
        new("GET", "/v1/cluster", AccessRole.Viewer, r => r.AnswerAsync(StateViews.Cluster(r.State, r.Node))),
        new("GET", "/v1/cluster/losses", AccessRole.Viewer, r => r.AnswerAsync(StateViews.Losses(r.State))),
        new("POST", "/v1/cluster/force-quorum", AccessRole.Administrator, ForceQuorum, "wait"),
        new("POST", "/v1/cluster/stop", AccessRole.Administrator, Stop, "wait"),
        new("POST", "/v1/cluster/disarm", AccessRole.Administrator, r => Arming(r, arms: false), "wait"),
        new("POST", "/v1/cluster/arm", AccessRole.Administrator, r => Arming(r, arms: true), "wait"),
        new("POST", "/v1/cluster/raise-level", AccessRole.Administrator, RaiseLevel, "wait"),
        new("GET", "/v1/operations", AccessRole.Viewer, Operations, Pages.Query("phase", "target")),
        new("GET", "/v1/operations/{operation}", AccessRole.Viewer, Operation, "wait"),
        new("POST", "/v1/operations/{operation}/cancel", AccessRole.Operator, Cancel, "wait"),
    ];

    private Task Health(ApiRequest request) => request.AnswerAsync(new Contract.Health
    {
        Node = request.Node.Name,
        Incarnation = request.Node.Incarnation,
        Version = typeof(ClusterEndpoints).Assembly.GetName().Version?.ToString(3) ?? "",
        Quorum = (Contract.Quorum)request.State.Quorum,
        ConfigurationVersion = request.State.Configuration.Version,
        ConfigurationHash = HashOf(request.State.Configuration),
        Now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(),
        CommitsFailSince = request.Node.Commits?.Since,
        CommitsFail = StateViews.Sentence(request.Node.Commits),
        DiskTrouble = request.Node.DiskTrouble,
        CertificateExpires = new DateTimeOffset(options.Certificate.NotAfter.ToUniversalTime()),
    });

    // Without secrets: whoever may see this hash could try out short passwords on it.
    private string? HashOf(ClusterConfiguration configuration)
    {
        if (configuration.Version == 0)
        {
            return null;
        }

        HashedConfiguration? last = hashed;
        if (!ReferenceEquals(last?.Configuration, configuration))
        {
            last = new HashedConfiguration(
                configuration, Convert.ToHexString(SHA256.HashData(ConfigurationJson.Write(SecretParameters.Redact(configuration)))));
            hashed = last;
        }

        return last!.Hash;
    }

    private static Task Me(ApiRequest request) => request.AnswerAsync(new Contract.Identity
    {
        Name = request.Caller.Grant.Name,
        Role = (Contract.AccessRole)request.Caller.Grant.Role,
        Fingerprint = request.Caller.Fingerprint,
        Expires = request.Caller.Expires,
    });

    private static Task Operations(ApiRequest request)
    {
        OperationPhase? phase = request.Word<OperationPhase>("phase", "Use running, succeeded or failed, or leave it out.");
        string? target = request.Query("target");
        return request.AnswerInOrderAsync(
            request.State.OperationOrder.Select(id => request.State.Operations.GetValueOrDefault(id)).OfType<OperationState>(),
            o => o.Id,
            o => StateViews.Operation(request.Node.State, o),
            o => (phase is null || o.Phase == phase) && (target is null || o.Target == target));
    }

    private async Task Operation(ApiRequest request)
    {
        string id = request.Name("operation");
        TimeSpan? wait = request.Wait(options.MaxWait);
        if (!request.State.Operations.TryGetValue(id, out OperationState? operation))
        {
            // Request ids are not like each other; near ones would only mislead.
            throw Problems.NotFound("operation", id, "Get-ClusterOperation", []);
        }

        if (wait is { } limit)
        {
            operation = await Changes.WaitAsync(request, operation, limit).ConfigureAwait(false);
        }

        await request.AnswerAsync(StateViews.Operation(request.Node.State, operation)).ConfigureAwait(false);
    }

    private async Task Cancel(ApiRequest request)
    {
        OperationKind kind = OperationKind.OperationCancel;
        Contract.CancelRequest body = await request.ReadAsync<Contract.CancelRequest>(options.MaxBody).ConfigureAwait(false);
        string id = request.RequestId(body.RequestId);
        string operation = request.Name("operation");
        if (Changes.Known(request, id, kind, operation) is null && !request.State.Operations.ContainsKey(operation))
        {
            throw Problems.NotFound("operation", operation, "Get-ClusterOperation", []);
        }

        await changes.RunAsync(request, new CancelRequest(id, request.Caller.Who, operation), kind, operation).ConfigureAwait(false);
    }

    private async Task Stop(ApiRequest request)
    {
        Contract.ClusterStopRequest body = await request.ReadAsync<Contract.ClusterStopRequest>(options.MaxBody).ConfigureAwait(false);
        await AskAsync(request, body.RequestId, body.Reason, OperationKind.ClusterStop, (id, who, reason) =>
            new ClusterStopRequest(id, who, reason)).ConfigureAwait(false);
    }

    private async Task Arming(ApiRequest request, bool arms)
    {
        Contract.ArmingRequest body = await request.ReadAsync<Contract.ArmingRequest>(options.MaxBody).ConfigureAwait(false);
        OperationKind kind = arms ? OperationKind.ClusterArm : OperationKind.ClusterDisarm;
        await AskAsync(request, body.RequestId, body.Reason, kind, (id, who, reason) =>
            new ArmingRequest(id, who, arms, reason)).ConfigureAwait(false);
    }

    private async Task RaiseLevel(ApiRequest request)
    {
        Contract.LevelRequest body = await request.ReadAsync<Contract.LevelRequest>(options.MaxBody).ConfigureAwait(false);
        await AskAsync(request, body.RequestId, body.Reason, OperationKind.ClusterRaiseLevel, (id, who, reason) =>
            new LevelRequest(id, who, reason)).ConfigureAwait(false);
    }

    /// <summary>Asks for something that is about the whole cluster.</summary>
    private async Task AskAsync(
        ApiRequest request, string? requestId, string? reason, OperationKind kind, Func<string, string, string?, Request> make)
    {
        reason = Words.Checked(reason, "reason", TextLimits.Reason);
        await changes.RunAsync(
            request, make(request.RequestId(requestId), request.Caller.Who, reason), kind, request.State.Configuration.Name)
            .ConfigureAwait(false);
    }

    private async Task ForceQuorum(ApiRequest request)
    {
        Contract.ForceQuorumRequest body = await request.ReadAsync<Contract.ForceQuorumRequest>(options.MaxBody).ConfigureAwait(false);
        TimeSpan? wait = request.Wait(options.MaxWait);
        string id = request.RequestId(body.RequestId);
        string? reason = Words.Checked(body.Reason, "reason", TextLimits.Reason);
        if (string.IsNullOrWhiteSpace(reason))
        {
            throw Problems.BadRequest(
                "No reason is given.", "Say in 'reason' why quorum is forced; it is kept in the journal.", place: "reason");
        }

        if (!body.AbsentNodesAreDown)
        {
            throw Problems.BadRequest(
                "It is not confirmed that the absent nodes are down. If one of them still runs groups, they run twice and data is damaged.",
                "Make sure that every absent node is off or cut off, then send \"absentNodesAreDown\": true.",
                place: "absentNodesAreDown");
        }

        // Asked again, it has its outcome already.
        if (request.State.Quorum == Quorum.Quorate && Changes.Known(request, id, OperationKind.JournalWrite, null) is null)
        {
            throw Problems.QuorumNotNeeded(Description.QuorumOf(request.State));
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(request.Aborted);
        limit.CancelAfter(options.SubmitLimit);
        OperationState operation;
        try
        {
            operation = await request.Node.ForceQuorumAsync(id, request.Caller.Who, reason, limit.Token).ConfigureAwait(false);
        }
        catch (NotQuorateException e)
        {
            throw Problems.NotQuorate(e.Message);
        }
        catch (QuorumNotNeededException e)
        {
            throw Problems.QuorumNotNeeded(e.Message);
        }
        catch (Exception e) when (e is UnknownOutcomeException
            || (e is OperationCanceledException && !request.Aborted.IsCancellationRequested))
        {
            throw Problems.UnknownForcedQuorum(options.SubmitLimit, id);
        }

        await Changes.AnswerAsync(request, Changes.Matching(operation, OperationKind.JournalWrite, null), wait, null).ConfigureAwait(false);
    }

    private sealed record HashedConfiguration(ClusterConfiguration Configuration, string Hash);
}
