using System.Globalization;
using System.Text;

namespace ClusterTools.Engines.Corosync.Settings;

/// <summary>Writes settings down without a look at them.</summary>
internal static class CorosyncWriter
{
    private const string Heading =
        "# ClusterTools writes this file: use New-Cluster, Add-ClusterNode and Remove-ClusterNode, or clusterd init and clusterd join.\n"
        + "# It reads what is changed by hand, too, but comments are gone when it writes the file again. See corosync.conf(5).\n";

    /// <summary>The whole file.</summary>
    public static string Text(CorosyncSettings settings)
    {
        var text = new StringBuilder(Heading);
        foreach (CorosyncSection section in Sections(settings))
        {
            Append(text, section, "");
        }

        return text.ToString();
    }

    /// <summary>What stands in the file.</summary>
    public static CorosyncSection[] Sections(CorosyncSettings settings) =>
    [
        Section(
            "totem", [.. Links(settings).Select(Link)], ("version", 2), ("cluster_name", settings.ClusterName),
            ("config_version", settings.Version), ("transport", "knet"), ("crypto_model", Word(settings.CryptoModel)),
            ("crypto_cipher", CorosyncReader.Cipher), ("crypto_hash", CorosyncReader.Hash), ("keyfile", settings.KeyFile),
            ("token", settings.Timing.Token), ("token_coefficient", settings.Timing.TokenCoefficient),
            ("consensus", settings.Timing.Consensus), ("token_retransmits_before_loss_const", settings.Timing.Retransmits),
            ("hold", settings.Timing.Hold), ("seqno_unchanged_const", settings.Timing.QuietRounds)),
        Section("nodelist", [.. settings.Nodes.Select(Node)]),
        Section(
            "quorum", settings.Device is { } device ? [Device(device)] : [], ("provider", CorosyncReader.Provider),
            ("two_node", settings.TwoNode ? 1 : null), ("wait_for_all", settings.WaitForAll is { } wait ? wait ? 1 : 0 : null),
            ("last_man_standing", settings.LastManStanding ? 1 : null), ("last_man_standing_window", settings.LastManStandingWindow)),
        Section(
            "logging", [], ("to_stderr", "yes"), ("to_syslog", settings.LogToSyslog ? "yes" : "no"),
            ("to_logfile", settings.LogFile is null ? "no" : "yes"), ("logfile", settings.LogFile)),
    ];

    /// <summary>What is said of links, and what the token makes necessary.</summary>
    private static IEnumerable<CorosyncLink> Links(CorosyncSettings settings)
    {
        if (settings.Timing.Pings(settings.Nodes.Length) is not { } pings)
        {
            return settings.Links;
        }

        IEnumerable<CorosyncLink> others = Enumerable.Range(0, settings.LinkCount)
            .Where(number => !settings.Links.Any(link => link.Number == number)).Select(number => new CorosyncLink { Number = number });
        return settings.Links.Concat(others).Select(link => link is not { PingInterval: null, PingTimeout: null } ? link
            : link with { PingInterval = pings.Interval, PingTimeout = pings.Timeout });
    }

    private static CorosyncSection Link(CorosyncLink link) =>
        Section(
            "interface", [], ("linknumber", link.Number), ("knet_link_priority", link.Priority), ("knet_ping_interval", link.PingInterval),
            ("knet_ping_timeout", link.PingTimeout), ("mcastport", link.Port));

    private static CorosyncSection Node(CorosyncNode node) =>
        Section(
            "node", [],
            [
                ("name", node.Name), ("nodeid", node.Id),
                .. node.Addresses.Select((address, link) => ($"ring{link}_addr", (object?)(address is "" ? null : address))),
                ("quorum_votes", node.Votes),
            ]);

    private static CorosyncSection Device(CorosyncDevice device) =>
        Section(
            "device",
            device is CorosyncNetDevice net
                ? [Section("net", [], ("host", net.Host), ("algorithm", Word(net.Algorithm)), ("tls", Word(net.Tls)))] : [],
            ("model", device.Model), ("votes", device.Votes), ("timeout", device.Timeout), ("sync_timeout", device.SyncTimeout));

    private static CorosyncSection Section(
        string name, CorosyncSection[] sections, params ReadOnlySpan<(string Key, object? Value)> items)
    {
        var section = new CorosyncSection(name, name, null);
        section.Sections.AddRange(sections);
        foreach ((string key, object? value) in items)
        {
            if (value is not null)
            {
                section.Items.Add((key, Convert.ToString(value, CultureInfo.InvariantCulture)!, 0));
            }
        }

        return section;
    }

    private static string Word(Enum value) => value.ToString().ToLowerInvariant();

    private static void Append(StringBuilder text, CorosyncSection section, string indent)
    {
        // A section that is the first thing in another one has no empty line before it.
        text.Append(text[^2] == '{' ? "" : "\n").Append(indent).Append(section.Name).Append(" {\n");
        foreach ((string key, string value, _) in section.Items)
        {
            text.Append(indent).Append("    ").Append(key).Append(": ").Append(value).Append('\n');
        }

        foreach (CorosyncSection inner in section.Sections)
        {
            Append(text, inner, indent + "    ");
        }

        text.Append(indent).Append("}\n");
    }
}
