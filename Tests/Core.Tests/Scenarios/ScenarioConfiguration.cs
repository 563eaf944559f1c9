using System.Collections.Immutable;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Core.Tests.Scenarios;

/// <summary>The short form of a configuration in scenario files: each line adds to a configuration, or replaces in it.</summary>
internal static class ScenarioConfiguration
{
    public static ClusterConfiguration Change(ClusterConfiguration configuration, IEnumerable<string> lines)
    {
        string[] all = [.. lines];
        for (int i = 0; i < all.Length; i++)
        {
            string line = all[i];
            int from = i + 1;
            while (i + 1 < all.Length && Indent(all[i + 1]) > Indent(line))
            {
                i++;
            }

            configuration = Line(configuration, line.Trim(), all[from..(i + 1)]);
        }

        return configuration;
    }

    private static ClusterConfiguration Line(ClusterConfiguration configuration, string line, string[] below)
    {
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        switch (words[0])
        {
            case "nodes":
                return words[1..].Aggregate(configuration, (c, name) => Node(c, name, []));
            case "node":
                return Node(configuration, words[1], words[2..]);
            case "two_node":
                return configuration with { TwoNode = true };
            case "last_man_standing":
                return configuration with
                {
                    LastManStanding = words[1..] is not ["off"],
                    LastManStandingWindow = words[1..] is [var window] && int.TryParse(window, out int given) ? given : null,
                };
            case "timing":
                return configuration with { Timing = words[1..].Aggregate(configuration.Timing, Timing) };
            case "fence":
                return Fence(configuration, line["fence".Length..]);
            case "device":
                return configuration with
                {
                    FenceDevices = configuration.FenceDevices.SetItem(words[1], new FenceDevice
                    {
                        Name = words[1], Agent = words[2],
                        Parameters = ClusterConfiguration.Sorted<string>().AddRange(
                            words[3..].Select(w => KeyValuePair.Create(w.Split('=')[0], w.Split('=')[1]))),
                    }),
                };
            case "domain":
                return Domain(configuration, line["domain".Length..]);
            case "group":
                return Group(configuration, words[1], words[2..], below);
            case "script":
                return Script(configuration, words[1], words[2..]);
            case "remove":
                return words[1] switch
                {
                    "script" => configuration with { EventScripts = configuration.EventScripts.Remove(words[2]) },
                    "node" => configuration with { Nodes = configuration.Nodes.Remove(words[2]) },
                    "group" => configuration with { Groups = configuration.Groups.Remove(words[2]) },
                    "device" => configuration with { FenceDevices = configuration.FenceDevices.Remove(words[2]) },
                    "domain" => configuration with { FailoverDomains = configuration.FailoverDomains.Remove(words[2]) },
                    _ => throw new FormatException($"Cannot remove a {words[1]}."),
                };
            default:
                throw new FormatException($"'{line}' is not understood in a configuration.");
        }
    }

    private static ClusterConfiguration Node(ClusterConfiguration configuration, string name, string[] options)
    {
        NodeConfiguration node = configuration.Nodes.GetValueOrDefault(name) ?? new NodeConfiguration
        {
            Name = name,
            Id = configuration.Nodes.Values.Select(n => n.Id).DefaultIfEmpty(0).Max() + 1,
        };
        foreach (string option in options)
        {
            if (option.StartsWith("shutdown=", StringComparison.Ordinal))
            {
                node = node with { ShutdownPolicy = Policy(option) };
                continue;
            }

            (string key, int value) = Number(option);
            node = key switch
            {
                "weight" => node with { Weight = value },
                "fence_delay" => node with { FenceDelay = value },
                "fence_delay_max" => node with { FenceDelayMax = value },
                "id" => node with { Id = value },
                "votes" => node with { Votes = value },
                _ => throw new FormatException($"A node has no '{key}'."),
            };
        }

        configuration = configuration with { Nodes = configuration.Nodes.SetItem(name, node) };
        return node.FenceMethods.IsEmpty ? Fence(configuration, $"{name}: power(power)") : configuration;
    }

    private static ShutdownPolicy Policy(string option) => Enum.Parse<ShutdownPolicy>(Split(option, '=').Right, ignoreCase: true);

    private static ClusterTiming Timing(ClusterTiming timing, string option)
    {
        if (option.StartsWith("shutdown=", StringComparison.Ordinal))
        {
            return timing with { ShutdownPolicy = Policy(option) };
        }

        (string key, int value) = Number(option);
        return key switch
        {
            "token" => timing with { Token = value },
            "post_fail_delay" => timing with { PostFailDelay = value },
            "post_join_delay" => timing with { PostJoinDelay = value },
            "quorum_loss_deadline" => timing with { QuorumLossDeadline = value },
            "retry_delay" => timing with { RetryDelay = value },
            "fence_timeout" => timing with { FenceTimeout = value },
            "two_node_delay" => timing with { TwoNodeDelay = value },
            "maintenance_limit" => timing with { MaintenanceLimit = value },
            "keep_limit" => timing with { KeepLimit = value },
            "shutdown_wait" => timing with { ShutdownWait = value },
            "flap_limit" => timing with { FlapLimit = value },
            "flap_window" => timing with { FlapWindow = value },
            "flap_release" => timing with { FlapRelease = value },
            _ => throw new FormatException($"There is no timing '{key}'."),
        };
    }

    // n2: ipmi(bmc2) pdu(off:pdu-a off:pdu-b on:pdu-a on:pdu-b)
    private static ClusterConfiguration Fence(ClusterConfiguration configuration, string line)
    {
        (string node, string rest) = Split(line, ':');
        var methods = ImmutableArray.CreateBuilder<FenceMethod>();
        foreach (
            string method in rest.Split(')', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Where(m => m != "none"))
        {
            (string name, string steps) = Split(method, '(');
            methods.Add(new FenceMethod
            {
                Name = name,
                Steps = [.. steps.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Step)],
            });
        }

        foreach (FenceStep step in methods.SelectMany(m => m.Steps))
        {
            configuration = configuration with
            {
                FenceDevices =
                    configuration.FenceDevices.SetItem(step.Device, new FenceDevice { Name = step.Device, Agent = "fence_scenario" }),
            };
        }

        return configuration with
        {
            Nodes = configuration.Nodes.SetItem(node, configuration.Nodes[node] with { FenceMethods = methods.ToImmutable() }),
        };
    }

    private static FenceStep Step(string text)
    {
        (string action, string device) = text.Contains(':', StringComparison.Ordinal) ? Split(text, ':') : ("reboot", text);
        return new FenceStep { Device = device, Action = Enum.Parse<FenceAction>(action, ignoreCase: true) };
    }

    // abc ordered restricted nofailback: n1=1 n2=2
    private static ClusterConfiguration Domain(ClusterConfiguration configuration, string line)
    {
        (string head, string members) = Split(line, ':');
        string[] words = head.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var domain = new FailoverDomain
        {
            Name = words[0],
            Ordered = words.Contains("ordered"),
            Restricted = words.Contains("restricted"),
            NoFailback = words.Contains("nofailback"),
            Members = members.Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Select(m => m.Contains('=', StringComparison.Ordinal) ? Number(m) : (Key: m, Value: 0))
                .ToImmutableSortedDictionary(m => m.Key, m => m.Value, StringComparer.Ordinal),
        };
        return configuration with { FailoverDomains = configuration.FailoverDomains.SetItem(domain.Name, domain) };
    }

    private static ClusterConfiguration Group(ClusterConfiguration configuration, string name, string[] options, string[] below)
    {
        var group = new GroupConfiguration { Name = name, Resources = Resources(below) };
        if (below.Length == 0 && !options.Contains("empty"))
        {
            group = group with { Resources = Resources([$"  app:{name}"]) };
        }

        foreach (string option in options.Where(o => o != "empty"))
        {
            (string key, string value) = Split(option, '=');
            group = key switch
            {
                "domain" => group with { Domain = value },
                "autostart" => group with { Autostart = value != "no" },
                "recovery" =>
                group with { Recovery = Enum.Parse<RecoveryPolicy>(value.Replace("-", "", StringComparison.Ordinal), ignoreCase: true) },
                "max_restarts" => group with { MaxRestarts = int.Parse(value) },
                "restart_expire_time" => group with { RestartExpireTime = int.Parse(value) },
                "max_failures" => group with { MaxFailures = int.Parse(value) },
                "quiet_time" => group with { FailureQuietTime = int.Parse(value) },
                "exclusive" => group with { Exclusive = true },
                "weight" => group with { Weight = int.Parse(value) },
                "needs" => Depends(group, value, d => d with { Require = DependencyMode.Hard }),
                "after" => Depends(group, value, d => d with { Require = DependencyMode.Soft }),
                "with" => Depends(group, value, d => d with { Colocation = Colocation.Same }),
                "apart" => Depends(group, value, d => d with { Colocation = Colocation.Never }),
                _ => throw new FormatException($"A group has no '{key}'."),
            };
        }

        return configuration with { Groups = configuration.Groups.SetItem(name, group) };
    }

    // place placement timeout=2000 events=node.*,user.deploy
    private static ClusterConfiguration Script(ClusterConfiguration configuration, string name, string[] options)
    {
        var script = new EventScript { Name = name, Command = $"exec:/scripts/{name}" };
        foreach (string option in options)
        {
            (string key, string value) = Split(option, '=');
            script = key switch
            {
                "placement" => script with { Placement = true },
                "timeout" => script with { Timeout = int.Parse(value) },
                "events" => script with { Events = [.. value.Split(',')] },
                _ => throw new FormatException($"An event script has no '{key}'."),
            };
        }

        return configuration with { EventScripts = configuration.EventScripts.SetItem(name, script) };
    }

    private static GroupConfiguration Depends(GroupConfiguration group, string other, Func<GroupDependency, GroupDependency> change)
    {
        GroupDependency? known = group.Dependencies.FirstOrDefault(d => d.Group == other);
        GroupDependency changed = change(known ?? new GroupDependency { Group = other });
        return group with { Dependencies = known is null ? group.Dependencies.Add(changed) : group.Dependencies.Replace(known, changed) };
    }

    private static ImmutableArray<ResourceConfiguration> Resources(string[] lines)
    {
        var resources = ImmutableArray.CreateBuilder<ResourceConfiguration>();
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i];
            int from = i + 1;
            while (i + 1 < lines.Length && Indent(lines[i + 1]) > Indent(line))
            {
                i++;
            }

            resources.Add(Resource(line.Trim()) with { Children = Resources(lines[from..(i + 1)]) });
        }

        return resources.ToImmutable();
    }

    // script:web independent start=2 config=/etc/web
    private static ResourceConfiguration Resource(string line)
    {
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string type = Split(words[0], ':').Left;
        var resource = new ResourceConfiguration { Id = words[0], Type = type, Agent = $"exec:/agents/{type}" };
        foreach (string word in words[1..])
        {
            (string key, string value) = Split(word, '=');
            resource = key switch
            {
                "migrate" => resource with { Agent = GuestSettings.Agent, Parameters = resource.Parameters.SetItem(key, value) },
                "independent" => resource with { IndependentSubtree = true },
                "disabled" => resource with { Disabled = true },
                "noncritical" => resource with { NonCritical = true },
                "start" => resource with { StartLevel = int.Parse(value) },
                "stop" => resource with { StopLevel = int.Parse(value) },
                "start_retries" => Limited(resource, l => l with { StartRetries = int.Parse(value) }),
                "stop_retries" => Limited(resource, l => l with { StopRetries = int.Parse(value) }),
                "failovers" => Limited(resource, l => l with { Failovers = int.Parse(value) }),
                "start_final" => Limited(resource, l => l with { StartFinal = Enum.Parse<FinalAction>(value, ignoreCase: true) }),
                "stop_final" => Limited(resource, l => l with { StopFinal = Enum.Parse<FinalAction>(value, ignoreCase: true) }),
                "check" => resource with { StatusChecks = resource.StatusChecks.Add(Check(value)) },
                "final_script" => Limited(resource, l => l with { FinalScript = $"exec:{value}" }),
                _ => resource with { Parameters = resource.Parameters.SetItem(key, value) },
            };
        }

        return resource;
    }

    // 10/5000: at depth 10, for five seconds at most
    private static StatusCheck Check(string value)
    {
        (string depth, string timeout) = Split(value, '/');
        return new StatusCheck { Depth = int.Parse(depth), Interval = 60_000, Timeout = int.Parse(timeout) };
    }

    private static ResourceConfiguration Limited(ResourceConfiguration resource, Func<ActivationLimits, ActivationLimits> change) =>
        resource with { Limits = change(resource.Limits ?? ActivationLimits.None) };

    private static int Indent(string line) => line.Length - line.TrimStart(' ').Length;

    private static (string Left, string Right) Split(string text, char at)
    {
        int index = text.IndexOf(at, StringComparison.Ordinal);
        return index < 0 ? (text.Trim(), "") : (text[..index].Trim(), text[(index + 1)..].Trim());
    }

    private static (string Key, int Value) Number(string option)
    {
        (string key, string value) = Split(option, '=');
        return (key, int.Parse(value));
    }
}
