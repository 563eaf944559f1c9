namespace ClusterTools.Core.Configuration.Import;

/// <summary>What nothing has taken is told.</summary>
internal sealed partial class ClusterConfTranslation
{
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
                    _problems.Warning(path, $"The attribute '{attribute}' of <{definition.Name}> has no effect within a service: the outer group's holds.", "Remove it, or make it a group of its own.", given.Line);
                }
            }
        }
        if (type.Inherited.Any(i => i.Attribute == "nfslock") && definition.Attributes.All(a => a.Name != "nfslock")
            && classic.Value("nfslock") is { } inherited && IsSwitch(inherited) == true)
        {
            _problems.Warning(path, $"nfslock reaches <{definition.Name}> from the service around it and has no effect: {ClassicOptions.Loss("group", "nfslock")}.",
                "Put an nfsserver resource into the service, or remove nfslock.", definition.Line);
        }
        foreach (var needless in type.Needless)
        {
            classic.Given(needless);
        }
        foreach (var (attribute, loss) in type.Lost)
        {
            if (classic.Given(attribute) is { } given && !definition.Told && IsSwitch(given.Value) != false)
            {
                Lost(path, $"The attribute '{attribute}' of <{definition.Name}>", loss, given.Line);
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
                Lost(path, $"The attribute '{attribute.Name}' of <{element.Name}>", loss, attribute.Line, ClassicOptions.Remedy($"{place}/{attribute.Name}"));
            }
            else
            {
                _problems.Warning(path, $"The attribute '{ConfElementReader.Shown(attribute.Name)}' stands beside a ref and is ignored: what the shared resource says holds.",
                    "Put it into the shared resource.", attribute.Line);
            }
        }
    }

    /// <summary>A known part of the file that asks for something that does not happen here.</summary>
    private void Lost(string path, string what, string loss, int line, string? remedy = null) =>
        _problems.Warning(path, $"{what} has no effect here: {loss}.", remedy ?? ClassicOptions.Remedy(""), line);

    private void UnknownElement(ConfElement element, string path, IEnumerable<string> known) =>
        _problems.Error(path, $"The element <{ConfElementReader.Shown(element.Name)}> is not known here.",
            $"Correct or remove it; known here are: {string.Join(", ", known)}.", element.Line);

    private void NoChildren(ConfElement element, string path)
    {
        NoText(element, path);
        foreach (var child in element.Children)
        {
            _problems.Error(path, $"The element <{ConfElementReader.Shown(child.Name)}> is not known in <{element.Name}>, which holds no elements.", "Remove it, or put it where it belongs.", child.Line);
        }
    }

    private void NoText(ConfElement element, string path)
    {
        if (element.TextLine > 0)
        {
            _problems.Warning(path, $"There is text within <{ConfElementReader.Shown(element.Name)}>; it is ignored and means nothing.", "Put it into a comment, or into the attribute it belongs to.", element.TextLine);
        }
    }

    /// <summary>Tells of every attribute that nothing has taken.</summary>
    private void Leftovers(ConfElement element, string place, string path)
    {
        if (element.Told)
        {
            return;
        }
        foreach (var attribute in element.Leftovers())
        {
            var name = ConfElementReader.Shown(attribute.Name);
            if (ClassicOptions.Loss(place, attribute.Name) is { } loss)
            {
                // A switch that is off asks for nothing that could be lost.
                if (IsSwitch(attribute.Value) != false)
                {
                    Lost(path, $"The attribute '{name}' of <{element.Name}>", loss, attribute.Line, ClassicOptions.Remedy($"{place}/{attribute.Name}"));
                }
            }
            else
            {
                _problems.Warning(path, $"The attribute '{name}' of <{element.Name}> is not understood and is ignored: whatever it asks for does not happen.",
                    "Correct its spelling, or remove it.", attribute.Line);
            }
        }
    }
}
