using System.Collections.Immutable;
using System.Text;

namespace ClusterTools.Core.Configuration;

/// <summary>Warnings of one kind: the first in full, of the others their names and lines.</summary>
/// <param name="first">The first of them.</param>
/// <param name="at">Its place among all problems.</param>
internal sealed class SameWarnings(ConfigurationProblem first, int at)
{
    private const int Named = 8;
    private readonly List<(string? Name, int? Line)> _others = [];
    private readonly ImmutableArray<int>.Builder _lines = Lines(first);
    private readonly List<string> _names = Names(first.Message);
    private string _path = first.Path;
    private int _count = 1;

    public int At => at;

    /// <summary>What two warnings have in common that differ in nothing but the names in single quotes.</summary>
    public static string KindOf(ConfigurationProblem warning) => WithoutNames(warning.Message);

    public void Add(ConfigurationProblem other)
    {
        _count++;
        _path = Common(_path, other.Path);
        if (other.Line is { } line && _lines.Count < ConfigurationLimits.ResourcesPerGroup && !_lines.Contains(line))
        {
            _lines.Add(line);
        }
        if (_others.Count < Named)
        {
            var names = Names(other.Message);
            var differs = names.FindIndex(n => !_names.Contains(n, StringComparer.Ordinal));
            _others.Add((differs < 0 ? null : names[differs], other.Line));
        }
    }

    public ConfigurationProblem AsOne() =>
        _count == 1 ? first : first with { Path = _path, Message = $"{first.Message} {Rest()}", Lines = _lines.ToImmutable() };

    /// <summary><c>So too 'n2' (line 4), 'n3' (line 5) and 7 more: 10 in all.</c></summary>
    private string Rest()
    {
        var text = new StringBuilder("So too ");
        var named = _others.Exists(o => o.Name is not null);
        if (!named && _others.TrueForAll(o => o.Line == first.Line))
        {
            text.Append("on the same line");
        }
        else
        {
            text.Append(named ? "" : "on line ").AppendJoin(", ", _others.Select(o => named ? Place(o) : $"{o.Line}").Distinct());
        }
        var more = _count - 1 - _others.Count;
        return text.Append(more > 0 ? $" and {more:N0} more" : "").Append(_count > 2 ? $": {_count:N0} in all." : ".").ToString();
    }

    private string Place((string? Name, int? Line) other) =>
        $"'{other.Name ?? _names.FirstOrDefault() ?? ""}'{(other.Line is { } line && line != first.Line ? $" (line {line})" : "")}";

    private static ImmutableArray<int>.Builder Lines(ConfigurationProblem problem)
    {
        var lines = ImmutableArray.CreateBuilder<int>();
        if (problem.Line is { } line)
        {
            lines.Add(line);
        }
        return lines;
    }

    private static string Common(string a, string b)
    {
        if (a == b)
        {
            return a;
        }
        var left = a.Split('/');
        var right = b.Split('/');
        var same = 0;
        while (same < left.Length && same < right.Length && left[same] == right[same])
        {
            same++;
        }
        return string.Join('/', left.Take(same));
    }

    private static string WithoutNames(string text)
    {
        var kind = new StringBuilder();
        var from = 0;
        foreach (var (start, end) in Quoted(text))
        {
            kind.Append(text, from, start - from);
            from = end;
        }
        return kind.Append(text, from, text.Length - from).ToString();
    }

    private static List<string> Names(string text) => [.. Quoted(text).Select(q => text[q.Start..q.End])];

    // An apostrophe within a word ("can't") or behind one ("nodes'") opens nothing.
    private static IEnumerable<(int Start, int End)> Quoted(string text)
    {
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] != '\'' || (at > 0 && char.IsLetterOrDigit(text[at - 1])))
            {
                continue;
            }
            var end = at + 1;
            while (end < text.Length && (text[end] != '\'' || (end + 1 < text.Length && char.IsLetterOrDigit(text[end + 1]))))
            {
                end++;
            }
            if (end < text.Length)
            {
                yield return (at + 1, end);
                at = end;
            }
        }
    }
}
