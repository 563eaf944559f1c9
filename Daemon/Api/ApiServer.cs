using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using ClusterTools.Node;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace ClusterTools.Api;

/// <summary>
/// The API of one node: HTTPS with client certificates of the cluster's CA, HTTP/1.1 and HTTP/2. Bare Kestrel, without the web host
/// around it, since a daemon at rest must stay small.
/// </summary>
public sealed class ApiServer : IAsyncDisposable
{
    // What a stalled client may leave in the kernel, which counts it to the unit.
    private const int SendBuffer = 256 * 1024;

    // Those of TLS 1.3, and of TLS 1.2 those with forward secrecy that seal what they encrypt: none with CBC.
    private static readonly TlsCipherSuite[] Suites =
    [
        TlsCipherSuite.TLS_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_CHACHA20_POLY1305_SHA256,
        TlsCipherSuite.TLS_AES_128_GCM_SHA256,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
        TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    ];

    // A change that is committed is answered within this; one that can't be, in a cluster without quorum, does not hold up the daemon's
    // end.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    private readonly ApiServerOptions options;
    private readonly CancellationTokenSource stopping = new();
    private readonly CancellationTokenSource cut = new();
    private readonly ApiApplication application;
    private readonly KestrelServer server;
    private readonly KestrelServices services;
    private readonly X509Certificate2 authority;
    private readonly CipherSuitesPolicy? suites = OperatingSystem.IsLinux() ? new CipherSuitesPolicy(Suites) : null;
    private bool started;
    private bool disposed;

    /// <param name="node">Whose API this is.</param>
    /// <param name="options">Addresses, certificates, limits.</param>
    /// <param name="fault">Told of exceptions that should not be, for the log; callers get a problem without them.</param>
    /// <param name="logging">For Kestrel's own messages; null: none.</param>
    /// <exception cref="ArgumentException">An address is wrong; the message says how it should be.</exception>
    public ApiServer(IClusterNode node, ApiServerOptions options, Action<Exception>? fault = null, ILoggerFactory? logging = null)
    {
        ArgumentNullException.ThrowIfNull(node);
        ArgumentNullException.ThrowIfNull(options);
        this.options = options;
        if (!options.Certificate.HasPrivateKey)
        {
            throw new ArgumentException(
                "The node's certificate has no private key. Give the PFX that 'clusterd init' made.", nameof(options));
        }

        // A handle of our own: its owner may dispose of the original.
        authority = X509CertificateLoader.LoadCertificate(options.Authority.RawData);
        ILoggerFactory loggers = logging ?? NullLoggerFactory.Instance;
        services = new KestrelServices(loggers);
        var kestrel = new KestrelServerOptions
        {
            ApplicationServices = services,
            AddServerHeader = false,
            AllowResponseHeaderCompression = true,
        };
        SetLimits(kestrel.Limits);
        var connections = new ConnectionGate(certificate => Caller.RoleOf(certificate, node.State), options);
        foreach (string address in options.Listen)
        {
            kestrel.Listen(EndPointOf(address, "https"), listen =>
            {
                listen.Use(connections.Before);
                listen.UseHttps(Https());
                listen.Use(connections.After);
            });
        }

        if (options.MetricsListen is { } metrics)
        {
            IPEndPoint endPoint = EndPointOf(metrics, "http");
            if (!IPAddress.IsLoopback(endPoint.Address))
            {
                throw new ArgumentException(
                    $"{metrics} can be reached from other machines; metrics without certificate are for loopback only. "
                        + "Use http://127.0.0.1:PORT.", nameof(options));
            }

            var open = new ConnectionGate(_ => null, options);
            kestrel.Listen(endPoint, listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                listen.Use(open.Before);
            });
        }

        application = new ApiApplication(node, options, fault ?? (_ => { }), stopping.Token, cut.Token);
        server = new KestrelServer(
            Options.Create(kestrel),
            new SocketTransportFactory(Options.Create(new SocketTransportOptions { CreateBoundListenSocket = Bind }), loggers), loggers);
    }

    /// <summary>Where it listens, with the real ports; empty before <see cref="StartAsync"/>.</summary>
    public IReadOnlyList<Uri> Addresses =>
        [
            .. server.Features.Get<IServerAddressesFeature>()?.Addresses.Where(a => a.StartsWith("https", StringComparison.Ordinal))
                .Select(a => new Uri(a))
                ?? [],
        ];

    /// <summary>Where metrics are given without certificate; null: nowhere.</summary>
    public Uri? MetricsAddress =>
        server.Features.Get<IServerAddressesFeature>()?.Addresses.Where(a => !a.StartsWith("https", StringComparison.Ordinal))
            .Select(a => new Uri(a)).FirstOrDefault();

    /// <summary>Bytes of bodies and answers that are kept for clients now.</summary>
    internal long BytesUnderWay => application.BytesUnderWay;

    /// <summary>What the API can do, for its documentation's test.</summary>
    internal IReadOnlyList<Route> Routes => application.Routes;

    /// <summary>Begins to listen.</summary>
    /// <exception cref="IOException">An address is in use or not of this machine; the message says which.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await server.StartAsync(application, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            throw new IOException(
                $"The API can't listen on {string.Join(", ", options.Listen.Append(options.MetricsListen).OfType<string>())}: {e.Message} "
                + "Stop what uses the address, or change 'listen' in node.json.",
                e);
        }

        started = true;
    }

    /// <summary>Ends streams and long polls, lets the rest finish for a moment, and closes.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        // Who stopped the cluster must get the answer, although all daemons end at once.
        await stopping.CancelAsync().ConfigureAwait(false);
        cut.CancelAfter(Grace);
        if (started)
        {
            await server.StopAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (disposed)
        {
            return;
        }

        disposed = true;
        using var limit = new CancellationTokenSource(options.ClientLimit);
        await StopAsync(limit.Token).ConfigureAwait(false);
        server.Dispose();
        application.Dispose();
        services.Dispose();
        authority.Dispose();
        stopping.Dispose();
        cut.Dispose();
    }

    private void SetLimits(KestrelServerLimits limits)
    {
        // The gate's limit is lower; this leaves room for connections that are closing.
        limits.MaxConcurrentConnections = options.MaxConnections + (2 * options.MaxGuests);
        limits.RequestHeadersTimeout = options.ClientLimit;
        limits.KeepAliveTimeout = TimeSpan.FromMinutes(2);
        limits.MaxRequestBodySize = options.MaxBody;
        limits.MaxRequestHeaderCount = 64;
        limits.MaxRequestHeadersTotalSize = 16 * 1024;
        limits.MaxRequestLineSize = 8 * 1024;
        limits.MaxRequestBufferSize = 64 * 1024;
        limits.Http2.MaxStreamsPerConnection = 32;
        limits.Http2.InitialConnectionWindowSize = 128 * 1024;
        limits.Http2.InitialStreamWindowSize = 96 * 1024;
        limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(30);
        
        // Kestrel takes no less than a second here.
        limits.Http2.KeepAlivePingTimeout = TimeSpan.FromTicks(Math.Max(options.ClientLimit.Ticks, TimeSpan.TicksPerSecond));
    }

    private HttpsConnectionAdapterOptions Https() => new()
    {
        ServerCertificate = options.Certificate,
        ClientCertificateMode = ClientCertificateMode.RequireCertificate,
        SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        HandshakeTimeout = options.ClientLimit,
        // The chain was built with the policy below, so that any error in it is final.
        ClientCertificateValidation = (_, _, errors) => errors == SslPolicyErrors.None,
        OnAuthenticate = (_, tls) =>
        {
            tls.CertificateChainPolicy = CertificateTrust.ForClients(authority);
            // Every connection proves its certificate anew.
            tls.AllowTlsResume = false;
            if (OperatingSystem.IsLinux())
            {
                tls.CipherSuitesPolicy = suites;
            }
        },
    };

    private static Socket Bind(EndPoint endPoint)
    {
        Socket socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endPoint);
        socket.SendBufferSize = SendBuffer;
        return socket;
    }

    private static IPEndPoint EndPointOf(string address, string scheme)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) || uri.Scheme != scheme || uri.PathAndQuery != "/"
            || uri.UserInfo.Length > 0)
        {
            throw new ArgumentException(
                $"'{address}' is not an address to listen on. Use {scheme}://IP:PORT, such as {scheme}://0.0.0.0:7450.", nameof(address));
        }

        return IPAddress.TryParse(uri.Host.Trim('[', ']'), out IPAddress? ip)
            ? new IPEndPoint(ip, uri.Port)
            : uri.Host == "localhost"
                ? new IPEndPoint(IPAddress.Loopback, uri.Port)
                : throw new ArgumentException(
                    $"'{address}' names a host. Give the IP address to listen on, or 0.0.0.0 for all.", nameof(address));
    }
}
