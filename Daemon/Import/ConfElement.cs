namespace ClusterTools.Import;

/// <summary>
/// An element of a cluster.conf with the line it stands on. Knows which of its attributes were understood, so that the rest can be told.
/// </summary>
internal sealed class ConfElement(string name, int line)
{
    private readonly HashSet<string> _understood = new(StringComparer.Ordinal);

    public string Name => name;

    public int Line => line;

    public List<ConfAttribute> Attributes { get; } = [];

    public List<ConfElement> Children { get; } = [];

    /// <summary>Line of the first text between the tags, where none has a meaning; 0: there is none.</summary>
    public int TextLine { get; set; }

    /// <summary>Its leftovers were told already (shared resources are read once per reference).</summary>
    public bool Told { get; set; }

    /// <summary>The value, or null; the attribute counts as understood.</summary>
    public ConfAttribute? Take(string attribute)
    {
        foreach (var one in Attributes)
        {
            if (one.Name == attribute)
            {
                _understood.Add(attribute);
                return one;
            }
        }
        return null;
    }

    /// <summary>The value without spaces around it, or null where there is none; the attribute counts as understood.</summary>
    public string? Text(string attribute) => Take(attribute)?.Value.Trim() is { Length: > 0 } value ? value : null;

    public IEnumerable<ConfAttribute> Leftovers() => Attributes.Where(a => !_understood.Contains(a.Name));
}

internal sealed record ConfAttribute(string Name, string Value, int Line);
