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

        return types.SelectMany(Faults).FirstOrDefault() is { } fault ? throw new InvalidDataException(fault) : types;
    }

    /// <summary>Whether a value is a property's name; anything else is PowerShell.</summary>
    public static bool IsProperty(string value) => Word().IsMatch(value);

    /// <summary>Takes a line in, or says what is wrong with it.</summary>
    private static string? Take(List<TypeViews> types, string line)
    {
        line = line.Replace("text::", "[ClusterTools.Views.ViewText]::", StringComparison.Ordinal);
        if (Heading().Match(line) is { Success: true } heading)
        {
            types.Add(new TypeViews($"ClusterTools.{heading.Groups["type"].Value}", heading.Groups["name"].Value));
            return types.FindIndex(t => t.Type == types[^1].Type) < types.Count - 1 ? "the type stands above already."
                : heading.Groups["text"] is { Success: true, Value: var text } ? TakeSaid(types[^1], text)
                : null;
        }

        return types.Count == 0 ? "no type stands above it: begin with [Contract.GroupStatus] or the like."
            : line.StartsWith("  ", StringComparison.Ordinal) ? TakeColumns(types[^1], Gap().Split(line.Trim()))
            : TakeSaid(types[^1], line);
    }

    private static string? TakeColumns(TypeViews type, string[] fields)
    {
        string? value = fields.Skip(1).FirstOrDefault() is { } second && !Option().IsMatch(second) ? second : null;
        string[] options = fields[(value is null ? 1 : 2)..];
        foreach (string label in fields[0].Split(", "))
        {
            string property = string.Concat(label.Split(' ').Select(static w => char.ToUpperInvariant(w[0]) + w[1..]));
            if (value is null && !IsProperty(property))
            {
                return $"the label '{label}' names no property; it needs a value, with two spaces or more before it.";
            }

            type.Columns.Add(new ViewColumn(
                label, value is null ? property : Function().IsMatch(value) ? $"{value}($_.{property})" : value, options));
        }

        return options.FirstOrDefault(static o => !Option().IsMatch(o)) is { } odd
            ? $"'{odd}' is none of the options 'right', 'width 12', 'when CONDITION' and 'table only'."
            : null;
    }

    private static string? TakeSaid(TypeViews type, string line)
    {
        string[] parts = line.Split(": ", 2);
        return parts[0].Split(", ").Select(key =>
            parts.Length < 2 || !Keys.TryGetValue(key, out string? form)
                ? $"a column is indented by two spaces; other lines begin with {string.Join(", ", Keys.Keys.Select(static k => k + ": "))}."
            : !Regex.IsMatch(parts[1], form) ? $"that is not how '{key}:' is written; the head of the file shows how."
            : !type.Said.TryAdd(key, parts[1]) ? $"'{key}:' is said twice."
            : null).FirstOrDefault(static wrong => wrong is not null);
    }

    /// <summary>What can only be seen when all of a type has been read.</summary>
    private static IEnumerable<string> Faults(TypeViews type) => ((string[])
    [
        .. type.ListOf("table").Zip(type.Table).Where(static t => t.Second is null)
            .Select(static t => $"the table has a column '{t.First}', which no line describes."),
        .. type.Columns.Where(c => (c.TableOnly || c.Right || c.Width is not null) && !type.Table.Contains(c))
            .Select(static c => $"'{c.Label}' is described for the table, which does not show it."),
        .. type.Columns.GroupBy(static c => (c.Label, c.TableOnly)).Where(static g => g.Skip(1).Any())
            .Select(static g => $"'{g.Key.Label}' is described twice."),
        .. type.Name.Length > 0 == type.Columns.Count > 0 ? (string[])[]
            : ["a name for views needs columns below it, and columns need a name behind the type."],
    ]).Select(wrong => $"The views of {type.Type}: {wrong}");

    [GeneratedRegex(@"^\[(?<type>[\w.#]+)\](?: (?<text>text: .+)| (?<name>.+))?$")]
    private static partial Regex Heading();

    [GeneratedRegex(" {2,}")]
    private static partial Regex Gap();

    [GeneratedRegex(@"^\w+$")]
    private static partial Regex Word();

    [GeneratedRegex(@"^\[[\w.]+\]::\w+$")]
    private static partial Regex Function();

    [GeneratedRegex(@"^(right|width \d+|when .+|table only)$")]
    private static partial Regex Option();
}
