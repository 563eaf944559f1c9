using System.Collections.Immutable;

namespace ClusterTools.Core.Configuration.Import;

/// <summary>Services and guests.</summary>
internal sealed partial class ClusterConfTranslation
{
    private readonly HashSet<string> _groupNames = new(StringComparer.Ordinal);
    private readonly ImmutableArray<GroupConfiguration>.Builder _groupsInOrder = ImmutableArray.CreateBuilder<GroupConfiguration>();
    private readonly HashSet<string> _ids = new(StringComparer.Ordinal);
    private int _resourcesInGroup;
    private int _resources;
    private bool _tooMany;
    private readonly HashSet<string> _domains = new(StringComparer.Ordinal);

    /// <summary>A node whose group that is being read does not stop is reset, as is one that unmounts nothing under self_fence.</summary>
    private bool _hardRecovery;

    private ClusterConfiguration Groups(ClusterConfiguration configuration)
    {
        if (Known("rm") is not { } rm)
        {
            return configuration;
        }
        NoText(rm, "groups");
        Leftovers(rm, "rm", "groups");
        _lines["groups"] = rm.Line;
        foreach (var section in rm.Children.Where(c => c.Name == "resource-defaults"))
        {
            Defaults(section);
        }
        foreach (var section in rm.Children.Where(c => c.Name == "resources"))
        {
            Shared(section);
        }
        Circles();
        NameGroups(rm);
        TakeExportIds(rm);
        var domains = Sorted<FailoverDomain>();
        foreach (var section in rm.Children.Where(c => c.Name == "failoverdomains"))
        {
            Domains(section, configuration, domains);
        }
        _domains.UnionWith(domains.Keys);
        var groups = Sorted<GroupConfiguration>();
        foreach (var child in rm.Children)
        {
            switch (child.Name)
            {
                case "failoverdomains" or "resources" or "resource-defaults":
                    break;
                case "service" or "group" or "resourcegroup" or "vm":
                    Group(child, groups);
                    break;
                case "events":
                    Events(child);
                    break;
                default:
                    NoGroup(child);
                    break;
            }
        }
        SharedLeftovers();
        return configuration with { FailoverDomains = domains.ToImmutable(), Groups = groups.ToImmutable() };
    }

    /// <summary>What stands where services stand, and is none.</summary>
    private void NoGroup(ConfElement element)
    {
        if (ClassicOptions.Foreign.TryGetValue(element.Name, out var foreign))
        {
            _problems.Error("groups", $"<{element.Name}> is {foreign.What}: this cluster does not run it.", foreign.Remedy, element.Line);
        }
        else if (ClassicType.Find(ClassicType.NameOf(element.Name)) is { } type)
        {
            _problems.Error("groups", $"<{element.Name}> stands outside of a service, where the classic manager passed over it: {type.Name} is a resource.",
                "Put it into the <service> that needs it, or into <resources> with a reference.", element.Line);
        }
        else
        {
            UnknownElement(element, "groups", ["failoverdomains", "resources", "resource-defaults", "service", "vm", "events"]);
        }
    }

    private void SharedLeftovers()
    {
        foreach (var (type, element) in _defaults.Where(d => _taken.Keys.Any(t => t.Type == d.Key)))
        {
            Leftovers(element, type == "service" ? "group" : "resource", "groups");
            NoChildren(element, "groups");
        }
        foreach (var ((type, name), element) in _shared)
        {
            if (!element.Told)
            {
                _problems.Warning("groups", $"The shared {type} '{ConfElementReader.Shown(name)}' is used by no group and is left out.",
                    $"Refer to it with <{type} ref=\"…\"/>, or remove it.", element.Line);
            }
        }
    }

    /// <summary>Which groups there will be, so that what depends on them can be told from what depends on nothing.</summary>
    private void NameGroups(ConfElement rm)
    {
        foreach (var element in rm.Children.Where(c => c.Name is "service" or "group" or "resourcegroup" or "vm"))
        {
            if ((Text(element, "name") ?? Text(element, "ref")) is { } name)
            {
                _groupNames.Add(name);
            }
        }
    }

    private void Group(ConfElement element, ImmutableSortedDictionary<string, GroupConfiguration>.Builder groups)
    {
        if (Definition(element, "groups") is not { } definition || Name(definition, "name", "groups") is not { } name)
        {
            return;
        }
        var type = TypeOf(element)!;
        var path = $"groups/{name}";
        if (!ReferenceEquals(definition, element) && !Refer(type, name, path, element))
        {
            return;
        }
        // One that is shared too, and of which nobody is the user, does no harm.
        if (ReferenceEquals(definition, element) && !_shared.ContainsKey(Key(type.Name, name)) && !Store(type, element, name, null))
        {
            return;
        }
        if (groups.ContainsKey(name))
        {
            _problems.Error(path, $"The group '{ConfElementReader.Shown(name)}' stands there twice, first on line {LineOf(path)}; services and vms share one name space.",
                "Remove one of them, or give it another name.", element.Line);
            return;
        }
        _lines[path] = element.Line;
        if (element.Name is "group" or "resourcegroup")
        {
            _problems.Warning(path, $"<{element.Name}> is the old name of <service>; it is taken for one, and what stands in it starts and stops in a service's order.", "Write <service>.", element.Line);
        }
        var group = new GroupConfiguration
        {
            Name = name,
            Domain = Domain(definition, path),
            Autostart = Flag(definition, "autostart", $"{path}/autostart", fallback: true),
            Exclusive = Flag(definition, "exclusive", $"{path}/exclusive", fallback: false),
            Recovery = Recovery(definition, path),
            Dependencies = Dependencies(definition, name, path),
        };
        group = RestartWindow(group, definition, path);
        var errors = _problems.Errors;
        _hardRecovery = Flag(definition, "hardrecovery", path, fallback: false);
        group = group with { Resources = Tree(element, definition, type, name, path) };
        if (_problems.Errors > errors)
        {
            _incomplete.Add(path);
        }
        groups.Add(name, group);
        _groupsInOrder.Add(group);
    }

    private ImmutableArray<ResourceConfiguration> Tree(ConfElement element, ConfElement definition, ClassicType type, string name, string path)
    {
        _ids.Clear();
        _references.Clear();
        CountReferences(element);
        _resourcesInGroup = 0;
        if (element.Name == "vm")
        {
            return [.. One(Resource(element, null, null, null, path, 1))];
        }
        _surroundings = Surroundings(element);
        var service = new ClassicResource(type, definition, _defaults.GetValueOrDefault(type.Name), null, path, this);
        _open.Add(Key(type.Name, name));
        var resources = Children(element, type, service, null, path, 1);
        _open.Clear();
        NoText(element, path);
        NoActions(definition, path);
        Leftovers(definition, "group", path);
        if (!ReferenceEquals(definition, element))
        {
            ReferenceLeftovers(element, "group", path);
            definition.Told = true;
        }
        return resources;
    }

    /// <summary>Where one of both is missing the classic manager forgot every restart at once: there was no limit.</summary>
    private GroupConfiguration RestartWindow(GroupConfiguration group, ConfElement definition, string path)
    {
        var restarts = (int)Number(definition, "max_restarts", $"{path}/maxRestarts", 0, 0, int.MaxValue);
        var seconds = ExpireTime(definition, path);
        if (restarts > 0 == seconds > 0)
        {
            return group with { MaxRestarts = restarts, RestartExpireTime = seconds };
        }
        var (given, missing) = restarts > 0 ? ("max_restarts", "restart_expire_time") : ("restart_expire_time", "max_restarts");
        _problems.Warning(path, $"{given} of '{ConfElementReader.Shown(group.Name)}' stands there without {missing}: as in the classic cluster restarts are not limited.",
            "Write both (such as 3 restarts within 300 seconds), or neither.", definition.Take(given)!.Line);
        return group;
    }

    /// <summary>A service has no status checks and no limits of its own.</summary>
    private void NoActions(ConfElement definition, string path)
    {
        foreach (var action in definition.Children.Where(c => c.Name == "action" && !definition.Told))
        {
            _problems.Warning(path, $"<action> of a <{definition.Name}> has no effect: a group itself is neither started nor checked, its resources are.", "Put it into the resource that it is about.", action.Line);
        }
    }

    /// <summary>What <c>depend</c> and <c>depend_mode</c> say; both only meant something together with a group of that name.</summary>
    private ImmutableArray<GroupDependency> Dependencies(ConfElement definition, string group, string path)
    {
        var mode = definition.Take("depend_mode");
        if (Text(definition, "depend") is not { } depend)
        {
            // What it is when nothing is said is written by some tools all the same.
            if (mode is not null && mode.Value.Trim() is not ("" or "hard"))
            {
                _problems.Warning(path, "depend_mode stands there without depend and has no effect.", "Add depend=\"service:…\", or remove it.", mode.Line);
            }
            return [];
        }
        var line = definition.Take("depend")!.Line;
        var at = $"{path}/dependencies";
        var colon = depend.IndexOf(':', StringComparison.Ordinal);
        var other = colon < 0 ? depend : depend[(colon + 1)..].Trim();
        _lines[at] = _lines[$"{at}/{other}"] = line;
        if (other == group || !_groupNames.Contains(other))
        {
            _problems.Warning(at,
                other == group
                    ? $"depend=\"{ConfElementReader.Shown(depend)}\" names the group itself; it is left out, or the group could never start."
                    : $"depend=\"{ConfElementReader.Shown(depend)}\" names no group of this file; it is left out, and the group starts without regard to it.",
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
            _problems.Warning(at, $"depend_mode=\"{ConfElementReader.Shown(mode!.Value)}\" is neither hard nor soft; hard is taken, as in the classic manager.", "Write hard or soft.", mode.Line);
        }
        return [new GroupDependency { Group = other, Require = require ?? DependencyMode.Hard }];
    }

    private static IEnumerable<ResourceConfiguration> One(ResourceConfiguration? resource) => resource is null ? [] : [resource];

    /// <summary>The classic manager ran a service of a domain that is not there on any node.</summary>
    private string? Domain(ConfElement element, string path)
    {
        if (element.Take("domain") is not { } given || given.Value.Trim() is not { Length: > 0 } domain)
        {
            return null;
        }
        _lines[$"{path}/domain"] = given.Line;
        if (_domains.Contains(domain))
        {
            return domain;
        }
        if (!_problems.HasErrorAt("failoverDomains"))
        {
            _problems.Warning($"{path}/domain",
                $"The failover domain '{ConfElementReader.Shown(domain)}' is not defined: as in the classic cluster a group that names it runs on any node, and prefers none.",
                ConfigurationValidation.Known("Define it, remove domain=\"…\", or use one of", _domains.Order(StringComparer.Ordinal)), given.Line);
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
                _problems.Error($"{path}/recovery", $"recovery=\"{ConfElementReader.Shown(given.Value)}\" is no recovery policy.",
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
        _lines[$"{path}/restartExpireTime"] = given.Line;
        return (int)(Seconds(given, $"{path}/restartExpireTime") ?? 0);
    }
}
