using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using ClusterTools.Contract;

namespace ClusterTools.Api;

/// <summary>
/// A small client of the API: knows several servers and tries the next when one is silent, not quorate or stopping; trusts the cluster's
/// CA alone. A change carries one request id through all tries, so that it is applied once.
/// </summary>
public sealed class ClusterClient : IDisposable
{
    private readonly HttpClient http;
    private readonly SocketsHttpHandler handler;
    private readonly Uri[] servers;
    private readonly X509Certificate2 certificate;
    private readonly X509Certificate2 authority;
    private int current;

    /// <param name="servers">Base addresses, in the order in which they are tried first.</param>
    /// <param name="authority">The cluster's CA.</param>
    /// <param name="certificate">Who we are, with its key.</param>
    /// <param name="tryLimit">How long one server may take to be connected to.</param>
    public ClusterClient(IEnumerable<Uri> servers, X509Certificate2 authority, X509Certificate2 certificate, TimeSpan? tryLimit = null)
    {
        this.servers = [.. servers];
        if (this.servers.Length == 0)
        {
            throw new ArgumentException("There is no server to ask. Give the address of at least one node.", nameof(servers));
        }

        // Handles of our own: their owner may dispose of the originals.
        this.authority = X509CertificateLoader.LoadCertificate(authority.RawData);
        this.certificate = new X509Certificate2(certificate);
        handler = new SocketsHttpHandler
        {
            ConnectTimeout = tryLimit ?? TimeSpan.FromSeconds(3),
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
            UseCookies = false,
            UseProxy = false,
            AllowAutoRedirect = false,
            SslOptions = new SslClientAuthenticationOptions
            {
                ClientCertificateContext = SslStreamCertificateContext.Create(this.certificate, null, offline: true),
                CertificateChainPolicy = CertificateTrust.ForServers(this.authority),
            },
        };
        http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>As a context file says.</summary>
    /// <param name="path">The context file.</param>
    /// <param name="name">Of the context in it; the current one when left out.</param>
    /// <param name="answerLimit">See <see cref="AnswerLimit"/>; null: as usual.</param>
    /// <exception cref="InvalidDataException">There is no such context, or its certificates can't be read.</exception>
    public static ClusterClient FromContext(string path, string? name = null, TimeSpan? answerLimit = null)
    {
        ClientContext context = ClientContextFile.Find(path, name);
        using X509Certificate2 certificate = ClientContextFile.Certificate(context, path);
        X509Certificate2 authority;
        try
        {
            authority = X509Certificate2.CreateFromPem(context.Authority);
        }
        catch (CryptographicException e)
        {
            throw new InvalidDataException($"The authority of context '{context.Name}' in {path} can't be read: {e.Message} Connect again.", e);
        }

        using (authority)
        {
            var client = new ClusterClient(context.Servers.Select(s => new Uri(s)), authority, certificate);
            client.AnswerLimit = answerLimit ?? client.AnswerLimit;
            return client;
        }
    }

    /// <summary>The server that answered last.</summary>
    public Uri Server => servers[current];

    /// <summary>How long an answer may take beyond what was asked to be waited for.</summary>
    public TimeSpan AnswerLimit { get; private set; } = TimeSpan.FromSeconds(30);

    /// <summary>Reads something.</summary>
    /// <param name="path">With query, such as <c>/v1/groups?explain</c>.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ClusterApiException">The answer is a problem.</exception>
    /// <exception cref="ClusterUnreachableException">No server answered.</exception>
    public Task<T> GetAsync<T>(string path, CancellationToken cancellationToken) =>
        SendAsync<T>(HttpMethod.Get, path, null, null, null, cancellationToken);

    /// <summary>Reads a whole list, page after page.</summary>
    /// <param name="path">With query.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<T[]> GetAllAsync<T>(string path, CancellationToken cancellationToken)
    {
        List<T> all = [];
        string? next = path;
        while (next is not null)
        {
            using HttpResponseMessage response = await AskAsync(HttpMethod.Get, next, null, null, null, cancellationToken).ConfigureAwait(false);
            using Stream content = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            all.AddRange(await JsonSerializer.DeserializeAsync<T[]>(content, ApiJson.Lenient, cancellationToken).ConfigureAwait(false)
                ?? throw new InvalidDataException($"{Server} answered {next} with null."));
            next = NextPage(response);
        }

        return [.. all];
    }

    /// <summary>Reads the text of an answer as it is.</summary>
    public async Task<string> GetTextAsync(string path, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await AskAsync(HttpMethod.Get, path, null, null, null, cancellationToken).ConfigureAwait(false);
        return await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sends JSON and reads the answer; the same request id in all tries.</summary>
    /// <param name="path">With query.</param>
    /// <param name="body">Null: none.</param>
    /// <param name="requestId">Null: a new one.</param>
    /// <param name="cancellationToken">Ends it; what was asked goes on.</param>
    public Task<T> PostAsync<T>(string path, object? body, string? requestId, CancellationToken cancellationToken) =>
        SendAsync<T>(
            HttpMethod.Post,
            path,
            body is null ? [] : JsonSerializer.SerializeToUtf8Bytes(body, body.GetType(), ApiJson.Lenient),
            requestId ?? Guid.NewGuid().ToString("N"),
            null,
            cancellationToken);

    public Task<ClusterStatus> GetClusterAsync(CancellationToken cancellationToken) => GetAsync<ClusterStatus>("/v1/cluster", cancellationToken);

    public Task<NodeStatus[]> GetNodesAsync(CancellationToken cancellationToken) => GetAllAsync<NodeStatus>("/v1/nodes", cancellationToken);

    public Task<GroupStatus[]> GetGroupsAsync(CancellationToken cancellationToken) => GetAllAsync<GroupStatus>("/v1/groups", cancellationToken);

    public Task<GroupStatus> GetGroupAsync(string group, bool explain, CancellationToken cancellationToken) =>
        GetAsync<GroupStatus>($"/v1/groups/{Segment(group)}{(explain ? "?explain=true" : "")}", cancellationToken);

    /// <summary>An operation on a group: enable, disable, stop, relocate, restart, freeze, unfreeze, convalesce.</summary>
    public Task<Operation> GroupAsync(string group, string operation, GroupOperationRequest? body, CancellationToken cancellationToken) =>
        PostAsync<Operation>($"/v1/groups/{Segment(group)}/{Segment(operation)}", body, body?.RequestId, cancellationToken);

    /// <summary>An operation on a node: drain, leave, maintenance, resume, confirm-down, fence-off, fence-on, fence-reboot.</summary>
    public Task<Operation> NodeAsync(string node, string operation, NodeOperationRequest? body, CancellationToken cancellationToken) =>
        PostAsync<Operation>($"/v1/nodes/{Segment(node)}/{Segment(operation)}", body, body?.RequestId, cancellationToken);

    /// <summary>Imports a cluster.conf, or a configuration in JSON, as the next version.</summary>
    public Task<Operation> ImportConfigurationAsync(ReadOnlyMemory<byte> content, string? reason, CancellationToken cancellationToken) =>
        SendAsync<Operation>(
            HttpMethod.Post,
            "/v1/configuration/import?wait=30" + (reason is null ? "" : $"&reason={Segment(reason)}"),
            content.ToArray(),
            Guid.NewGuid().ToString("N"),
            null,
            cancellationToken);

    /// <summary>Reads the configuration as JSON, secrets replaced, with its version.</summary>
    public async Task<(string Json, long Version)> GetConfigurationAsync(CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await AskAsync(HttpMethod.Get, "/v1/configuration", null, null, null, cancellationToken).ConfigureAwait(false);
        string json = await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
        return (json, long.Parse(response.Headers.ETag!.Tag.Trim('"')));
    }

    /// <summary>Replaces the configuration if it is still of the expected version.</summary>
    public Task<Operation> PutConfigurationAsync(string json, long expectedVersion, string? reason, CancellationToken cancellationToken) =>
        SendAsync<Operation>(
            HttpMethod.Put,
            "/v1/configuration?wait=30" + (reason is null ? "" : $"&reason={Segment(reason)}"),
            System.Text.Encoding.UTF8.GetBytes(json),
            Guid.NewGuid().ToString("N"),
            expectedVersion,
            cancellationToken);

    /// <summary>Waits until an operation has ended, however long that takes.</summary>
    public async Task<Operation> WaitForOperationAsync(string id, CancellationToken cancellationToken)
    {
        while (true)
        {
            Operation operation = await GetAsync<Operation>($"/v1/operations/{Segment(id)}?wait=20", cancellationToken).ConfigureAwait(false);
            if (operation.Phase != OperationPhase.Running)
            {
                return operation;
            }
        }
    }

    /// <summary>Events as they come; one connection, no coming back when it ends.</summary>
    /// <param name="after">Id of the last event received before; null: from now on.</param>
    /// <param name="filter">Query such as <c>group=web&amp;kinds=journal,operation</c>; null: everything.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async IAsyncEnumerable<SseItem<string>> EventsAsync(string? after, string? filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string path = "/v1/events" + (filter is null ? "" : "?" + filter);
        using HttpResponseMessage response = await AskAsync(HttpMethod.Get, path, null, null, null, cancellationToken, after, stream: true).ConfigureAwait(false);
        using Stream body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await foreach (SseItem<string> item in SseParser.Create(body).EnumerateAsync(cancellationToken).ConfigureAwait(false))
        {
            yield return item;
        }
    }

    /// <summary>A name as a segment of a path.</summary>
    public static string Segment(string name) => Uri.EscapeDataString(name);

    public void Dispose()
    {
        http.Dispose();
        handler.Dispose();
        certificate.Dispose();
        authority.Dispose();
    }

    private static string? NextPage(HttpResponseMessage response) =>
        response.Headers.TryGetValues("Link", out IEnumerable<string>? links)
        && links.FirstOrDefault(l => l.EndsWith(">; rel=\"next\"", StringComparison.Ordinal)) is ['<', '/', ..] link
            ? link[1..link.IndexOf('>', StringComparison.Ordinal)]
            : null;

    private async Task<T> SendAsync<T>(HttpMethod method, string path, byte[]? body, string? requestId, long? expectedVersion, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await AskAsync(method, path, body, requestId, expectedVersion, cancellationToken).ConfigureAwait(false);
        using Stream content = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await JsonSerializer.DeserializeAsync<T>(content, ApiJson.Lenient, cancellationToken).ConfigureAwait(false) ?? throw new JsonException();
        }
        catch (JsonException e)
        {
            throw new ClusterUnreachableException(
                $"{Server} answered {path} with something that is not understood. Check that the address is that of a cluster node, and that this program is not older than its daemon.", e);
        }
    }

    /// <summary>Asks the servers in turn, beginning with the one that answered last.</summary>
    private async Task<HttpResponseMessage> AskAsync(
        HttpMethod method,
        string path,
        byte[]? body,
        string? requestId,
        long? expectedVersion,
        CancellationToken cancellationToken,
        string? lastEventId = null,
        bool stream = false)
    {
        ClusterApiException? answered = null;
        Exception? failed = null;
        int first = current;
        for (int i = 0; i < servers.Length; i++)
        {
            int at = (first + i) % servers.Length;
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(AnswerLimit + WaitIn(path));
            try
            {
                using HttpRequestMessage message = Message(method, new Uri(servers[at], path), body, requestId, expectedVersion, lastEventId);
                HttpResponseMessage response = await http.SendAsync(
                    message, stream ? HttpCompletionOption.ResponseHeadersRead : HttpCompletionOption.ResponseContentRead, limit.Token).ConfigureAwait(false);
                if (response.IsSuccessStatusCode)
                {
                    current = at;
                    return response;
                }

                using (response)
                {
                    answered = new ClusterApiException(await ProblemOfAsync(response, cancellationToken).ConfigureAwait(false));
                }

                // Another node may have what this one lacks; with the same request id nothing is done twice.
                if (answered.Status is not ((int)HttpStatusCode.ServiceUnavailable or (int)HttpStatusCode.GatewayTimeout))
                {
                    current = at;
                    throw answered;
                }
            }
            catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                failed = e;
            }
        }

        throw answered is not null
            ? answered
            : new ClusterUnreachableException(
                $"No node of the cluster can be reached ({string.Join(", ", servers.Select(s => s.Authority))}): {Words(failed)} "
                + "Check that the daemons run and that this certificate is of the same cluster.",
                failed);
    }

    private static HttpRequestMessage Message(HttpMethod method, Uri address, byte[]? body, string? requestId, long? expectedVersion, string? lastEventId)
    {
        var message = new HttpRequestMessage(method, address);
        if (body is { Length: > 0 })
        {
            message.Content = new ByteArrayContent(body);
            message.Content.Headers.ContentType = new MediaTypeHeaderValue(body[0] == (byte)'<' ? "application/xml" : "application/json");

            // So that a body that is too large is refused before it is sent.
            message.Headers.ExpectContinue = body.Length > 1024 * 1024;
        }

        if (requestId is not null)
        {
            message.Headers.Add("Request-Id", requestId);
        }

        if (expectedVersion is { } version)
        {
            message.Headers.IfMatch.Add(new EntityTagHeaderValue($"\"{version}\""));
        }

        if (lastEventId is not null)
        {
            message.Headers.Add("Last-Event-ID", lastEventId);
        }

        return message;
    }

    private static async Task<Problem> ProblemOfAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        byte[] content = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (JsonSerializer.Deserialize<Problem>(content, ApiJson.Lenient) is { Code.Length: > 0 } problem)
            {
                return problem;
            }
        }
        catch (JsonException)
        {
            // Not from our server, or from before it could say more.
        }

        return new Problem
        {
            Status = (int)response.StatusCode,
            Code = ProblemCodes.BadRequest,
            Title = response.ReasonPhrase ?? "",
            Detail = $"The server answered {(int)response.StatusCode} {response.ReasonPhrase} without saying more.",
            Remedy = "Check that the address is that of a cluster node.",
        };
    }

    private static TimeSpan WaitIn(string path)
    {
        int at = path.IndexOf("wait=", StringComparison.Ordinal);
        string text = at < 0 ? "" : new string([.. path[(at + 5)..].TakeWhile(c => char.IsAsciiDigit(c) || c == '.')]);
        return double.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out double seconds)
            ? TimeSpan.FromSeconds(Math.Min(seconds, 3600))
            : TimeSpan.Zero;
    }

    private static string Words(Exception? e) => e switch
    {
        null => "nothing was tried.",
        OperationCanceledException => "no answer in time.",
        HttpRequestException { InnerException: { } inner } when !e.Message.Contains(inner.Message, StringComparison.Ordinal) => $"{e.Message.TrimEnd('.')}. {inner.Message.TrimEnd('.')}.",
        _ => $"{e.Message.TrimEnd('.')}.",
    };
}
