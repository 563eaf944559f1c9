using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using ClusterTools.Contract;

namespace ClusterTools.Client;

/// <summary>
/// A client of the API: knows several servers and tries the next when one is silent, not quorate or stopping; trusts the cluster's own
/// authority alone. A change carries one request id through all tries, so that it is applied once.
/// </summary>
public sealed partial class ClusterClient : IDisposable
{
    // A silent server is passed over after this time while others are left to ask.
    private static readonly TimeSpan SilenceLimit = TimeSpan.FromSeconds(3);

    // Longer than a daemon takes to say that it does not know the outcome of a change.
    private static readonly TimeSpan LastServerLimit = TimeSpan.FromSeconds(20);

    private readonly HttpClient http;
    private readonly IWireJson json;
    private readonly TimeSpan patience;
    private readonly Uri[] servers;
    private readonly X509Certificate2 certificate;
    private readonly X509Certificate2 authority;
    private readonly object gate = new();
    private int current;
    private int users;
    private bool closing;

    /// <param name="servers">Base addresses, in the order in which they are tried first.</param>
    /// <param name="authority">The cluster's CA. Both certificates belong to the client from now on.</param>
    /// <param name="certificate">Who we are, with its key.</param>
    /// <param name="json">Reads and writes what is sent.</param>
    /// <param name="patience">How long a server may take beyond what it was asked to wait; null: longer than a daemon does for a
    /// change.</param>
    /// <exception cref="ContextException">There is no server, or an address is none.</exception>
    public ClusterClient(
        IEnumerable<string> servers, X509Certificate2 authority, X509Certificate2 certificate, IWireJson json, TimeSpan? patience = null)
    {
        this.json = json;
        this.patience = patience ?? LastServerLimit;
        this.authority = authority;
        this.certificate = certificate;
        this.servers = [.. servers.Select(Address)];
        if (this.servers.Length == 0)
        {
            throw new ContextException(
                ContextException.FileUnreadable, "There is no server to ask.",
                "Give the address of at least one node, such as https://node1:7450.");
        }

        var trust = new ServerTrust(authority);
        var handler = new HttpClientHandler
        {
            UseCookies = false,
            UseProxy = false,
            AllowAutoRedirect = false,
            ClientCertificateOptions = ClientCertificateOption.Manual,
            MaxConnectionsPerServer = 16,
            ServerCertificateCustomValidationCallback = (_, shown, _, errors) => trust.WhyNot(shown, errors) is { } why
                ? throw new AuthenticationException(why)
                : true,
        };
        handler.ClientCertificates.Add(certificate);
        http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>As a context says.</summary>
    /// <param name="context">The context.</param>
    /// <param name="path">The file it was read from, which its certificate's path is relative to.</param>
    /// <param name="json">Reads and writes what is sent.</param>
    /// <param name="patience">How long a server may take; null: as usual.</param>
    /// <exception cref="ContextException">Its certificates or addresses can't be read.</exception>
    public static ClusterClient FromContext(ClientContext context, string path, IWireJson json, TimeSpan? patience = null)
    {
        X509Certificate2 authority = ContextFile.Authority(context.Authority, $"context '{context.Name}' in '{path}'");
        X509Certificate2? certificate = null;
        try
        {
            certificate = ContextFile.Certificate(context, path);
            return new ClusterClient(context.Servers, authority, certificate, json, patience);
        }
        catch
        {
            certificate?.Dispose();
            authority.Dispose();
            throw;
        }
    }

    /// <summary>As a context file says.</summary>
    /// <param name="path">The file.</param>
    /// <param name="name">Of the context in it; null: the current one.</param>
    /// <param name="json">Reads and writes what is sent.</param>
    /// <param name="patience">How long a server may take; null: as usual.</param>
    /// <exception cref="ContextException">There is no such context, or its certificates or addresses can't be read.</exception>
    public static ClusterClient FromContext(string path, string? name, IWireJson json, TimeSpan? patience = null) =>
        FromContext(ContextFile.Find(path, ContextFile.Read(path, json), name), path, json, patience);

    /// <summary>The server that answered last.</summary>
    public Uri Server => servers[current];

    /// <summary>All of them.</summary>
    public IReadOnlyList<Uri> Servers => servers;

    /// <summary>Reads something.</summary>
    /// <param name="path">With query, such as <c>/v1/groups?explain=true</c>.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ClusterApiException">The answer is a problem.</exception>
    /// <exception cref="ClusterUnreachableException">No server answered.</exception>
    public Task<T> GetAsync<T>(string path, CancellationToken cancellationToken) => GetAsync<T>(path, TimeSpan.Zero, cancellationToken);

    /// <summary>Reads a whole list, page after page.</summary>
    /// <param name="path">With query.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ClusterApiException">The answer is a problem.</exception>
    /// <exception cref="ClusterUnreachableException">No server answered.</exception>
    public async Task<T[]> GetAllAsync<T>(string path, CancellationToken cancellationToken)
    {
        var all = new List<T>();
        string? next = path;
        while (next is not null)
        {
            var request = new ClusterRequest(HttpMethod.Get, next);
            using HttpResponseMessage response = await AskAsync(request, cancellationToken).ConfigureAwait(false);
            all.AddRange(await ReadAsync<T[]>(request, response).ConfigureAwait(false));
            next = NextPage(response);
        }

        return [.. all];
    }

    /// <summary>Sends JSON and reads the answer; the same request id in all tries.</summary>
    /// <param name="path">With query.</param>
    /// <param name="body">Null: none.</param>
    /// <param name="cancellationToken">Ends it; what was asked for goes on.</param>
    public Task<T> PostAsync<T>(string path, object? body, CancellationToken cancellationToken) =>
        SendAsync<T>(
            new ClusterRequest(HttpMethod.Post, path) { Body = body is null ? null : json.Write(body), RequestId = NewRequestId() },
            cancellationToken);

    /// <summary>A name as a segment of a path or a value of a query.</summary>
    public static string Segment(string name) => Uri.EscapeDataString(name);

    /// <summary>Closes the connections; those that are in use when they are no longer.</summary>
    public void Dispose()
    {
        bool last;
        lock (gate)
        {
            last = !closing && users == 0;
            closing = true;
        }

        if (last)
        {
            Close();
        }
    }

    private void Close()
    {
        http.Dispose();
        certificate.Dispose();
        authority.Dispose();
    }

    // Another shell of this process may close the connection while a command of this one runs on it.
    private void Enter()
    {
        lock (gate)
        {
            if (closing && users == 0)
            {
                throw new ClusterUnreachableException(
                    ClusterUnreachableException.ConnectionClosed, "The connection to the cluster was closed meanwhile.",
                    "Run the command again; it connects anew.", null);
            }

            users++;
        }
    }

    private void Leave()
    {
        bool last;
        lock (gate)
        {
            users--;
            last = closing && users == 0;
        }

        if (last)
        {
            Close();
        }
    }

    private static string NewRequestId() => Guid.NewGuid().ToString("N");

    private static Uri Address(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) && uri.Scheme == "https"
            ? uri
            : throw new ContextException(
                ContextException.FileUnreadable, $"'{text}' is not the address of a node.",
                "Use https://HOST:PORT, such as https://node1:7450.", text);

    private Task<T> GetAsync<T>(string path, TimeSpan wait, CancellationToken cancellationToken) =>
        SendAsync<T>(new ClusterRequest(HttpMethod.Get, path) { Wait = wait }, cancellationToken);

    private async Task<T> SendAsync<T>(ClusterRequest request, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await AskAsync(request, cancellationToken).ConfigureAwait(false);
        return await ReadAsync<T>(request, response).ConfigureAwait(false);
    }

    private async Task<T> ReadAsync<T>(ClusterRequest request, HttpResponseMessage response)
    {
        using Stream content = await response.Content.ReadAsStreamAsync().ConfigureAwait(false);
        try
        {
            return json.Read<T>(content);
        }
        catch (InvalidDataException e)
        {
            throw NotUnderstood(request, e);
        }
    }

    /// <summary>Where the list goes on (RFC 8288); a server of before lists knew pages gives all at once.</summary>
    private static string? NextPage(HttpResponseMessage response) =>
        response.Headers.TryGetValues("Link", out IEnumerable<string>? links)
        && links.FirstOrDefault(
            l => l.StartsWith("</", StringComparison.Ordinal) && l.EndsWith(">; rel=\"next\"", StringComparison.Ordinal)) is { } link
            ? link.Substring(1, link.IndexOf('>') - 1)
            : null;

    private ClusterUnreachableException NotUnderstood(ClusterRequest request, Exception e) => new(
        ClusterUnreachableException.AnswerNotUnderstood,
        $"{request.Only ?? Server} answered {request.Path} with something that is not understood: {e.Message}",
        "Check that the address is that of a cluster node, and that this program is not older than its daemon.",
        e);

    private async Task<HttpResponseMessage> AskAsync(ClusterRequest request, CancellationToken cancellationToken)
    {
        Enter();
        try
        {
            return await AskInTurnAsync(request, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>
    /// Asks the servers in turn, beginning with the one that answered last: first impatiently, then once more with patience.
    /// </summary>
    private async Task<HttpResponseMessage> AskInTurnAsync(ClusterRequest request, CancellationToken cancellationToken)
    {
        if (request.Only is { } only)
        {
            return await AskServerAsync(only, request, cancellationToken).ConfigureAwait(false);
        }

        TimeSpan[] rounds = [servers.Length > 1 && SilenceLimit < patience ? SilenceLimit : patience, patience];
        ClusterApiException? answered = null;
        var failures = new Dictionary<Uri, Exception>();
        var lacking = new List<ClusterApiException>();
        foreach (TimeSpan round in rounds)
        {
            answered = null;
            lacking.Clear();
            int first = current;
            for (int i = 0; i < servers.Length; i++)
            {
                int at = (first + i) % servers.Length;
                try
                {
                    HttpResponseMessage response = await TryAsync(servers[at], request, round + request.Wait, cancellationToken)
                        .ConfigureAwait(false);
                    if (response.IsSuccessStatusCode)
                    {
                        current = at;
                        AnswerOrigin.Note(response);
                        return response;
                    }

                    ClusterApiException said;
                    using (response)
                    {
                        said = new ClusterApiException(await ProblemOfAsync(response).ConfigureAwait(false));
                    }

                    // Another node may have what this one lacks; the request id keeps it from being done twice.
                    if (said.Code == ProblemCodes.AgentNotInstalled || (request.TriesNextWhenNotFound && said.Status == 404))
                    {
                        lacking.Add(said);
                    }
                    else if (said.Status is 503 or 504)
                    {
                        answered = said;
                    }
                    else
                    {
                        current = at;
                        throw said;
                    }
                }
                catch (Exception e) when (IsSilence(e, cancellationToken))
                {
                    failures[servers[at]] = e;
                }
            }

            if (answered is null ? lacking.Count > 0 : answered.Code != ProblemCodes.UnknownOutcome)
            {
                break;
            }
        }

        throw lacking.Find(static e => e.Status == 404) ?? answered
            ?? (lacking.Count > 0 ? NotOnAnyServer(lacking) : (Exception)Unreachable(failures));
    }

    /// <summary>What the first one said, and who else lacks it.</summary>
    private static ClusterApiException NotOnAnyServer(List<ClusterApiException> lacking)
    {
        Problem problem = lacking[0].Problem;
        if (lacking.Count > 1)
        {
            problem.Detail += $" It is the same on {string.Join(", ", lacking.Skip(1).Select(e => e.Problem.Node))}.";
        }

        return new ClusterApiException(problem);
    }

    private async Task<HttpResponseMessage> AskServerAsync(Uri server, ClusterRequest request, CancellationToken cancellationToken)
    {
        try
        {
            HttpResponseMessage response = await TryAsync(server, request, request.Limit ?? patience + request.Wait, cancellationToken)
                .ConfigureAwait(false);
            if (response.IsSuccessStatusCode)
            {
                return response;
            }

            using (response)
            {
                throw new ClusterApiException(await ProblemOfAsync(response).ConfigureAwait(false));
            }
        }
        catch (Exception e) when (IsSilence(e, cancellationToken))
        {
            throw Unreachable(new Dictionary<Uri, Exception> { [server] = e });
        }
    }

    private static bool IsSilence(Exception e, CancellationToken cancellationToken) =>
        e is HttpRequestException or IOException or WebException
            || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    private async Task<HttpResponseMessage> TryAsync(
        Uri server, ClusterRequest request, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        end.CancelAfter(limit);
        using HttpRequestMessage message = request.Message(server);
        return await http.SendAsync(
            message, request.Stream ? HttpCompletionOption.ResponseHeadersRead : HttpCompletionOption.ResponseContentRead, end.Token)
                .ConfigureAwait(false);
    }

    private async Task<Problem> ProblemOfAsync(HttpResponseMessage response)
    {
        using Stream content = await response.Content.ReadAsStreamAsync().ConfigureAwait(false);
        try
        {
            if (json.Read<Problem>(content) is { Code.Length: > 0 } problem)
            {
                return problem;
            }
        }
        catch (InvalidDataException)
        {
            // Not from clusterd, or from before it could write a problem document.
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

    private static ClusterUnreachableException Unreachable(Dictionary<Uri, Exception> failures)
    {
        string what = string.Join("; ", failures.Select(f => $"{f.Key.Authority}: {Words(f.Value)}"));
        Exception? last = failures.Values.LastOrDefault();
        return failures.Values.Any(f => Refusal(f) is not null)
            ? new ClusterUnreachableException(
                ClusterUnreachableException.ServerNotTrusted,
                $"A server that should be a node of the cluster is not to be trusted ({what}).",
                "Check its address, and that the context was made with this cluster's ca.pem; connect again if the cluster was made anew.",
                last)
            : new ClusterUnreachableException(
                ClusterUnreachableException.NoServerAnswered,
                $"No node of the cluster answers ({what}).",
                "Check that the daemons run and can be reached, and that this certificate is of the same cluster.",
                last);
    }

    private static string Words(Exception e) =>
        e is OperationCanceledException ? "no answer in time"
        : Refusal(e) ?? (e.InnerException is { } inner ? Words(inner) : e.Message.TrimEnd('.'));

    // Only the one thrown by ServerTrust; the runtime throws this type with other messages.
    private static string? Refusal(Exception? e)
    {
        for (; e is not null; e = e.InnerException)
        {
            if (e is AuthenticationException && e.Message.StartsWith("it", StringComparison.Ordinal))
            {
                return e.Message;
            }
        }

        return null;
    }
}
