namespace ClusterTools.Demos;

/// <summary>
/// A chapter of the README: blocks of lines that are typed on machines, <c>PS n1&gt;</c> into PowerShell and
/// <c>n2#</c> into a shell. What stands between them is what was shown.
/// </summary>
internal static class Chapter
{
    /// <summary>The blocks, in order.</summary>
    /// <exception cref="InvalidDataException">There is no such chapter.</exception>
    public static IReadOnlyList<IReadOnlyList<Step>> Read(string path, string title)
    {
        List<List<Step>> blocks = [];
        bool isHere = false;
        bool isBlock = false;
        foreach (string line in File.ReadLines(path))
        {
            if (line.StartsWith("## ", StringComparison.Ordinal))
            {
                isHere = line == title;
            }
            else if (isHere && line.StartsWith("```", StringComparison.Ordinal))
            {
                isBlock = line == "```powershell";
                if (isBlock)
                {
                    blocks.Add([]);
                }
            }
            else if (isHere && isBlock && StepOf(line) is { } step)
            {
                blocks[^1].Add(step);
            }
        }

        return blocks.Count > 0 ? blocks : throw new InvalidDataException($"{path} has no chapter '{title}'.");
    }

    private static Step? StepOf(string line)
    {
        int shell = line.IndexOf("# ", StringComparison.Ordinal);
        int prompt = line.IndexOf("> ", StringComparison.Ordinal);
        return line.StartsWith("PS n", StringComparison.Ordinal) && prompt > 0
            ? new Step(line["PS ".Length..prompt], line[(prompt + 2)..], IsPowerShell: true)
            : line.StartsWith('n') && shell is 2 ? new Step(line[..shell], line[(shell + 2)..], IsPowerShell: false)
            : null;
    }
}

/// <summary>Something that is typed.</summary>
/// <param name="Machine">Where.</param>
/// <param name="Command">What.</param>
/// <param name="IsPowerShell">Into PowerShell.</param>
internal sealed record Step(string Machine, string Command, bool IsPowerShell);
