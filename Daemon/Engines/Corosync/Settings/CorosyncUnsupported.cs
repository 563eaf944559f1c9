namespace ClusterTools.Engines.Corosync.Settings;

/// <summary>Keys of corosync that <see cref="CorosyncSettings"/> does not hold, and what becomes of them.</summary>
internal static class CorosyncUnsupported
{
    private const string Keep = "If that is needed, do not let ClusterTools write the file.";

    // Corosync's own values, several with bars between them: who says them says nothing. The service's unit throws stderr away.
    private const string Defaults =
        """
        totem: link_mode=passive ip_version=ipv6-4 clear_node_high_bit=no token_warning=75 token_retransmit=0 join=50 send_join=0 merge=200
        totem: downcheck=1000 fail_recv_const=2500 heartbeat_failures_allowed=0 max_network_delay=50 netmtu=65536
        totem: window_size=50 max_messages=17 miss_count_const=5 block_unlisted_ips=yes cancel_token_hold_on_retransmit=no
        totem: knet_mtu=0 knet_pmtud_interval=30 knet_compression_model=none knet_compression_threshold=100|0 knet_compression_level=0
        totem.interface: knet_ping_precision=2048 knet_pong_count=2 knet_transport=udp broadcast=no ttl=1
        quorum: expected_votes_tracking=0 auto_tie_breaker=0 allow_downscale=0
        quorum.device: master_wins=0
        quorum.device.net: port=5403 tie_breaker=lowest force_ip_version=0 keep_active_partition_tie_breaker=on
        logging: to_stderr=yes|no timestamp=hires|on fileline=off function_name=off blackbox=on debug=off
        logging: logfile_priority=info syslog_priority=info syslog_facility=daemon
        """;

    private static readonly Dictionary<string, string[]> Own = new(
        from line in Defaults.Split('\n', StringSplitOptions.TrimEntries)
        let parts = line.Split(": ")
        from pair in parts[1].Split(' ')
        let key = pair.Split('=')
        select KeyValuePair.Create($"{parts[0]}.{key[0]}", key[1].Split('|')), StringComparer.Ordinal);

    /// <summary>What to say of a key; null: nothing.</summary>
    /// <param name="name">The key's name without the numbers of sections.</param>
    /// <param name="place">Its name with them.</param>
    /// <param name="value">Its value.</param>
    public static CorosyncProblem? Problem(string name, string place, string value)
    {
        string[] own = Own.GetValueOrDefault(name) ?? [];
        string shown = CorosyncParser.Short(value);
        return name switch
        {
            _ when own.Contains(value) => null,
            "quorum.auto_tie_breaker" or "quorum.allow_downscale" or "quorum.device.master_wins" => CorosyncProblem.Error(
                place, "It lets less than the majority of all votes be quorate, which ClusterTools never does.",
                "Take it out; if one half is to go on when the nodes fall apart into two, add a quorum device."),
            "totem.nodeid" or "totem.interface.bindnetaddr" or "totem.interface.mcastaddr" or "quorum.votes"
                or "quorum.auto_tie_breaker_node" => CorosyncProblem.Lost(
                place, $"Corosync makes nothing of '{shown}' in a cluster with knet and a list of nodes.", "Take it out."),
            _ when own.Length > 0 => CorosyncProblem.Lost(
                place, $"It is '{shown}'; ClusterTools does not keep it, and corosync's own value, {own[0]}, takes its place.", Keep),
            _ => CorosyncProblem.Lost(
                place, $"ClusterTools knows no such key, and does not keep its value, '{shown}'.", $"Look at its spelling. {Keep}"),
        };
    }

    /// <summary>What to say of a section.</summary>
    public static CorosyncProblem Problem(CorosyncSection section) =>
        CorosyncProblem.Lost(section.Place, $"ClusterTools does not keep the section '{CorosyncParser.Short(section.Name)}'.", Keep)
            with { Line = section.Line };
}
