using System.Collections.Immutable;

namespace ClusterTools.Core.Configuration;

/// <summary>
/// Which parameters are secrets. They go in and never out: every way out of the daemon (API, journal, logs,
/// exports) goes through <see cref="Redact(ClusterConfiguration, Func{string, string, bool})"/>.
/// </summary>
public static class SecretParameters
{
    /// <summary>What stands in place of a secret.</summary>
    public const string Replacement = "(secret)";

    // Over-reach is harmless (a value is not shown), a miss is a leak: so parts of names, not a list of them.
    private static readonly string[] NameParts =
    [
        "passw", "passphrase", "passcode", "psswd", "pswd", "secret", "token", "credential", "community", "private", "apikey", "access_key",
        "cookie", "bearer",
    ];

    // At the end of a name, with or without a separator before it: userpass, auth_pass, MYSQL_PWD, snmp_pw.
    private static readonly string[] NameEnds = ["key", "pwd", "pass", "psk", "passwrd"];

    // Too short to be looked for within other words.
    private static readonly string[] NameWords = ["pw", "pin", "kg", "cred", "creds", "otp", "jwt", "keys"];

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
            || NameEnds.Any(end => parameterName.EndsWith(end, StringComparison.OrdinalIgnoreCase))
            || WordsOf(parameterName).Any(
                word => NameWords.Contains(word, StringComparer.OrdinalIgnoreCase)
                    || NameEnds.Contains(word, StringComparer.OrdinalIgnoreCase));
    }

    /// <summary>rootPw, root_pw, root-pw and ROOT.PW alike: the words of a name.</summary>
    private static IEnumerable<string> WordsOf(string name)
    {
        int start = 0;
        for (int i = 0; i <= name.Length; i++)
        {
            bool separator = i < name.Length && !char.IsAsciiLetterOrDigit(name[i]);
            bool hump = i > 0 && i < name.Length && char.IsUpper(name[i]) && char.IsLower(name[i - 1]);
            if (i == name.Length || separator || hump)
            {
                if (i > start)
                {
                    yield return name[start..i];
                }

                start = separator ? i + 1 : i;
            }
        }
    }

    /// <summary>The parameters with every secret value replaced by <see cref="Replacement"/>.</summary>
    /// <param name="agent">Whose they are.</param>
    /// <param name="parameters">By name.</param>
    /// <param name="known">Says of an agent's parameter that it is secret by its metadata; null: none is.</param>
    public static ImmutableSortedDictionary<string, string> Redact(
        string agent, ImmutableSortedDictionary<string, string> parameters, Func<string, string, bool>? known = null)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        foreach (var (name, value) in parameters)
        {
            if (IsSecret(agent, name) || SecretText.HasSecret(value) || known?.Invoke(agent, name) == true)
            {
                parameters = parameters.SetItem(name, Replacement);
            }
        }
        return parameters;
    }

    /// <summary>
    /// The configuration as it may be shown: every secret value is <see cref="Replacement"/>. Unchanged parts stay the same objects.
    /// </summary>
    /// <param name="configuration">With its secrets.</param>
    /// <param name="known">Says of an agent's parameter that it is secret by its metadata; null: none is.</param>
    public static ClusterConfiguration Redact(ClusterConfiguration configuration, Func<string, string, bool>? known = null)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return Rewrite(
            configuration, (_, agent, parameters) => Redact(agent, parameters, known), static (_, command) => SecretText.Mask(command));
    }

    /// <summary>
    /// The way back: where <paramref name="edited"/> still says <see cref="Replacement"/>, the value that
    /// <paramref name="original"/> has at the same place is put in, or that of the resource of the same name and agent in a group that was
    /// called otherwise. What has no original stays, and validation refuses it.
    /// </summary>
    public static ClusterConfiguration Restore(ClusterConfiguration edited, ClusterConfiguration original)
    {
        ArgumentNullException.ThrowIfNull(edited);
        ArgumentNullException.ThrowIfNull(original);
        var known = new Dictionary<string, ImmutableSortedDictionary<string, string>>(StringComparer.Ordinal);
        var commands = new Dictionary<string, string>(StringComparer.Ordinal);
        _ = Rewrite(
            original,
            (place, agent, parameters) =>
            {
                known[place] = parameters;
                known.TryAdd(Anywhere(place, agent), parameters);
                return parameters;
            },
            (place, command) =>
            {
                commands[place] = command;
                commands.TryAdd(Anywhere(place, SecretText.Mask(command)), command);
                return command;
            });
        return Rewrite(
            edited,
            (place, agent, parameters) =>
            {
                if (!known.TryGetValue(place, out var before) && !known.TryGetValue(Anywhere(place, agent), out before))
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
            },
            (place, command) => command.Contains(Replacement, StringComparison.Ordinal)
                && (commands.TryGetValue(place, out var before) || commands.TryGetValue(Anywhere(place, command), out before))
                && SecretText.Mask(before) == command
                ? before
                : command);
    }

    /// <summary>A resource by its name and agent, whatever its group is called.</summary>
    private static string Anywhere(string place, string agent)
    {
        const string Resources = "/resources/";
        int at = place.IndexOf(Resources, StringComparison.Ordinal);
        return at < 0 ? place : $"{place[at..]}\n{agent}";
    }

    private delegate string RewritingCommand(string place, string command);

    private delegate ImmutableSortedDictionary<string, string> Rewriting(
        string place, string agent, ImmutableSortedDictionary<string, string> parameters);

    private static ClusterConfiguration Rewrite(ClusterConfiguration configuration, Rewriting rewrite, RewritingCommand command)
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
            var resources = RewriteEach(group.Resources, r => RewriteResource(name, r, rewrite, command));
            if (resources != group.Resources)
            {
                groups = groups.SetItem(name, group with { Resources = resources });
            }
        }

        var scripts = configuration.EventScripts;
        foreach (var (name, script) in configuration.EventScripts)
        {
            if (command($"eventScripts/{name}", script.Command) is var rewritten && !ReferenceEquals(rewritten, script.Command))
            {
                scripts = scripts.SetItem(name, script with { Command = rewritten });
            }
        }

        return ReferenceEquals(devices, configuration.FenceDevices) && ReferenceEquals(nodes, configuration.Nodes)
            && ReferenceEquals(groups, configuration.Groups) && ReferenceEquals(scripts, configuration.EventScripts)
            ? configuration
            : configuration with { FenceDevices = devices, Nodes = nodes, Groups = groups, EventScripts = scripts };
    }

    private static ResourceConfiguration RewriteResource(
        string group, ResourceConfiguration resource, Rewriting rewrite, RewritingCommand command)
    {
        var place = $"groups/{group}/resources/{resource.Id}";
        var agent = command($"{place}/agent", resource.Agent);
        var parameters = rewrite(place, SecretText.Mask(resource.Agent), resource.Parameters);
        var children = RewriteEach(resource.Children, child => RewriteResource(group, child, rewrite, command));
        var limits = resource.Limits is { FinalScript: { } script } && command($"{place}/finalScript", script) is var rewritten
            && !ReferenceEquals(rewritten, script)
            ? resource.Limits with { FinalScript = rewritten }
            : resource.Limits;
        return ReferenceEquals(parameters, resource.Parameters) && children == resource.Children && ReferenceEquals(agent, resource.Agent)
            && ReferenceEquals(limits, resource.Limits)
            ? resource
            : resource with { Agent = agent, Parameters = parameters, Children = children, Limits = limits };
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
