using System.Collections.Immutable;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Import;

/// <summary>What a service or guest says of itself, beside its resources.</summary>
internal sealed class GroupAttributes(
    IReadOnlySet<string> groups, IReadOnlySet<string> domains, AttributeReader read, ImportProblems problems)
{
    /// <summary>The group without its resources.</summary>
    public GroupConfiguration Read(string name, ConfElement definition, string path) => RestartWindow(
        new GroupConfiguration
        {
            Name = name,
            Domain = Domain(definition, path),
            Autostart = read.Flag(definition, "autostart", $"{path}/autostart", fallback: true),
            Exclusive = read.Flag(definition, "exclusive", $"{path}/exclusive", fallback: false),
            Recovery = Recovery(definition, path),
            Dependencies = Dependencies(definition, name, path),
        },
        definition, path);

    /// <summary>Where one of both is missing the classic manager forgot every restart at once: there was no limit.</summary>
    private GroupConfiguration RestartWindow(GroupConfiguration group, ConfElement definition, string path)
    {
        var restarts = (int)read.Number(definition, "max_restarts", $"{path}/maxRestarts", 0, 0, int.MaxValue);
        var seconds = ExpireTime(definition, path);
        if (restarts > 0 == seconds > 0)
        {
            return group with { MaxRestarts = restarts, RestartExpireTime = seconds };
        }
        var (given, missing) = restarts > 0 ? ("max_restarts", "restart_expire_time") : ("restart_expire_time", "max_restarts");
        problems.Warning(path,
            $"{given} of '{group.Name.Shown()}' stands there without {missing}: as in the classic cluster restarts are not limited.",
            "Write both (such as 3 restarts within 300 seconds), or neither.", definition.Take(given)!.Line);
        return group;
    }

    /// <summary>What <c>depend</c> and <c>depend_mode</c> say; both only meant something together with a group of that name.</summary>
    private ImmutableArray<GroupDependency> Dependencies(ConfElement definition, string group, string path)
    {
        var mode = definition.Take("depend_mode");
        if (definition.Text("depend") is not { } depend)
        {
            // What it is when nothing is said is written by some tools all the same.
            if (mode is not null && mode.Value.Trim() is not ("" or "hard"))
            {
                problems.Warning(path, "depend_mode stands there without depend and has no effect.",
                    "Add depend=\"service:…\", or remove it.", mode.Line);
            }
            return [];
        }
        var line = definition.Take("depend")!.Line;
        var at = $"{path}/dependencies";
        var colon = depend.IndexOf(':', StringComparison.Ordinal);
        var other = colon < 0 ? depend : depend[(colon + 1)..].Trim();
        problems.Place(line, at, $"{at}/{other}");
        if (other == group || !groups.Contains(other))
        {
            problems.Warning(at,
                other == group
                    ? $"depend=\"{depend.Shown()}\" names the group itself; it is left out, or the group could never start."
                    : $"depend=\"{depend.Shown()}\" names no group of this file; it is left out, and the group starts without regard to "
                        + "it.",
                "Name a service or vm of this file, or remove it.", line);
            return [];
        }
        DependencyMode? require = mode?.Value.Trim().ToLowerInvariant() switch
        {
            null or "" or "hard" => DependencyMode.Hard,
            "soft" => DependencyMode.Soft,
            _ => null,
        };
        if (require is null)
        {
            problems.Warning(at,
                $"depend_mode=\"{mode!.Value.Shown()}\" is neither hard nor soft; hard is taken, as in the classic manager.",
                "Write hard or soft.", mode.Line);
        }
        return [new GroupDependency { Group = other, Require = require ?? DependencyMode.Hard }];
    }

    /// <summary>The classic manager ran a service of a domain that is not there on any node.</summary>
    private string? Domain(ConfElement element, string path)
    {
        if (element.Take("domain") is not { } given || given.Value.Trim() is not { Length: > 0 } domain)
        {
            return null;
        }
        problems.Place(given.Line, $"{path}/domain");
        if (domains.Contains(domain))
        {
            return domain;
        }
        if (!problems.HasErrorAt("failoverDomains"))
        {
            problems.Warning($"{path}/domain",
                $"The failover domain '{domain.Shown()}' is not defined: as in the classic cluster a group that names it runs on any node, "
                    + "and prefers none.",
                ConfigurationValidation.Known("Define it, remove domain=\"…\", or use one of", domains.Order(StringComparer.Ordinal)),
                given.Line);
        }
        return null;
    }

    private RecoveryPolicy Recovery(ConfElement element, string path)
    {
        if (element.Take("recovery") is not { } given)
        {
            return RecoveryPolicy.Restart;
        }
        switch (given.Value.Trim().ToLowerInvariant())
        {
            case "restart":
                return RecoveryPolicy.Restart;
            case "relocate":
                return RecoveryPolicy.Relocate;
            case "disable":
                return RecoveryPolicy.Disable;
            case "restart-disable":
                return RecoveryPolicy.RestartDisable;
            default:
                problems.Error($"{path}/recovery", $"recovery=\"{given.Value.Shown()}\" is no recovery policy.",
                    "Write restart, relocate, disable or restart-disable.", given.Line);
                return RecoveryPolicy.Restart;
        }
    }

    private int ExpireTime(ConfElement element, string path)
    {
        if (element.Take("restart_expire_time") is not { } given)
        {
            return 0;
        }
        problems.Place(given.Line, $"{path}/restartExpireTime");
        return (int)(read.Seconds(given, $"{path}/restartExpireTime") ?? 0);
    }
}
