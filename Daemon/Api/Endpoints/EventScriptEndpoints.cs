using ClusterTools.Core;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Api;

/// <summary>Event scripts, what they may ask for, and events of the administrators' own.</summary>
internal sealed class EventScriptEndpoints(Changes changes, WriterBudget writers, ApiServerOptions options)
{
    public IEnumerable<Route> Routes() =>
    [
        new("GET", "/v1/event-scripts", AccessRole.Viewer, r => r.AnswerSortedAsync(
            r.State.Configuration.EventScripts.Values, s => s.Name, s => StateViews.EventScript(r.State, s)), Pages.Query()),
        new("GET", "/v1/event-scripts/{script}", AccessRole.Viewer, Script),
        new("GET", "/v1/journal/kinds", AccessRole.Viewer, r => r.AnswerAsync<Contract.JournalKind[]>(
            [.. JournalKind.ForScripts.Select(k => new Contract.JournalKind { Kind = k.Word, Description = k.Tells })])),
        new("POST", "/v1/events", AccessRole.Operator, Send, "wait"),
    ];

    private static Task Script(ApiRequest request)
    {
        ClusterConfiguration configuration = request.State.Configuration;
        string name = request.Name("script");
        return request.AnswerAsync(
            configuration.EventScripts.TryGetValue(name, out EventScript? script)
                ? StateViews.EventScript(request.State, script)
                : throw Problems.NotFound("event script", name, "Get-ClusterEventScript", configuration.EventScripts.Keys));
    }

    private async Task Send(ApiRequest request)
    {
        Contract.UserEventRequest body = await request.ReadAsync<Contract.UserEventRequest>(options.MaxBody).ConfigureAwait(false);
        string id = request.RequestId(body.RequestId);
        string name = Words.Checked(body.Name, "name", Cluster.MaxUserEventName) ?? "";
        if (name.Length == 0 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
        {
            throw Problems.BadRequest(
                name.Length == 0 ? "The event has no name." : $"'{name}' is no name of an event.",
                $"Give 'name': 1 to {Cluster.MaxUserEventName} letters, digits, '-', '_' and '.'.",
                place: "name");
        }

        string? data = Words.Checked(body.Data, "data", Cluster.MaxUserEventData);
        writers.Take(request, id, data?.Length ?? 0);
        await changes.RunAsync(request, new UserEvent(id, request.Caller.Who, name, data), OperationKind.EventUser, name)
            .ConfigureAwait(false);
    }
}
