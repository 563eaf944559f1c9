using System.Collections.Immutable;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Simulation;

/// <summary>Dependencies between groups, limits of resources, event scripts.</summary>
internal sealed partial class RandomConfiguration
{
    public const string PlacingScript = "place";

    private ClusterConfiguration Linked(ClusterConfiguration configuration)
    {
        foreach (string name in configuration.Groups.Keys)
        {
            if (random.Chance(350))
            {
                configuration = WithDependencies(configuration, name);
            }
        }

        if (random.Chance(500))
        {
            configuration = configuration with { EventScripts = Scripts(configuration) };
        }

        return Consistent(configuration);
    }

    private (ClusterConfiguration Next, string What) ChangeLinks(ClusterConfiguration next)
    {
        string name = random.Pick([.. next.Groups.Keys]);
        switch (random.Below(10))
        {
            case < 5:
                return (WithDependencies(next, name), $"dependencies of {name}");
            case < 7:
                return (
                    next with { EventScripts = next.EventScripts.IsEmpty || random.Chance(700) ? Scripts(next)
                        : next.EventScripts.Clear() }, "event scripts");
            default:
                GroupConfiguration group = next.Groups[name];
                int at = random.Below(group.Resources.Length);
                group =
                    group with { Resources =
                        group.Resources.SetItem(at, group.Resources[at] with { Limits = random.Chance(800) ? Limits() : null }) };
                return (next with { Groups = next.Groups.SetItem(name, group) }, $"limits in {name}");
        }
    }

    /// <summary>Only on groups before it in order, so that no circle comes about.</summary>
    private ClusterConfiguration WithDependencies(ClusterConfiguration configuration, string name)
    {
        string[] before = [.. configuration.Groups.Keys.TakeWhile(g => g != name)];
        ImmutableArray<GroupDependency>.Builder dependencies = ImmutableArray.CreateBuilder<GroupDependency>();
        if (before.Length > 0 && !random.Chance(200))
        {
            random.Shuffle(before);
            foreach (string other in before.Take(random.Between(1, 2)))
            {
                dependencies.Add(random.Below(8) switch
                {
                    0 or 1 => new GroupDependency { Group = other, Require = DependencyMode.Hard },
                    2 => new GroupDependency { Group = other, Require = DependencyMode.Soft },
                    3 => new GroupDependency { Group = other, Require = DependencyMode.Hard, Colocation = Colocation.Same },
                    4 => new GroupDependency { Group = other, Require = DependencyMode.Soft, Colocation = Colocation.Never },
                    5 => new GroupDependency { Group = other, Colocation = Colocation.Same },
                    _ => new GroupDependency { Group = other, Colocation = Colocation.Never },
                });
            }
        }

        return configuration with { Groups =
            configuration.Groups.SetItem(name, configuration.Groups[name] with { Dependencies = dependencies.ToImmutable() }) };
    }

    /// <summary>Without the dependencies that a change elsewhere has made impossible.</summary>
    private static ClusterConfiguration Consistent(ClusterConfiguration configuration)
    {
        foreach (GroupConfiguration group in configuration.Groups.Values)
        {
            ImmutableArray<GroupDependency> kept =
            [
                .. group.Dependencies.Where(d => configuration.Groups.TryGetValue(d.Group, out GroupConfiguration? other)
                    && string.CompareOrdinal(other.Name, group.Name) < 0
                    && (d.Colocation != Colocation.Same
                        || (!group.Exclusive && !other.Exclusive
                            && configuration.Nodes.Keys.Any(n => Checkers.Allowed(configuration, group, n)
                                && Checkers.Allowed(configuration, other, n))))),
            ];
            if (kept.Length != group.Dependencies.Length)
            {
                configuration =
                    configuration with { Groups = configuration.Groups.SetItem(group.Name, group with { Dependencies = kept }) };
            }
        }

        return WithoutContradictions(configuration);
    }

    /// <summary>Without the demands that no state could fulfil, which are refused.</summary>
    private static ClusterConfiguration WithoutContradictions(ClusterConfiguration configuration)
    {
        while (
            ConfigurationValidation.Validate(configuration)
            .FirstOrDefault(p => p.Severity == ProblemSeverity.Error
                && p.Path.StartsWith("groups/", StringComparison.Ordinal)) is { } problem)
        {
            string name = problem.Path.Split('/')[1];
            GroupConfiguration[] bound = configuration.Groups.Values.Any(g => g.Name == name && !g.Dependencies.IsEmpty)
                ? [configuration.Groups[name]]
                : [.. configuration.Groups.Values.Where(g => g.Dependencies.Any(d => d.Group == name))];
            if (bound.Length == 0)
            {
                break;
            }

            configuration = configuration with
            {
                Groups = configuration.Groups.SetItems(bound.Select(g => KeyValuePair.Create(g.Name, g with { Dependencies = [] }))),
            };
        }

        return configuration;
    }

    private ResourceConfiguration Guest()
    {
        ResourceConfiguration resource = Resource();
        return resource with { Id = $"vm:{resource.Id[2..]}", Type = "vm", Agent = "ocf:heartbeat:VirtualDomain" };
    }

    private ActivationLimits Limits() => new()
    {
        StartRetries = random.Below(3),
        StopRetries = random.Below(3),
        Failovers = random.Chance(400) ? null : random.Chance(700) ? 0 : random.Between(1, 2),
        StartFinal = random.Below(20) switch
        {
            < 8 => FinalAction.Default,
            < 11 => FinalAction.Continue,
            < 14 => FinalAction.Hold,
            < 16 => FinalAction.StopDaemon,
            16 => FinalAction.ShutDown,
            17 or 18 => FinalAction.Reboot,
            _ => FinalAction.PowerOff,
        },
        StopFinal = random.Below(20) switch
        {
            < 10 => FinalAction.Default,
            < 13 => FinalAction.Continue,
            13 => FinalAction.Hold,
            14 => FinalAction.ShutDown,
            15 => FinalAction.PowerOff,
            _ => FinalAction.Reboot,
        },
        FinalScript = random.Chance(700) ? "exec:/opt/last-words" : null,
    };

    private ImmutableSortedDictionary<string, EventScript> Scripts(ClusterConfiguration configuration)
    {
        ImmutableSortedDictionary<string, EventScript> scripts = configuration.EventScripts.Clear();
        if (random.Chance(700))
        {
            scripts = scripts.Add(PlacingScript, new EventScript
            {
                Name = PlacingScript,
                Command = "exec:/opt/place",
                Placement = true,
                Events = random.Chance(300) ? ["node.*"] : [],
                Timeout = random.Between(500, 10_000),
            });
        }

        return random.Chance(500)
            ? scripts.Add(
                "watch",
                new EventScript { Name = "watch", Command = "exec:/opt/watch", Events = ["user.*", "group.started", "node.lost"],
                    Timeout = random.Between(500, 5000) })
            : scripts;
    }
}
