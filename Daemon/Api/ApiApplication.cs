using System.Text.Json;
using ClusterTools.Core;
using ClusterTools.Core.Configuration;
using ClusterTools.Node;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ClusterTools.Api;

/// <summary>Every request passes here: who is it, may they, what do they want, and what went wrong.</summary>
internal sealed class ApiApplication : IHttpApplication<HttpContext>, IDisposable
{
    private const string Health = "/v1/health";

    private readonly IClusterNode node;
    private readonly RouteTable routes;
    private readonly ConfigurationEndpoints configuration;
    private readonly PlanEndpoints plans;
    private readonly StateFeed feed;
    private readonly Invitations invitations = new();
    private readonly ClientLimits limits;
    private readonly Action<Exception> fault;
    private readonly CancellationToken stopping;
    private readonly CancellationToken cut;

    /// <param name="node">Whose API this is.</param>
    /// <param name="options">Limits.</param>
    /// <param name="fault">Told of faults of the daemon; the caller is not.</param>
    /// <param name="stopping">Ends streams and long polls, and lets nothing new begin.</param>
    /// <param name="cut">Ends what is under way even then.</param>
    public ApiApplication(
        IClusterNode node, ApiServerOptions options, Action<Exception> fault, CancellationToken stopping, CancellationToken cut)
    {
        this.node = node;
        this.fault = fault;
        this.stopping = stopping;
        this.cut = cut;
        limits = new ClientLimits(options);
        var changes = new Changes(options);
        var writers = new WriterBudget(options);
        feed = new StateFeed(node);
        var streams = new EventStreams(feed, options);
        configuration = new ConfigurationEndpoints(changes, options);
        plans = new PlanEndpoints(options);
        routes = new RouteTable(
        [
            .. new ClusterEndpoints(changes, options).Routes(),
            .. new NodeEndpoints(changes, options).Routes(),
            .. new GroupEndpoints(changes, options).Routes(),
            .. GuestEndpoints.Routes(),
            .. new JoinEndpoints(invitations, options, stopping).Routes(),
            .. new FenceEndpoints(options).Routes(),
            .. new AgentEndpoints(options).Routes(),
            .. configuration.Routes(),
            .. plans.Routes(),
            .. new RunbookEndpoints(changes, writers, options).Routes(),
            .. new JournalEndpoints(changes, writers, options).Routes(),
            .. new EventScriptEndpoints(changes, writers, options).Routes(),
            .. streams.Routes(),
            .. new MetricsEndpoint(streams, limits).Routes(),
        ]);
    }

    public IReadOnlyList<Route> Routes => routes.All;

    public long BytesUnderWay => limits.Bytes.Held;

    public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    public void DisposeContext(HttpContext context, Exception? exception)
    {
    }

    public async Task ProcessRequestAsync(HttpContext context)
    {
        using var aborted = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, cut);
        try
        {
            await HandleAsync(context, aborted.Token).ConfigureAwait(false);
        }
        catch (ApiException e)
        {
            await AnswerAsync(context, e).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (aborted.IsCancellationRequested || stopping.IsCancellationRequested)
        {
            // Gone, or going: a stream has ended, anything else is told to ask elsewhere.
            if (!context.RequestAborted.IsCancellationRequested)
            {
                await AnswerAsync(context, Problems.Stopping(node.Name)).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is ClientTooSlowException or ClientGoneException or ConnectionResetException
            or ConnectionAbortedException)
        {
            // Cut off, or gone; the request's token is told a little later.
        }
        catch (BadHttpRequestException)
        {
            await AnswerAsync(
                context,
                Problems.BadRequest("The request is not well-formed HTTP.", "Check the client and what is between it and this node."))
                    .ConfigureAwait(false);
        }
#pragma warning disable CA1031 // The last line of defence: the caller gets a problem without a stack trace, the log gets all of it.
        catch (Exception e)
#pragma warning restore CA1031
        {
            fault(e);
            await AnswerAsync(context, Problems.Internal()).ConfigureAwait(false);
        }
    }

    public void Dispose()
    {
        configuration.Dispose();
        plans.Dispose();
        feed.Dispose();
    }

    private async Task HandleAsync(HttpContext context, CancellationToken aborted)
    {
        // Once a request has been told that the daemon is stopping, every later one is told the same.
        stopping.ThrowIfCancellationRequested();
        // How long ago, and how long still, is told by the time that it is now.
        ClusterState state = node.State;
        state = state with { Time = Math.Max(state.Time, node.Time) };
        context.Response.Headers["Cluster-Node"] = node.Name;
        string target = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
        bool open = context.Features.Get<ITlsConnectionFeature>() is null;
        if (open)
        {
            // The loopback listener for metrics: nothing else is there.
            (Route found, IReadOnlyDictionary<string, string> none) = routes.Find(context.Request.Method, target);
            if (found.Pattern is not (MetricsEndpoint.Path or Health))
            {
                throw Problems.NoSuchPath(found.Pattern);
            }

            await RunAsync(context, found, none, null, state, aborted).ConfigureAwait(false);
            return;
        }

        // Kestrel lets nobody in without a certificate of the cluster's CA.
        var certificate = context.Connection.ClientCertificate ?? throw Problems.UnknownCertificate("(none)");
        if (state.Configuration.Version == 0)
        {
            if (!target.Split('?')[0].Equals(Health, StringComparison.Ordinal) || context.Request.Method != HttpMethods.Get)
            {
                throw Problems.NoConfiguration(node.Name);
            }

            (Route health, IReadOnlyDictionary<string, string> empty) = routes.Find(context.Request.Method, target);
            await RunAsync(context, health, empty, null, state, aborted).ConfigureAwait(false);
            return;
        }

        if (invitations.Find(CertificateFingerprint.Of(certificate)) is not null && target == JoinEndpoints.Path)
        {
            (Route join, IReadOnlyDictionary<string, string> of) = routes.Find(context.Request.Method, target);
            await RunAsync(context, join, of, null, state, aborted).ConfigureAwait(false);
            return;
        }

        // Strangers don't learn which paths there are.
        _ = Caller.Require(certificate, state, AccessRole.Viewer);
        (Route route, IReadOnlyDictionary<string, string> names) = routes.Find(context.Request.Method, target);
        Caller caller = Caller.Require(certificate, state, route.Role);
        await RunAsync(context, route, names, caller, state, aborted).ConfigureAwait(false);
    }

    private async Task RunAsync(
        HttpContext context, Route route, IReadOnlyDictionary<string, string> names, Caller? caller, ClusterState state,
        CancellationToken aborted)
    {
        string client = caller?.Fingerprint ?? "";
        if (limits.Requests.Take(client, caller?.IsAdministrator ?? false, 1) is { } limit)
        {
            throw Problems.TooManyRequests(limit);
        }

        try
        {
            context.Response.Headers["Cluster-Index"] = state.Index.ToString();
            context.Response.Headers["Cluster-Quorum"] = StateViews.Word(state.Quorum);
            var request = new ApiRequest(context, route, names, caller, node, state, limits, stopping, aborted);
            request.CheckQuery();
            await route.Handle(request).ConfigureAwait(false);
        }
        finally
        {
            limits.Requests.Return(client, 1);
        }
    }

    private async Task AnswerAsync(HttpContext context, ApiException e)
    {
        if (context.Response.HasStarted)
        {
            return;
        }

        e.Problem.Node = node.Name;
        context.Response.Headers.Remove("Location");
        if (e.Allow is { } allow)
        {
            context.Response.Headers.Allow = allow;
        }

        if (e.RetryAfter is not null || e.Problem.Status is StatusCodes.Status503ServiceUnavailable)
        {
            context.Response.Headers.RetryAfter = (e.RetryAfter ?? 1).ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        if (e.Problem.Code == Contract.ProblemCodes.UnknownCertificate)
        {
            // A caller without rights must not occupy a connection.
            context.Response.Headers.Connection = "close";
        }

        byte[] content = JsonSerializer.SerializeToUtf8Bytes(e.Problem, ApiJson.Strict.GetTypeInfo<Contract.Problem>());
        context.Response.StatusCode = e.Problem.Status;
        context.Response.ContentType = "application/problem+json";
        context.Response.ContentLength = content.Length;
        try
        {
            await ClientWriter.WriteAsync(context, content, limits.Client, context.RequestAborted).ConfigureAwait(false);
        }
        catch (Exception gone) when (gone is OperationCanceledException or ClientGoneException or ClientTooSlowException)
        {
            // Nobody is left to be told.
        }
    }
}
