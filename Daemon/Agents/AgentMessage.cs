using System.Text;

namespace ClusterTools.Agents;

/// <summary>The end of a program's output, fit for a journal.</summary>
internal static class AgentMessage
{
    /// <summary>Bytes (UTF-8) of output that a message holds at most.</summary>
    public const int TailLimit = 2 * 1024;

    /// <summary>A sentence with the last lines behind it.</summary>
    public static string With(string sentence, string output)
    {
        string tail = Tail(output);
        return tail.Length == 0 ? sentence : $"{sentence}: {tail}";
    }

    /// <summary>The last lines, at most <see cref="TailLimit"/> bytes; control characters become blanks.</summary>
    public static string Tail(string output)
    {
        var text = new StringBuilder(output.Length);
        foreach (char c in output.Trim())
        {
            text.Append(c is '\n' || !char.IsControl(c) ? c : ' ');
        }

        string clean = text.ToString();
        int start = clean.Length;
        int bytes = 0;
        while (start > 0)
        {
            int step = start > 1 && char.IsLowSurrogate(clean[start - 1]) && char.IsHighSurrogate(clean[start - 2]) ? 2 : 1;
            bytes += Encoding.UTF8.GetByteCount(clean.AsSpan(start - step, step));
            if (bytes > TailLimit - 3)
            {
                return "…" + clean[start..];
            }

            start -= step;
        }

        return clean;
    }
}
