namespace ClusterTools.Engines.Corosync.Settings;

/// <summary>Finds sections, keys and values as corosync's own parser does (exec/coroparse.c), but goes on after a mistake.</summary>
internal static class CorosyncParser
{
    /// <summary>Characters of a file.</summary>
    public const int MaxText = 1024 * 1024;

    private const int MaxLine = 511;
    private const int MaxDepth = 8;

    private static readonly char[] White = [' ', '\t'];
    private static readonly char[] Trailing = [' ', '\t', ':', '{'];

    /// <summary>The file as one section; what is no section and no key is told with its line.</summary>
    public static CorosyncSection Parse(string text, Action<CorosyncProblem> tell)
    {
        var root = new CorosyncSection("", "", null);
        if (text.Length > MaxText)
        {
            tell(CorosyncProblem.Error("", $"The file has {text.Length:N0} characters; {MaxText:N0} are read.", "Is it the right file?"));
            return root;
        }

        Stack<CorosyncSection> open = new([root]);
        int number = 0;
        foreach (ReadOnlySpan<char> raw in text.AsSpan().EnumerateLines())
        {
            number++;
            string line = raw.TrimEnd('\r').Trim(" \t").ToString();
            if (line.Length > 0 && line[0] != '#' && Take(line, raw.Length, number, open) is { } mistake)
            {
                tell(mistake with { Line = number });
            }
        }

        foreach (CorosyncSection section in open.Where(section => section.Line is not null))
        {
            tell(CorosyncProblem.Error(section.Place, $"The section '{section.Name}' has no end.", "Add a line with '}'.")
                with { Line = section.Line });
        }

        return root;
    }

    // Corosync looks for a brace first, then for a colon: "a: {" begins a section.
    private static CorosyncProblem? Take(string line, int length, int number, Stack<CorosyncSection> open)
    {
        CorosyncSection section = open.Peek();
        if (length > MaxLine)
        {
            return Mistake($"The line has {length} characters; corosync reads {MaxLine}.", "Shorten it.");
        }

        if (line.IndexOf('{', StringComparison.Ordinal) is >= 0 and var brace)
        {
            string name = line[..brace].TrimEnd(Trailing);
            if (open.Count <= MaxDepth)
            {
                open.Push(new CorosyncSection(name, section.Place.Length == 0 ? name : $"{section.Place}.{name}", number));
                section.Sections.Add(open.Peek());
            }

            return open.Count > MaxDepth ? Mistake($"Sections are nested more than {MaxDepth - 1} deep.", "Close those that are open.")
                : name.Length == 0 ? Mistake("A section has no name.", "Write its name before the '{'.")
                : brace + 1 < line.Length ? Mistake("Something stands behind '{'.", "Put it on a line of its own.")
                : null;
        }

        if (line.IndexOf(':', StringComparison.Ordinal) is >= 0 and var colon)
        {
            string key = line[..colon].TrimEnd(Trailing);
            section.Items.Add((key, line[(colon + 1)..].Trim(White), number));
            return key.Length == 0 ? Mistake("A value has no key.", "Write 'key: value'.") : null;
        }

        if (line == "}" && open.Count > 1)
        {
            open.Pop();
            return null;
        }

        return line == "}" ? Mistake("There is no section open that '}' could end.", "Take it out.")
            : line.Contains('}', StringComparison.Ordinal) ? Mistake("Something stands beside '}'.", "Put it on a line of its own.")
            : Mistake($"'{Short(line)}' is neither a section nor a key with a value.", "Write 'key: value', or '#' before a comment.");
    }

    /// <summary>What a message can hold of a text from a file.</summary>
    public static string Short(string text)
    {
        string plain = string.Concat(text.Take(60).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c));
        return text.Length > plain.Length ? plain + "…" : plain;
    }

    private static CorosyncProblem Mistake(string message, string remedy) => CorosyncProblem.Error("", message, remedy);
}
