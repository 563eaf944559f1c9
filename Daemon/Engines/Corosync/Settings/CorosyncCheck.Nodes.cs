using System.Net;
using System.Net.Sockets;

namespace ClusterTools.Engines.Corosync.Settings;

public static partial class CorosyncCheck
{
    private static CorosyncProblem[] Nodes(CorosyncSettings settings) =>
    [
        .. Error(
            settings.Nodes.Length is 0 or > MaxNodes, "nodelist",
            $"The list has {settings.Nodes.Length} nodes; it can have 1 to {MaxNodes}.",
            "Give each machine a node section with name, nodeid and ring0_addr."),
        .. Error(
            settings.LinkCount > MaxLinks, "nodelist", $"The nodes have {settings.LinkCount} links; they can have {MaxLinks}.",
            "Take the last of them out."),
        .. settings.Nodes.Take(MaxNodes).SelectMany((node, index) => Node(settings, node, index)),
    ];

    private static CorosyncProblem[] Node(CorosyncSettings settings, CorosyncNode node, int index)
    {
        string place = NodePlace(index);
        CorosyncNode[] before = [.. settings.Nodes.Take(index)];
        CorosyncNode? sameId = before.FirstOrDefault(other => other.Id == node.Id);
        return
        [
            .. Error(
                !IsPlainName(node.Name, MaxName), $"{place}.name",
                node.Name is "" ? $"{Who(node)} has no name." : $"'{node.Name}' is no name for a node.",
                $"Use the machine's own name (uname -n): 1 to {MaxName} letters, digits, '-', '_' and '.'."),
            .. Error(
                node.Name is not "" && before.Any(other => other.Name.Equals(node.Name, StringComparison.OrdinalIgnoreCase)),
                $"{place}.name", $"Two nodes are called '{node.Name}'.", "Use each machine's own name (uname -n)."),
            .. Error(
                node.Id is < 1 or > MaxId, $"{place}.nodeid",
                node.Id == 0 ? $"{Who(node)} has no id." : $"{Who(node)} has the id {node.Id}.",
                $"Set it to a number from 1 to {MaxId} that no other node has or had."),
            .. Error(
                node.Id != 0 && sameId is not null, $"{place}.nodeid", $"{Who(node)} has the id {node.Id}, as '{sameId?.Name}' has.",
                "Give one of them an id that no other node has or had."),
            .. Range($"{place}.quorum_votes", node.Votes, 0, MaxVotes),
        ];
    }

    private static IEnumerable<CorosyncProblem> Addresses(CorosyncSettings settings)
    {
        Dictionary<IPAddress, CorosyncNode> owners = [];
        for (int link = 0; link < Math.Max(1, settings.LinkCount); link++)
        {
            AddressFamily? first = null;
            for (int i = 0; i < settings.Nodes.Length; i++)
            {
                CorosyncNode node = settings.Nodes[i];
                string text = link < node.Addresses.Length ? node.Addresses[link] : "";
                string place = $"{NodePlace(i)}.ring{link}_addr";
                CorosyncProblem? problem;
                if (Address(text) is not { } address)
                {
                    problem = NoAddress(node, link, text, place);
                }
                else
                {
                    owners.TryAdd(address, node);
                    first ??= address.AddressFamily;
                    problem = Unfit(node, address, place, first.Value, owners[address], settings.Nodes.Length);
                }

                if (problem is not null)
                {
                    yield return problem;
                }
            }
        }
    }

    private static CorosyncProblem NoAddress(CorosyncNode node, int link, string text, string place) =>
        text is "" ? CorosyncProblem.Error(
            place, $"{Who(node)} has no address for link {link}.",
            $"Set ring{link}_addr: each node has an address for each link, and links are numbered from 0 without a gap.")
        : IsHostName(text) ? CorosyncProblem.Warning(
            place, $"{Who(node)} is reached by the name '{text}': corosync starts only where that can be looked up.",
            "Use an address, or put the name into /etc/hosts of each node.")
        : CorosyncProblem.Error(
            place, $"'{CorosyncParser.Short(text)}' is no address.",
            "Use an IPv4 or IPv6 address without zone or prefix length, such as 10.0.0.1 or fd00::1.");

    private static CorosyncProblem? Unfit(
        CorosyncNode node, IPAddress address, string place, AddressFamily first, CorosyncNode owner, int nodes)
    {
        bool isFour = address.AddressFamily == AddressFamily.InterNetwork;
        return address.IsIPv6LinkLocal || address.IsIPv4MappedToIPv6 || address.IsIPv6Multicast || address.Equals(IPAddress.Any)
            || address.Equals(IPAddress.IPv6Any) || (isFour && address.GetAddressBytes()[0] >= 224)
            ? CorosyncProblem.Error(
                place, $"{address} is no address that other machines can send to.", "Use an address of the node's own that they can reach.")
            : first != address.AddressFamily
            ? CorosyncProblem.Error(
                place, $"{address} is IPv{(isFour ? 4 : 6)}, but the first node's address on this link is not.",
                "Use either IPv4 or IPv6 on a link; links may differ.")
            : !owner.Equals(node)
            ? CorosyncProblem.Error(
                place, $"{Who(node)} has the address {address}, as '{owner.Name}' has.", "Use addresses of the node's own.")
            : node.Addresses.Count(text => address.Equals(Address(text))) > 1
            ? CorosyncProblem.Warning(
                place, $"{Who(node)} has {address} on several links, which fail together.", "Use another network for each link.")
            : IPAddress.IsLoopback(address) && nodes > 1
            ? CorosyncProblem.Warning(
                place, $"{address} reaches nothing but the own machine.", "Use an address that the other nodes can reach.")
            : null;
    }

    private static string Who(CorosyncNode node) => node.Name is "" ? "The node" : $"Node '{node.Name}'";

    private static bool IsHostName(string name) =>
        IsPlainName(name, MaxName) && Uri.CheckHostName(name) == UriHostNameType.Dns && !name.All(c => char.IsAsciiDigit(c) || c == '.');

    /// <summary>An address; null for what is none. Not all that the parser takes is meant as an address: "1" is not.</summary>
    private static IPAddress? Address(string text) =>
        !text.Contains('%', StringComparison.Ordinal) && !text.Contains('[', StringComparison.Ordinal)
        && IPAddress.TryParse(text, out IPAddress? address)
        && (address.AddressFamily == AddressFamily.InterNetworkV6 || address.ToString() == text) ? address : null;
}
