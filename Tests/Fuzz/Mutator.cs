using System.Text;

namespace ClusterTools.Fuzz;

/// <summary>Changes texts at random, as bytes: what is broken may also be no text at all.</summary>
internal static class Mutator
{
    private static readonly byte[][] Words = [.. new[]
    {
        "\"", "'", "{", "}", "[", "]", ",", ":", "<", ">", "/>", "</", "&", "&amp;", "&#xD800;", "&nbsp;", "<!--", "-->", "<![CDATA[",
            "]]>", "<!DOCTYPE a [", "<?xml", "=",
        "null", "nulL", "true", "truE", "-1", "0", "1e999", "-0", "9223372036854775807", "99999999999999999999", "0.5", "2147483648", "NaN",
        "\\ud800", "\\udc00", "\\u0000", "\\q", "\\", "\ud83d\ude00", "\u202e", "\u0000", "\u0007", "\r", "\n", "\t", "\ufeff", "\u00e9",
        "\"relocate, disable\"", "\"error, warning\"", "\"1\"", "restart", "disable", "(secret)", "%", "%2F", "%00", "%ED%A0%80", "%zz",
        "..", "//", "?", "#", ";", "*",
        "name", "id", "version", "config_version", "nodes", "groups", "resources", "children", "ref", "rm", "cluster", "fence", "method",
        "device", "service", "ip", "script",
        "node1", "node2", "web", "pdu", "front", "{\"a\":{\"a\":{\"a\":{\"a\":", "[[[[[[[[[[[[[[[[", "<a><a><a><a><a>",
    }.Select(Encoding.UTF8.GetBytes), [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xFF, 0xFE], [0xFE, 0xFF]];

    /// <summary>One to six changes; mostly one.</summary>
    public static byte[] Mutate(byte[] text, Random random, byte[] other)
    {
        for (int changes = 1 + (random.Next(3) == 0 ? random.Next(6) : 0); changes > 0; changes--)
        {
            text = Once(text, random, other);
        }

        return text;
    }

    private static byte[] Once(byte[] text, Random random, byte[] other)
    {
        int at = random.Next(text.Length + 1);
        int length = Math.Min(text.Length - at, random.Next(4) == 0 ? random.Next(1 + text.Length) : random.Next(24));
        ReadOnlySpan<byte> before = text.AsSpan(0, at);
        ReadOnlySpan<byte> part = text.AsSpan(at, length);
        ReadOnlySpan<byte> after = text.AsSpan(at + length);
        switch (random.Next(9))
        {
            case 0:
                return [.. before, .. after];
            case 1:
                return [.. before, .. part, .. part, .. after];
            case 2:
                return [.. before, .. Word(random), .. part, .. after];
            case 3:
                return [.. before, .. Word(random), .. after];
            case 4:
                return [.. before, (byte)random.Next(256), .. part, .. after];
            case 5:
                return [.. before];
            case 6:
                int from = random.Next(other.Length + 1);
                return [.. before, .. other.AsSpan(from, Math.Min(other.Length - from, random.Next(200))), .. after];
            case 7:
                return Literal(text, random) ?? [.. before, .. after];
            default:
                byte[] flipped = [.. text];
                if (at < flipped.Length)
                {
                    flipped[at] ^= (byte)(1 << random.Next(8));
                }

                return flipped;
        }
    }

    private static byte[] Word(Random random) => Words[random.Next(Words.Length)];

    /// <summary>Puts something else in the place of what stands between two quotes, or of the whole with its quotes.</summary>
    private static byte[]? Literal(byte[] text, Random random)
    {
        int from = random.Next(text.Length + 1);
        int open = from + text.AsSpan(from).IndexOf((byte)'"');
        int length = open < from ? -1 : text.AsSpan(open + 1).IndexOf((byte)'"');
        if (length < 0)
        {
            return null;
        }

        byte[] instead = random.Next(8) == 0 ? [.. Enumerable.Repeat((byte)'x', random.Next(70_000))] : Word(random);
        return random.Next(2) == 0
            ? [.. text.AsSpan(0, open + 1), .. instead, .. text.AsSpan(open + 1 + length)]
            : [.. text.AsSpan(0, open), .. instead, .. text.AsSpan(open + length + 2)];
    }
}
