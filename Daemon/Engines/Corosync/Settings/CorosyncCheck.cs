using System.Collections.Immutable;

namespace ClusterTools.Engines.Corosync.Settings;

/// <summary>
/// What corosync refuses in its settings (corosync.conf(5), votequorum(5), corosync-qdevice(8), as of 3.1.7), and what it takes but
/// ClusterTools can't work with.
/// </summary>
public static partial class CorosyncCheck
{
    /// <summary>Highest id of a node with knet, whatever corosync.conf(5) says of 32 bits.</summary>
    public const int MaxId = 65_535;

    /// <summary>Links that a node may have.</summary>
    public const int MaxLinks = 8;

    /// <summary>Nodes that a cluster may have.</summary>
    public const int MaxNodes = 384;

    /// <summary>Shortest token in milliseconds, as for every cluster of ClusterTools; corosync begins at 126.</summary>
    public const int MinToken = 200;

    /// <summary>Longest of the times in milliseconds that detection is made of.</summary>
    public const int MaxToken = 60_000;

    private const int MaxTime = 3_600_000;
    private const int MaxQuietRounds = 1_000;
    private const int MaxVotes = 1_000_000;
    private const int MaxName = 255;

    // Corosync's lines have 511 bytes, with key and indent.
    private const int MaxValue = 400;

    // Below these, corosync refuses the time after which a token is sent again, and what it derives from that for Hold.
    private const int MinRetransmit = 30;
    private const int MinHold = 14;

    /// <summary>Everything that is wrong with settings; empty when nothing is.</summary>
    public static ImmutableArray<CorosyncProblem> Problems(CorosyncSettings settings) =>
    [
        .. Cluster(settings), .. Timing(settings, settings.Timing.EffectiveToken(settings.Nodes.Length)), .. Links(settings),
        .. Nodes(settings), .. Addresses(settings), .. Quorum(settings), .. Device(settings),
    ];

    /// <summary>The first that keeps corosync or ClusterTools from working; null: there is none.</summary>
    public static CorosyncProblem? FirstError(CorosyncSettings settings) =>
        Problems(settings).FirstOrDefault(problem => problem.Severity == CorosyncProblemSeverity.Error);

    private static CorosyncProblem[] Cluster(CorosyncSettings settings) =>
    [
        .. Error(
            !IsPlainName(settings.ClusterName, 64), "totem.cluster_name", $"'{settings.ClusterName}' is no name for a cluster.",
            "Use 1 to 64 letters, digits, '-', '_' and '.'."),
        .. Error(settings.Version < 0, "totem.config_version", $"It is {settings.Version}.", "Set it to 1, and raise it with each change."),
        .. Warning(
            settings.Version == 0, "totem.config_version",
            "There is no version: a machine that starts with an older file is not turned away.",
            "Set it to 1, and raise it with each change."),
        .. Error(
            !IsPath(settings.KeyFile), "totem.keyfile", $"'{settings.KeyFile}' is no full path.",
            $"Use one such as {CorosyncSettings.DefaultKeyFile}."),
        .. Error(
            settings.LogFile is { } file && !IsPath(file), "logging.logfile", $"'{settings.LogFile}' is no full path.",
            "Use one such as /var/log/corosync/corosync.log."),
        .. Warning(
            !settings.LogToSyslog && settings.LogFile is null, "logging", "Corosync's messages go nowhere.",
            "Set to_syslog to yes, or to_logfile to yes and logfile to a path."),
    ];

    private static CorosyncProblem[] Timing(CorosyncSettings settings, long effective) => settings.Timing switch
    {
        { Token: < MinToken or > MaxToken } => Range("totem.token", settings.Timing.Token, MinToken, MaxToken, " milliseconds"),
        { TokenCoefficient: < 0 or > MaxToken } =>
            Range("totem.token_coefficient", settings.Timing.TokenCoefficient, 0, MaxToken, " milliseconds"),
        var timing =>
        [
            .. Error(
                timing.Consensus * 10L < effective * 12, "totem.consensus",
                $"It is {Ms(timing.Consensus)}, less than 1.2 times the token, which is {Ms(effective)} for {settings.Nodes.Length} nodes.",
                $"Leave it out, or set it to at least {((effective * 12) + 9) / 10}."),
            .. Error(
                timing.Retransmits is { } times && (times < 1 || (long)(effective / (times + 0.2)) < MinRetransmit),
                "totem.token_retransmits_before_loss_const",
                $"Within {Ms(effective)}, a token can't be sent again {timing.Retransmits} times, at least {Ms(MinRetransmit)} apart.",
                "Leave it out; corosync's own value is 4."),
            .. Error(
                timing.Hold < MinHold || timing.Hold >= effective, "totem.hold",
                $"It is {Ms(timing.Hold)}; it can be {Ms(MinHold)} and more, and less than the token, which is {Ms(effective)}.",
                "Leave it out; corosync derives it from the token."),
            .. Range("totem.seqno_unchanged_const", timing.QuietRounds, 1, MaxQuietRounds),
        ],
    };

    private static IEnumerable<CorosyncProblem> Links(CorosyncSettings settings) =>
        from link in settings.Links.Take(MaxLinks + 1)
        let place = LinkPlace(link.Number)
        from problem in (CorosyncProblem[])
        [
            .. Error(
                settings.Links.First(other => other.Number == link.Number) != link, place, $"Link {link.Number} is configured twice.",
                "Put all of it into one section."),
            .. Error(
                link.Number < 0 || link.Number >= settings.LinkCount, place,
                $"Link {link.Number} is configured, but no node has an address for it.",
                $"Give each node a ring{link.Number}_addr, or take the section out."),
            .. Range($"{place}.knet_link_priority", link.Priority, 0, 255),
            .. Range($"{place}.knet_ping_interval", link.PingInterval, 1, MaxToken, " milliseconds"),
            .. Range($"{place}.knet_ping_timeout", link.PingTimeout, 1, MaxToken, " milliseconds"),
            .. Range($"{place}.mcastport", link.Port, 1, 65_535),
            .. Warning(
                link.PingInterval is null != link.PingTimeout is null, place,
                "Only one of knet_ping_interval and knet_ping_timeout is set; the other follows the token.", "Set both or none."),
            .. Error(
                link.PingTimeout < link.PingInterval, $"{place}.knet_ping_timeout",
                $"Pings are {Ms(link.PingInterval)} apart, and after {Ms(link.PingTimeout)} without one the link is given up.",
                "Set the timeout to twice the interval."),
            .. Warning(
                link.PingTimeout < CorosyncTiming.ShortestPingTimeout && link.PingTimeout >= link.PingInterval,
                $"{place}.knet_ping_timeout",
                $"After {Ms(link.PingTimeout)} without a ping the link is given up; knet sends one every 200 ms at best, so that a link "
                    + "that works is given up now and then.",
                $"Set it to {CorosyncTiming.ShortestPingTimeout} or more, and knet_ping_interval to half of that."),
        ]
        select problem;

    internal static string LinkPlace(int number) => $"totem.interface.{number}";

    internal static string NodePlace(int index) => $"nodelist.node.{index}";

    private static CorosyncProblem[] Error(bool when, string place, string message, string remedy) =>
        when ? [CorosyncProblem.Error(place, message, remedy)] : [];

    private static CorosyncProblem[] Warning(bool when, string place, string message, string remedy) =>
        when ? [CorosyncProblem.Warning(place, message, remedy)] : [];

    private static CorosyncProblem[] Range(string place, int? value, int least, int most, string unit = "") =>
        Error(value < least || value > most, place, $"It is {value}; it can be {least} to {most}{unit}.", "Set it within these limits.");

    /// <summary>Names become host names, folder names and parts of URLs.</summary>
    private static bool IsPlainName(string name, int longest) =>
        name.Length > 0 && name.Length <= longest && name is not ("." or "..")
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

    /// <summary>A path that corosync's parser gives back as it was written.</summary>
    private static bool IsPath(string path) =>
        path.Length is > 1 and <= MaxValue && path[0] == '/' && path[^1] != ' '
        && path.All(c => char.IsAscii(c) && !char.IsControl(c) && c != '{');

    // As corosync.conf has it.
    private static string Ms(long? milliseconds) => $"{milliseconds} ms";
}
