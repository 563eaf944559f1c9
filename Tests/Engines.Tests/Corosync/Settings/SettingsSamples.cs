using ClusterTools.Engines.Corosync.Settings;

namespace ClusterTools.Engines.Tests.Corosync.Settings;

/// <summary>Settings that are right: plain ones, and some of every kind from a seed.</summary>
internal static class SettingsSamples
{
    /// <summary>Nodes a, b, c … with ids from 1 and addresses 10.1.0.1, 10.1.1.1 … or fd00:0::1, fd00:1::1 ….</summary>
    public static CorosyncSettings Plain(int nodes, int links = 1, bool six = false, string first = "a") => new()
    {
        ClusterName = "demo",
        TwoNode = nodes == 2,
        Nodes =
        [
            .. Enumerable.Range(1, nodes).Select(id => new CorosyncNode
            {
                Name = id == 1 ? first : $"{(char)('a' + id - 1)}",
                Id = id,
                Addresses = [.. Enumerable.Range(0, links).Select(link => Address(link, id, six))],
            }),
        ],
    };

    public static CorosyncNetDevice Arbiter { get; } = new() { Host = "arbiter.example.net", Votes = 1 };

    public static CorosyncSettings Random(Random random)
    {
        int nodes = random.Next(1, 9);
        int links = random.Next(1, 9);
        CorosyncSettings settings = Plain(nodes, links, random.Next(2) == 0) with
        {
            ClusterName = random.Next(2) == 0 ? "demo" : "Web-shop_2.x",
            Version = random.NextInt64(1, long.MaxValue - 100),
            Timing = Timing(random),
            Links =
            [
                .. Enumerable.Range(0, links).Where(_ => random.Next(3) == 0).Select(number => new CorosyncLink
                {
                    Number = number,
                    Priority = Maybe(random, 0, 255),
                    Port = Maybe(random, 1, 65_535),
                    PingInterval = number % 2 == 0 ? 250 : null,
                    PingTimeout = number % 2 == 0 ? 500 : null,
                }),
            ],
            CryptoModel = (CorosyncCryptoModel)random.Next(2),
            KeyFile = random.Next(2) == 0 ? CorosyncSettings.DefaultKeyFile : "/srv/clusters of mine/key: one",
            LogToSyslog = random.Next(2) == 0,
            LogFile = random.Next(2) == 0 ? null : "/var/log/corosync.log",
            WaitForAll = random.Next(3) == 0 ? true : null,
        };
        return random.Next(3) switch
        {
            0 => settings.WithDevice(Device(random)),
            1 => settings with { LastManStanding = true, LastManStandingWindow = Maybe(random, 1, 60_000) },
            _ => Uneven(settings, random),
        };
    }

    public static CorosyncTiming Timing(Random random) => random.Next(3) switch
    {
        0 => CorosyncTiming.Lan,
        1 => CorosyncTiming.Default,
        _ => new CorosyncTiming
        {
            Token = random.Next(400, 60_001),
            TokenCoefficient = random.Next(0, 2000),
            // Enough for as many nodes as there are, and those that come.
            Consensus = Maybe(random, 120_000, 200_000),
            Retransmits = Maybe(random, 1, 10),
            Hold = Maybe(random, 14, 300),
            QuietRounds = Maybe(random, 1, 100),
        },
    };

    public static CorosyncDevice Device(Random random) => random.Next(3) switch
    {
        0 => new CorosyncProgramDevice("clustertools-disk") { Votes = random.Next(2) == 0 ? null : 0, Timeout = Maybe(random, 1, 60_000) },
        1 => Arbiter with { Tls = (CorosyncDeviceTls)random.Next(3), SyncTimeout = Maybe(random, 1, 60_000) },
        _ => new CorosyncNetDevice { Host = "fd00::99", Algorithm = CorosyncDeviceAlgorithm.Lms },
    };

    public static string Address(int link, int host, bool six) => six ? $"fd00:{link}::{host}" : $"10.1.{link}.{host}";

    private static CorosyncSettings Uneven(CorosyncSettings settings, Random random) => settings with
    {
        TwoNode = false,
        Nodes = [.. settings.Nodes.Select((node, i) => node with { Id = (i * 7) + 3, Votes = i == 0 ? 1 : random.Next(0, 4) })],
    };

    private static int? Maybe(Random random, int least, int most) => random.Next(2) == 0 ? null : random.Next(least, most + 1);
}
