using System.Collections.Immutable;
using ClusterTools.Core;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Lab;

/// <summary>What a lab puts in place of the things of a real cluster.</summary>
public sealed record LabSubstitutes
{
    /// <summary>The lab's folder, an absolute path.</summary>
    public required string Folder { get; init; }

    /// <summary>The lab's fence agent, an absolute path.</summary>
    public required string FenceAgent { get; init; }

    /// <summary>The script that stands in for what would change the machine, an absolute path.</summary>
    public required string StandIn { get; init; }

    /// <summary>
    /// A folder that stands for <c>/</c>: a path of the configuration that exists below it is taken from there. Absolute; null: none.
    /// </summary>
    public string? Root { get; init; }

    /// <summary>How many nodes were asked for; null: as many as are configured.</summary>
    public int? Nodes { get; init; }

    /// <summary>Token time in milliseconds instead of the configured one.</summary>
    public int? Token { get; init; }

    /// <summary>Whether a file is there.</summary>
    public Func<string, bool> FileExists { get; init; } = File.Exists;
}

/// <summary>A configuration fit for a lab.</summary>
/// <param name="Configuration">Null when it was refused.</param>
/// <param name="Replaced">One line for each thing that was replaced.</param>
/// <param name="Refusal">Why it was refused and what to do; null when it was not.</param>
public sealed record LabConfigurationResult(ClusterConfiguration? Configuration, ImmutableArray<string> Replaced, string? Refusal);

/// <summary>
/// Makes a real cluster's configuration fit for a lab, in which all nodes share one machine: the lab's fence agent in place of
/// fence devices, the lab's folder in place of paths, a stand-in for every resource that would change the machine itself. Pure.
/// </summary>
public static class LabConfiguration
{
    /// <summary>Most nodes of a lab.</summary>
    public const int MaxNodes = 16;

    private const int DefaultNodes = 3;
    private const string FeedName = "lab-power";

    // Several nodes on one machine have one set of addresses, mounts, volumes and services, so a second node would find
    // the first one's running. What keeps its state in files of its own folder does not.
    private static readonly ImmutableHashSet<string> OwnState =
    [
        "ocf:heartbeat:Dummy",
        "ocf:pacemaker:Dummy",
        "ocf:heartbeat:Stateful",
        "ocf:pacemaker:Stateful",
    ];

    private static readonly ImmutableArray<string> MachineFolders = ["/etc/", "/usr/lib/", "/lib/"];

    /// <summary>A configuration of its own for a lab without one: nodes that can be fenced, and no groups.</summary>
    public static ClusterConfiguration Empty(int nodes) => new()
    {
        Name = "lab",
        Nodes = Enumerable.Range(1, nodes).Select(id => new NodeConfiguration
        {
            Name = $"node{id}",
            Id = id,
            FenceMethods = [new FenceMethod { Name = "power", Steps = [new FenceStep { Device = FeedName }] }],
        }).ToImmutableSortedDictionary(n => n.Name, n => n, StringComparer.Ordinal),
        FenceDevices = ClusterConfiguration.Sorted<FenceDevice>().Add(FeedName, new FenceDevice { Name = FeedName, Agent = "fence_lab" }),
    };

    /// <summary>Makes a configuration fit for a lab.</summary>
    /// <param name="configuration">A valid one; null: <see cref="Empty"/>.</param>
    /// <param name="substitutes">What is put in its place.</param>
    public static LabConfigurationResult Create(ClusterConfiguration? configuration, LabSubstitutes substitutes)
    {
        ArgumentNullException.ThrowIfNull(substitutes);
        if (substitutes.Nodes is < 1 or > MaxNodes)
        {
            return Refuse($"A lab has 1 to {MaxNodes} nodes, not {substitutes.Nodes}.");
        }

        configuration ??= Empty(substitutes.Nodes ?? DefaultNodes);
        if (substitutes.Nodes is { } wanted && wanted != configuration.Nodes.Count)
        {
            return Refuse(
                $"The configuration has {configuration.Nodes.Count} nodes ({string.Join(", ", configuration.Nodes.Keys.Take(MaxNodes))}), "
                    + $"and {wanted} were asked for. "
                + "Leave --nodes out, or change the configuration.");
        }

        if (configuration.Nodes.Count is 0 or > MaxNodes)
        {
            return Refuse($"The configuration has {configuration.Nodes.Count} nodes; a lab has 1 to {MaxNodes}.");
        }

        if (configuration.Nodes.Keys.FirstOrDefault(n => n.StartsWith('.')) is { } hidden)
        {
            return Refuse($"Node '{hidden}' begins with a dot; the lab keeps its own files under such names. Rename it.");
        }

        var replaced = ImmutableArray.CreateBuilder<string>();
        if (substitutes.Token is { } token && token != configuration.Timing.Token)
        {
            configuration = configuration with { Timing = configuration.Timing with { Token = token } };
            replaced.Add($"token: {SpanText.Of(token)}");
        }

        configuration = ReplaceFencing(configuration, substitutes, replaced);
        configuration = configuration with
        {
            Groups = configuration.Groups.ToImmutableSortedDictionary(
                g => g.Key,
                g => g.Value with { Resources = ReplaceAll(g.Value.Resources, g.Key, substitutes, replaced) },
                StringComparer.Ordinal),
        };
        return new LabConfigurationResult(configuration, replaced.ToImmutable(), null);
    }

    private static LabConfigurationResult Refuse(string why) => new(null, [], why);

    private static ClusterConfiguration ReplaceFencing(
        ClusterConfiguration configuration, LabSubstitutes substitutes, ImmutableArray<string>.Builder replaced)
    {
        var devices = configuration.FenceDevices.ToBuilder();
        foreach (FenceDevice device in configuration.FenceDevices.Values)
        {
            devices[device.Name] = device with
            {
                Agent = substitutes.FenceAgent,
                Parameters = ClusterConfiguration.Sorted<string>().Add("lab", substitutes.Folder),
            };
            if (device.Agent != "fence_lab")
            {
                replaced.Add($"fence device '{device.Name}': the lab's fence agent instead of {device.Agent}");
            }
        }

        var nodes = configuration.Nodes.ToBuilder();
        foreach (NodeConfiguration node in configuration.Nodes.Values)
        {
            nodes[node.Name] = node with { FenceMethods = [.. node.FenceMethods.Select(m => Connect(node.Name, m))] };
            if (node.FenceMethods.IsEmpty)
            {
                replaced.Add(
                    $"node '{node.Name}' has no fence method, here as there: if it is lost, what it ran stays blocked until somebody "
                        + "confirms that it is down");
            }
        }

        return configuration with { FenceDevices = devices.ToImmutable(), Nodes = nodes.ToImmutable() };
    }

    /// <summary>The devices of one method are the node's power feeds: it is off when all of them are (dual power).</summary>
    private static FenceMethod Connect(string node, FenceMethod method)
    {
        string feeds = string.Join(',', method.Steps.Select(s => Feed(s.Device)).Distinct(StringComparer.Ordinal));
        return method with
        {
            Steps =
            [
                .. method.Steps.Select(s => s with
                {
                    Parameters = ClusterConfiguration.Sorted<string>().Add("plug", node).Add("device", Feed(s.Device)).Add("feeds", feeds),
                }),
            ],
        };
    }

    /// <summary>A device's name as a feed's: those are file names.</summary>
    public static string Feed(string device) =>
        string.Concat(device.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or ':' ? c : '_'));

    private static ImmutableArray<ResourceConfiguration> ReplaceAll(
        ImmutableArray<ResourceConfiguration> resources, string group, LabSubstitutes substitutes,
        ImmutableArray<string>.Builder replaced) =>
        [
            .. resources.Select(resource =>
            {
                ResourceConfiguration next = Replace(resource, group, substitutes, replaced);
                return next with { Children = ReplaceAll(resource.Children, group, substitutes, replaced) };
            }),
        ];

    private static ResourceConfiguration Replace(
        ResourceConfiguration resource, string group, LabSubstitutes substitutes, ImmutableArray<string>.Builder replaced)
    {
        string where = $"{resource.Id} of group '{group}'";
        ResourceConfiguration next = resource;
        foreach ((string name, string value) in resource.Parameters)
        {
            if (InRoot(value, substitutes) is { } mapped)
            {
                next = next with { Parameters = next.Parameters.SetItem(name, mapped) };
                replaced.Add($"{where}: {name} is {mapped} instead of {value}");
            }
        }

        int colon = resource.Agent.IndexOf(':', StringComparison.Ordinal);
        string kind = resource.Agent[..colon];
        string rest = resource.Agent[(colon + 1)..];
        if (kind is "lsb" or "exec" or "powershell")
        {
            string path = kind == "exec" ? rest.Split(' ')[0] : rest;
            if (InRoot(path, substitutes) is { } program)
            {
                // Blanks would end the program's name in the agents' own way of writing it.
                string written = kind == "exec" ? program.Replace(" ", "\\ ", StringComparison.Ordinal) : program;
                replaced.Add($"{where}: {program} instead of {path}");
                return next with { Agent = $"{kind}:{written}{rest[path.Length..]}" };
            }

            bool machine = path[0] != '/' || MachineFolders.Any(f => path.StartsWith(f, StringComparison.Ordinal));
            if (!machine && substitutes.FileExists(path))
            {
                return next;
            }
        }
        else if (OwnState.Contains(resource.Agent))
        {
            return next;
        }

        replaced.Add($"{where}: a stand-in that only notes what it is told, instead of {resource.Agent}");
        return next with
        {
            Agent = $"exec:{substitutes.StandIn.Replace(" ", "\\ ", StringComparison.Ordinal)}",
            Parameters = next.Parameters.Remove("mode"),
        };
    }

    private static string? InRoot(string path, LabSubstitutes substitutes)
    {
        if (substitutes.Root is not { } root || path.Length < 2 || path[0] != '/' || path.Split('/').Contains(".."))
        {
            return null;
        }

        string mapped = Path.TrimEndingDirectorySeparator(root) + path;
        return substitutes.FileExists(mapped) ? mapped : null;
    }
}
