namespace ClusterTools.Engines.Corosync.Settings;

/// <summary>A section of a file: what stands between two braces.</summary>
internal sealed class CorosyncSection(string name, string place, int? line)
{
    /// <summary>Its name in the file.</summary>
    public string Name { get; } = name;

    /// <summary>Where it is, as corosync names it; sections of which there can be several are numbered.</summary>
    public string Place { get; set; } = place;

    /// <summary>Where it begins; null for one that is not in the file.</summary>
    public int? Line { get; } = line;

    /// <summary>Keys and their values, in order; those that somebody took are gone.</summary>
    public List<(string Key, string Value, int Line)> Items { get; } = [];

    /// <summary>Sections in it, in order; those that somebody took are gone.</summary>
    public List<CorosyncSection> Sections { get; } = [];

    /// <summary>The value of a key; null when it is not set.</summary>
    public string? this[string key] => Items.Find(item => item.Key == key).Value;
}
