namespace ClusterTools.Build.Views;

/// <summary>A column of a table, and a line of a list.</summary>
/// <param name="Label">What stands above it, or before it.</param>
/// <param name="Value">A property, or PowerShell about <c>$_</c>.</param>
/// <param name="Options">What else is said of it.</param>
internal sealed record ViewColumn(string Label, string Value, string[] Options)
{
    /// <summary>Whether the list goes without it.</summary>
    public bool TableOnly => Options.Contains("table only");

    public bool Right => Options.Contains("right");

    public string? Width => After("width ");

    /// <summary>What must be true for the list to show it.</summary>
    public string? When => After("when ");

    private string? After(string word) => Options.FirstOrDefault(o => o.StartsWith(word, StringComparison.Ordinal))?[word.Length..];
}

/// <summary>What is shown of a type, and the names it has besides its own.</summary>
/// <param name="Type">Its full name.</param>
/// <param name="Name">What its views are called; empty: it has none.</param>
internal sealed record TypeViews(string Type, string Name)
{
    public List<ViewColumn> Columns { get; } = [];

    /// <summary>What is said of the type as a whole, as it is written, by its key.</summary>
    public Dictionary<string, string> Said { get; } = [];

    public string? this[string key] => Said.GetValueOrDefault(key);

    public bool Wrap => this["table"]?.EndsWith(" (wrap)", StringComparison.Ordinal) == true;

    /// <summary>The columns of its table, in their order; null: described nowhere.</summary>
    public IEnumerable<ViewColumn?> Table => ListOf("table")
        .Select(label => Columns.Where(c => c.Label == label).OrderByDescending(c => c.TableOnly).FirstOrDefault());

    public string[] ListOf(string key) => this[key]?.Replace(" (wrap)", "", StringComparison.Ordinal).Split(", ") ?? [];
}
