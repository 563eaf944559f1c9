using System.Collections.Immutable;

namespace ClusterTools.Core.Configuration.Import;

/// <summary>Failover domains, shared resources, services and guests.</summary>
internal sealed partial class ClusterConfTranslation
{
    /// <summary>Under &lt;resources&gt;, by type and name.</summary>
    private readonly Dictionary<(string Type, string Name), ConfElement> _shared = [];

    /// <summary>Those of the types that may be there once.</summary>
    private readonly Dictionary<(string Type, string Name), string> _once = [];

    /// <summary>Types that are not built in, by name, each with the agent that is installed for it; null: none is.</summary>
    private readonly Dictionary<string, ClassicType?> _installedTypes = new(StringComparer.Ordinal);

    /// <summary>Shared resources whose own children are being added.</summary>
    private readonly HashSet<ConfElement> _expanding = [];

    private readonly ImmutableArray<GroupConfiguration>.Builder _groupsInOrder = ImmutableArray.CreateBuilder<GroupConfiguration>();
    private readonly HashSet<string> _ids = new(StringComparer.Ordinal);
    private int _resourcesInGroup;
    private int _resources;
    private bool _tooMany;

    private ClusterConfiguration Groups(ClusterConfiguration configuration)
    {
        if (Known("rm") is not { } rm)
        {
            return configuration;
        }
        NoText(rm, "groups");
        Leftovers(rm, "rm", "groups");
        _lines["groups"] = rm.Line;
        string[] known = ["failoverdomains", "resources", "service", "vm", "events"];
        foreach (var section in rm.Children.Where(c => c.Name == "resources"))
        {
            Shared(section);
        }
        var domains = Sorted<FailoverDomain>();
        var groups = Sorted<GroupConfiguration>();
        foreach (var child in rm.Children)
        {
            switch (child.Name)
            {
                case "failoverdomains":
                    Domains(child, domains);
                    break;
                case "resources":
                    break;
                case "service":
                case "vm":
                    Group(child, groups);
                    break;
                case "events":
                    _problems.Warning("groups", "<events> is known and has no effect: event scripts are not run, and groups are placed by their failover domains.",
                        "Nothing, if you can do without them.", child.Line);
                    break;
                default:
                    UnknownElement(child, "groups", known);
                    break;
            }
        }
        foreach (var ((type, name), element) in _shared)
        {
            if (!element.Told)
            {
                _problems.Warning("groups", $"The shared resource {type} '{ConfElementReader.Shown(name)}' is used by no group and is left out.",
                    $"Refer to it with <{type} ref=\"…\"/>, or remove it.", element.Line);
            }
        }
        return configuration with { FailoverDomains = domains.ToImmutable(), Groups = groups.ToImmutable() };
    }

    private void Domains(ConfElement section, ImmutableSortedDictionary<string, FailoverDomain>.Builder domains)
    {
        NoText(section, "failoverDomains");
        Leftovers(section, "failoverdomains", "failoverDomains");
        foreach (var element in section.Children)
        {
            if (element.Name != "failoverdomain")
            {
                UnknownElement(element, "failoverDomains", ["failoverdomain"]);
                continue;
            }
            if (Name(element, "name", "failoverDomains") is not { } name)
            {
                continue;
            }
            var path = $"failoverDomains/{name}";
            if (domains.ContainsKey(name))
            {
                Twice(path, "failover domain", name, element);
                continue;
            }
            _lines[path] = element.Line;
            var members = Sorted<int>();
            foreach (var child in element.Children)
            {
                if (child.Name != "failoverdomainnode")
                {
                    UnknownElement(child, path, ["failoverdomainnode"]);
                    continue;
                }
                if (Name(child, "name", path) is not { } node)
                {
                    continue;
                }
                var memberPath = $"{path}/members/{node}";
                if (members.ContainsKey(node))
                {
                    Twice(memberPath, "member", node, child);
                    continue;
                }
                _lines[memberPath] = child.Line;
                members.Add(node, Priority(child, memberPath));
                Leftovers(child, "failoverdomainnode", memberPath);
                NoChildren(child, memberPath);
            }
            domains.Add(name, new FailoverDomain
            {
                Name = name,
                Ordered = Flag(element, "ordered", $"{path}/ordered", fallback: false),
                Restricted = Flag(element, "restricted", $"{path}/restricted", fallback: false),
                NoFailback = Flag(element, "nofailback", $"{path}/noFailback", fallback: false),
                Members = members.ToImmutable(),
            });
            NoText(element, path);
            Leftovers(element, "failoverdomain", path);
        }
    }

    /// <summary>What is above the range has no priority, as in the classic manager.</summary>
    private int Priority(ConfElement member, string path)
    {
        var priority = (int)Number(member, "priority", path, 0, 0, int.MaxValue);
        if (priority <= 100)
        {
            return priority;
        }
        _problems.Warning(path, $"priority=\"{priority}\" is out of range (1 to 100); the member has none, as in the classic manager.",
            "Write 1 (best) to 100.", member.Line);
        return 0;
    }

    /// <summary>Built in, or an agent of that name that is installed; null after neither.</summary>
    private ClassicType? TypeOf(ConfElement element)
    {
        if (ClassicType.Find(element.Name) is { } known)
        {
            return known;
        }
        if (_installedTypes.TryGetValue(element.Name, out var type))
        {
            return type;
        }
        type = installed(element.Name) is { } agent ? new ClassicType(element.Name, agent) { CopiesAll = true } : null;
        if (type is not null)
        {
            _problems.Warning("groups", $"<{ConfElementReader.Shown(element.Name)}> is no built-in type; it is run by {type.Agent}, and its attributes are that agent's parameters under the same names.",
                "Check them against what the agent says of itself (Get-ClusterResourceType).", element.Line);
        }
        _installedTypes.Add(element.Name, type);
        return type;
    }

    private void Shared(ConfElement section)
    {
        NoText(section, "groups");
        Leftovers(section, "resources", "groups");
        foreach (var element in section.Children)
        {
            if (TypeOf(element) is not { } type)
            {
                UnknownElement(element, "groups", ClassicType.Names);
                continue;
            }
            if (Name(element, type.Primary, "groups") is not { } name)
            {
                continue;
            }
            if (!_shared.TryAdd((element.Name, name), element))
            {
                _problems.Error("groups", $"The shared resource {element.Name} '{ConfElementReader.Shown(name)}' stands there twice, first on line {_shared[(element.Name, name)].Line}.",
                    "Remove one of them, or give it another name.", element.Line);
            }
            foreach (var child in element.Children.Where(c => c.Name != "action"))
            {
                _problems.Warning("groups", $"<{ConfElementReader.Shown(child.Name)}> stands within the shared resource '{ConfElementReader.Shown(name)}': the classic manager passed over it, here it comes along with every reference.",
                    "Move it under the reference, in the service.", child.Line);
            }
        }
    }

    private void Group(ConfElement element, ImmutableSortedDictionary<string, GroupConfiguration>.Builder groups)
    {
        if (Definition(element, "groups") is not { } definition)
        {
            return;
        }
        if (Name(definition, "name", "groups") is not { } name)
        {
            return;
        }
        var path = $"groups/{name}";
        if (groups.ContainsKey(name) && !ReferenceEquals(definition, element))
        {
            _problems.Warning(path, $"The {element.Name} '{ConfElementReader.Shown(name)}' is referred to a second time (first on line {LineOf(path)}); it may be there once and is left out here with all that stands in it, as the classic manager did.",
                "Remove one of the references, or put their resources together.", element.Line);
            return;
        }
        if (groups.ContainsKey(name))
        {
            _problems.Error(path, $"The group '{ConfElementReader.Shown(name)}' stands there twice, first on line {LineOf(path)}; services and vms share one name space.",
                "Remove one of them, or give it another name.", element.Line);
            return;
        }
        _lines[path] = element.Line;
        var isGuest = element.Name == "vm";
        var group = new GroupConfiguration
        {
            Name = name,
            Domain = Domain(definition, path),
            Autostart = Flag(definition, "autostart", $"{path}/autostart", fallback: true),
            Exclusive = Flag(definition, "exclusive", $"{path}/exclusive", fallback: false),
            Recovery = Recovery(definition, path),
            MaxRestarts = (int)Number(definition, "max_restarts", $"{path}/maxRestarts", 0, 0, int.MaxValue),
            RestartExpireTime = ExpireTime(definition, path),
        };

        _ids.Clear();
        _resourcesInGroup = 0;
        ImmutableArray<ResourceConfiguration> resources;
        if (isGuest)
        {
            resources = [.. One(Resource(element, null, null, path, 1))];
        }
        else
        {
            _expanding.Add(definition);
            resources = Children(element, definition, ClassicType.Service, null, path, 1);
            _expanding.Remove(definition);
            NoText(element, path);
            Leftovers(definition, "group", path);
            if (!ReferenceEquals(definition, element))
            {
                ReferenceLeftovers(element, "group", path);
                definition.Told = true;
            }
        }
        group = group with { Resources = resources };
        groups.Add(name, group);
        _groupsInOrder.Add(group);
    }

    private static IEnumerable<ResourceConfiguration> One(ResourceConfiguration? resource) => resource is null ? [] : [resource];

    private string? Domain(ConfElement element, string path)
    {
        if (element.Take("domain") is not { } given || given.Value.Trim().Length == 0)
        {
            return null;
        }
        _lines[$"{path}/domain"] = given.Line;
        return given.Value.Trim();
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

    /// <summary>Where the attributes stand: the element itself, or what its <c>ref</c> leads to. Null after an error.</summary>
    private ConfElement? Definition(ConfElement element, string path)
    {
        var seen = new HashSet<ConfElement> { element };
        var definition = element;
        while (definition.Take("ref") is { } reference)
        {
            var name = reference.Value.Trim();
            if (!_shared.TryGetValue((element.Name, name), out var shared))
            {
                var names = _shared.Keys.Where(k => k.Type == element.Name).Select(k => k.Name).Order(StringComparer.Ordinal);
                _problems.Error(path, $"<{element.Name} ref=\"{ConfElementReader.Shown(name)}\"> refers to nothing: there is no such {element.Name} in <resources>.",
                    ConfigurationValidation.Known("Define it in <resources>, or use one of", names), reference.Line);
                return null;
            }
            if (!seen.Add(shared))
            {
                _problems.Error(path, $"<{element.Name} ref=\"{ConfElementReader.Shown(name)}\"> leads back to itself.", "Give one of the resources its attributes in place of the ref.", reference.Line);
                return null;
            }
            definition = shared;
        }
        return definition;
    }

    private ImmutableArray<ResourceConfiguration> Children(
        ConfElement element, ConfElement definition, ClassicType type, ClassicResource? around, string groupPath, int depth)
    {
        var children = ImmutableArray.CreateBuilder<ResourceConfiguration>();
        var own = ReferenceEquals(element, definition) ? element.Children : element.Children.Concat(definition.Children);
        foreach (var child in own)
        {
            if (child.Name != "action" && Resource(child, type, around, groupPath, depth) is { } resource)
            {
                children.Add(resource);
            }
        }
        return children.ToImmutable();
    }

    private ResourceConfiguration? Resource(ConfElement element, ClassicType? parent, ClassicResource? around, string groupPath, int depth)
    {
        if (_tooMany)
        {
            return null;
        }
        if (TypeOf(element) is not { } type)
        {
            UnknownElement(element, groupPath, ["action", .. ClassicType.Names]);
            return null;
        }
        if (parent is not null && type.NotSupported is { } remedy)
        {
            if (type.Name == "service" && $"groups/{Text(element, "ref") ?? Text(element, "name")}" == groupPath)
            {
                _problems.Error(groupPath, "The service contains itself: the tree has a loop.", "Take it out of its own resources.", element.Line);
                return null;
            }
            _problems.Error(groupPath, $"Resources of the type {type.Name} cannot be run yet, and without it the group would start incomplete.", remedy, element.Line);
            return null;
        }
        if (Definition(element, groupPath) is not { } definition)
        {
            return null;
        }
        if (Name(definition, type.Primary, groupPath) is not { } name)
        {
            return null;
        }
        if (!Fits(element, type, parent, name, groupPath, depth))
        {
            return null;
        }
        if (_expanding.Contains(definition))
        {
            _problems.Error(groupPath, $"{type.Name} '{ConfElementReader.Shown(name)}' contains itself: the tree has a loop.", "Take the reference out of the shared resource.", element.Line);
            return null;
        }

        var id = Id(element, definition, type, name, groupPath);
        if (id is null)
        {
            return null;
        }
        var path = $"{groupPath}/resources/{id}";
        _lines[path] = element.Line;
        var (start, stop) = parent?.LevelOf(type.Name) ?? (0, 0);
        var classic = new ClassicResource(type, definition, around, path, this);
        var (independent, nonCritical) = Subtree(element, path);
        var resource = Timeouts(element, definition, path, new ResourceConfiguration
        {
            Id = id,
            Type = type.Name,
            Agent = "",
            StartLevel = start,
            StopLevel = stop,
            StartTimeout = type.StartTimeout,
            StopTimeout = type.StopTimeout,
            EnforceTimeouts = Flag(element, "__enforce_timeouts", path, fallback: true),
            IndependentSubtree = independent,
            NonCritical = nonCritical,
        });
        Parameters(classic, type, definition);
        // A guest of its own has the group's attributes in the same element; they were read with the group.
        ResourceLeftovers(definition, type, parent is null ? "group" : "resource", path);
        if (!ReferenceEquals(definition, element))
        {
            ReferenceLeftovers(element, "resource", path);
        }
        definition.Told = true;
        NoText(element, path);

        var shared = !ReferenceEquals(definition, element) && definition.Children.Count > 0;
        if (shared)
        {
            _expanding.Add(definition);
        }
        var children = Children(element, definition, type, classic, groupPath, depth + 1);
        if (shared)
        {
            _expanding.Remove(definition);
        }
        return resource with { Agent = classic.Agent, Parameters = classic.Parameters.ToImmutable(), Children = children };
    }

    /// <summary>Limits, and what the classic manager left out with a word of warning.</summary>
    private bool Fits(ConfElement element, ClassicType type, ClassicType? parent, string name, string groupPath, int depth)
    {
        if (depth > ConfigurationLimits.ResourceTreeDepth)
        {
            _problems.Error(groupPath, $"The resource tree is deeper than {ConfigurationLimits.ResourceTreeDepth} levels.", "Make the tree flatter: siblings start in order too.", element.Line);
            return false;
        }
        if (++_resourcesInGroup > ConfigurationLimits.ResourcesPerGroup)
        {
            if (_resourcesInGroup == ConfigurationLimits.ResourcesPerGroup + 1)
            {
                _problems.Error(groupPath, $"The group has more than {ConfigurationLimits.ResourcesPerGroup:N0} resources.", "Split the group.", element.Line);
            }
            return false;
        }
        if (++_resources > ConfigurationLimits.Resources)
        {
            _tooMany = true;
            _problems.Error(groupPath, $"The groups have more than {ConfigurationLimits.Resources:N0} resources together.", "Split the cluster.", element.Line);
            return false;
        }
        if (parent is not null && parent.Forbidden.Contains(type.Name))
        {
            _problems.Warning(groupPath, $"{type.Name} '{ConfElementReader.Shown(name)}' may not stand under {parent.Name}; it is left out with all that stands under it, as the classic manager did.",
                "Move it to where it has an effect.", element.Line);
            return false;
        }
        return true;
    }

    /// <summary>The id, or null when the resource may not stand there again.</summary>
    private string? Id(ConfElement element, ConfElement definition, ClassicType type, string name, string groupPath)
    {
        var id = $"{type.Name}:{name}";
        if (type.Once && !_once.TryAdd((type.Name, name), groupPath))
        {
            if (!ReferenceEquals(element, definition))
            {
                _problems.Warning(groupPath, $"{id} is referred to a second time (first in {_once[(type.Name, name)]}); it may be there once and is left out here with all that stands under it, as the classic manager did.",
                    "Remove one of the references.", element.Line);
            }
            else
            {
                _problems.Error(groupPath, $"{id} stands there twice, first in {_once[(type.Name, name)]}: two groups would use the same thing on different nodes.",
                    "Remove one of them, or give it another name.", element.Line);
            }
            return null;
        }
        if (_ids.Add(id))
        {
            return id;
        }
        if (ReferenceEquals(element, definition))
        {
            _problems.Error($"{groupPath}/resources/{id}", $"{id} stands twice in one group, first on line {LineOf($"{groupPath}/resources/{id}")}.",
                "Remove one of them, or give it another name.", element.Line);
            return null;
        }
        // The same export may hang under several file systems of a group: each is a resource of its own.
        for (var number = 2; ; number++)
        {
            if (_ids.Add($"{id}#{number}"))
            {
                return $"{id}#{number}";
            }
        }
    }

    private (bool Independent, bool NonCritical) Subtree(ConfElement element, string path)
    {
        if (element.Take("__independent_subtree") is not { } given)
        {
            return (false, false);
        }
        return given.Value.Trim().ToLowerInvariant() is "2" or "non-critical" ? (false, true) : (Switch(given, path, fallback: false), false);
    }

    private ResourceConfiguration Timeouts(ConfElement element, ConfElement definition, string path, ResourceConfiguration resource)
    {
        var own = ReferenceEquals(element, definition) ? element.Children : definition.Children.Concat(element.Children);
        foreach (var action in own.Where(c => c.Name == "action"))
        {
            NoChildren(action, path);
            var timeout = Milliseconds(action.Take("timeout"), path);
            var interval = Milliseconds(action.Take("interval"), path);
            if (action.Take("depth") is { } depth && depth.Value.Trim() is not ("0" or "*"))
            {
                _problems.Warning(path, $"depth=\"{ConfElementReader.Shown(depth.Value)}\" is known and has no effect: there is one kind of status check, and the last <action> for it holds.", "Nothing, if one is enough.", depth.Line);
            }
            var operation = Name(action, "name", path)?.ToLowerInvariant();
            switch (operation)
            {
                case null:
                    break;
                case "start":
                    resource = resource with { StartTimeout = timeout ?? resource.StartTimeout };
                    break;
                case "stop":
                    resource = resource with { StopTimeout = timeout ?? resource.StopTimeout };
                    break;
                case "status" or "monitor":
                    resource = resource with { MonitorTimeout = timeout ?? resource.MonitorTimeout, MonitorInterval = interval ?? resource.MonitorInterval };
                    break;
                default:
                    _problems.Warning(path, $"The <action> '{ConfElementReader.Shown(operation)}' is not understood and is ignored.", "Use start, stop or status.", action.Line);
                    break;
            }
            Leftovers(action, "action", path);
        }
        return resource;
    }

    /// <summary>Null when there is none, when it is wrong, or when it is 0, which the classic manager takes for no limit.</summary>
    private int? Milliseconds(ConfAttribute? given, string path) =>
        given is not null && Seconds(given, path) is { } seconds and > 0 ? (int)Math.Min(seconds * 1000, 86_400_000) : null;

    private static void Parameters(ClassicResource classic, ClassicType type, ConfElement definition)
    {
        foreach (var needed in type.Required)
        {
            if (classic.Value(needed) is null)
            {
                classic.Refuse($"has no {needed}.", $"Add {needed}=\"…\".");
            }
        }
        foreach (var (name, value) in type.Fixed)
        {
            classic.Parameters[name] = value;
        }
        foreach (var (from, to) in type.Renamed)
        {
            if (classic.Value(from) is { } value)
            {
                classic.Parameters[to] = value;
            }
        }
        if (type.CopiesAll)
        {
            definition.Take("name");
            foreach (var attribute in definition.Attributes.Where(a => a.Name is not "ref" and not "name" && !a.Name.StartsWith("__", StringComparison.Ordinal)))
            {
                definition.Take(attribute.Name);
                classic.Parameters[attribute.Name] = attribute.Value.Trim();
            }
        }
        type.Compose?.Invoke(classic);
    }

    private void ResourceLeftovers(ConfElement definition, ClassicType type, string place, string path)
    {
        foreach (var needless in type.Needless)
        {
            definition.Take(needless);
        }
        foreach (var (attribute, loss) in type.Lost)
        {
            if (definition.Take(attribute) is { } given && !definition.Told && IsSwitch(given.Value) != false)
            {
                _problems.Warning(path, $"The attribute {attribute} of <{definition.Name}> is known and has no effect: {loss}.", "Nothing, if you can do without it.", given.Line);
            }
        }
        Leftovers(definition, place, path);
    }

    /// <summary>The classic manager took a reference's attributes from the shared resource alone.</summary>
    private void ReferenceLeftovers(ConfElement element, string place, string path)
    {
        foreach (var attribute in element.Leftovers())
        {
            if (ClassicOptions.Loss(place, attribute.Name) is { } loss)
            {
                _problems.Warning(path, $"The attribute {attribute.Name} of <{element.Name}> is known and has no effect: {loss}.", "Nothing, if you can do without it.", attribute.Line);
            }
            else
            {
                _problems.Warning(path, $"The attribute {ConfElementReader.Shown(attribute.Name)} stands beside a ref and is ignored: what the shared resource says holds.",
                    "Put it into the shared resource.", attribute.Line);
            }
        }
    }
}
