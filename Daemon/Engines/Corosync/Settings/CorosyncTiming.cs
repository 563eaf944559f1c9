namespace ClusterTools.Engines.Corosync.Settings;

/// <summary>When a silent machine is given up: totem's times in corosync.conf(5). All are milliseconds.</summary>
public sealed record CorosyncTiming
{
    /// <summary>Two pings, and some patience.</summary>
    internal const int ShortestPingTimeout = 450;

    /// <summary>
    /// Corosync's 30 keep the processors of all nodes busy for as long as several commits take, after each message; three cost no commit
    /// more time, and a node at rest a quarter.
    /// </summary>
    public const int FewQuietRounds = 3;

    /// <summary>KNET_THREADS_TIMER_RES of libknet 1.25, which corosync leaves as it is.</summary>
    private const int KnetInterval = 200;

    /// <summary>For machines next to each other that are not short of CPU time: a loss is noticed after about 0.7 seconds.</summary>
    public static CorosyncTiming Lan { get; } = Of(300);

    /// <summary>What corosync does when nothing is said, as of 3.1.7: a loss is noticed after 6.6 seconds and more.</summary>
    public static CorosyncTiming Default { get; } = new();

    /// <summary>What ClusterTools writes: the same token for any number of nodes.</summary>
    /// <param name="token">In milliseconds.</param>
    public static CorosyncTiming Of(int token) => new() { Token = token, TokenCoefficient = 0, QuietRounds = FewQuietRounds };

    /// <summary>How long the token may be missing with two nodes.</summary>
    public int Token { get; init; } = 3000;

    /// <summary>What each node from the third on adds to it.</summary>
    public int TokenCoefficient { get; init; } = 650;

    /// <summary>How long a new membership is agreed on before it is begun anew. Null: 1.2 times the effective token.</summary>
    public int? Consensus { get; init; }

    /// <summary>How often a token is sent again before it is lost; not a time. Null: corosync's 4.</summary>
    public int? Retransmits { get; init; }

    /// <summary>How long the token is held when there is little to do. Null: corosync derives it from the token.</summary>
    public int? Hold { get; init; }

    /// <summary>
    /// After so many rounds of the token in which nothing was said it is held; not a time. Null: corosync's 30.
    /// </summary>
    public int? QuietRounds { get; init; }

    /// <summary>How long the token may be missing with so many nodes, in milliseconds.</summary>
    public long EffectiveToken(int nodes) => Token + (Math.Max(0L, nodes - 2) * TokenCoefficient);

    /// <summary>
    /// About how long it takes from the loss of a node until the others have a membership without it, in milliseconds: 2.2 times the
    /// effective token (the token, then consensus), as measured. An explicit <see cref="Consensus"/> takes the place of its part.
    /// </summary>
    public long Detection(int nodes) => EffectiveToken(nodes) + (Consensus ?? EffectiveToken(nodes) * 12 / 10);

    /// <summary>
    /// How often a link is to be pinged, and after which time without an answer it is down, in milliseconds; null: corosync's own values,
    /// a quarter and a half of the effective token, are long enough. Knet looks after its links five times a second, so that a link whose
    /// time is shorter is given up every few seconds though nothing is wrong with it.
    /// </summary>
    public (int Interval, int Timeout)? Pings(int nodes) =>
        EffectiveToken(nodes) / 2 < ShortestPingTimeout ? (KnetInterval, ShortestPingTimeout) : null;
}
