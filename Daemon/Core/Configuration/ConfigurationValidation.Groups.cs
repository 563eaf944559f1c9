using System.Collections.Immutable;

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
            Weight(path, group.Weight, configuration, problems);
            Dependencies(path, configuration, group, problems);
            if (group.Resources.IsDefaultOrEmpty)
            {
                problems.Warning(
                    path, $"Group '{key}' has no resources: it starts and stops, and nothing happens.",
                    "Add resources, or remove the group.");
                continue;
            }
            resources += Resources(path, group, problems);
        }
        TooMany("groups", resources, ConfigurationLimits.Resources, "resources in all groups together", problems);
        DependencyCircles(configuration, problems);
        Affinity(configuration, problems);
    }

    private static void RestartWindow(string path, GroupConfiguration group, ProblemList problems)
    {
        Range($"{path}/maxRestarts", group.MaxRestarts, 0, 100_000, "restarts", problems);
        Range($"{path}/restartExpireTime", group.RestartExpireTime, 0, 31_536_000, "seconds", problems);
        Range($"{path}/maxFailures", group.MaxFailures, 0, 100_000, "failures (0: no limit)", problems);
        Range($"{path}/failureQuietTime", group.FailureQuietTime, 1, 31_536_000, "seconds", problems);
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
            problems.Warning(
                $"{path}/maxRestarts",
                $"Group '{group.Name}' is never restarted in place (recovery is {Word(group.Recovery)}), so its restart window "
                    + "has no effect.",
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
                problems.Error(
                    $"{path}/resources", $"Group '{group.Name}' has more than {ConfigurationLimits.ResourcesPerGroup:N0} resources.",
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
            problems.Error(
                $"{path}/type", $"The resource type '{resource.Type}' is not well-formed.", "Use a type such as ip, fs or script.");
        }
        if (!IsName(resource.Id) || !resource.Id.StartsWith($"{resource.Type}:", StringComparison.Ordinal)
            || resource.Id.Length <= resource.Type.Length + 1)
        {
            problems.Error(path, $"The resource id '{resource.Id}' in group '{group.Name}' is not well-formed.",
                $"Use type:name, at most {ConfigurationLimits.NameLength} characters, such as "
                    + $"{(IsName(resource.Type) ? resource.Type : "ip")}:name.");
        }
        if (AgentProblem(resource.Agent) is { } wrong)
        {
            problems.Error($"{path}/agent", $"The agent '{resource.Agent}' of resource '{resource.Id}' {wrong}",
                "Use ocf:provider:type, lsb:name, lsb:/path, systemd:unit, exec:/path, powershell:/path.ps1 or guest:libvirt.");
        }
        Placeholder($"{path}/agent", resource.Agent, problems);
        Range($"{path}/startTimeout", resource.StartTimeout, 1, LongestTimeout, "milliseconds", problems);
        Range($"{path}/stopTimeout", resource.StopTimeout, 1, LongestTimeout, "milliseconds", problems);
        Range($"{path}/monitorTimeout", resource.MonitorTimeout, 1, LongestTimeout, "milliseconds", problems);
        Range($"{path}/monitorInterval", resource.MonitorInterval, 0, LongestTimeout, "milliseconds (0: no status checks)", problems);
        StatusChecks(path, resource, problems);
        Limits($"{path}/limits", resource, problems);
        Range($"{path}/startLevel", resource.StartLevel, 0, 100, "(0: none)", problems);
        Range($"{path}/stopLevel", resource.StopLevel, 0, 100, "(0: none)", problems);
        Parameters(path, resource.Parameters, problems);
        DiskAgent(path, resource, problems);
        Guest(path, resource, problems);
    }

    private static void StatusChecks(string path, ResourceConfiguration resource, ProblemList problems)
    {
        ImmutableArray<StatusCheck> checks = resource.StatusChecks.IsDefault ? [] : resource.StatusChecks;
        TooMany($"{path}/statusChecks", checks.Length, ConfigurationLimits.StatusChecksPerResource, "status checks", problems);
        var depths = new HashSet<int>();
        for (var i = 0; i < checks.Length; i++)
        {
            var at = $"{path}/statusChecks/{i + 1}";
            Range($"{at}/depth", checks[i].Depth, 1, 100, "(the usual check, of depth 0, has monitorInterval)", problems);
            Range($"{at}/interval", checks[i].Interval, 1, LongestTimeout, "milliseconds", problems);
            Range($"{at}/timeout", checks[i].Timeout, 1, LongestTimeout, "milliseconds", problems);
            if (!depths.Add(checks[i].Depth))
            {
                problems.Error(
                    $"{at}/depth", $"Resource '{resource.Id}' has two status checks of depth {checks[i].Depth}.", "Keep one of them.");
            }
        }
    }

    private static void Limits(string path, ResourceConfiguration resource, ProblemList problems)
    {
        if (resource.Limits is not { } limits)
        {
            return;
        }
        Range($"{path}/startRetries", limits.StartRetries, 0, 99, "retries", problems);
        Range($"{path}/stopRetries", limits.StopRetries, 0, 99, "retries", problems);
        Range($"{path}/failovers", limits.Failovers ?? 0, 0, 1024, "nodes", problems);
        Range($"{path}/finalScriptTimeout", limits.FinalScriptTimeout, 100, 3_600_000, "milliseconds", problems);
        foreach (var (member, action) in new[] { ("startFinal", limits.StartFinal), ("stopFinal", limits.StopFinal) })
        {
            if (!Enum.IsDefined(action))
            {
                problems.Error($"{path}/{member}", $"The final action {(int)action} is not known.",
                    "Use default, continue, hold, stopDaemon, shutDown, reboot or powerOff.");
            }
        }
        if (limits.StopFinal == FinalAction.StopDaemon)
        {
            problems.Error($"{path}/stopFinal",
                $"The final action stopDaemon after a failed stop of '{resource.Id}' would end the daemon with the resource still active, "
                    + "and nobody could prove it released.",
                "Use reboot, shutDown or powerOff, which fence the node, or default.");
        }
        if (limits.FinalScript is { } script)
        {
            Placeholder($"{path}/finalScript", script, problems);
            if (!script.StartsWith("exec:", StringComparison.Ordinal) && !script.StartsWith("powershell:", StringComparison.Ordinal))
            {
                problems.Error(
                    $"{path}/finalScript", $"The final script '{script}' is neither a program nor a PowerShell script.",
                    "Use exec:/path or powershell:/path.ps1.");
            }
            else if (AgentProblem(script) is { } wrong)
            {
                problems.Error($"{path}/finalScript", $"The final script '{script}' {wrong}", "Use exec:/path or powershell:/path.ps1.");
            }
        }
        if (limits.FinalScript is not null && limits is { StartFinal: FinalAction.Default, StopFinal: FinalAction.Default })
        {
            problems.Warning(
                $"{path}/finalScript", $"The final script of '{resource.Id}' is never run: there is no final action.",
                "Set startFinal or stopFinal, or remove finalScript.");
        }
    }

    /// <summary>How the sentence "the agent … goes on" ends, or null when there is nothing wrong.</summary>
    private static string? AgentProblem(string? agent)
    {
        if (string.IsNullOrEmpty(agent) || agent.Length > 4096 || !PlainText.IsPlain(agent))
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
                return name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '@' or ':' or '\\')
                    ? null
                    : "is not the name of a unit.";
            case "exec":
            case "powershell":
                return IsAbsolutePath(name) ? null : "has no absolute path.";
            case "guest":
                return GuestSettings.Is(agent) ? null : "is of no known hypervisor.";
            default:
                return "is of no known class.";
        }
    }

    private static bool IsPlainWord(string name) =>
        name.Length > 0 && name is not ("." or "..") && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '@' or '+');

    private static bool IsAbsolutePath(string path) =>
        path.Length > 1 && path[0] == '/' && path[^1] != '/' && !path.Split('/').Contains("..");
}
