using System.Collections.Immutable;

namespace ClusterTools.Core.Configuration.Import;

/// <summary>The trees of resources.</summary>
internal sealed partial class ClusterConfTranslation
{
    /// <summary>Types that are not built in, by name, each with the agent that is installed for it; null: none is.</summary>
    private readonly Dictionary<string, ClassicType?> _installedTypes = new(StringComparer.Ordinal);

    /// <summary>What stands around the resource that is being read.</summary>
    private readonly HashSet<(string Type, string Name)> _open = [];

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
        var resource = Actions(element, definition, type, path, Limits(element, type, path, new ResourceConfiguration
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
        Parameters(classic, type, definition);
        // A guest of its own has the group's attributes in the same element; they were read with the group.
        ResourceLeftovers(classic, definition, type, parent is null ? "group" : "resource", path);
        if (isReference)
        {
            ReferenceLeftovers(element, "resource", path);
        }
        definition.Told = true;
        NoText(element, path);
        var outermost = _open.Add(Key(type.Name, name));
        var children = Children(element, type, classic, id, groupPath, depth + 1);
        if (outermost)
        {
            _open.Remove(Key(type.Name, name));
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
        if (isReference && !type.Once && aroundId is not null && (type.IsShared || _references.GetValueOrDefault(Key(type.Name, name)) > 1))
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
                classic.Refuse($"has no {needed}, of its own or from what it stands under: it could not be started.",
                    type.Inherited.Any(i => i.Attribute == needed) ? $"Add {needed}=\"…\", or put it under a file system." : $"Add {needed}=\"…\", which its agent takes under this name.");
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
}
