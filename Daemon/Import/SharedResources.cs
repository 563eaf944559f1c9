using System.Diagnostics.CodeAnalysis;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Import;

/// <summary>What stands in &lt;resources&gt;, what refers to it, and what only one may have.</summary>
internal sealed class SharedResources(ResourceTypes types, AttributeReader read, ImportProblems problems)
{
    /// <summary>Under &lt;resources&gt;, by type and the identity of the name.</summary>
    private readonly Dictionary<(string Type, string Name), ConfElement> _shared = [];

    /// <summary>References to the types that may be there once, with the group they stand in.</summary>
    private readonly Dictionary<(string Type, string Name), string> _once = [];

    /// <summary>
    /// Values that no other resource of the type may have, each with the line that took it, and the group; null: it is shared.
    /// </summary>
    private readonly Dictionary<(string Type, string Attribute, string Value), (int Line, string? Group, string Spelled)> _taken = [];

    /// <summary>The resource of that type and name; null: none is shared.</summary>
    public ConfElement? Find(string type, string name) => _shared.GetValueOrDefault(ClassicIdentity.Key(type, name));

    /// <summary>Whether there is a resource of the type anywhere.</summary>
    public bool HasAny(string type) => _taken.Keys.Any(t => t.Type == type);

    /// <summary>Takes what a &lt;resources&gt; holds.</summary>
    public void Take(ConfElement section)
    {
        problems.NoText(section, "groups");
        problems.Leftovers(section, "resources", "groups");
        foreach (var element in section.Children)
        {
            if (types.Of(element) is not { } type)
            {
                problems.UnknownElement(element, "groups", ClassicType.Names);
                continue;
            }
            if (read.Name(element, type.Primary, "groups") is not { } name)
            {
                continue;
            }
            if (Store(type, element, name, null))
            {
                _shared.Add(ClassicIdentity.Key(type.Name, name), element);
            }
            foreach (var child in element.Children.Where(c => c.Name != "action"))
            {
                problems.Warning("groups",
                    $"<{child.Name.Shown()}> stands within the shared resource '{name.Shown()}' and is left out with all that stands in "
                    + "it: the classic manager passed over it too.",
                    "Move it under the reference, in the service.", child.Line);
            }
        }
    }

    /// <summary>
    /// Whether the resource may be there beside those before it. What names it may stand there once in a group, and for some types in the
    /// whole file; what else only one should use (a mount point, a device) is told.
    /// </summary>
    public bool Store(ClassicType type, ConfElement element, string name, string? groupPath)
    {
        foreach (var attribute in type.Unique.Prepend(type.Primary))
        {
            var value = attribute == type.Primary ? name : element.Text(attribute);
            if (value is null
                || !_taken.TryGetValue((type.Name, attribute, ClassicIdentity.Of(type.Name, attribute, value)), out var first))
            {
                continue;
            }
            var path = $"resources/{type.Name}:{name}";
            if (attribute == type.Primary
                && (first.Group == groupPath
                || (type.Once && (first.Group is not null || _once.ContainsKey(ClassicIdentity.Key(type.Name, name))))))
            {
                problems.Error(path,
                    $"{type.Name} '{name.Shown()}' stands there twice, first on line "
                    + $"{first.Line}{(first.Spelled == value ? "" : $" in another spelling ('{first.Spelled.Shown()}')")}.",
                    type.Once ? "Remove one of them, or give it something of its own."
                    : "Give it another name, or define it in <resources> and refer to it with ref.", element.Line);
                element.Told = true;
                return false;
            }
            problems.Warning(path,
                $"{type.Name} '{name.Shown()}' has the same {attribute} as the one on line {first.Line} ({value.Shown()}). The classic "
                    + "manager left such a second one out; here it is run.",
                "Remove it if it was not missed, or give it something of its own.", element.Line);
        }
        foreach (var attribute in type.Unique.Prepend(type.Primary))
        {
            if ((attribute == type.Primary ? name : element.Text(attribute)) is { } value)
            {
                _taken.TryAdd((type.Name, attribute, ClassicIdentity.Of(type.Name, attribute, value)), (element.Line, groupPath, value));
            }
        }
        if (groupPath is not null)
        {
            _once.TryAdd(ClassicIdentity.Key(type.Name, name), groupPath);
        }
        return true;
    }

    /// <summary>
    /// What stands within shared resources is left out; a circle in it is told all the same, for it can't have been meant.
    /// </summary>
    public void TellCircles()
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
                    problems.Error($"resources/{type}:{name}", $"{type} '{name.Shown()}' contains itself: the tree has a loop.",
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
                var next = child.Text("ref") is { } to
                    && _shared.TryGetValue(ClassicIdentity.Key(ClassicType.NameOf(child.Name), to), out var shared) ? shared : child;
                if (!done.Contains(next))
                {
                    walk.Push((next, 0));
                }
            }
            done.UnionWith(open);
        }
    }

    /// <summary>Whether what is referred to may be there (again); it may not where the element stands within it (is around).</summary>
    public bool Refer(
        ClassicType type, string name, string path, ConfElement element, bool isAround)
    {
        if (!type.Once || _once.TryAdd(ClassicIdentity.Key(type.Name, name), path))
        {
            return true;
        }
        if (isAround)
        {
            problems.Error($"resources/{type.Name}:{name}", $"{type.Name} '{name.Shown()}' contains itself: the tree has a loop.",
                "Take it out of its own resources.", element.Line);
            return false;
        }
        problems.Warning(path,
            $"{type.Name}:{name.Shown()} is referred to a second time (first in {_once[ClassicIdentity.Key(type.Name, name)]}); it may be "
            + "there once and is left out here with all that stands under it, as the classic manager did.",
            "Remove one of the references, or put together what stands under them.", element.Line);
        return false;
    }

    /// <summary>Where the attributes stand: the element itself, or what its <c>ref</c> leads to. Null after an error.</summary>
    public ConfElement? Definition(ConfElement element, string path)
    {
        var seen = new HashSet<ConfElement> { element };
        var definition = element;
        while (definition.Take("ref") is { } reference)
        {
            var name = reference.Value.Trim();
            var type = ClassicType.NameOf(element.Name);
            if (!_shared.TryGetValue(ClassicIdentity.Key(type, name), out var shared) && !TryFindByOther(type, name, out shared))
            {
                var names = _shared.Keys.Where(k => k.Type == type).Select(k => k.Name).Order(StringComparer.Ordinal);
                problems.Error($"{path}/references",
                    $"<{element.Name} ref=\"{name.Shown()}\"> refers to nothing: there is no such {element.Name} in <resources>. Without "
                    + "it the group would start incomplete.",
                    ConfigurationValidation.Known("Define it in <resources>, or use one of", names), reference.Line);
                return null;
            }
            if (!seen.Add(shared))
            {
                problems.Error(path, $"<{element.Name} ref=\"{name.Shown()}\"> leads back to itself.",
                    "Give one of the resources its attributes in place of the ref.", reference.Line);
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
                .FirstOrDefault(e => known.Unique.Intersect(known.Required).Any(a =>
                    e.Text(a) is { } other && ClassicIdentity.Of(type, a, other) == ClassicIdentity.Of(type, a, value)))
            : null;
        return shared is not null;
    }

    /// <summary>Tells of what is shared and nobody uses.</summary>
    public void TellUnused()
    {
        foreach (var ((type, name), element) in _shared)
        {
            if (!element.Told)
            {
                problems.Warning("groups", $"The shared {type} '{name.Shown()}' is used by no group and is left out.",
                    $"Refer to it with <{type} ref=\"…\"/>, or remove it.", element.Line);
            }
        }
    }
}
