using System.Collections.Immutable;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using ClusterTools.Client;
using ClusterTools.Core.Configuration;

[assembly: CaptureConsole]

namespace ClusterTools.Api.Tests;

/// <summary>A real server on loopback with real certificates, before a <see cref="TestNode"/>.</summary>
internal sealed class TestApi : IAsyncDisposable
{
    public const string OddGroup = "a b %2F 100% \u00e9?#";

    private readonly List<IDisposable> owned = [];

    private TestApi(TestNode node, ClusterAuthority authority)
    {
        Node = node;
        Authority = authority;
        Viewer = authority.IssueUser("vera");
        Operator = authority.IssueUser("oscar");
        Administrator = authority.IssueUser("ada");
        Stranger = authority.IssueUser("sam");
        NodeCertificate = authority.IssueNode("node1", ["localhost", "127.0.0.1"]);
        AuthorityCertificate = authority.Certificate;
        owned.AddRange([Viewer, Operator, Administrator, Stranger, NodeCertificate, AuthorityCertificate, authority]);
    }

    public TestNode Node { get; }

    public ClusterAuthority Authority { get; }

    public IssuedCertificate Viewer { get; }

    public IssuedCertificate Operator { get; }

    public IssuedCertificate Administrator { get; }

    /// <summary>Of the cluster's CA, without a grant.</summary>
    public IssuedCertificate Stranger { get; }

    public IssuedCertificate NodeCertificate { get; }

    public X509Certificate2 AuthorityCertificate { get; }

    public ApiServer Server { get; private set; } = null!;

    public Uri Address => Server.Addresses[0];

    public List<Exception> Faults { get; } = [];

    /// <summary>A guard against hanging, far beyond what any test needs.</summary>
    public static CancellationToken Timeout =>
        CancellationTokenSource.CreateLinkedTokenSource(
            TestContext.Current.CancellationToken, new CancellationTokenSource(TimeSpan.FromMinutes(2)).Token).Token;

    /// <summary>A route's path, with names of what there is put in.</summary>
    /// <summary>What <see cref="AddGuest"/> adds.</summary>
    private const string Guest = "mail";

    public static string PathOf(string pattern) => pattern
        .Replace("{group}", "web", StringComparison.Ordinal)
        .Replace("{guest}", Guest, StringComparison.Ordinal)
        .Replace("{resource}", "ip%3A192.0.2.10", StringComparison.Ordinal)
        .Replace("{node}", "node3", StringComparison.Ordinal)
        .Replace("{agent}", "ip", StringComparison.Ordinal)
        .Replace("{runbook}", "update", StringComparison.Ordinal)
        .Replace("{version}", "1", StringComparison.Ordinal)
        .Replace("{domain}", "front", StringComparison.Ordinal)
        .Replace("{script}", "watch", StringComparison.Ordinal)
        .Replace("{device}", "pdu", StringComparison.Ordinal)
        .Replace("{operation}", "bootstrap", StringComparison.Ordinal);

    public static async Task<TestApi> StartAsync(bool formed = true, Func<ApiServerOptions, ApiServerOptions>? with = null)
    {
        var api = new TestApi(new TestNode(), ClusterAuthority.Create("shop"));
        if (formed)
        {
            api.Node.Form(api.Configuration());
        }

        var options = new ApiServerOptions
        {
            Listen = ["https://127.0.0.1:0"],
            Certificate = api.NodeCertificate.Certificate,
            Authority = api.AuthorityCertificate,
        };
        api.Server = new ApiServer(api.Node, with?.Invoke(options) ?? options, e =>
        {
            lock (api.Faults)
            {
                api.Faults.Add(e);
            }
        });
        await api.Server.StartAsync(TestContext.Current.CancellationToken);
        return api;
    }

    /// <summary>Installs the agents that <see cref="Configuration"/> names, as far as tests change what uses them.</summary>
    public void InstallAgents()
    {
        Node.AgentFolder.WriteResourceAgent("IPaddr2", "ip");
        Node.AgentFolder.WriteFenceAgent("fence_apc", "ip", "port", "password", "passwd", "ipaddr", "snmp_priv_passwd");
    }

    /// <summary>
    /// Three nodes, a fence device with a password, a group with one, a group with an awkward name, an event script, three grants.
    /// </summary>
    public ClusterConfiguration Configuration()
    {
        ImmutableSortedDictionary<string, string> none = ClusterConfiguration.Sorted<string>();
        var script = new ResourceConfiguration
        {
            Id = "mysql:db", Type = "mysql", Agent = "ocf:heartbeat:mysql",
            Parameters = none.Add("datadir", "/srv/db").Add("passwd", TestNode.Secret + "-resource"),
        };
        var address = new ResourceConfiguration
        {
            Id = "ip:192.0.2.10", Type = "ip", Agent = "ocf:heartbeat:IPaddr2",
            Parameters = none.Add("ip", "192.0.2.10"), Children = [script],
        };
        var mount = new ResourceConfiguration
        {
            Id = "netfs:share", Type = "netfs", Agent = "ocf:heartbeat:Filesystem",
            Parameters = none.Add("options", "user=x,password=" + TestNode.Secret + "-mount").Add("directory", "/mnt"),
        };
        return new ClusterConfiguration
        {
            Name = "shop",
            Version = 1,
            Nodes = Map(Enumerable.Range(1, 3).Select(i => new NodeConfiguration
            {
                Name = $"node{i}", Id = i,
                FenceMethods =
                [
                    new FenceMethod
                    {
                        Name = "power",
                        Steps =
                        [
                            new FenceStep { Device = "pdu",
                                Parameters = none.Add("port", $"{i}").Add("snmp_priv_passwd", TestNode.Secret + "-step") }],
                    },
                ],
            }), n => n.Name),
            FenceDevices = Map(
                [
                    new FenceDevice { Name = "pdu", Agent = "fence_apc",
                        Parameters = none.Add("ip", "192.0.2.1").Add("password", TestNode.Secret + "-device") }], d => d.Name),
            FailoverDomains = Map(
                [
                    new FailoverDomain { Name = "front", Ordered = true,
                        Members = ClusterConfiguration.Sorted<int>().Add("node1", 1).Add("node2", 2) }], d => d.Name),
            Groups = Map(
            [
                new GroupConfiguration { Name = "web", Domain = "front", Resources = [address] },
                new GroupConfiguration { Name = "files", Resources = [mount] },
                new GroupConfiguration { Name = OddGroup,
                    Resources = [new ResourceConfiguration { Id = "script:x/y", Type = "script", Agent = "lsb:/etc/init.d/x" }] },
            ], g => g.Name),
            EventScripts =
            Map([new EventScript { Name = "watch", Command = "exec:/etc/watch", Events = ["user.*"], Timeout = 500 }], s => s.Name),
            Access = ClusterConfiguration.Sorted<AccessGrant>()
                .Add(Viewer.Fingerprint, new AccessGrant { Name = "vera", Role = AccessRole.Viewer })
                .Add(Operator.Fingerprint, new AccessGrant { Name = "oscar", Role = AccessRole.Operator })
                .Add(Administrator.Fingerprint, new AccessGrant { Name = "ada", Role = AccessRole.Administrator }),
        };
    }

    /// <summary>The cluster has a guest from now on.</summary>
    public void AddGuest()
    {
        ClusterConfiguration now = Node.State.Configuration;
        var guest = new GroupConfiguration
        {
            Name = Guest, Resources = [new ResourceConfiguration { Id = $"vm:{Guest}", Type = "vm", Agent = GuestSettings.Agent }],
        };
        Node.Apply(new Core.ConfigurationRequest(
            Guid.NewGuid().ToString("N"), "test", now with { Version = now.Version + 1, Groups = now.Groups.Add(Guest, guest) }));
    }

    public void Revoke(IssuedCertificate certificate)
    {
        ClusterConfiguration now = Node.State.Configuration;
        Node.Apply(new Core.ConfigurationRequest(
            Guid.NewGuid().ToString("N"), "test",
            now with { Version = now.Version + 1, Access = now.Access.Remove(certificate.Fingerprint) }));
    }

    /// <summary>A client that trusts the cluster's CA and shows this certificate.</summary>
    public HttpClient Http(IssuedCertificate certificate, Version? version = null)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            SslOptions = new SslClientAuthenticationOptions
            {
                ClientCertificates = [certificate.Certificate],
                LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate.Certificate,
                CertificateChainPolicy = CertificateTrust.ForServers(AuthorityCertificate),
            },
        };
        var http = new HttpClient(handler, disposeHandler: true)
        {
            BaseAddress = Address,
            DefaultRequestVersion = version ?? HttpVersion.Version11,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Timeout = TimeSpan.FromMinutes(1),
        };
        lock (owned)
        {
            owned.Add(http);
        }

        return http;
    }

    public ClusterClient Client(IssuedCertificate certificate, params Uri[] servers)
    {
        // Certificates of its own, for it disposes of them.
        var client = new ClusterClient(
            (servers.Length == 0 ? [Address] : servers).Select(s => s.ToString()), new X509Certificate2(AuthorityCertificate),
            new X509Certificate2(certificate.Certificate),
            WireJson.Default);
        lock (owned)
        {
            owned.Add(client);
        }

        return client;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (IDisposable client in owned.Where(o => o is HttpClient or ClusterClient))
        {
            client.Dispose();
        }

        await Server.DisposeAsync();
        await Node.DisposeAsync();
        foreach (IDisposable item in owned)
        {
            item.Dispose();
        }

        Assert.Empty(Faults);
    }

    private static ImmutableSortedDictionary<string, T> Map<T>(IEnumerable<T> items, Func<T, string> name) =>
        items.ToImmutableSortedDictionary(name, i => i, StringComparer.Ordinal);
}

internal static class Answers
{
    public static async Task<T> ReadAsync<T>(this HttpResponseMessage response)
    {
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{(int)response.StatusCode}: {text}");
        return JsonSerializer.Deserialize<T>(text, ApiJson.Strict)!;
    }

    /// <summary>Checks everything that a problem must have, and gives it.</summary>
    public static async Task<Contract.Problem> ProblemAsync(this HttpResponseMessage response, int status, string code)
    {
        string text = await response.Content.ReadAsStringAsync();
        Assert.True((int)response.StatusCode == status, $"{(int)response.StatusCode}: {text}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Contract.Problem problem = JsonSerializer.Deserialize<Contract.Problem>(text, ApiJson.Strict)!;
        Assert.Equal(code, problem.Code);
        Assert.Equal(status, problem.Status);
        Assert.Equal("urn:clustertools:problem:" + code, problem.Type);
        Assert.NotEmpty(problem.Title);
        Assert.NotEmpty(problem.Detail);
        Assert.NotEmpty(problem.Remedy);
        Assert.Equal("node1", problem.Node);
        Assert.DoesNotContain("   at ", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", text, StringComparison.Ordinal);
        return problem;
    }

    public static async Task<Contract.Problem> ProblemAsync(this Task<HttpResponseMessage> response, int status, string code)
    {
        using HttpResponseMessage answer = await response;
        return await answer.ProblemAsync(status, code);
    }

    public static async Task<T> ReadAsync<T>(this Task<HttpResponseMessage> response)
    {
        using HttpResponseMessage answer = await response;
        return await answer.ReadAsync<T>();
    }
}
