using System.Text;

namespace ClusterTools.Core.Tests.Scenarios;

/// <summary>
/// A scenario as text: comments and blank lines, then blocks of commands, a line <c>----</c>, and what must come out, up to
/// the next blank line. A command's indented lines belong to it.
/// </summary>
internal sealed class ScenarioFile
{
    private const string Separator = "----";

    private readonly List<string[]> parts = [];

    private ScenarioFile()
    {
    }

    /// <summary>Runs every block and gives the file back with what came out in place of what was expected.</summary>
    /// <param name="text">The file.</param>
    /// <param name="runner">Who runs it.</param>
    /// <param name="untilItDiffers">Whether the first block that comes out otherwise, or breaks a promise, is the last.</param>
    public static string Run(string text, ScenarioRunner runner, bool untilItDiffers = false)
    {
        ScenarioFile file = Parse(text);
        var result = new StringBuilder();
        foreach (string[] part in file.parts)
        {
            foreach (string line in part)
            {
                result.Append(line).Append('\n');
            }

            if (part.Length > 0 && part[^1] == Separator)
            {
                string output = runner.Run(part.AsSpan(0, part.Length - 1));
                if (output.Split('\n').Any(string.IsNullOrWhiteSpace))
                {
                    throw new InvalidOperationException($"A blank line in the output of '{part[0]}' would end it early:\n{output}");
                }

                result.Append(output).Append('\n');
                if (untilItDiffers && (runner.Violations.Count > 0 || !text.StartsWith(result.ToString(), StringComparison.Ordinal)))
                {
                    break;
                }
            }
        }

        return result.ToString();
    }

    private static ScenarioFile Parse(string text)
    {
        var file = new ScenarioFile();
        var part = new List<string>();
        bool output = false;
        foreach (string line in text.TrimEnd('\n').Split('\n'))
        {
            if (output)
            {
                output = line.Length > 0;
                if (output)
                {
                    continue;
                }
            }

            if (line.Length == 0 || line[0] == '#')
            {
                file.Take(part);
                file.parts.Add([line]);
            }
            else
            {
                part.Add(line);
                if (line == Separator)
                {
                    file.Take(part);
                    output = true;
                }
            }
        }

        if (part.Count > 0)
        {
            throw new FormatException($"The last commands of the file have no '{Separator}' after them: {part[0]}");
        }

        return file;
    }

    private void Take(List<string> part)
    {
        if (part.Count > 0 && part[^1] != Separator)
        {
            throw new FormatException($"A blank line or a comment stands between '{part[0]}' and its '{Separator}'.");
        }

        if (part.Count > 0)
        {
            parts.Add([.. part]);
            part.Clear();
        }
    }
}
