using System.Net;
using ClusterTools.Core.Configuration;
using ClusterTools.Engines.Corosync.Settings;

namespace ClusterTools.Host.Commands;

/// <summary>Which addresses nodes have: one for all, or each its own.</summary>
internal sealed class NodeAddresses
{
    private readonly Dictionary<string, IPAddress[]> ofNodes = new(StringComparer.Ordinal);
    private IPAddress ofAll = IPAddress.Loopback;

    /// <summary>Reads what was given.</summary>
    /// <param name="given"><c>IP</c>, or <c>NODE=IP[,IP…]</c>: an address for each link, the first for the API, too.</param>
    /// <param name="nodes">All nodes of the configuration.</param>
    /// <exception cref="InvalidDataException">Says which word is wrong.</exception>
    public static NodeAddresses Read(IEnumerable<string> given, IEnumerable<string> nodes)
    {
        var addresses = new NodeAddresses();
        foreach (string word in given)
        {
            string[] parts = word.Split('=', 2);
            if (parts.Length == 1)
            {
                addresses.ofAll = Parse(word, word);
                continue;
            }

            if (!nodes.Contains(parts[0]))
            {
                throw new InvalidDataException($"--address '{word}': there is no node '{parts[0]}' in the configuration.");
            }

            if (!addresses.ofNodes.TryAdd(parts[0], [.. parts[1].Split(',').Select(address => Parse(address, word))]))
            {
                throw new InvalidDataException($"--address '{word}': node '{parts[0]}' has been given addresses before.");
            }
        }

        return addresses;
    }

    /// <summary>Where a node's API listens.</summary>
    public IPAddress Of(string node) => ofNodes.TryGetValue(node, out IPAddress[]? own) ? own[0] : ofAll;

    /// <summary>What corosync is to do with these nodes.</summary>
    /// <exception cref="InvalidDataException">A node has no address, or corosync could not work with them; says what to do.</exception>
    public CorosyncSettings Corosync(ClusterConfiguration configuration)
    {
        NodeConfiguration[] nodes = [.. configuration.Nodes.Values.OrderBy(n => n.Id)];
        if (Array.Find(nodes, n => !ofNodes.ContainsKey(n.Name)) is { } without)
        {
            throw new InvalidDataException(
                $"Node '{without.Name}' has no address. With --engine corosync each node needs one: --address {without.Name}=IP.");
        }

        var settings = new CorosyncSettings
        {
            ClusterName = configuration.Name,
            Timing = new CorosyncTiming { Token = configuration.Timing.Token, TokenCoefficient = 0 },
            Nodes =
            [
                .. nodes.Select(n => new CorosyncNode
                {
                    Name = n.Name, Id = n.Id, Votes = n.Votes, Addresses = [.. ofNodes[n.Name].Select(a => a.ToString())],
                }),
            ],
        };
        settings = settings with { TwoNode = settings.IsPair };
        return CorosyncCheck.FirstError(settings) is { } problem
            ? throw new InvalidDataException($"Corosync can't work so: {problem}")
            : settings;
    }

    private static IPAddress Parse(string address, string word) => IPAddress.TryParse(address, out IPAddress? parsed) ? parsed
        : throw new InvalidDataException($"--address '{word}': '{address}' is not an IP address.");
}
