using System.Collections.Immutable;

namespace ClusterTools.Core.Configuration;

/// <summary>
/// Which parameters are secrets. They go in and never out: every way out of the daemon (API, journal, logs,
/// exports) goes through <see cref="Redact(ClusterConfiguration)"/>.
/// </summary>
public static class SecretParameters
{
    /// <summary>What stands in place of a secret.</summary>
    public const string Replacement = "(secret)";

    // Over-reach is harmless (a value is not shown), a miss is a leak: so parts of names, not a list of them.
    private static readonly string[] NameParts =
        ["passw", "passphrase", "secret", "token", "credential", "community", "private", "apikey", "access_key"];

    /// <summary>Is the value of this parameter a password, a key or the like?</summary>
    /// <param name="agent">The agent the parameter is for, such as <c>fence_ipmilan</c> or <c>ocf:heartbeat:mysql</c>.</param>
    /// <param name="parameterName">Name of the parameter, in any case.</param>
    public static bool IsSecret(string agent, string parameterName)
    {
        ArgumentNullException.ThrowIfNull(agent);
        ArgumentNullException.ThrowIfNull(parameterName);
        foreach (var part in NameParts)
        {
            if (parameterName.Contains(part, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }
        return parameterName.StartsWith("key", StringComparison.OrdinalIgnoreCase)
            || parameterName.EndsWith("key", StringComparison.OrdinalIgnoreCase)
            || parameterName.EndsWith("pwd", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The parameters with every secret value replaced by <see cref="Replacement"/>.</summary>
    public static ImmutableSortedDictionary<string, string> Redact(string agent, ImmutableSortedDictionary<string, string> parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        foreach (var (name, value) in parameters)
        {
            if (IsSecret(agent, name) || HoldsSecret(value))
            {
                parameters = parameters.SetItem(name, Replacement);
            }
        }
        return parameters;
    }

    /// <summary>The configuration as it may be shown: every secret value is <see cref="Replacement"/>. Unchanged parts stay the same objects.</summary>
    public static ClusterConfiguration Redact(ClusterConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return Rewrite(configuration, static (_, agent, parameters) => Redact(agent, parameters));
    }

    /// <summary>
    /// The way back: where <paramref name="edited"/> still says <see cref="Replacement"/>, the value that
    /// <paramref name="original"/> has at the same place is put in. What has no original stays, and validation refuses it.
    /// </summary>
    public static ClusterConfiguration Restore(ClusterConfiguration edited, ClusterConfiguration original)
    {
        ArgumentNullException.ThrowIfNull(edited);
        ArgumentNullException.ThrowIfNull(original);
        var known = new Dictionary<string, ImmutableSortedDictionary<string, string>>(StringComparer.Ordinal);
        _ = Rewrite(original, (place, _, parameters) =>
        {
            known[place] = parameters;
            return parameters;
        });
        return Rewrite(edited, (place, _, parameters) =>
        {
            if (!known.TryGetValue(place, out var before))
            {
                return parameters;
            }
            foreach (var (name, value) in parameters)
            {
                if (value == Replacement && before.TryGetValue(name, out var secret))
                {
                    parameters = parameters.SetItem(name, secret);
                }
            }
            return parameters;
        });
    }

    /// <summary>Mount options and the like carry passwords inside a value.</summary>
    private static bool HoldsSecret(string value) =>
        value.Contains("password=", StringComparison.OrdinalIgnoreCase)
        || value.Contains("passwd=", StringComparison.OrdinalIgnoreCase)
        || value.Contains("pass=", StringComparison.OrdinalIgnoreCase);

    private delegate ImmutableSortedDictionary<string, string> Rewriting(
        string place, string agent, ImmutableSortedDictionary<string, string> parameters);

    private static ClusterConfiguration Rewrite(ClusterConfiguration configuration, Rewriting rewrite)
    {
        var devices = configuration.FenceDevices;
        foreach (var (name, device) in configuration.FenceDevices)
        {
            var parameters = rewrite($"fenceDevices/{name}", device.Agent, device.Parameters);
            if (!ReferenceEquals(parameters, device.Parameters))
            {
                devices = devices.SetItem(name, device with { Parameters = parameters });
            }
        }

        var nodes = configuration.Nodes;
        foreach (var (name, node) in configuration.Nodes)
        {
            var methods = RewriteEach(node.FenceMethods, method =>
            {
                var step = 0;
                var steps = RewriteEach(method.Steps, one =>
                {
                    var agent = configuration.FenceDevices.GetValueOrDefault(one.Device)?.Agent ?? "";
                    var place = $"nodes/{name}/fenceMethods/{method.Name}/{step++}/{one.Device}";
                    var parameters = rewrite(place, agent, one.Parameters);
                    return ReferenceEquals(parameters, one.Parameters) ? one : one with { Parameters = parameters };
                });
                return steps == method.Steps ? method : method with { Steps = steps };
            });
            if (methods != node.FenceMethods)
            {
                nodes = nodes.SetItem(name, node with { FenceMethods = methods });
            }
        }

        var groups = configuration.Groups;
        foreach (var (name, group) in configuration.Groups)
        {
            var resources = RewriteEach(group.Resources, r => RewriteResource(name, r, rewrite));
            if (resources != group.Resources)
            {
                groups = groups.SetItem(name, group with { Resources = resources });
            }
        }

        return ReferenceEquals(devices, configuration.FenceDevices) && ReferenceEquals(nodes, configuration.Nodes)
            && ReferenceEquals(groups, configuration.Groups)
            ? configuration
            : configuration with { FenceDevices = devices, Nodes = nodes, Groups = groups };
    }

    private static ResourceConfiguration RewriteResource(string group, ResourceConfiguration resource, Rewriting rewrite)
    {
        var parameters = rewrite($"groups/{group}/resources/{resource.Id}", resource.Agent, resource.Parameters);
        var children = RewriteEach(resource.Children, child => RewriteResource(group, child, rewrite));
        return ReferenceEquals(parameters, resource.Parameters) && children == resource.Children
            ? resource
            : resource with { Parameters = parameters, Children = children };
    }

    private static ImmutableArray<T> RewriteEach<T>(ImmutableArray<T> items, Func<T, T> rewrite)
        where T : class
    {
        if (items.IsDefaultOrEmpty)
        {
            return items;
        }
        for (var i = 0; i < items.Length; i++)
        {
            var rewritten = rewrite(items[i]);
            if (!ReferenceEquals(rewritten, items[i]))
            {
                items = items.SetItem(i, rewritten);
            }
        }
        return items;
    }
}
