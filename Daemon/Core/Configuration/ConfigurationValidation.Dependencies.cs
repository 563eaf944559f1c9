using System.Collections.Immutable;

namespace ClusterTools.Core.Configuration;

public static partial class ConfigurationValidation
{
    private static void Dependencies(string path, ClusterConfiguration configuration, GroupConfiguration group, ProblemList problems)
    {
        ImmutableArray<GroupDependency> dependencies = group.Dependencies.IsDefault ? [] : group.Dependencies;
        TooMany($"{path}/dependencies", dependencies.Length, ConfigurationLimits.DependenciesPerGroup, "dependencies", problems);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var dependency in dependencies)
        {
            var at = $"{path}/dependencies/{dependency.Group}";
            if (dependency.Group == group.Name)
            {
                problems.Error(at, $"Group '{group.Name}' depends on itself.", "Remove the dependency.");
                continue;
            }
            if (dependency.Group is null || !configuration.Groups.TryGetValue(dependency.Group, out var other))
            {
                problems.Error(at, $"Group '{group.Name}' depends on group '{dependency.Group}', which is not defined.",
                    Known("Define it, or use one of", configuration.Groups.Keys));
                continue;
            }
            if (!seen.Add(dependency.Group))
            {
                problems.Error(
                    at, $"Group '{group.Name}' depends on group '{dependency.Group}' twice.",
                    "Put both demands into one dependency (require and colocation).");
            }
            if (!Enum.IsDefined(dependency.Require) || !Enum.IsDefined(dependency.Colocation))
            {
                problems.Error(at, $"The dependency of group '{group.Name}' on '{dependency.Group}' is of no known kind.",
                    "Use require none, soft or hard, and colocation any, same or never.");
            }
            if (dependency is { Require: DependencyMode.None, Colocation: Colocation.Any })
            {
                problems.Warning(
                    at, $"The dependency of group '{group.Name}' on '{dependency.Group}' says nothing.",
                    "Set require or colocation, or remove it.");
            }
            if (dependency.Colocation == Colocation.Same && (group.Exclusive || other.Exclusive))
            {
                problems.Error(
                    at, $"Group '{group.Name}' is to run on the node of '{dependency.Group}', but "
                        + $"'{(group.Exclusive ? group.Name : other.Name)}' is exclusive and runs alone.",
                    "Take exclusive away, or let colocation be any.");
            }
            if (dependency.Require != DependencyMode.None && group.Autostart && !other.Autostart)
            {
                problems.Warning(
                    at, $"Group '{group.Name}' starts by itself, but needs '{dependency.Group}', which waits until it is enabled.",
                    $"Give '{dependency.Group}' autostart, or enable it by hand.");
            }
            if (dependency.Colocation == Colocation.Same && !Candidates(configuration, group).Overlaps(Candidates(configuration, other)))
            {
                problems.Error(
                    at, $"Group '{group.Name}' is to run on the node of '{dependency.Group}', but their restricted failover domains have "
                        + "no node in common.",
                    "Give the domains a common node, or let colocation be any.");
            }
            if (dependency.Colocation == Colocation.Never
                && other.Dependencies is { IsDefault: false } back
                    && back.Any(d => d.Group == group.Name && d.Colocation == Colocation.Same))
            {
                problems.Error(
                    at, $"Groups '{group.Name}' and '{dependency.Group}' are to share a node and never to share one.",
                    "Keep one of the two demands.");
            }
        }
    }

    private static HashSet<string> Candidates(ClusterConfiguration configuration, GroupConfiguration group) =>
        [.. Placement.Candidates(configuration, group)];

    /// <summary>
    /// What no state of the cluster could ever fulfil is refused, not waited on (FEATURES B17): of groups that share a node, and of those
    /// that never do.
    /// </summary>
    private static void Affinity(ClusterConfiguration configuration, ProblemList problems)
    {
        if (configuration.Groups.Any(g => g.Value is null
            || (!g.Value.Dependencies.IsDefault
                && g.Value.Dependencies.Any(d => d.Group is null || d.Group == g.Key || !configuration.Groups.ContainsKey(d.Group)))))
        {
            // Told already.
            return;
        }

        foreach (IReadOnlyCollection<string> set in GroupDependencies.Sets(configuration))
        {
            Set(configuration, [.. set], problems);
        }

        foreach (GroupConfiguration group in configuration.Groups.Values)
        {
            IReadOnlyCollection<string> together = GroupDependencies.Together(configuration, group.Name);
            foreach (GroupDependency dependency in group.Dependencies.IsDefault
                ? []
                : group.Dependencies.Where(d => d.Colocation == Colocation.Never && !together.Contains(d.Group)))
            {
                HashSet<string> both = Common(configuration, group.Name);
                both.UnionWith(Common(configuration, dependency.Group));
                if (both.Count == 1 && configuration.Nodes.Count > 1)
                {
                    problems.Error($"groups/{group.Name}/dependencies/{dependency.Group}",
                        $"Groups '{group.Name}' and '{dependency.Group}' are never to share a node, but {both.Single()} is the only one "
                            + "that either may run on.",
                        "Widen the restricted failover domain of one of them, or let colocation be any.");
                }
            }
        }
    }

    private static void Set(ClusterConfiguration configuration, string[] set, ProblemList problems)
    {
        string names = string.Join(", ", set.Take(10).Select(s => $"'{s}'")) + (set.Length > 10 ? " …" : "");
        if (Common(configuration, set[0]).Count == 0 && set.Length > 2)
        {
            problems.Error(
                $"groups/{set[0]}/dependencies",
                $"Groups {names} are to share a node, but their restricted failover domains have no node in common.",
                "Give the domains a common node, or let colocation be any.");
        }

        foreach (string name in set)
        {
            GroupConfiguration group = configuration.Groups[name];
            foreach (GroupDependency apart in group.Dependencies.IsDefault
                ? []
                : group.Dependencies.Where(d => d.Colocation == Colocation.Never && set.Contains(d.Group)
                && configuration.Groups[d.Group].Dependencies.All(back => back.Group != name || back.Colocation != Colocation.Same)))
            {
                problems.Error($"groups/{name}/dependencies/{apart.Group}",
                    $"Groups '{name}' and '{apart.Group}' are never to share a node, but {names} are to share one.",
                    "Keep one of the two demands.");
            }
        }
    }

    /// <summary>Nodes that the restricted domains of all that share a node with the group have in common.</summary>
    private static HashSet<string> Common(ClusterConfiguration configuration, string group)
    {
        HashSet<string> common = Candidates(configuration, configuration.Groups[group]);
        foreach (string other in GroupDependencies.Together(configuration, group))
        {
            common.IntersectWith(Candidates(configuration, configuration.Groups[other]));
        }

        return common;
    }

    /// <summary>Groups that wait for each other in a circle would never start.</summary>
    private static void DependencyCircles(ClusterConfiguration configuration, ProblemList problems)
    {
        // Kahn's order: what is left over when everything without an open demand is taken away stands in a circle, or behind one.
        var open = new Dictionary<string, int>(StringComparer.Ordinal);
        var dependants = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var (name, group) in configuration.Groups)
        {
            if (group is null || group.Dependencies.IsDefaultOrEmpty)
            {
                continue;
            }
            foreach (var dependency in group.Dependencies.Where(
                d => d.Group is not null && d.Group != name && (d.Require != DependencyMode.None || d.Colocation == Colocation.Same)))
            {
                open[name] = open.GetValueOrDefault(name) + 1;
                if (!dependants.TryGetValue(dependency.Group, out var list))
                {
                    dependants.Add(dependency.Group, list = []);
                }
                list.Add(name);
            }
        }
        var free = new Queue<string>(dependants.Keys.Where(g => !open.ContainsKey(g)));
        while (free.TryDequeue(out var next))
        {
            foreach (var dependant in dependants.GetValueOrDefault(next) ?? [])
            {
                if (--open[dependant] == 0)
                {
                    free.Enqueue(dependant);
                }
            }
        }
        string[] stuck = [.. open.Where(o => o.Value > 0).Select(o => o.Key).Order(StringComparer.Ordinal)];
        if (stuck.Length > 0)
        {
            problems.Error($"groups/{stuck[0]}/dependencies",
                "Groups depend on each other in a circle: "
                    + $"{string.Join(", ", stuck.Take(10).Select(s => $"'{s}'"))}{(stuck.Length > 10 ? " …" : "")}. "
                        + "None of them could ever start.",
                "Remove one of these dependencies.");
        }
    }

    private static void EventScripts(ClusterConfiguration configuration, ProblemList problems)
    {
        TooMany("eventScripts", configuration.EventScripts.Count, ConfigurationLimits.EventScripts, "event scripts", problems);
        string? placing = null;
        foreach (var (key, script) in configuration.EventScripts)
        {
            var path = $"eventScripts/{key}";
            if (!KeyFits(path, key, script?.Name, problems))
            {
                continue;
            }
            if (!IsName(key))
            {
                problems.Error(path, $"The event script's name '{key}' is not well-formed.", NameRemedy);
            }
            if (script!.Command is null
                || (!script.Command.StartsWith("exec:", StringComparison.Ordinal)
                    && !script.Command.StartsWith("powershell:", StringComparison.Ordinal))
                || AgentProblem(script.Command) is not null)
            {
                problems.Error(
                    $"{path}/command",
                    $"The command '{script.Command}' of event script '{key}' is neither a program nor a PowerShell script.",
                    "Use exec:/path or powershell:/path.ps1, with an absolute path that exists on every node.");
            }
            Placeholder($"{path}/command", script.Command, problems);
            Range($"{path}/timeout", script.Timeout, 100, 600_000, "milliseconds", problems);
            ImmutableArray<string> events = script.Events.IsDefault ? [] : script.Events;
            TooMany($"{path}/events", events.Length, ConfigurationLimits.EventsPerScript, "kinds of events", problems);
            foreach (var kind in events.Where(e => !IsEventKind(e)))
            {
                problems.Error($"{path}/events", $"'{kind}' of event script '{key}' is no kind of event.",
                    "Use a kind of the journal such as node.lost, group.started or user.NAME, with * at the end for anything: node.*");
            }
            if (events.IsEmpty && !script.Placement)
            {
                problems.Warning(
                    path, $"Event script '{key}' is never run: it is told of no events and is not asked where groups go.",
                    "Set events or placement.");
            }
            if (script.Placement && placing is not null)
            {
                problems.Error(
                    $"{path}/placement", $"Event scripts '{placing}' and '{key}' are both to decide where groups go.",
                    "Let one script decide.");
            }
            placing = script.Placement ? key : placing;
        }
    }

    private static bool IsEventKind(string? kind) =>
        kind is { Length: > 0 and <= ConfigurationLimits.NameLength }
        && kind.TrimEnd('*').All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_')
        && kind.Count(c => c == '*') <= 1;
}
