namespace ClusterTools.Import;

/// <summary>Resource types: those that are built in, and agents that are installed.</summary>
internal sealed class ResourceTypes(Func<string, string?> installed, ImportProblems problems)
{
    /// <summary>Types that are not built in, by name, each with the agent that is installed for it; null: none is.</summary>
    private readonly Dictionary<string, ClassicType?> _installedTypes = new(StringComparer.Ordinal);

    /// <summary>Attributes of &lt;resource-defaults&gt;, by type.</summary>
    private readonly Dictionary<string, ConfElement> _defaults = new(StringComparer.Ordinal);

    /// <summary>What &lt;resource-defaults&gt; says of a type; null: nothing.</summary>
    public ConfElement? DefaultsOf(string type) => _defaults.GetValueOrDefault(type);

    /// <summary>Built in, or an agent of that name that is installed; null after neither.</summary>
    public ClassicType? Of(ConfElement element)
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
            problems.Warning("groups",
                $"<{element.Name.Shown()}> is no built-in type; it is run by {type.Agent}, and its attributes are that agent's parameters "
                + "under the same names.",
                "Check them against what the agent says of itself (Get-ClusterResourceType).", element.Line);
        }
        _installedTypes.Add(element.Name, type);
        return type;
    }

    /// <summary>Takes what a &lt;resource-defaults&gt; says.</summary>
    public void TakeDefaults(ConfElement section)
    {
        problems.NoText(section, "groups");
        problems.Leftovers(section, "resource-defaults", "groups");
        foreach (var element in section.Children)
        {
            if (Of(element) is not { } type)
            {
                problems.UnknownElement(element, "groups", ClassicType.Names);
            }
            else if (!_defaults.TryAdd(type.Name, element))
            {
                problems.Warning("groups",
                    $"The defaults of '{type.Name}' stand there twice; the first hold (line {_defaults[type.Name].Line}).",
                    "Put both into one.", element.Line);
            }
        }
    }

    /// <summary>Tells what nothing has taken of the defaults of types that are there.</summary>
    public void TellLeftovers(Func<string, bool> isThere)
    {
        foreach (var (type, element) in _defaults.Where(d => isThere(d.Key)))
        {
            problems.Leftovers(element, type == "service" ? "group" : "resource", "groups");
            problems.NoChildren(element, "groups");
        }
    }
}
