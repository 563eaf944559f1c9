using System.Text;
using System.Text.Json;
using ClusterTools.Core;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Api;

/// <summary>Small documents that the cluster keeps for runbooks.</summary>
internal sealed class RunbookEndpoints(Changes changes, WriterBudget writers, ApiServerOptions options)
{
    private const int MaxDepth = 64;

    public IEnumerable<Route> Routes() =>
    [
        new("GET", "/v1/runbooks", AccessRole.Viewer, r => r.AnswerSortedAsync(
            r.State.Runbooks.Values, b => b.Name, b => StateViews.Runbook(b, content: false)), Pages.Query()),
        new("GET", "/v1/runbooks/{runbook}", AccessRole.Viewer, Read),
        new("PUT", "/v1/runbooks/{runbook}", AccessRole.Operator, Write, "expected-version", "wait"),
        new("DELETE", "/v1/runbooks/{runbook}", AccessRole.Operator, Delete, "expected-version", "wait"),
    ];

    private static Task Read(ApiRequest request)
    {
        RunbookState runbook = Find(request);
        request.Http.Response.Headers.ETag = $"\"{runbook.Version}\"";
        request.Http.Response.Headers.CacheControl = "no-store";
        return request.AnswerAsync(StateViews.Runbook(runbook, content: true));
    }

    private static RunbookState Find(ApiRequest request) =>
        request.State.Runbooks.TryGetValue(request.Name("runbook"), out RunbookState? runbook)
            ? runbook
            : throw Problems.NotFound("runbook", request.Name("runbook"), "Get-ClusterRunbook", request.State.Runbooks.Keys);

    private async Task Write(ApiRequest request)
    {
        string name = Words.Checked(request.Name("runbook"), "runbook", Cluster.MaxRunbookName)!;

        using HeldBytes held = request.Hold();
        ReadOnlyMemory<byte> body = await request.ReadBytesAsync(Cluster.MaxRunbookLength, held).ConfigureAwait(false);
        string content;
        try
        {
            // Refused here if it is not JSON, so that every reader may rely on it; kept as it was written.
            using JsonDocument document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = MaxDepth });
            content = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(body.Span);
            if (JsonFault.FindHalfCharacter(body.Span, MaxDepth) is { } half)
            {
                throw Problems.BadRequest($"Column {half.Column}: {half.Message}", half.Remedy, half.Line);
            }
        }
        catch (Exception e) when (e is JsonException or DecoderFallbackException)
        {
            throw Problems.BadRequest(
                "The body is not well-formed JSON in UTF-8.", $"Send one JSON value of at most {Cluster.MaxRunbookLength} bytes.",
                (int)((e as JsonException)?.LineNumber ?? 0) + 1);
        }

        await Change(request, name, content).ConfigureAwait(false);
    }

    private async Task Delete(ApiRequest request)
    {
        if (Changes.Known(request, request.RequestId(null), OperationKind.RunbookRemove, request.Name("runbook")) is null)
        {
            _ = Find(request);
        }

        await Change(request, request.Name("runbook"), null).ConfigureAwait(false);
    }

    private async Task Change(ApiRequest request, string name, string? content)
    {
        TimeSpan? wait = request.Wait(options.MaxWait);
        string id = request.RequestId(null);
        writers.Take(request, id, 0);
        long? expected = ExpectedVersion.Of(
            request, request.State.Runbooks.GetValueOrDefault(name)?.Version, "GET /v1/runbooks/{runbook}", out bool precondition);
        OperationKind kind = content is null ? OperationKind.RunbookRemove : OperationKind.RunbookSet;
        bool known = Changes.Known(request, id, kind, name) is not null;
        OperationState operation = await changes.SubmitAsync(
            request, new RunbookRequest(id, request.Caller.Who, name, content, expected), kind, name).ConfigureAwait(false);
        long now = request.Node.State.Runbooks.GetValueOrDefault(name)?.Version ?? 0;
        if (!known && operation.Phase == OperationPhase.Failed && expected is { } version && version != now)
        {
            throw Problems.RunbookConflict(name, version, now, precondition);
        }

        await Changes.AnswerAsync(request, operation, wait, null).ConfigureAwait(false);
    }
}
