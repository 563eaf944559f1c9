namespace ClusterTools.Core.Configuration;

public static partial class ConfigurationValidation
{
    private const int LongestTimeout = 86_400_000;

    private static void Groups(ClusterConfiguration configuration, ProblemList problems)
    {
        TooMany("groups", configuration.Groups.Count, ConfigurationLimits.Groups, "groups", problems);
        var resources = 0;
        foreach (var (key, group) in configuration.Groups)
        {
            var path = $"groups/{key}";
            if (!KeyFits(path, key, group?.Name, problems))
            {
                continue;
            }
            if (!IsName(key) || key.Contains('/', StringComparison.Ordinal))
            {
                problems.Error(path, $"The group name '{key}' is not well-formed.", $"{NameRemedy} '/' cannot stand in it.");
            }
            if (group!.Domain is { } domain && !configuration.FailoverDomains.ContainsKey(domain))
            {
                problems.Error($"{path}/domain", $"Group '{key}' is in the failover domain '{domain}', which is not defined.",
                    Known("Define it, or use one of", configuration.FailoverDomains.Keys));
            }
            if (!Enum.IsDefined(group.Recovery))
            {
                problems.Error($"{path}/recovery", $"The recovery policy {(int)group.Recovery} is not known.",
                    "Use restart, relocate, disable or restart-disable.");
            }
            RestartWindow(path, group, problems);
            if (group.Resources.IsDefaultOrEmpty)
            {
                problems.Warning(path, $"Group '{key}' has no resources: it starts and stops, and nothing happens.", "Add resources, or remove the group.");
                continue;
            }
            resources += Resources(path, group, problems);
        }
        TooMany("groups", resources, ConfigurationLimits.Resources, "resources in all groups together", problems);
    }

    private static void RestartWindow(string path, GroupConfiguration group, ProblemList problems)
    {
        Range($"{path}/maxRestarts", group.MaxRestarts, 0, 100_000, "restarts", problems);
        Range($"{path}/restartExpireTime", group.RestartExpireTime, 0, 31_536_000, "seconds", problems);
        if (group.MaxRestarts > 0 && group.RestartExpireTime == 0)
        {
            problems.Error($"{path}/maxRestarts", $"Group '{group.Name}' has max_restarts without restart_expire_time.",
                "Set both (such as 3 restarts within 300 seconds), or neither.");
        }
        if (group.RestartExpireTime > 0 && group.MaxRestarts == 0)
        {
            problems.Error($"{path}/restartExpireTime", $"Group '{group.Name}' has restart_expire_time without max_restarts.",
                "Set both (such as 3 restarts within 300 seconds), or neither.");
        }
        if (group.MaxRestarts > 0 && group.Recovery is RecoveryPolicy.Relocate or RecoveryPolicy.Disable)
        {
            problems.Warning($"{path}/maxRestarts", $"Group '{group.Name}' is never restarted in place (recovery is {Word(group.Recovery)}), so its restart window has no effect.",
                "Remove max_restarts and restart_expire_time, or use recovery restart.");
        }
    }

    private static string Word(RecoveryPolicy policy) => policy switch
    {
        RecoveryPolicy.Restart => "restart",
        RecoveryPolicy.Relocate => "relocate",
        RecoveryPolicy.Disable => "disable",
        RecoveryPolicy.RestartDisable => "restart-disable",
        _ => policy.ToString(),
    };

    /// <summary>Walks the tree with a stack of its own: one that is deeper than allowed must not be able to end the process.</summary>
    private static int Resources(string path, GroupConfiguration group, ProblemList problems)
    {
        var ids = new HashSet<string>(StringComparer.Ordinal);
        var waiting = new Stack<(ResourceConfiguration Resource, int Depth)>();
        foreach (var resource in group.Resources.Reverse())
        {
            waiting.Push((resource, 1));
        }
        var count = 0;
        while (waiting.TryPop(out var next))
        {
            if (++count > ConfigurationLimits.ResourcesPerGroup)
            {
                problems.Error($"{path}/resources", $"Group '{group.Name}' has more than {ConfigurationLimits.ResourcesPerGroup:N0} resources.",
                    "Split the group.");
                return count;
            }
            var (resource, depth) = next;
            Resource($"{path}/resources/{resource.Id}", group, resource, problems);
            if (resource.Id is not null && !ids.Add(resource.Id))
            {
                problems.Error($"{path}/resources/{resource.Id}", $"Group '{group.Name}' has the resource '{resource.Id}' twice.",
                    "Give each resource of a group its own name.");
            }
            if (resource.Children.IsDefaultOrEmpty)
            {
                continue;
            }
            if (depth >= ConfigurationLimits.ResourceTreeDepth)
            {
                problems.Error($"{path}/resources/{resource.Id}",
                    $"The resource tree of group '{group.Name}' is deeper than {ConfigurationLimits.ResourceTreeDepth} levels.",
                    "Make the tree flatter: siblings start in order too.");
                continue;
            }
            foreach (var child in resource.Children.Reverse())
            {
                waiting.Push((child, depth + 1));
            }
        }
        return count;
    }

    private static void Resource(string path, GroupConfiguration group, ResourceConfiguration resource, ProblemList problems)
    {
        if (!IsName(resource.Type) || !resource.Type.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
        {
            problems.Error($"{path}/type", $"The resource type '{resource.Type}' is not well-formed.", "Use a type such as ip, fs or script.");
        }
        if (!IsName(resource.Id) || !resource.Id.StartsWith($"{resource.Type}:", StringComparison.Ordinal) || resource.Id.Length <= resource.Type.Length + 1)
        {
            problems.Error(path, $"The resource id '{resource.Id}' in group '{group.Name}' is not well-formed.",
                $"Use type:name, at most {ConfigurationLimits.NameLength} characters, such as {(IsName(resource.Type) ? resource.Type : "ip")}:name.");
        }
        if (AgentProblem(resource.Agent) is { } wrong)
        {
            problems.Error($"{path}/agent", $"The agent '{resource.Agent}' of resource '{resource.Id}' {wrong}",
                "Use ocf:provider:type, lsb:name, lsb:/path, systemd:unit, exec:/path or powershell:/path.ps1.");
        }
        Range($"{path}/startTimeout", resource.StartTimeout, 1, LongestTimeout, "milliseconds", problems);
        Range($"{path}/stopTimeout", resource.StopTimeout, 1, LongestTimeout, "milliseconds", problems);
        Range($"{path}/monitorTimeout", resource.MonitorTimeout, 1, LongestTimeout, "milliseconds", problems);
        Range($"{path}/monitorInterval", resource.MonitorInterval, 0, LongestTimeout, "milliseconds (0: no status checks)", problems);
        Range($"{path}/startLevel", resource.StartLevel, 0, 100, "(0: none)", problems);
        Range($"{path}/stopLevel", resource.StopLevel, 0, 100, "(0: none)", problems);
        Parameters(path, resource.Parameters, problems);
    }

    /// <summary>How the sentence "the agent … goes on" ends, or null when there is nothing wrong.</summary>
    private static string? AgentProblem(string? agent)
    {
        if (string.IsNullOrEmpty(agent) || agent.Length > 4096 || agent.Any(char.IsControl))
        {
            return "is not well-formed.";
        }
        var colon = agent.IndexOf(':', StringComparison.Ordinal);
        var name = agent[(colon + 1)..];
        switch (colon < 0 ? "" : agent[..colon])
        {
            case "ocf":
                var parts = name.Split(':');
                return parts.Length == 2 && parts.All(IsPlainWord) ? null : "is not of the form ocf:provider:type.";
            case "lsb":
                return IsPlainWord(name) || IsAbsolutePath(name) ? null : "is neither a script's name nor an absolute path.";
            case "systemd":
                return name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '@' or ':' or '\\') ? null : "is not the name of a unit.";
            case "exec":
            case "powershell":
                return IsAbsolutePath(name) ? null : "has no absolute path.";
            default:
                return "is of no known class.";
        }
    }

    private static bool IsPlainWord(string name) =>
        name.Length > 0 && name is not ("." or "..") && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '@' or '+');

    private static bool IsAbsolutePath(string path) =>
        path.Length > 1 && path[0] == '/' && path[^1] != '/' && !path.Split('/').Contains("..");
}
