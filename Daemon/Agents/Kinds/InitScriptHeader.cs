using System.Text;

namespace ClusterTools.Agents;

/// <summary>
/// What an init script says of itself in its comments between <c>### BEGIN INIT INFO</c> and <c>### END INIT INFO</c> (LSB 5.0, 22.3).
/// </summary>
internal sealed record InitScriptHeader
{
    private const string Begin = "### BEGIN INIT INFO";
    private const string End = "### END INIT INFO";

    // The block stands at the beginning; a file that is no script at all is not read to its end.
    private const int ReadLimit = 64 * 1024;

    public string ShortDescription { get; private init; } = "";

    /// <summary>Several lines are joined.</summary>
    public string Description { get; private init; } = "";

    /// <summary>Reads a script; null: it has no such comments, as scripts from before the standard.</summary>
    /// <exception cref="ResourceAgentException">It cannot be read, or its comments do not end.</exception>
    public static async Task<InitScriptHeader?> ReadAsync(string file, CancellationToken cancel)
    {
        byte[] content = new byte[ReadLimit];
        int length;
        try
        {
            await using FileStream stream = File.OpenRead(file);
            length = await stream.ReadAtLeastAsync(content, content.Length, throwOnEndOfStream: false, cancel).ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ResourceAgentException(
                $"The script '{file}' cannot be read ({error.Message}). Let the daemon's user read it.", 4, error);
        }

        return Parse(file, Encoding.UTF8.GetString(content, 0, length));
    }

    private static InitScriptHeader? Parse(string file, string text)
    {
        string[] lines = text.Split('\n', StringSplitOptions.TrimEntries);
        int begin = Array.IndexOf(lines, Begin);
        if (begin < 0)
        {
            return null;
        }

        int end = Array.IndexOf(lines, End, begin);
        if (end < 0)
        {
            throw new ResourceAgentException(
                $"The script '{file}' has a line '{Begin}' and none '{End}' after it. Correct its comments.", 1);
        }

        var values = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        string? last = null;
        foreach (string line in lines[(begin + 1)..end])
        {
            string comment = line.StartsWith('#') ? line[1..] : "";
            int colon = comment.IndexOf(':', StringComparison.Ordinal);
            bool goesOn = comment.StartsWith('\t') || comment.StartsWith("  ", StringComparison.Ordinal);
            if (goesOn && last is not null)
            {
                values[last] = $"{values[last]} {comment.Trim()}".Trim();
            }
            else if (colon > 0)
            {
                string keyword = comment[..colon].Trim();
                values[keyword] = comment[(colon + 1)..].Trim();
                // Only a description may go on in the next line.
                last = keyword.Equals("Description", StringComparison.OrdinalIgnoreCase) ? keyword : null;
            }
        }

        return new InitScriptHeader
        {
            ShortDescription = values.GetValueOrDefault("Short-Description", ""),
            Description = values.GetValueOrDefault("Description", ""),
        };
    }
}
