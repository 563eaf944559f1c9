using System.Text.RegularExpressions;

namespace ClusterTools.Build.Views;

/// <summary>Reads <c>Formats/Views.txt</c>, whose head says how it is written.</summary>
internal static partial class ViewTable
{
    // What may be said of a type, and how.
    private static readonly Dictionary<string, string> Keys = new()
    {
        ["table"] = @"^[^,]+(, [^,]+)*$",
        ["wide"] = ".",
        ["group by"] = @"^\w+$",
        ["screen"] = ".",
        ["first"] = "^list$",
        ["default"] = @"^\w+(, \w+)*$",
        ["alias"] = @"^\w+ = \w+(, \w+ = \w+)*$",
        ["property"] = @"^\w+ = .",
        ["text"] = ".",
        ["depth"] = @"^\d+$",
    };

    /// <summary>The types in their order.</summary>
    /// <exception cref="InvalidDataException">Something is not understood; the message says where, what and why.</exception>
    public static IReadOnlyList<TypeViews> Read(IEnumerable<string> lines)
    {
        var types = new List<TypeViews>();
        foreach (
            (int index, string line) in lines.Select(static l => l.TrimEnd()).Index().Where(static l => l.Item is not ("" or ['#', ..])))
        {
            if (Take(types, line) is { } wrong)
            {
                throw new InvalidDataException($"Line {index + 1} of the views, '{line.Trim()}': {wrong}");
            }
        }

        foreach ((TypeViews type, string wrong) in types.SelectMany(static t => Faults(t).Select(f => (t, f))))
        {
            throw new InvalidDataException($"The views of {type.Type}: {wrong}");
        }

        return types;
    }

    /// <summary>Whether a value is a property's name; anything else is PowerShell.</summary>
    public static bool IsProperty(string value) => Word().IsMatch(value);

    /// <summary>Takes a line in, or says what is wrong with it.</summary>
    private static string? Take(List<TypeViews> types, string line)
    {
        if (Heading().Match(line) is { Success: true } heading)
        {
            types.Add(new TypeViews($"ClusterTools.{heading.Groups["type"].Value}", heading.Groups["name"].Value));
            return types.FindIndex(t => t.Type == types[^1].Type) < types.Count - 1 ? "the type stands above already." : null;
        }

        if (types.Count == 0)
        {
            return "no type stands above it: begin with [Contract.GroupStatus] or the like.";
        }

        line = line.Replace("text::", "[ClusterTools.Views.ViewText]::", StringComparison.Ordinal);
        if (line.StartsWith("  ", StringComparison.Ordinal))
        {
            string[] fields = Gap().Split(line.Trim());
            types[^1].Columns.Add(new ViewColumn(fields[0], fields.ElementAtOrDefault(1) ?? fields[0], [.. fields.Skip(2)]));
            return fields.Length == 1 && !IsProperty(line.Trim())
                ? "a label that is no property's name needs a value, with two spaces or more before it."
                : fields.Skip(2).FirstOrDefault(static o => !Option().IsMatch(o)) is { } odd
                    ? $"'{odd}' is none of the options 'right', 'width 12', 'when CONDITION' and 'table only'."
                    : null;
        }

        string[] parts = line.Split(": ", 2);
        return parts.Length < 2 || !Keys.TryGetValue(parts[0], out string? form)
            ? $"a column is indented by two spaces; other lines begin with {string.Join(", ", Keys.Keys.Select(static k => k + ": "))}."
            : !Regex.IsMatch(parts[1], form) ? $"that is not how '{parts[0]}:' is written; the head of the file shows how."
            : !types[^1].Said.TryAdd(parts[0], parts[1]) ? $"'{parts[0]}:' is said twice."
            : null;
    }

    /// <summary>What can only be seen when all of a type has been read.</summary>
    private static IEnumerable<string> Faults(TypeViews type)
    {
        foreach ((string label, ViewColumn? column) in type.ListOf("table").Zip(type.Table).Where(static t => t.Second is null))
        {
            yield return $"the table has a column '{label}', which no line describes.";
        }

        foreach (ViewColumn column in type.Columns.Where(c => (c.TableOnly || c.Right || c.Width is not null) && !type.Table.Contains(c)))
        {
            yield return $"'{column.Label}' is described for the table, which does not show it.";
        }

        foreach (ViewColumn twice in type.Columns.GroupBy(static c => (c.Label, c.TableOnly)).SelectMany(static g => g.Skip(1)))
        {
            yield return $"'{twice.Label}' is described twice.";
        }

        if (type.Name.Length > 0 != type.Columns.Count > 0)
        {
            yield return "a name for views needs columns below it, and columns need a name behind the type.";
        }
    }

    [GeneratedRegex(@"^\[(?<type>[\w.#]+)\](?: (?<name>.+))?$")]
    private static partial Regex Heading();

    [GeneratedRegex(" {2,}")]
    private static partial Regex Gap();

    [GeneratedRegex(@"^\w+$")]
    private static partial Regex Word();

    [GeneratedRegex(@"^(right|width \d+|when .+|table only)$")]
    private static partial Regex Option();
}
