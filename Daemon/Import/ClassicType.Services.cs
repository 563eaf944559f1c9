using ClusterTools.Core.Configuration;

namespace ClusterTools.Import;

/// <content>What a service is made of: the service itself, scripts and addresses.</content>
internal sealed partial record ClassicType
{
    private static ClassicType[] Services =>
    [
        // A group; within another one it stands for what is under it, and has nothing to do itself.
        new("service", "ocf:heartbeat:Dummy")
        {
            Once = true,
            Levels =
            [
                ("lvm", 1, 9), ("fs", 2, 8), ("clusterfs", 3, 7), ("netfs", 4, 6), ("nfsexport", 5, 5),
                ("nfsclient", 6, 4), ("ip", 7, 2), ("smb", 8, 3), ("script", 9, 1),
            ],
        },
        new("script", "")
        {
            Required = ["file"],
            Unique = ["file"],
            Inherited = [("service_name", ["service%name"])],
            Needless = ["service_name"],
            Compose = r => r.Agent = $"lsb:{r.Value("file")}",
        },
        new("ip", "ocf:heartbeat:IPaddr2")
        {
            Primary = "address",
            Once = true,
            // monitor_link has no effect, but a change of it restarts the address, as it did.
            Renamed = [("prefer_interface", "nic"), ("monitor_link", "monitor_link")],
            Needless = ["family", "disable_rdisc"],
            Lost =
            [
                ("monitor_link", "the link of the network card is not watched; the address is"),
                ("nfslock", NfsLockLoss),
                ("sleeptime", "there is no pause after the address is taken away"),
            ],
            Inherited = [NfsLockOfService],
            Forbidden = ["nfsclient", "nfsexport"],
            StartTimeout = 20_000,
            StopTimeout = 20_000,
            Compose = ComposeAddress,
        },
    ];

    private static void ComposeAddress(ClassicResource r)
    {
        var address = r.Value("address") ?? "";
        var slash = address.IndexOf('/', StringComparison.Ordinal);
        var plain = slash < 0 ? address : address[..slash];
        // An address of a link is one together with its network card.
        var zone = plain.IndexOf('%', StringComparison.Ordinal);
        if (zone > 0)
        {
            r.Parameters.TryAdd("nic", plain[(zone + 1)..]);
            plain = plain[..zone];
        }
        // The agent looks for it by its letters.
        r.Parameters["ip"] = AddressSpelling.Canonical(plain);
        if (slash >= 0)
        {
            r.Parameters["cidr_netmask"] = address[(slash + 1)..];
        }
        if (System.Net.IPAddress.TryParse(plain, out var parsed) && parsed.IsIPv4MappedToIPv6)
        {
            r.Refuse(
                $"has the address '{address.Shown()}', an IPv4 address in the form of an IPv6 one, which no network card has.",
                $"Write {parsed.MapToIPv4()}.");
        }
        else if (parsed is null)
        {
            r.Refuse(
                $"has the address '{address.Shown()}', which is no IP address.", "Give an address such as 192.0.2.100 or 192.0.2.100/24.");
        }
        else if (slash >= 0 && (!int.TryParse(address.AsSpan(slash + 1), System.Globalization.NumberStyles.None, null, out var prefix)
            || prefix > (plain.Contains(':', StringComparison.Ordinal) ? 128 : 32)))
        {
            r.Refuse(
                $"has the address '{address.Shown()}', whose prefix length is no number in range.", "Give a prefix length such as /24.");
        }
    }
}
