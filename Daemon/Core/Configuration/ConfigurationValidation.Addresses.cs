using System.Net;

namespace ClusterTools.Core.Configuration;

public static partial class ConfigurationValidation
{
    /// <summary>Either no node has an address, or all have one in each network that links them.</summary>
    private static void Addresses(ClusterConfiguration configuration, ProblemList problems)
    {
        NodeConfiguration[] nodes = [.. configuration.Nodes.Values.OfType<NodeConfiguration>()];
        int links = nodes.Length == 0 ? 0 : nodes.Max(static n => n.Addresses.IsDefault ? 0 : n.Addresses.Length);
        var owners = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (NodeConfiguration node in nodes)
        {
            string path = $"nodes/{node.Name}/addresses";
            int own = node.Addresses.IsDefault ? 0 : node.Addresses.Length;
            if (own != links)
            {
                problems.Error(
                    path, $"Node '{node.Name}' has {own} addresses and others have {links}, but a network reaches all nodes.",
                    "Give every node one address for each network, in the same order.");
            }

            if (own > ConfigurationLimits.LinksPerNode)
            {
                problems.Error(
                    path, $"Node '{node.Name}' has {own} addresses.",
                    $"Give it {ConfigurationLimits.LinksPerNode} at most: so many links there can be.");
                continue;
            }

            for (int at = 0; at < own; at++)
            {
                string address = node.Addresses[at];
                if (!IPAddress.TryParse(address, out IPAddress? parsed) || parsed.Equals(IPAddress.Any) || parsed.Equals(IPAddress.IPv6Any))
                {
                    problems.Error(
                        $"{path}/{at}", $"'{address}' is not an IP address of node '{node.Name}'.",
                        "Give the address that the other machines reach it by, such as 10.0.0.1.");
                }
                else if (!owners.TryAdd(parsed.ToString(), node.Name))
                {
                    problems.Error(
                        $"{path}/{at}", $"Nodes '{owners[parsed.ToString()]}' and '{node.Name}' have the same address {address}.",
                        "Give every machine its own address in every network.");
                }
            }
        }
    }
}
