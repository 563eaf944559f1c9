namespace ClusterTools.Import;

/// <summary>The parts of the file, each found by its name.</summary>
internal sealed class ConfSections
{
    private static readonly string[] Known = ["cman", "totem", "fence_daemon", "clusternodes", "fencedevices", "rm"];

    private readonly ImportProblems _problems;
    private readonly Dictionary<string, ConfElement> _sections = new(StringComparer.Ordinal);
    private bool _hasUnknown;

    public ConfSections(ConfElement root, ImportProblems problems)
    {
        _problems = problems;
        foreach (var child in root.Children)
        {
            Add(child);
        }
    }

    /// <summary>Null: the file has none.</summary>
    public ConfElement? QuorumDisk { get; private set; }

    public ConfElement? Find(string section) => _sections.GetValueOrDefault(section);

    /// <summary>The section is not there, and one that nobody knows is.</summary>
    public bool MayBeMisspelled(string section) => _hasUnknown && !_sections.ContainsKey(section);

    private void Add(ConfElement section)
    {
        if (Known.Contains(section.Name))
        {
            if (!_sections.TryAdd(section.Name, section))
            {
                Again(_sections[section.Name], section);
            }
        }
        else if (section.Name == "quorumd" && QuorumDisk is null)
        {
            QuorumDisk = section;
        }
        else if (ClassicOptions.Sections.TryGetValue(section.Name, out var loss))
        {
            _problems.Lost(section.Name, $"'<{section.Name}>'", loss, section.Line, ClassicOptions.Remedy(section.Name));
        }
        else
        {
            _hasUnknown = true;
            _problems.UnknownElement(section, "", Known.Concat(ClassicOptions.Sections.Keys.Order(StringComparer.Ordinal)));
        }
    }

    /// <summary>
    /// The classic programs looked attributes up wherever they stand, and found the first. Of two &lt;rm&gt; they ran a mixture that
    /// nobody can have meant.
    /// </summary>
    private void Again(ConfElement first, ConfElement second)
    {
        if (second.Name == "rm")
        {
            _problems.Error(second.Name, $"<{second.Name}> stands there twice, first on line {first.Line}.", "Put both into one.",
                second.Line);
            return;
        }
        var differ = new List<string>();
        foreach (var attribute in second.Attributes)
        {
            if (first.Attributes.Find(a => a.Name == attribute.Name) is not { } before)
            {
                first.Attributes.Add(attribute);
            }
            else if (before.Value != attribute.Value)
            {
                differ.Add(attribute.Name);
            }
        }
        first.Children.AddRange(second.Children);
        _problems.Warning(ClassicOptions.PathOf(second.Name),
            $"<{second.Name}> stands there twice, first on line {first.Line}; both are read as one, as in the classic cluster."
                + (differ.Count > 0 ? $" What the first says of {string.Join(", ", differ.Select(d => d.Shown()))} holds." : ""),
            "Put both into one.", second.Line);
    }
}
