using System.Collections.Immutable;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Import;

/// <summary>The trees of resources.</summary>
internal sealed class ResourceReader(
    ResourceTypes types, SharedResources shared, ExportIds exports, AttributeReader read, ImportProblems problems)
{
    /// <summary>How often the group refers to a resource, by type and name.</summary>
    private readonly Dictionary<(string Type, string Name), int> _references = [];

    /// <summary>What stands around the resource that is being read.</summary>
    private readonly HashSet<(string Type, string Name)> _open = [];

    private readonly HashSet<string> _ids = new(StringComparer.Ordinal);

    private readonly ResourceTimes _times = new(read, problems);
    private readonly ResourceLeftovers _leftovers = new(problems);

    private int _resourcesInGroup;

    private int _resources;

    private bool _tooMany;

    /// <summary>A node whose group that is being read does not stop is reset, as is one that unmounts nothing under self_fence.</summary>
    private bool _hardRecovery;

    /// <summary>What stands in the service that is being read.</summary>
    private ServiceSurroundings _surroundings = ServiceSurroundings.None;

    public void TellLongLimits() => _times.TellLongLimits();

    /// <summary>What a group consists of.</summary>
    public ImmutableArray<ResourceConfiguration> Tree(ConfElement element, ConfElement definition, ClassicType type, string name,
        string path)
    {
        _ids.Clear();
        _references.Clear();
        CountReferences(element);
        _resourcesInGroup = 0;
        _hardRecovery = read.Flag(definition, "hardrecovery", path, fallback: false);
        if (element.Name == "vm")
        {
            return [.. One(Resource(element, null, null, null, path, 1))];
        }
        _surroundings = ServiceSurroundings.Of(element, shared);
        var service = Classic(type, definition, null, path);
        _open.Add(ClassicIdentity.Key(type.Name, name));
        var resources = Children(element, type, service, null, path, 1);
        _open.Clear();
        problems.NoText(element, path);
        NoActions(definition, path);
        problems.Leftovers(definition, "group", path);
        if (!ReferenceEquals(definition, element))
        {
            problems.ReferenceLeftovers(element, "group", path);
            definition.Told = true;
        }
        return resources;
    }

    /// <summary>
    /// In the order of the file, but first those of the types that the parent knows without a level for them. They are looked at in the
    /// order in which the classic manager did, which decides which of two references
    /// to the same thing counts: types that the parent knows first, in its order, then the others.
    /// </summary>
    private ImmutableArray<ResourceConfiguration> Children(
        ConfElement element, ClassicType type, ClassicResource around, string? aroundId, string groupPath, int depth)
    {
        var found = new SortedDictionary<int, ResourceConfiguration>();
        foreach (var (index, child) in element.Children.Index().Where(c => c.Item.Name != "action").OrderBy(c =>
            type.Turn(ClassicType.NameOf(c.Item.Name))))
        {
            if (Resource(child, type, around, aroundId, groupPath, depth) is { } resource)
            {
                found.Add(type.KnowsWithoutLevel(resource.Type) ? index - element.Children.Count : index, resource);
            }
        }
        return [.. found.Values];
    }

    private ResourceConfiguration? Resource(ConfElement element, ClassicType? parent, ClassicResource? around, string? aroundId,
        string groupPath, int depth)
    {
        if (_tooMany)
        {
            return null;
        }
        if (types.Of(element) is not { } type)
        {
            problems.UnknownElement(element, $"{groupPath}/references", ["action", .. ClassicType.Names]);
            return null;
        }
        if (type.NotSupported is { } remedy)
        {
            problems.Error(groupPath,
                $"Resources of the type {type.Name} cannot be run yet, and without it the group would start incomplete.", remedy,
                element.Line);
            return null;
        }
        if (shared.Definition(element, groupPath) is not { } definition || read.Name(definition, type.Primary, groupPath) is not { } name)
        {
            return null;
        }
        var isReference = !ReferenceEquals(definition, element);
        if (!Fits(element, type, parent, name, groupPath, depth)
            || !(parent is null || MayStand(element, type, name, isReference, groupPath)))
        {
            return null;
        }

        var id = Id(type, name, isReference, aroundId);
        var path = $"{groupPath}/resources/{id}";
        problems.Place(element.Line, path);
        var (start, stop) = parent?.LevelOf(type.Name) ?? (0, 0);
        var classic = Classic(type, definition, around, path);
        var (independent, nonCritical) = Subtree(element, path);
        var resource = _times.Actions(element, definition, type, path, _times.Limits(element, type, path, new ResourceConfiguration
        {
            Id = id,
            Type = type.Name,
            Agent = "",
            StartLevel = start,
            StopLevel = stop,
            IndependentSubtree = independent,
            NonCritical = nonCritical,
        }));
        if (_hardRecovery | (type.CanSelfFence && classic.Switch("self_fence") == true))
        {
            resource = resource with { Limits = new ActivationLimits { StopFinal = FinalAction.Reboot } };
        }
        ResourceParameters.Compose(classic, type, definition);
        // A guest of its own has the group's attributes in the same element; they were read with the group.
        _leftovers.Tell(classic, definition, type, parent is null ? "group" : "resource", path);
        if (isReference)
        {
            problems.ReferenceLeftovers(element, "resource", path);
        }
        definition.Told = true;
        problems.NoText(element, path);
        var outermost = _open.Add(ClassicIdentity.Key(type.Name, name));
        var children = Children(element, type, classic, id, groupPath, depth + 1);
        if (outermost)
        {
            _open.Remove(ClassicIdentity.Key(type.Name, name));
        }
        return resource with { Agent = classic.Agent, Parameters = classic.Parameters.ToImmutable(), Children = children };
    }

    private bool MayStand(ConfElement element, ClassicType type, string name, bool isReference, string groupPath) => isReference
        ? shared.Refer(type, name, groupPath, element, isAround: _open.Contains(ClassicIdentity.Key(type.Name, name)))
        : shared.Store(type, element, name, groupPath);

    /// <summary>Limits, and what the classic manager left out with a word of warning.</summary>
    private bool Fits(ConfElement element, ClassicType type, ClassicType? parent, string name, string groupPath, int depth)
    {
        if (depth > ConfigurationLimits.ResourceTreeDepth)
        {
            problems.Error(groupPath, $"The resource tree is deeper than {ConfigurationLimits.ResourceTreeDepth} levels.",
                "Make the tree flatter: siblings start in order too.", element.Line);
            return false;
        }
        if (++_resourcesInGroup > ConfigurationLimits.ResourcesPerGroup)
        {
            if (_resourcesInGroup == ConfigurationLimits.ResourcesPerGroup + 1)
            {
                problems.Error(groupPath, $"The group has more than {ConfigurationLimits.ResourcesPerGroup:N0} resources.",
                    "Split the group.", element.Line);
            }
            return false;
        }
        if (++_resources > ConfigurationLimits.Resources)
        {
            _tooMany = true;
            problems.Error(groupPath, $"The groups have more than {ConfigurationLimits.Resources:N0} resources together.",
                "Split the cluster.", element.Line);
            return false;
        }
        if (parent is not null && parent.Forbidden.Contains(type.Name))
        {
            problems.Warning(groupPath,
                $"{type.Name} '{name.Shown()}' may not stand under {parent.Name}; it is left out with all that stands under it, as the "
                + "classic manager did.",
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
        if (isReference && !type.Once && aroundId is not null
            && (type.IsShared || _references.GetValueOrDefault(ClassicIdentity.Key(type.Name, name)) > 1))
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
        return given.Value.Trim().ToLowerInvariant() is "2" or "non-critical" ? (false, true)
            : (read.Switch(given, path, fallback: false), false);
    }

    private void CountReferences(ConfElement element)
    {
        foreach (var child in element.Children)
        {
            if (child.Attributes.Find(a => a.Name == "ref") is { } reference)
            {
                var key = ClassicIdentity.Key(ClassicType.NameOf(child.Name), reference.Value.Trim());
                _references[key] = _references.GetValueOrDefault(key) + 1;
            }
            CountReferences(child);
        }
    }

    private ClassicResource Classic(ClassicType type, ConfElement definition, ClassicResource? around, string path) =>
        new(type, definition, types.DefaultsOf(type.Name), around, path, read) { Service = _surroundings, Exports = exports };

    private static IEnumerable<ResourceConfiguration> One(ResourceConfiguration? resource) => resource is null ? [] : [resource];

    /// <summary>A service has no status checks and no limits of its own.</summary>
    private void NoActions(ConfElement definition, string path)
    {
        foreach (var action in definition.Children.Where(c => c.Name == "action" && !definition.Told))
        {
            problems.Warning(path,
                $"<action> of a <{definition.Name}> has no effect: a group itself is neither started nor checked, its resources are.",
                "Put it into the resource that it is about.", action.Line);
        }
    }
}
