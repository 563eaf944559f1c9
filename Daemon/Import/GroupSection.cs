using System.Collections.Immutable;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Import;

/// <summary>Services and guests, and what they stand on: shared resources, failover domains.</summary>
internal sealed class GroupSection
{
    private readonly AttributeReader _read;
    private readonly ImportProblems _problems;
    private readonly ResourceTypes _types;
    private readonly SharedResources _shared;
    private readonly ExportIds _exports = new();
    private readonly ResourceReader _resources;
    private readonly ImmutableArray<GroupConfiguration>.Builder _inOrder = ImmutableArray.CreateBuilder<GroupConfiguration>();

    /// <summary>Paths of groups that lack something because of an error.</summary>
    private readonly HashSet<string> _incomplete = new(StringComparer.Ordinal);

    public GroupSection(Func<string, string?> installed, AttributeReader read, ImportProblems problems)
    {
        _read = read;
        _problems = problems;
        _types = new ResourceTypes(installed, problems);
        _shared = new SharedResources(_types, read, problems);
        _resources = new ResourceReader(_types, _shared, _exports, read, problems);
    }

    /// <summary>The groups in the order of the file.</summary>
    public ImmutableArray<GroupConfiguration> InOrder => _inOrder.ToImmutable();

    /// <summary>Whether the group of that path lacks something because of an error that was told.</summary>
    public bool IsIncomplete(string path) => _incomplete.Contains(path);

    public void TellLongLimits() => _resources.TellLongLimits();

    public ClusterConfiguration Read(ConfElement? rm, ClusterConfiguration configuration)
    {
        if (rm is null)
        {
            return configuration;
        }
        _problems.NoText(rm, "groups");
        _problems.Leftovers(rm, "rm", "groups");
        _problems.Place(rm.Line, "groups");
        foreach (var section in rm.Children.Where(c => c.Name == "resource-defaults"))
        {
            _types.TakeDefaults(section);
        }
        foreach (var section in rm.Children.Where(c => c.Name == "resources"))
        {
            _shared.Take(section);
        }
        _shared.TellCircles();
        _exports.Take(rm);
        var domains = new FailoverDomainSection(configuration, _read, _problems).Read(rm);
        var attributes = new GroupAttributes(Names(rm), domains.Keys.ToHashSet(StringComparer.Ordinal), _read, _problems);
        var groups = ClusterConfiguration.Sorted<GroupConfiguration>().ToBuilder();
        foreach (var child in rm.Children)
        {
            switch (child.Name)
            {
                case "failoverdomains" or "resources" or "resource-defaults":
                    break;
                case "service" or "group" or "resourcegroup" or "vm":
                    Group(child, attributes, groups);
                    break;
                case "events":
                    EventSection.Tell(child, _problems);
                    break;
                default:
                    NoGroup(child);
                    break;
            }
        }
        _types.TellLeftovers(_shared.HasAny);
        _shared.TellUnused();
        return configuration with { FailoverDomains = domains, Groups = groups.ToImmutable() };
    }

    /// <summary>Which groups there will be, so that what depends on them can be told from what depends on nothing.</summary>
    private static HashSet<string> Names(ConfElement rm) =>
    [
        .. rm.Children.Where(c => c.Name is "service" or "group" or "resourcegroup" or "vm")
            .Select(c => c.Text("name") ?? c.Text("ref")).OfType<string>(),
    ];

    /// <summary>What stands where services stand, and is none.</summary>
    private void NoGroup(ConfElement element)
    {
        if (ClassicOptions.Foreign.TryGetValue(element.Name, out var foreign))
        {
            _problems.Error("groups", $"<{element.Name}> is {foreign.What}: this cluster does not run it.", foreign.Remedy, element.Line);
        }
        else if (ClassicType.Find(ClassicType.NameOf(element.Name)) is { } type)
        {
            _problems.Error("groups",
                $"<{element.Name}> stands outside of a service, where the classic manager passed over it: {type.Name} is a resource.",
                "Put it into the <service> that needs it, or into <resources> with a reference.", element.Line);
        }
        else
        {
            _problems.UnknownElement(element, "groups",
                ["failoverdomains", "resources", "resource-defaults", "service", "vm", "events"]);
        }
    }

    private void Group(
        ConfElement element, GroupAttributes attributes, ImmutableSortedDictionary<string, GroupConfiguration>.Builder groups)
    {
        if (_shared.Definition(element, "groups") is not { } definition || _read.Name(definition, "name", "groups") is not { } name)
        {
            return;
        }
        var type = _types.Of(element)!;
        var path = $"groups/{name}";
        var isReference = !ReferenceEquals(definition, element);
        if (isReference && !_shared.Refer(type, name, path, element, isAround: false))
        {
            return;
        }
        // One that is shared too, and of which nobody is the user, does no harm.
        if (!isReference && _shared.Find(type.Name, name) is null && !_shared.Store(type, element, name, null))
        {
            return;
        }
        if (groups.ContainsKey(name))
        {
            _problems.Error(path,
                $"The group '{name.Shown()}' stands there twice, first on line {_problems.LineOf(path)}; services and vms share one name "
                    + "space.",
                "Remove one of them, or give it another name.", element.Line);
            return;
        }
        _problems.Place(element.Line, path);
        if (element.Name is "group" or "resourcegroup")
        {
            _problems.Warning(path,
                $"<{element.Name}> is the old name of <service>; it is taken for one, and what stands in it starts and stops in a "
                    + "service's order.",
                "Write <service>.", element.Line);
        }
        var group = attributes.Read(name, definition, path);
        var errors = _problems.Errors;
        group = group with { Resources = _resources.Tree(element, definition, type, name, path) };
        if (_problems.Errors > errors)
        {
            _incomplete.Add(path);
        }
        groups.Add(name, group);
        _inOrder.Add(group);
    }
}
