using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using ClusterTools.Client;
using ClusterTools.Contract;

namespace ClusterTools.Api.Tests;

public sealed class AccessTests
{
    /// <summary>Every route, with names that exist put in.</summary>
    private static string PathOf(Route route) => TestApi.PathOf(route.Pattern
        .Replace("/fence-agents/{agent}", "/fence-agents/fence_thing", StringComparison.Ordinal)
        .Replace("{agent}", "lsb%3A%2Fetc%2Finit.d%2Fx", StringComparison.Ordinal)
        .Replace("/v1/plan", "/v1/plan?lose=node3", StringComparison.Ordinal));

    private static HttpRequestMessage Message(Route route) => new(new HttpMethod(route.Method), PathOf(route))
    {
        Content = route.Method == "GET" ? null : new ByteArrayContent([]),
    };

    [Fact]
    public async Task Every_route_answers_its_least_role_and_refuses_the_one_below()
    {
        await using TestApi api = await TestApi.StartAsync();
        api.Node.AgentFolder.Write("fence/fence_thing", AgentTests.FenceMetadata);
        api.Node.Apply(new Core.RunbookRequest("book", "test", "update", "{}"));
        api.AddGuest();
        (Core.Configuration.AccessRole Role, HttpClient Http)[] callers =
        [
            (Core.Configuration.AccessRole.Viewer, api.Http(api.Viewer)),
            (Core.Configuration.AccessRole.Operator, api.Http(api.Operator)),
            (Core.Configuration.AccessRole.Administrator, api.Http(api.Administrator)),
        ];
        HttpClient stranger = api.Http(api.Stranger);
        Assert.True(api.Server.Routes.Count > 40);
        // To join is for whoever was invited, and for nobody else.
        foreach (Route route in api.Server.Routes.Where(r => r.Pattern != JoinEndpoints.Path))
        {
            string shown = $"{route.Method} {route.Pattern}";
            Problem unknown = await stranger.SendAsync(Message(route)).ProblemAsync(403, ProblemCodes.UnknownCertificate);
            Assert.Contains(api.Stranger.Fingerprint, unknown.Remedy, StringComparison.Ordinal);
            foreach ((Core.Configuration.AccessRole role, HttpClient http) in callers)
            {
                using HttpResponseMessage response = await http.SendAsync(Message(route), HttpCompletionOption.ResponseHeadersRead);
                if (role < route.Role)
                {
                    Problem problem = await response.ProblemAsync(403, ProblemCodes.RoleRequired);
                    Assert.Contains(route.Role.ToString(), problem.Detail, StringComparison.OrdinalIgnoreCase);
                }
                else if (route.Method == "GET")
                {
                    Assert.True(response.StatusCode == HttpStatusCode.OK, $"{shown} gave {response.StatusCode} to {role}");
                }
                else
                {
                    // An empty body is no configuration and no message, and some operations don't fit the state; but the right was there.
                    Assert.True(
                        response.StatusCode is not HttpStatusCode.Forbidden and < HttpStatusCode.InternalServerError,
                        $"{shown} gave {response.StatusCode} to {role}");
                }
            }
        }
    }

    [Fact]
    public async Task Every_way_out_replaces_secrets()
    {
        await using TestApi api = await TestApi.StartAsync();
        api.Node.AgentFolder.Write("fence/fence_thing", AgentTests.FenceMetadata);
        api.Node.Apply(new Core.RunbookRequest("book", "test", "update", "{}"));
        api.AddGuest();
        api.Node.Tell("something happened");
        HttpClient http = api.Http(api.Administrator);
        foreach (Route route in api.Server.Routes.Where(r => r.Method == "GET" && r.Pattern is not ("/v1/events" or JoinEndpoints.Path)))
        {
            string text = await http.GetStringAsync(PathOf(route));
            Assert.DoesNotContain(TestNode.Secret, text, StringComparison.Ordinal);
        }

        Assert.Contains("(secret)", await http.GetStringAsync("/v1/configuration"), StringComparison.Ordinal);
        Assert.Contains("(secret)", await http.GetStringAsync("/v1/fence-devices/pdu"), StringComparison.Ordinal);
        Assert.Contains("(secret)", await http.GetStringAsync("/v1/groups/web"), StringComparison.Ordinal);
        Assert.Contains("(secret)", await http.GetStringAsync("/v1/groups/files/resources"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_of_another_authority_is_refused()
    {
        await using TestApi api = await TestApi.StartAsync();
        using ClusterAuthority other = ClusterAuthority.Create("shop");
        using IssuedCertificate impostor = other.IssueUser("ada");
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => api.Http(impostor).GetAsync("/v1/health"));
    }

    [Fact]
    public async Task A_client_without_certificate_is_refused()
    {
        await using TestApi api = await TestApi.StartAsync();
        using var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            SslOptions = { CertificateChainPolicy = CertificateTrust.ForServers(api.AuthorityCertificate) },
        };
        using var http = new HttpClient(handler) { BaseAddress = api.Address };
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => http.GetAsync("/v1/health"));
    }

    [Fact]
    public async Task An_expired_certificate_is_refused()
    {
        await using TestApi api = await TestApi.StartAsync();
        using IssuedCertificate expired = api.Authority.IssueUser("ada", TimeSpan.FromMinutes(-1));
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => api.Http(expired).GetAsync("/v1/health"));
    }

    [Fact]
    public async Task A_users_certificate_is_no_server_to_our_client()
    {
        await using TestApi api = await TestApi.StartAsync();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        async Task ServeAsync()
        {
            using TcpClient socket = await listener.AcceptTcpClientAsync(TestApi.Timeout);
            await using var tls = new SslStream(socket.GetStream());
            var options = new SslServerAuthenticationOptions { ServerCertificate = api.Administrator.Certificate };
            await Assert.ThrowsAnyAsync<Exception>(async () =>
            {
                await tls.AuthenticateAsServerAsync(options, TestApi.Timeout);
                Assert.Equal(0, await tls.ReadAsync(new byte[1], TestApi.Timeout));
                throw new IOException("The client has gone.");
            });
        }

        Task serving = ServeAsync();
        var impostor = new Uri($"https://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");
        await Assert.ThrowsAsync<ClusterUnreachableException>(() => api.Client(api.Viewer, impostor).GetClusterAsync(TestApi.Timeout));
        await serving;
    }

    [Fact]
    public async Task A_server_of_another_authority_is_refused_by_our_client()
    {
        await using TestApi api = await TestApi.StartAsync();
        using ClusterAuthority other = ClusterAuthority.Create("shop");
        using var wrong = other.Certificate;
        using var client =
            new ClusterClient(
                [api.Address.ToString()], wrong,
                new System.Security.Cryptography.X509Certificates.X509Certificate2(api.Viewer.Certificate), WireJson.Default);
        await Assert.ThrowsAsync<ClusterUnreachableException>(() => client.GetClusterAsync(TestApi.Timeout));
    }

    [Fact]
    public async Task Taking_out_a_grant_revokes_at_once_on_an_open_connection()
    {
        await using TestApi api = await TestApi.StartAsync();
        HttpClient http = api.Http(api.Viewer);
        (await http.GetAsync("/v1/cluster")).EnsureSuccessStatusCode().Dispose();
        api.Revoke(api.Viewer);
        await http.GetAsync("/v1/cluster").ProblemAsync(403, ProblemCodes.UnknownCertificate);
    }

    [Fact]
    public async Task Taking_out_a_grant_ends_a_long_poll()
    {
        await using TestApi api = await TestApi.StartAsync();
        api.Node.Hold = true;
        HttpClient http = api.Http(api.Operator);
        Operation running = await http.PostAsync("/v1/groups/web/restart", null).ReadAsync<Operation>();
        Task arrived = api.Node.NextWaitAsync();
        Task<HttpResponseMessage> poll = http.GetAsync($"/v1/operations/{running.Id}?wait=60");
        await arrived;
        api.Revoke(api.Operator);
        await poll.ProblemAsync(403, ProblemCodes.UnknownCertificate);
    }

    [Fact]
    public async Task Before_there_is_a_configuration_only_health_is_answered()
    {
        await using TestApi api = await TestApi.StartAsync(formed: false);
        HttpClient http = api.Http(api.Administrator);
        Health health = await http.GetAsync("/v1/health").ReadAsync<Health>();
        Assert.Equal(0, health.ConfigurationVersion);
        Assert.Equal("node1", health.Node);
        foreach (Route route in api.Server.Routes.Where(r => r.Pattern != "/v1/health"))
        {
            await http.SendAsync(Message(route)).ProblemAsync(503, ProblemCodes.NoConfiguration);
        }
    }

    [Fact]
    public async Task An_address_in_use_is_an_error_that_names_it()
    {
        await using TestApi api = await TestApi.StartAsync();
        string taken = $"https://127.0.0.1:{api.Address.Port}";
        await using var second = new ApiServer(api.Node, new ApiServerOptions
        {
            Listen = [taken], Certificate = api.NodeCertificate.Certificate, Authority = api.AuthorityCertificate,
        });
        IOException e = await Assert.ThrowsAsync<IOException>(() => second.StartAsync(TestApi.Timeout));
        Assert.Contains(taken, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("node1:7450")]
    [InlineData("http://127.0.0.1:7450")]
    [InlineData("https://node1:7450")]
    [InlineData("https://127.0.0.1:7450/v1")]
    public async Task An_address_that_is_none_is_refused_with_what_it_should_be(string address)
    {
        await using TestApi api = await TestApi.StartAsync();
        ArgumentException e = Assert.Throws<ArgumentException>(() => new ApiServer(api.Node, new ApiServerOptions
        {
            Listen = [address], Certificate = api.NodeCertificate.Certificate, Authority = api.AuthorityCertificate,
        }));
        Assert.Contains(address, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Me_says_who_the_caller_is()
    {
        await using TestApi api = await TestApi.StartAsync();
        Identity me = await api.Http(api.Operator).GetAsync("/v1/me").ReadAsync<Identity>();
        Assert.Equal("oscar", me.Name);
        Assert.Equal(AccessRole.Operator, me.Role);
        Assert.Equal(api.Operator.Fingerprint, me.Fingerprint);
        Assert.True(me.Expires > DateTimeOffset.UtcNow.AddYears(4));
    }

    [Fact]
    public async Task Http_2_works_as_well()
    {
        await using TestApi api = await TestApi.StartAsync();
        using HttpResponseMessage response = await api.Http(api.Viewer, HttpVersion.Version20).GetAsync("/v1/cluster");
        Assert.Equal(HttpVersion.Version20, response.Version);
        Assert.Equal("shop", (await response.ReadAsync<ClusterStatus>()).Name);
    }

    [Fact]
    public async Task Every_route_is_documented_with_its_role()
    {
        await using TestApi api = await TestApi.StartAsync();
        using Stream stream = typeof(AccessTests).Assembly.GetManifestResourceStream("docs/api.md")!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        string[] lines = (await reader.ReadToEndAsync()).Split('\n');
        foreach (Route route in api.Server.Routes)
        {
            string line = Assert.Single(lines, l => l.StartsWith($"| `{route.Method} {route.Pattern}` |", StringComparison.Ordinal));
            string who = route.Pattern == JoinEndpoints.Path ? "who was invited" : StateViews.Word(route.Role);
            Assert.Contains($"| {who} |", line, StringComparison.Ordinal);
            foreach (string query in route.Query)
            {
                Assert.Contains($"`{query}`", line, StringComparison.Ordinal);
            }
        }
    }
}
