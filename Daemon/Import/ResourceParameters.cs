namespace ClusterTools.Import;

/// <summary>What the agent of a resource is given.</summary>
internal static class ResourceParameters
{
    /// <summary>Its parameters, made of its attributes.</summary>
    public static void Compose(ClassicResource classic, ClassicType type, ConfElement definition)
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
                    type.Inherited.Any(i => i.Attribute == needed) ? $"Add {needed}=\"…\", or put it under a file system."
                    : $"Add {needed}=\"…\", which its agent takes under this name.");
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
            foreach (var attribute in classic.Attributes.Where(a => a is not "ref" and not "name"
                && !a.StartsWith("__", StringComparison.Ordinal)))
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
