using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace ClusterTools.Core.Configuration.Import;

/// <summary>Failover domains, shared resources, services and guests.</summary>
internal sealed partial class ClusterConfTranslation
{
    /// <summary>Under &lt;resources&gt;, by type and name.</summary>
    private readonly Dictionary<(string Type, string Name), ConfElement> _shared = [];

    /// <summary>References to the types that may be there once, with the group they stand in.</summary>
    private readonly Dictionary<(string Type, string Name), string> _once = [];

    /// <summary>Values that no other resource of the type may have, each with the line that took it, and the group; null: it is shared.</summary>
    private readonly Dictionary<(string Type, string Attribute, string Value), (int Line, string? Group)> _taken = [];

    /// <summary>Attributes of &lt;resource-defaults&gt;, by type.</summary>
    private readonly Dictionary<string, ConfElement> _defaults = new(StringComparer.Ordinal);

    /// <summary>Types that are not built in, by name, each with the agent that is installed for it; null: none is.</summary>
    private readonly Dictionary<string, ClassicType?> _installedTypes = new(StringComparer.Ordinal);

    /// <summary>What stands around the resource that is being read.</summary>
    private readonly HashSet<(string Type, string Name)> _open = [];

    /// <summary>How often the group refers to a resource, by type and name.</summary>
    private readonly Dictionary<(string Type, string Name), int> _references = [];

    private readonly HashSet<string> _groupNames = new(StringComparer.Ordinal);
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
        string[] known = ["failoverdomains", "resources", "resource-defaults", "service", "vm", "events"];
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
        var domains = Sorted<FailoverDomain>();
        var groups = Sorted<GroupConfiguration>();
        foreach (var child in rm.Children)
        {
            switch (child.Name)
            {
                case "failoverdomains":
                    Domains(child, domains);
                    break;
                case "resources" or "resource-defaults":
                    break;
                case "service" or "group" or "resourcegroup" or "vm":
                    Group(child, groups);
                    break;
                case "events":
                    Events(child);
                    break;
                default:
                    UnknownElement(child, "groups", known);
                    break;
            }
        }
        foreach (var (type, element) in _defaults.Where(d => _taken.Keys.Any(t => t.Type == d.Key)))
        {
            Leftovers(element, type == "service" ? "group" : "resource", "groups");
            NoChildren(element, "groups");
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

    /// <summary>The classic scripts are S-Lang on functions of the classic manager, and can't be run by anything else.</summary>
    private void Events(ConfElement section)
    {
        _problems.Warning("eventScripts", "<events> is known and has no effect: event scripts of the classic manager (S-Lang) are not run, and groups are placed by their failover domains.",
            "Write what they decide anew, as an event script that reads JSON (eventScripts in the configuration), if you can't do without them.", section.Line);
        foreach (var element in section.Children)
        {
            if (element.Name != "event")
            {
                UnknownElement(element, "eventScripts", ["event"]);
                continue;
            }
            string[] of = ["class", "node", "node_state", "node_id", "node_clean", "node_local", "service", "service_state", "service_owner"];
            var when = string.Join(", ", of.Select(a => Text(element, a) is { } value ? $"{a} {ConfElementReader.Shown(value)}" : null).OfType<string>());
            _problems.Warning("eventScripts",
                $"The event '{ConfElementReader.Shown(Text(element, "name") ?? "")}'{(when.Length > 0 ? $" ({when})" : "")} is not acted on{(Text(element, "file") is { } file ? $": {ConfElementReader.Shown(file)} is not run" : "")}.",
                "Write it anew as an event script, if you can't do without it.", element.Line);
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

    private void Defaults(ConfElement section)
    {
        NoText(section, "groups");
        Leftovers(section, "resource-defaults", "groups");
        foreach (var element in section.Children)
        {
            if (TypeOf(element) is not { } type)
            {
                UnknownElement(element, "groups", ClassicType.Names);
            }
            else if (!_defaults.TryAdd(type.Name, element))
            {
                _problems.Warning("groups", $"The defaults of {type.Name} stand there twice; the first hold (line {_defaults[type.Name].Line}).", "Put both into one.", element.Line);
            }
        }
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
        if (ClassicType.Find(ClassicType.NameOf(element.Name)) is { } known)
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
            if (Store(type, element, name, null))
            {
                _shared.Add((type.Name, name), element);
            }
            foreach (var child in element.Children.Where(c => c.Name != "action"))
            {
                _problems.Warning("groups", $"<{ConfElementReader.Shown(child.Name)}> stands within the shared resource '{ConfElementReader.Shown(name)}' and is left out with all that stands in it: the classic manager passed over it too.",
                    "Move it under the reference, in the service.", child.Line);
            }
        }
    }

    /// <summary>
    /// Whether the resource may be there beside those before it. What names it may stand there once in a group, and for some types in the
    /// whole file; what else only one should use (a mount point, a device) is told.
    /// </summary>
    private bool Store(ClassicType type, ConfElement element, string name, string? groupPath)
    {
        foreach (var attribute in type.Unique.Prepend(type.Primary))
        {
            var value = attribute == type.Primary ? name : Text(element, attribute);
            if (value is null || !_taken.TryGetValue((type.Name, attribute, value), out var first))
            {
                continue;
            }
            var path = $"resources/{type.Name}:{name}";
            if (attribute == type.Primary
                && (first.Group == groupPath || (type.Once && (first.Group is not null || _once.ContainsKey((type.Name, name))))))
            {
                _problems.Error(path, $"{type.Name} '{ConfElementReader.Shown(name)}' stands there twice, first on line {first.Line}.",
                    type.Once ? "Remove one of them, or give it something of its own." : "Give it another name, or define it in <resources> and refer to it with ref.", element.Line);
                element.Told = true;
                return false;
            }
            _problems.Warning(path,
                $"{type.Name} '{ConfElementReader.Shown(name)}' has the same {attribute} as the one on line {first.Line} ({ConfElementReader.Shown(value)}). The classic manager left such a second one out; here it is run.",
                "Remove it if it was not missed, or give it something of its own.", element.Line);
        }
        foreach (var attribute in type.Unique.Prepend(type.Primary))
        {
            if ((attribute == type.Primary ? name : Text(element, attribute)) is { } value)
            {
                _taken.TryAdd((type.Name, attribute, value), (element.Line, groupPath));
            }
        }
        if (groupPath is not null)
        {
            _once.TryAdd((type.Name, name), groupPath);
        }
        return true;
    }

    /// <summary>What stands within shared resources is left out; a circle in it is told all the same, for it can't have been meant.</summary>
    private void Circles()
    {
        var done = new HashSet<ConfElement>();
        foreach (var ((type, name), first) in _shared.Where(s => s.Value.Children.Count > 0).OrderBy(s => s.Value.Line))
        {
            // With a stack of its own: a long chain must not be able to end the process.
            var open = new HashSet<ConfElement>();
            var walk = new Stack<(ConfElement Element, int Next)>([(first, 0)]);
            while (walk.TryPop(out var at))
            {
                if (at.Next == 0 && !open.Add(at.Element))
                {
                    _problems.Error($"resources/{type}:{name}", $"{type} '{ConfElementReader.Shown(name)}' contains itself: the tree has a loop.",
                        "Take the reference out of the shared resource.", walk.Peek().Element.Children[walk.Peek().Next - 1].Line);
                    break;
                }
                if (at.Next == at.Element.Children.Count)
                {
                    open.Remove(at.Element);
                    done.Add(at.Element);
                    continue;
                }
                walk.Push((at.Element, at.Next + 1));
                var child = at.Element.Children[at.Next];
                var next = Text(child, "ref") is { } to && _shared.TryGetValue((ClassicType.NameOf(child.Name), to), out var shared) ? shared : child;
                if (!done.Contains(next))
                {
                    walk.Push((next, 0));
                }
            }
            done.UnionWith(open);
        }
    }

    private void Group(ConfElement element, ImmutableSortedDictionary<string, GroupConfiguration>.Builder groups)
    {
        if (Definition(element, "groups") is not { } definition || Name(definition, "name", "groups") is not { } name)
        {
            return;
        }
        var isGuest = element.Name == "vm";
        var type = TypeOf(element)!;
        var path = $"groups/{name}";
        if (!ReferenceEquals(definition, element) && !Refer(type, name, path, element))
        {
            return;
        }
        // One that is shared too, and of which nobody is the user, does no harm.
        if (ReferenceEquals(definition, element) && !_shared.ContainsKey((type.Name, name)) && !Store(type, element, name, null))
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
            MaxRestarts = (int)Number(definition, "max_restarts", $"{path}/maxRestarts", 0, 0, int.MaxValue),
            RestartExpireTime = ExpireTime(definition, path),
            Dependencies = Dependencies(definition, name, path),
        };

        _ids.Clear();
        _references.Clear();
        CountReferences(element);
        _resourcesInGroup = 0;
        ImmutableArray<ResourceConfiguration> resources;
        if (isGuest)
        {
            resources = [.. One(Resource(element, null, null, null, path, 1))];
        }
        else
        {
            var service = new ClassicResource(type, definition, _defaults.GetValueOrDefault(type.Name), null, path, this);
            _open.Add((type.Name, name));
            resources = Children(element, type, service, null, path, 1);
            _open.Clear();
            NoText(element, path);
            NoActions(definition, path);
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

    /// <summary>Whether what is referred to may be there (again).</summary>
    private bool Refer(ClassicType type, string name, string path, ConfElement element)
    {
        if (!type.Once || _once.TryAdd((type.Name, name), path))
        {
            return true;
        }
        if (_open.Contains((type.Name, name)))
        {
            _problems.Error($"resources/{type.Name}:{name}", $"{type.Name} '{ConfElementReader.Shown(name)}' contains itself: the tree has a loop.", "Take it out of its own resources.", element.Line);
            return false;
        }
        _problems.Warning(path, $"{type.Name}:{ConfElementReader.Shown(name)} is referred to a second time (first in {_once[(type.Name, name)]}); it may be there once and is left out here with all that stands under it, as the classic manager did.",
            "Remove one of the references, or put together what stands under them.", element.Line);
        return false;
    }

    private void CountReferences(ConfElement element)
    {
        foreach (var child in element.Children)
        {
            if (child.Attributes.Find(a => a.Name == "ref") is { } reference)
            {
                var key = (ClassicType.NameOf(child.Name), reference.Value.Trim());
                _references[key] = _references.GetValueOrDefault(key) + 1;
            }
            CountReferences(child);
        }
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
            var type = ClassicType.NameOf(element.Name);
            if (!_shared.TryGetValue((type, name), out var shared) && !TryFindByOther(type, name, out shared))
            {
                var names = _shared.Keys.Where(k => k.Type == type).Select(k => k.Name).Order(StringComparer.Ordinal);
                _problems.Error($"{path}/references", $"<{element.Name} ref=\"{ConfElementReader.Shown(name)}\"> refers to nothing: there is no such {element.Name} in <resources>. Without it the group would start incomplete.",
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

    /// <summary>A shared resource may also be referred to by what it alone may have, such as a mount point.</summary>
    private bool TryFindByOther(string type, string value, [NotNullWhen(true)] out ConfElement? shared)
    {
        shared = ClassicType.Find(type) is { } known
            ? _shared.Where(s => s.Key.Type == type).OrderBy(s => s.Value.Line).Select(s => s.Value)
                .FirstOrDefault(e => known.Unique.Intersect(known.Required).Any(a => Text(e, a) == value))
            : null;
        return shared is not null;
    }

    /// <summary>
    /// In the order of the file, but first those of the types that the parent knows without a level for them. They are looked at in the order in which the classic manager did, which decides which of two references
    /// to the same thing counts: types that the parent knows first, in its order, then the others.
    /// </summary>
    private ImmutableArray<ResourceConfiguration> Children(
        ConfElement element, ClassicType type, ClassicResource around, string? aroundId, string groupPath, int depth)
    {
        var found = new SortedDictionary<int, ResourceConfiguration>();
        foreach (var (index, child) in element.Children.Index().Where(c => c.Item.Name != "action").OrderBy(c => type.Turn(ClassicType.NameOf(c.Item.Name))))
        {
            if (Resource(child, type, around, aroundId, groupPath, depth) is { } resource)
            {
                found.Add(type.KnowsWithoutLevel(resource.Type) ? index - element.Children.Count : index, resource);
            }
        }
        return [.. found.Values];
    }

    private ResourceConfiguration? Resource(ConfElement element, ClassicType? parent, ClassicResource? around, string? aroundId, string groupPath, int depth)
    {
        if (_tooMany)
        {
            return null;
        }
        if (TypeOf(element) is not { } type)
        {
            UnknownElement(element, $"{groupPath}/references", ["action", .. ClassicType.Names]);
            return null;
        }
        if (type.NotSupported is { } remedy)
        {
            _problems.Error(groupPath, $"Resources of the type {type.Name} cannot be run yet, and without it the group would start incomplete.", remedy, element.Line);
            return null;
        }
        if (Definition(element, groupPath) is not { } definition || Name(definition, type.Primary, groupPath) is not { } name)
        {
            return null;
        }
        var isReference = !ReferenceEquals(definition, element);
        if (!Fits(element, type, parent, name, groupPath, depth)
            || !(parent is null || (isReference ? Refer(type, name, groupPath, element) : Store(type, element, name, groupPath))))
        {
            return null;
        }

        var id = Id(type, name, isReference, aroundId);
        var path = $"{groupPath}/resources/{id}";
        _lines[path] = element.Line;
        var (start, stop) = parent?.LevelOf(type.Name) ?? (0, 0);
        var classic = new ClassicResource(type, definition, _defaults.GetValueOrDefault(type.Name), around, path, this);
        var (independent, nonCritical) = Subtree(element, path);
        var resource = Actions(element, definition, path, new ResourceConfiguration
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
        ResourceLeftovers(classic, definition, type, parent is null ? "group" : "resource", path);
        if (isReference)
        {
            ReferenceLeftovers(element, "resource", path);
        }
        definition.Told = true;
        NoText(element, path);
        var outermost = _open.Add((type.Name, name));
        var children = Children(element, type, classic, id, groupPath, depth + 1);
        if (outermost)
        {
            _open.Remove((type.Name, name));
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

    /// <summary>
    /// One thing may be referred to in several places of a group, as an export under each file system is. There the place is part of the
    /// id, and for what is made to be shared always: ids depend neither on the order of the file nor on whether another reference joins.
    /// </summary>
    private string Id(ClassicType type, string name, bool isReference, string? aroundId)
    {
        var id = $"{type.Name}:{name}";
        if (isReference && !type.Once && aroundId is not null && (type.IsShared || _references.GetValueOrDefault((type.Name, name)) > 1))
        {
            id = $"{id}@{aroundId[(aroundId.IndexOf(':', StringComparison.Ordinal) + 1)..]}";
        }
        if (_ids.Add(id))
        {
            return id;
        }
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

    /// <summary>Limits and intervals. What is said without a depth, or with depth="*", holds for all status checks.</summary>
    private ResourceConfiguration Actions(ConfElement element, ConfElement definition, string path, ResourceConfiguration resource)
    {
        var own = ReferenceEquals(element, definition) ? element.Children : definition.Children.Concat(element.Children);
        foreach (var action in own.Where(c => c.Name == "action"))
        {
            NoChildren(action, path);
            var timeout = Milliseconds(action.Take("timeout"), path);
            var interval = action.Take("interval");
            var every = interval is null ? null : Seconds(interval, path) is { } seconds ? (int?)Math.Min(seconds * 1000, 86_400_000) : null;
            var depth = action.Take("depth");
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
                    resource = Status(resource, depth, timeout, every, path);
                    break;
                case "recover" or "reload" or "reconfig" or "migrate" or "meta-data" or "validate-all" or "verify-all":
                    if (!definition.Told)
                    {
                        _problems.Warning(path, $"The <action> '{operation}' is known and has no effect: it has no limit of its own here.", "Nothing, if you can do without it.", action.Line);
                    }
                    break;
                default:
                    _problems.Warning(path, $"The <action> '{ConfElementReader.Shown(operation)}' is not understood and is ignored.", "Use start, stop or status.", action.Line);
                    break;
            }
            Leftovers(action, "action", path);
        }
        return resource;
    }

    private ResourceConfiguration Status(ResourceConfiguration resource, ConfAttribute? depth, int? timeout, int? interval, string path)
    {
        var text = depth?.Value.Trim() ?? "*";
        var isAll = text.StartsWith('*');
        var level = 0;
        if (!isAll && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out level) || level > 100))
        {
            _problems.Warning(path, $"depth=\"{ConfElementReader.Shown(text)}\" is no depth of a status check; 0 is taken.", "Write 0 to 100, or * for all.", depth!.Line);
            level = 0;
        }
        if (isAll || level == 0)
        {
            resource = resource with { MonitorTimeout = timeout ?? resource.MonitorTimeout, MonitorInterval = interval ?? resource.MonitorInterval };
        }
        if (isAll)
        {
            return resource with
            {
                StatusChecks = interval == 0
                    ? []
                    : [.. resource.StatusChecks.Select(c => c with { Timeout = timeout ?? c.Timeout, Interval = interval ?? c.Interval })],
            };
        }
        if (level == 0)
        {
            return resource;
        }
        var check = resource.StatusChecks.FirstOrDefault(c => c.Depth == level) ?? new StatusCheck { Depth = level, Interval = DeepInterval };
        var others = resource.StatusChecks.RemoveAll(c => c.Depth == level);
        return resource with
        {
            StatusChecks = interval == 0 ? others : [.. others.Add(check with { Timeout = timeout ?? check.Timeout, Interval = interval ?? check.Interval }).OrderBy(c => c.Depth)],
        };
    }

    /// <summary>Milliseconds between deeper status checks where the file gives a depth and no interval.</summary>
    private const int DeepInterval = 60_000;

    /// <summary>Null when there is none, when it is wrong, or when it is 0, which the classic manager takes for no limit.</summary>
    private int? Milliseconds(ConfAttribute? given, string path) =>
        given is not null && Seconds(given, path) is { } seconds and > 0 ? (int)Math.Min(seconds * 1000, 86_400_000) : null;

    private static void Parameters(ClassicResource classic, ClassicType type, ConfElement definition)
    {
        foreach (var needed in type.Required)
        {
            if (classic.Value(needed) is null)
            {
                classic.RefuseWhole($"has no {needed}.", $"Add {needed}=\"…\".");
            }
        }
        foreach (var needed in type.Needed)
        {
            if (classic.Value(needed) is null)
            {
                classic.Refuse($"has no {needed}, of its own or from what it stands under: it could not be started.", $"Add {needed}=\"…\", or put it under a file system.");
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
            foreach (var attribute in classic.Attributes.Where(a => a is not "ref" and not "name" && !a.StartsWith("__", StringComparison.Ordinal)))
            {
                if (classic.Value(attribute) is { } value)
                {
                    classic.Parameters[attribute] = value;
                }
            }
        }
        type.Compose?.Invoke(classic);
    }

    private static readonly string[] GroupAttributes =
        ["domain", "autostart", "exclusive", "recovery", "max_restarts", "restart_expire_time", "depend", "depend_mode", "priority", "nfslock", "nfs_client_cache", "hardrecovery"];

    private void ResourceLeftovers(ClassicResource classic, ConfElement definition, ClassicType type, string place, string path)
    {
        if (place == "resource")
        {
            foreach (var attribute in GroupAttributes)
            {
                if ((type.Name is "service" or "vm") && definition.Take(attribute) is { } given && !definition.Told)
                {
                    _problems.Warning(path, $"The attribute {attribute} of <{definition.Name}> has no effect within a service: the outer group's holds.", "Remove it, or make it a group of its own.", given.Line);
                }
            }
        }
        if (type.Inherited.Any(i => i.Attribute == "nfslock") && definition.Attributes.All(a => a.Name != "nfslock")
            && classic.Value("nfslock") is { } inherited && IsSwitch(inherited) == true)
        {
            _problems.Warning(path, $"nfslock reaches <{definition.Name}> from the service around it and has no effect: {ClassicOptions.Loss("group", "nfslock")}.", "Nothing, if you can do without it.", definition.Line);
        }
        foreach (var needless in type.Needless)
        {
            classic.Given(needless);
        }
        foreach (var (attribute, loss) in type.Lost)
        {
            if (classic.Given(attribute) is { } given && !definition.Told && IsSwitch(given.Value) != false)
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
