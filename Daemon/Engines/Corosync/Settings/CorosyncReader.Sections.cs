using System.Globalization;

namespace ClusterTools.Engines.Corosync.Settings;

internal sealed partial class CorosyncReader
{
    private CorosyncTiming Timing(CorosyncSection totem) => new()
    {
        Token = Positive(totem, "token") ?? CorosyncTiming.Default.Token,
        TokenCoefficient = Integer(totem, "token_coefficient") ?? CorosyncTiming.Default.TokenCoefficient,
        Consensus = Positive(totem, "consensus"),
        Retransmits = Positive(totem, "token_retransmits_before_loss_const"),
        Hold = Positive(totem, "hold"),
        QuietRounds = Positive(totem, "seqno_unchanged_const"),
    };

    private CorosyncCryptoModel Crypto(CorosyncSection totem)
    {
        bool both = Text(totem, "secauth") == "on";
        Crypto(totem, "crypto_cipher", Cipher, both ? Cipher : null);
        Crypto(totem, "crypto_hash", Hash, both ? Hash : null);
        switch (Text(totem, "crypto_model"))
        {
            case "openssl":
                return CorosyncCryptoModel.Openssl;
            case null or "nss":
                return CorosyncCryptoModel.Nss;
            case var other:
                problems.Add(CorosyncProblem.Lost(
                    "totem.crypto_model", $"It is '{CorosyncParser.Short(other)}'; ClusterTools writes openssl instead.",
                    "Set it to openssl or nss."));
                return CorosyncCryptoModel.Openssl;
        }
    }

    private void Crypto(CorosyncSection totem, string key, string ours, string? unsaid)
    {
        string? text = Text(totem, key) ?? unsaid;
        if (text is null or "none")
        {
            problems.Add(CorosyncProblem.Error(
                $"totem.{key}", $"{(text is null ? "It is missing" : "It is 'none'")}: the nodes' messages are not protected.",
                $"Give each node the same key file, then set {key} to {ours}."));
        }
        else if (text != ours)
        {
            problems.Add(CorosyncProblem.Lost(
                $"totem.{key}", $"It is '{CorosyncParser.Short(text)}'; ClusterTools writes {ours} instead.", $"Set it to {ours}."));
        }
    }

    private string KeyFile(CorosyncSection totem)
    {
        string? file = Text(totem, "keyfile");
        if (Text(totem, "key") is not null)
        {
            problems.Add(file is null
                ? CorosyncProblem.Error(
                    "totem.key", "The key stands in the file, where everybody can read it.",
                    $"Make a new key with corosync-keygen, copy it to {CorosyncSettings.DefaultKeyFile} of each node, and take this out.")
                : CorosyncProblem.Lost("totem.key", "Corosync makes nothing of it, for there is a keyfile.", "Take it out."));
        }

        return file ?? CorosyncSettings.DefaultKeyFile;
    }

    private CorosyncLink Link(CorosyncSection section)
    {
        int number = Integer(section, "linknumber") ?? 0;
        // What is wrong with the link is said of its number, which need not be its place in the file.
        lines[CorosyncCheck.LinkPlace(number)] = section.Line!.Value;
        foreach ((string key, _, int line) in section.Items)
        {
            lines[$"{CorosyncCheck.LinkPlace(number)}.{key}"] = line;
        }

        section.Place = CorosyncCheck.LinkPlace(number);
        return new CorosyncLink
        {
            Number = number,
            Priority = Integer(section, "knet_link_priority"),
            PingInterval = Positive(section, "knet_ping_interval"),
            PingTimeout = Positive(section, "knet_ping_timeout"),
            Port = Integer(section, "mcastport"),
        };
    }

    private CorosyncNode Node(CorosyncSection section)
    {
        List<string> addresses = [];
        for (int link = 0; link < CorosyncCheck.MaxLinks; link++)
        {
            if (Text(section, $"ring{link.ToString(CultureInfo.InvariantCulture)}_addr") is { } address)
            {
                addresses.AddRange(Enumerable.Repeat("", link - addresses.Count));
                addresses.Add(address);
            }
        }

        foreach ((string key, _, int line) in section.Items.FindAll(item => item.Key.StartsWith("ring", StringComparison.Ordinal)))
        {
            problems.Add(CorosyncProblem.Error(
                $"{section.Place}.{key}", $"There is no such link: they are numbered from 0 to {CorosyncCheck.MaxLinks - 1}.",
                "Take it out.") with { Line = line });
            section.Items.RemoveAll(item => item.Key == key);
        }

        return new CorosyncNode
        {
            Name = Text(section, "name") ?? "",
            Id = Integer(section, "nodeid") ?? 0,
            Addresses = [.. addresses],
            Votes = Integer(section, "quorum_votes") ?? 1,
        };
    }

    private CorosyncDevice? Device(CorosyncSection quorum)
    {
        CorosyncSection section = Section(quorum, "device");
        if (section.Line is null)
        {
            return null;
        }

        int? votes = Integer(section, "votes");
        int? timeout = Positive(section, "timeout");
        int? sync = Positive(section, "sync_timeout");
        switch (Text(section, "model"))
        {
            case null or "":
                problems.Add(CorosyncProblem.Error(
                    section.Place, "The device has no model: corosync works without it.", "Set model to net, or take the section out."));
                return null;
            case "net":
                CorosyncSection net = Section(section, "net");
                return new CorosyncNetDevice
                {
                    Host = Text(net, "host") ?? "",
                    Algorithm = Word(net, "algorithm", CorosyncDeviceAlgorithm.Ffsplit, ["ffsplit", "lms"]),
                    Tls = Word(net, "tls", CorosyncDeviceTls.On, ["on", "off", "required"]),
                    Votes = votes,
                    Timeout = timeout,
                    SyncTimeout = sync,
                };
            case var model:
                return new CorosyncProgramDevice(model) { Votes = votes, Timeout = timeout, SyncTimeout = sync };
        }
    }

    /// <summary>One of an enumeration's words.</summary>
    private T Word<T>(CorosyncSection section, string key, T unsaid, string[] words)
        where T : struct, Enum
    {
        string? text = Text(section, key);
        if (text is null || words.Contains(text))
        {
            return text is null ? unsaid : Enum.Parse<T>(text, ignoreCase: true);
        }

        problems.Add(CorosyncProblem.Error(
            $"{section.Place}.{key}", $"It is '{CorosyncParser.Short(text)}'.", $"Set it to one of {string.Join(", ", words)}."));
        return unsaid;
    }

    /// <summary>Corosync derives them from the list of nodes; what says the same is not needed.</summary>
    private void ExpectedVotes(CorosyncSection quorum, CorosyncSettings settings)
    {
        long votes = settings.NodeVotes + settings.DeviceVotes;
        if (Integer(quorum, "expected_votes") is not { } said || said == votes || said == 0 || votes == 0)
        {
            return;
        }

        // With fewer, two parts of the cluster could both be quorate.
        problems.Add(new CorosyncProblem(
            said < votes ? CorosyncProblemSeverity.Error : CorosyncProblemSeverity.Lost, "quorum.expected_votes",
            $"It is {said}, but the nodes and the device have {votes} votes.", "Take it out; corosync counts the votes itself."));
    }
}
