using System.Collections.Immutable;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using ClusterTools.Contract;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Api.Tests;

/// <summary>Slow, silent and greedy clients harm nobody but themselves.</summary>
[Collection(AloneCollection.Name)]
public sealed class LimitTests
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(500);

    [Fact]
    public void A_budget_has_a_limit_for_one_one_for_all_and_a_rest_for_administrators()
    {
        var budget = new Budget(ofOne: 60, inAll: 100);
        Assert.Null(budget.Take("a", administrator: false, 60));
        Assert.Equal(60, budget.Take("a", administrator: false, 1));
        Assert.Null(budget.Take("b", administrator: false, 15));
        Assert.Equal(75, budget.Take("c", administrator: false, 1));
        Assert.Null(budget.Take("c", administrator: true, 25));
        Assert.Equal(100, budget.Take("c", administrator: true, 1));
        Assert.Equal(100, budget.Held);
        budget.Return("a", 60);
        Assert.Null(budget.Take("d", administrator: false, 20));
        Assert.Equal(60, budget.Held);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.7.*")]
    public async Task Silent_connections_keep_no_administrator_out(string from)
    {
        await using TestApi api = await TestApi.StartAsync();
        List<TcpClient> silent = [];
        try
        {
            for (int i = 0; i < 520; i++)
            {
                var socket =
                    new TcpClient(new IPEndPoint(IPAddress.Parse(from.Replace("*", $"{1 + (i % 200)}", StringComparison.Ordinal)), 0));
                silent.Add(socket);
                await socket.ConnectAsync(IPAddress.Loopback, api.Address.Port, TestApi.Timeout);
            }

            // A new connection each: none of them may be lucky by chance.
            for (int i = 0; i < 5; i++)
            {
                using HttpClient http = api.Http(api.Administrator);
                Assert.Equal("ada", (await http.GetAsync("/v1/me").ReadAsync<Identity>()).Name);
            }
        }
        finally
        {
            silent.ForEach(s => s.Dispose());
        }
    }

    [Fact]
    public async Task Whoever_is_connected_stays_while_others_flood()
    {
        await using TestApi api = await TestApi.StartAsync(with: o => o with { MaxGuests = 8, MaxGuestsOfOne = 4 });
        HttpClient http = api.Http(api.Administrator);
        await http.GetAsync("/v1/me").ReadAsync<Identity>();
        List<TcpClient> silent = [];
        try
        {
            for (int i = 0; i < 30; i++)
            {
                var socket = new TcpClient();
                silent.Add(socket);
                await socket.ConnectAsync(IPAddress.Loopback, api.Address.Port, TestApi.Timeout);
            }

            // The first of them had to go.
            Assert.Equal(0, await ReadAsync(silent[0].GetStream()));
            await http.GetAsync("/v1/me").ReadAsync<Identity>();
        }
        finally
        {
            silent.ForEach(s => s.Dispose());
        }
    }

    [Fact]
    public async Task A_certificate_has_so_many_connections_and_others_have_theirs()
    {
        await using TestApi api = await TestApi.StartAsync(with: o => o with { MaxConnections = 8, MaxConnectionsOfOne = 2 });
        await using SslStream first = await ConnectAsync(api, api.Viewer);
        await using SslStream second = await ConnectAsync(api, api.Viewer);
        Assert.StartsWith("HTTP/1.1 200", await AskAsync(first, "/v1/me"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200", await AskAsync(second, "/v1/me"), StringComparison.Ordinal);
        await using SslStream third = await ConnectAsync(api, api.Viewer);
        Assert.Equal("", await AskAsync(third, "/v1/me"));
        await using SslStream administrator = await ConnectAsync(api, api.Administrator);
        Assert.StartsWith("HTTP/1.1 200", await AskAsync(administrator, "/v1/me"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_viewer_who_does_not_read_costs_bounded_memory_and_is_cut_off()
    {
        const long budget = 8 * 1024 * 1024;
        await using TestApi api =
            await TestApi.StartAsync(
                formed: false, with: o => o with { MaxBytes = 2 * budget, MaxBytesOfOne = budget, ClientLimit = TimeSpan.FromSeconds(4) });
        api.Node.Form(Large(api.Configuration(), 3 * 1024 * 1024));
        HttpClient administrator = api.Http(api.Administrator);
        Assert.True((await administrator.GetByteArrayAsync("/v1/configuration")).Length > 3 * 1024 * 1024);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        List<SslStream> deaf = [];
        try
        {
            for (int i = 0; i < 100; i++)
            {
                SslStream stream = await ConnectAsync(api, api.Viewer);
                deaf.Add(stream);
                await stream.WriteAsync("GET /v1/configuration HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray(), TestApi.Timeout);
            }

            // All that is kept for them is counted, and an administrator has room yet.
            await UntilAsync(() => api.Server.BytesUnderWay > 3 * 1024 * 1024);
            Assert.InRange(api.Server.BytesUnderWay, 1, budget);
            Assert.True((await administrator.GetByteArrayAsync("/v1/configuration")).Length > 3 * 1024 * 1024);
            long grown = GC.GetTotalMemory(forceFullCollection: true) - before;
            Assert.True(grown < budget + (100 * 512 * 1024), $"{grown:N0} bytes more than before.");

            // Whoever takes nothing is let go, and what was kept for it too.
            await UntilAsync(() => api.Server.BytesUnderWay == 0);
        }
        finally
        {
            foreach (SslStream stream in deaf)
            {
                await stream.DisposeAsync();
            }
        }
    }

    [Fact]
    public async Task What_is_more_than_the_budget_is_refused_with_a_remedy()
    {
        await using TestApi api = await TestApi.StartAsync(formed: false, with: o => o with { MaxBytesOfOne = 1024 * 1024 });
        api.Node.Form(Large(api.Configuration(), 3 * 1024 * 1024));
        Problem problem = await api.Http(api.Viewer).GetAsync("/v1/configuration").ProblemAsync(503, ProblemCodes.TooMuchUnderWay);
        Assert.Contains("1,048,576", problem.Detail, StringComparison.Ordinal);
        await api.Http(api.Viewer).GetAsync("/v1/groups/large").ProblemAsync(503, ProblemCodes.TooMuchUnderWay);
        await api.Http(api.Viewer).GetAsync("/v1/me").ReadAsync<Identity>();
        Assert.Equal(0, api.Server.BytesUnderWay);
    }

    [Fact]
    public async Task Requests_at_once_have_a_limit_for_each_certificate()
    {
        await using TestApi api = await TestApi.StartAsync(with: o => o with { MaxRequestsOfOne = 2 });
        api.Node.Hold = true;
        Operation running = await api.Client(api.Operator).GroupAsync("web", "restart", null, TestApi.Timeout);
        HttpClient http = api.Http(api.Viewer);
        Task arrived = api.Node.NextWaitAsync();
        Task<HttpResponseMessage> first = http.GetAsync($"/v1/operations/{running.Id}?wait=60");
        await arrived;
        arrived = api.Node.NextWaitAsync();
        Task<HttpResponseMessage> second = http.GetAsync($"/v1/operations/{running.Id}?wait=60");
        await arrived;
        await http.GetAsync("/v1/me").ProblemAsync(503, ProblemCodes.TooManyRequests);
        await api.Http(api.Operator).GetAsync("/v1/me").ReadAsync<Identity>();
        api.Node.Release();
        Assert.Equal(OperationPhase.Succeeded, (await first.ReadAsync<Operation>()).Phase);
        Assert.Equal(OperationPhase.Succeeded, (await second.ReadAsync<Operation>()).Phase);
        await http.GetAsync("/v1/me").ReadAsync<Identity>();
    }

    [Fact]
    public async Task A_slow_upload_does_not_hold_up_another()
    {
        await using TestApi api = await TestApi.StartAsync();
        await using SslStream slow = await ConnectAsync(api, api.Administrator);
        await slow.WriteAsync(
            "PUT /v1/configuration?dry-run HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n{ "u8.ToArray(), TestApi.Timeout);
        await UntilAsync(() => api.Server.BytesUnderWay > 0);
        (string json, long version) = await api.Client(api.Administrator).GetConfigurationAsync(TestApi.Timeout);
        Operation done = await api.Client(api.Administrator).PutConfigurationAsync(json, version, null, TestApi.Timeout);
        Assert.Equal(OperationPhase.Succeeded, done.Phase);
        Assert.True(api.Server.BytesUnderWay > 0);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task A_client_that_goes_away_in_mid_body_is_no_fault(string version)
    {
        // TestApi looks for faults at its end.
        await using TestApi api = await TestApi.StartAsync();
        foreach (string path in new[] { "/v1/configuration/import", "/v1/groups/web/restart" })
        {
            using var leaving = new CancellationTokenSource();
            using var message = new HttpRequestMessage(HttpMethod.Post, path)
            {
                Version = Version.Parse(version), VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                    Content = new StreamContent(new NeverEnding()),
            };
            Task<HttpResponseMessage> asking = api.Http(api.Administrator).SendAsync(message, leaving.Token);
            await UntilAsync(() => api.Server.BytesUnderWay > 0);
            await leaving.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
            await UntilAsync(() => api.Server.BytesUnderWay == 0);
        }
    }

    [Fact]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public async Task Suites_with_CBC_are_refused()
    {
        await using TestApi api = await TestApi.StartAsync();
        await using SslStream good =
            await ConnectAsync(api, api.Viewer, o => Only(o, TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256));
        Assert.StartsWith("HTTP/1.1 200", await AskAsync(good, "/v1/me"), StringComparison.Ordinal);
        foreach (TlsCipherSuite suite in new[]
        {
            TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384, TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256,
            TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA, TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA,
        })
        {
            await Assert.ThrowsAnyAsync<AuthenticationException>(() => ConnectAsync(api, api.Viewer, o => Only(o, suite)));
        }

        await using SslStream newest = await ConnectAsync(api, api.Viewer, o => o.EnabledSslProtocols = SslProtocols.Tls13);
        Assert.StartsWith("HTTP/1.1 200", await AskAsync(newest, "/v1/me"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SslProtocols.Tls12, true)]
    [InlineData(SslProtocols.Tls13, true)]
    [InlineData(SslProtocols.Tls12, false)]
    [InlineData(SslProtocols.Tls13, false)]
    public async Task Refused_clients_get_a_TLS_alert(SslProtocols protocol, bool foreign)
    {
        await using TestApi api = await TestApi.StartAsync();
        using ClusterAuthority other = ClusterAuthority.Create("shop");
        using IssuedCertificate impostor = other.IssueUser("ada");
        Exception refused = await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await using SslStream stream = await ConnectAsync(api, foreign ? impostor : null, o => o.EnabledSslProtocols = protocol);
            string answer = await AskAsync(stream, "/v1/me");
            Assert.Fail($"Closed without a word: '{answer}'");
        });
        Assert.Contains("alert", refused.ToString(), StringComparison.OrdinalIgnoreCase);
    }

    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    private static void Only(SslClientAuthenticationOptions options, TlsCipherSuite suite)
    {
        options.EnabledSslProtocols = SslProtocols.Tls12;
        options.CipherSuitesPolicy = new CipherSuitesPolicy([suite]);
    }

    private static async Task<SslStream> ConnectAsync(
        TestApi api, IssuedCertificate? certificate, Action<SslClientAuthenticationOptions>? with = null)
    {
        // Small, so that the kernel takes little for a client that does not read.
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 8192 };
        await socket.ConnectAsync(IPAddress.Loopback, api.Address.Port, TestApi.Timeout);
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            CertificateChainPolicy = CertificateTrust.ForServers(api.AuthorityCertificate),
        };
        if (certificate is not null)
        {
            options.ClientCertificates = [certificate.Certificate];
            options.LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate.Certificate;
        }

        with?.Invoke(options);
        try
        {
            await stream.AuthenticateAsClientAsync(options, TestApi.Timeout);
            return stream;
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    /// <summary>The beginning of the answer; empty: the connection was closed.</summary>
    private static async Task<string> AskAsync(SslStream stream, string path)
    {
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n"), TestApi.Timeout);
        byte[] answer = new byte[4096];
        return Encoding.UTF8.GetString(answer, 0, await stream.ReadAsync(answer, TestApi.Timeout));
    }

    private static async Task<int> ReadAsync(NetworkStream stream)
    {
        try
        {
            return await stream.ReadAsync(new byte[1], TestApi.Timeout);
        }
        catch (IOException)
        {
            // Reset instead of closed.
            return 0;
        }
    }

    private static async Task UntilAsync(Func<bool> so)
    {
        while (!so())
        {
            await Task.Delay(10, TestApi.Timeout);
        }
    }

    private static ClusterConfiguration Large(ClusterConfiguration configuration, int bytes)
    {
        const int one = 30_000;
        var resource = new Core.Configuration.ResourceConfiguration { Id = "script:large", Type = "script", Agent = "exec:/bin/true" };
        return configuration with
        {
            Groups = configuration.Groups.Add("large", new GroupConfiguration
            {
                Name = "large",
                Resources =
                [
                    .. Enumerable.Range(0, (bytes / one) + 1).Select(i => resource with
                    {
                        Id = $"script:large{i}", Parameters = ClusterConfiguration.Sorted<string>().Add("text", new string('x', one)),
                    }),
                ],
            }),
        };
    }

    /// <summary>A body that has begun and never goes on.</summary>
    private sealed class NeverEnding : Stream
    {
        private bool begun;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (begun)
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }

            // More than the client keeps to itself.
            begun = true;
            int beginning = Math.Min(buffer.Length, 40_000);
            buffer.Span[..beginning].Fill((byte)' ');
            return beginning;
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
