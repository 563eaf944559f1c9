using System.Net;
using ClusterTools.Core.Configuration;

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
    public IPAddress Of(NodeConfiguration node) => !node.Addresses.IsDefaultOrEmpty ? IPAddress.Parse(node.Addresses[0]) : ofAll;

    /// <summary>The configuration with the addresses of its nodes.</summary>
    /// <exception cref="InvalidDataException">A node has none.</exception>
    public ClusterConfiguration In(ClusterConfiguration configuration)
    {
        NodeConfiguration[] nodes = [.. configuration.Nodes.Values.Select(n => ofNodes.TryGetValue(n.Name, out IPAddress[]? own)
            ? n with { Addresses = [.. own.Select(a => a.ToString())] }
            : n)];
        return Array.Find(nodes, static n => n.Addresses.IsDefaultOrEmpty) is { } without
            ? throw new InvalidDataException(
                $"Node '{without.Name}' has no address. With --engine corosync each node needs one: --address {without.Name}=IP.")
            : configuration with { Nodes = configuration.Nodes.SetItems(nodes.Select(n => KeyValuePair.Create(n.Name, n))) };
    }

    private static IPAddress Parse(string address, string word) => IPAddress.TryParse(address, out IPAddress? parsed) ? parsed
        : throw new InvalidDataException($"--address '{word}': '{address}' is not an IP address.");
}
