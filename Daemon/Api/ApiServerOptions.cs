using System.Security.Cryptography.X509Certificates;

namespace ClusterTools.Api;

/// <summary>What an <see cref="ApiServer"/> is started with.</summary>
public sealed record ApiServerOptions
{
    /// <summary>Addresses with IP and port, such as <c>https://0.0.0.0:7450</c> or <c>https://[::1]:0</c> (0: any free port).</summary>
    public required IReadOnlyList<string> Listen { get; init; }

    /// <summary>The node's certificate with its key.</summary>
    public required X509Certificate2 Certificate { get; init; }

    /// <summary>The cluster's CA: the only one whose client certificates are accepted.</summary>
    public required X509Certificate2 Authority { get; init; }

    /// <summary>
    /// Where /metrics and /v1/health are given without TLS and without certificate, such as <c>http://127.0.0.1:7451</c>; loopback only.
    /// Null: nowhere.
    /// </summary>
    public string? MetricsListen { get; init; }

    /// <summary>What a machine that joins gets; null: this cluster is one machine's.</summary>
    public IMemberFiles? MemberFiles { get; init; }

    /// <summary>Event streams at once, of all callers together; the last quarter of them is for administrators.</summary>
    public int MaxStreams { get; init; } = 64;

    /// <summary>Event streams at once of one certificate.</summary>
    public int MaxStreamsOfOne { get; init; } = 16;

    /// <summary>
    /// Connections at once with granted certificates, of all callers together; the last quarter of them is for administrators.
    /// </summary>
    public int MaxConnections { get; init; } = 512;

    /// <summary>Connections at once of one granted certificate.</summary>
    public int MaxConnectionsOfOne { get; init; } = 128;

    /// <summary>Connections at once that have not shown a granted certificate yet.</summary>
    public int MaxGuests { get; init; } = 256;

    /// <summary>And of one address (IPv6: of one /64 network).</summary>
    public int MaxGuestsOfOne { get; init; } = 128;

    /// <summary>Requests under way at once, of all callers together; the last quarter of them is for administrators.</summary>
    public int MaxRequests { get; init; } = 512;

    /// <summary>Requests under way at once of one certificate.</summary>
    public int MaxRequestsOfOne { get; init; } = 128;

    /// <summary>Bytes of bodies and answers under way, of all callers together; the last quarter of them is for administrators.</summary>
    public long MaxBytes { get; init; } = 144 * 1024 * 1024;

    /// <summary>Bytes of bodies and answers under way of one certificate, and so of one answer too.</summary>
    public long MaxBytesOfOne { get; init; } = 48 * 1024 * 1024;

    /// <summary>Bytes of a body, configurations aside.</summary>
    public int MaxBody { get; init; } = 64 * 1024;

    /// <summary>Messages, user events and runbook steps that one certificate may write at once.</summary>
    public int WriterBurst { get; init; } = 200;

    /// <summary>And how many a second from then on.</summary>
    public double WritesPerSecond { get; init; } = 10;

    /// <summary>Longest <c>?wait=</c>; longer ones are shortened to it.</summary>
    public TimeSpan MaxWait { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long the cluster may take to accept a change before the caller is told that its outcome is unknown.</summary>
    public TimeSpan SubmitLimit { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// How long a client may take to say something, to shake hands, to send its headers, or to take the next 64 KiB of an answer.
    /// </summary>
    public TimeSpan ClientLimit { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Between two signs of life on an event stream.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(15);
}
