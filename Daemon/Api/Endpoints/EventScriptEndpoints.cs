using ClusterTools.Core;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Api;

/// <summary>Event scripts, what they may ask for, and events of the administrators' own.</summary>
internal sealed class EventScriptEndpoints(Changes changes, ApiServerOptions options)
{
    public IEnumerable<Route> Routes() =>
    [
        new("GET", "/v1/event-scripts", AccessRole.Viewer, r => r.AnswerAsync<Contract.EventScript[]>(
            [.. r.State.Configuration.EventScripts.Values.Select(s => StateViews.EventScript(r.State, s))])),
        new("GET", "/v1/event-scripts/{script}", AccessRole.Viewer, Script),
        new("GET", "/v1/journal/kinds", AccessRole.Viewer, r => r.AnswerAsync<Contract.JournalKind[]>(
            [.. JournalKinds.All.Select(k => new Contract.JournalKind { Kind = k.Key, Description = k.Value })])),
        new("POST", "/v1/events", AccessRole.Operator, Send, "wait"),
    ];

    private static Task Script(ApiRequest request)
    {
        ClusterConfiguration configuration = request.State.Configuration;
        string name = request.Name("script");
        return request.AnswerAsync(
            configuration.EventScripts.TryGetValue(name, out EventScript? script)
                ? StateViews.EventScript(request.State, script)
                : throw Problems.NotFound("event script", name, "/v1/event-scripts", configuration.EventScripts.Keys));
    }

    private async Task Send(ApiRequest request)
    {
        Contract.UserEventRequest body = await request.ReadAsync<Contract.UserEventRequest>(options.MaxBody).ConfigureAwait(false);
        string id = request.RequestId(body.RequestId);
        if (body.Name is not { Length: > 0 })
        {
            throw Problems.BadRequest("The event has no name.", "Give 'name': 1 to 64 letters, digits, '-', '_' and '.'.", place: "name");
        }

        await changes.RunAsync(request, new UserEvent(id, request.Caller.Who, body.Name, body.Data), "event.user", body.Name).ConfigureAwait(false);
    }
}
