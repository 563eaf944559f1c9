using System.Globalization;
using System.Text;

namespace ClusterTools.Core;

/// <summary>
/// Which characters of a text do not show as themselves, and how such a text is shown (FEATURES G5). What is refused where a text enters
/// and what is escaped where one leaves is decided here alone: a name that looks like another, or a message that paints over the screen,
/// would mislead whoever acts on it. Compiled into the cmdlets, too, so that both sides show the same.
/// </summary>
/// <remarks>The table is our own: the runtime's grows with its version, and the Core must say the same on every node.</remarks>
public static class PlainText
{
    /// <summary>
    /// First and last of ranges, in order: controls, marks of direction and format, what has no width, separators, noncharacters.
    /// </summary>
    private static readonly int[] Hidden =
    [
        0x0000, 0x001F, 0x007F, 0x009F, 0x00AD, 0x00AD, 0x034F, 0x034F, 0x061C, 0x061C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B, 0x180F,
        0x200B, 0x200F, 0x2028, 0x202E, 0x2060, 0x206F, 0x3164, 0x3164, 0xD800, 0xDFFF, 0xFDD0, 0xFDEF, 0xFE00, 0xFE0F, 0xFEFF, 0xFEFF,
        0xFFA0, 0xFFA0, 0xFFF0, 0xFFFB, 0xFFFE, 0xFFFF, 0x1BCA0, 0x1BCA3, 0x1D173, 0x1D17A, 0xE0000, 0xE0FFF,
    ];

    /// <summary>Whether every character shows as itself.</summary>
    public static bool IsPlain(string text) => FirstHidden(text) < 0;

    /// <summary>What is wrong with a text that is not plain, such as "U+202E at position 5"; null: nothing.</summary>
    public static string? WhyNot(string text) =>
        FirstHidden(text) is >= 0 and var at ? $"U+{CodePoint(text, at, out _):X4} at position {at + 1}" : null;

    /// <summary>The text with every hidden character as an escape of JSON's kind: in one line, and harmless to a terminal.</summary>
    public static string Escape(string text) => Escape(text, lines: false);

    /// <summary>As <see cref="Escape(string)"/>, for texts of several lines: line ends and tabs stay.</summary>
    public static string EscapeLines(string text) => Escape(text, lines: true);

    /// <summary>At most so many characters and one: a name that was cut is longer than any real one, so that it is nobody's.</summary>
    public static string CutName(string name, int limit) =>
        name.Length <= limit ? name : name.Substring(0, Whole(name, limit)).PadRight(limit, '…') + "…";

    /// <summary>At most so many characters: what is too much is left out before the end, where the remedy stands.</summary>
    public static string CutWords(string words, int limit)
    {
        const string gap = " … ";
        if (words.Length <= limit)
        {
            return words;
        }

        int head = Whole(words, (limit - gap.Length) * 3 / 4);
        int tail = words.Length - (limit - gap.Length - head);
        tail += char.IsLowSurrogate(words[tail]) ? 1 : 0;
        return new StringBuilder(words, 0, head, limit).Append(gap).Append(words, tail, words.Length - tail).ToString();
    }

    private static string Escape(string text, bool lines)
    {
        int at = FirstHidden(text);
        if (at < 0)
        {
            return text;
        }

        var escaped = new StringBuilder(text, 0, at, text.Length + 16);
        while (at < text.Length)
        {
            int point = CodePoint(text, at, out int length);
            if (!IsHidden(point) || (lines && (point is '\n' or '\t' || (point == '\r' && at + 1 < text.Length && text[at + 1] == '\n'))))
            {
                escaped.Append(text, at, length);
            }
            else
            {
                escaped.Append(point switch
                {
                    '\n' => "\\n",
                    '\r' => "\\r",
                    '\t' => "\\t",
                    > 0xFFFF => Unit(text[at]) + Unit(text[at + 1]),
                    _ => Unit(text[at]),
                });
            }

            at += length;
        }

        return escaped.ToString();
    }

    private static string Unit(char unit) => "\\u" + ((int)unit).ToString("X4", CultureInfo.InvariantCulture);

    private static int FirstHidden(string text)
    {
        for (int at = 0; at < text.Length;)
        {
            // Nearly every text is printable ASCII from end to end.
            if (text[at] is >= ' ' and < '\u007F')
            {
                at++;
                continue;
            }

            int point = CodePoint(text, at, out int length);
            if (IsHidden(point))
            {
                return at;
            }

            at += length;
        }

        return -1;
    }

    private static int CodePoint(string text, int at, out int length)
    {
        bool pair = char.IsHighSurrogate(text[at]) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]);
        length = pair ? 2 : 1;
        return pair ? char.ConvertToUtf32(text[at], text[at + 1]) : text[at];
    }

    private static bool IsHidden(int point)
    {
        if ((point & 0xFFFE) == 0xFFFE)
        {
            return true;
        }

        for (int range = 0; range < Hidden.Length && point >= Hidden[range]; range += 2)
        {
            if (point <= Hidden[range + 1])
            {
                return true;
            }
        }

        return false;
    }

    // Not in the middle of a pair.
    private static int Whole(string text, int length) => length > 0 && char.IsHighSurrogate(text[length - 1]) ? length - 1 : length;
}
