namespace ClusterTools.Core.Configuration;

public static partial class ConfigurationValidation
{
    // What several nodes may mount at once.
    private static readonly string[] ClusterFileSystems =
    [
        "gfs2",
        "ocfs2",
        "lustre",
        "glusterfs",
        "ceph",
        "cvfs",
        "gpfs",
        "nfs",
        "nfs4",
        "cifs",
        "smbfs",
        "smb3",
        "none",
        "tmpfs",
        "overlay",
    ];

    /// <summary>Addresses and disks that two groups have: on two nodes at once they harm each other.</summary>
    private static void SharedThings(ClusterConfiguration configuration, ProblemList problems)
    {
        var owners = new Dictionary<(string What, string Value), (string Group, string Resource)>();
        foreach ((string name, GroupConfiguration group) in configuration.Groups)
        {
            foreach (ResourceConfiguration resource in ResourceTree.OfAll(group).StartOrder)
            {
                if (Own(resource) is not { } thing || owners.TryAdd((thing.What, thing.Value), (name, resource.Id)))
                {
                    continue;
                }

                (string other, string first) = owners[(thing.What, thing.Value)];
                if (other != name && !GroupDependencies.Together(configuration, name).Contains(other))
                {
                    problems.Warning(
                        $"groups/{name}/resources/{resource.Id}/parameters/{thing.Parameter}",
                        $"The {thing.What} {thing.Value} of group '{name}' is that of '{first}' of group '{other}', too: {thing.Harm}",
                        $"Give it to one of the groups, or keep the two on one node (Add-ClusterGroupDependency {name} {other} "
                            + "-Colocation Same).");
                }
            }
        }
    }

    private static (string What, string Parameter, string Value, string Harm)? Own(ResourceConfiguration resource)
    {
        string? Value(string parameter) =>
            resource.Parameters.TryGetValue(parameter, out string? value) && value.Trim().Length > 0 ? value.Trim() : null;
        return resource.Agent switch
        {
            "ocf:heartbeat:IPaddr2" or "ocf:heartbeat:IPaddr" when Value("ip") is { } address => Address("ip", address),
            "ocf:heartbeat:IPv6addr" when Value("ipv6addr") is { } address => Address("ipv6addr", address),
            "ocf:heartbeat:Filesystem" when Value("device") is { } device && Value("fstype") is { } type
                && !ClusterFileSystems.Contains(type) && !IsBind(Value("options")) =>
                ("disk", "device", DeviceSpelling.Canonical(device), $"{type} that two nodes mount at once is destroyed."),
            _ => null,
        };

        (string, string, string, string)? Address(string parameter, string address) =>
            ("address", parameter, AddressSpelling.Canonical(address.Split('/')[0]), "on two nodes at once it answers from either.");
    }

    private static bool IsBind(string? options) => options?.Split(',').Any(o => o.Trim() is "bind" or "rbind") == true;
}
