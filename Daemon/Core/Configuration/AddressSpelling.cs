using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ClusterTools.Core.Configuration;

/// <summary>
/// IP addresses as the system's own tools print them (RFC 5952): an address has many spellings, and programs that look for one
/// among what is configured compare letters.
/// </summary>
public static class AddressSpelling
{
    private const int Words = 8;

    /// <summary>
    /// The address in its one spelling; a text that is no IP address stays as it is, as does one with a zone (<c>%eth0</c>).
    /// </summary>
    /// <param name="text">An address, without a prefix length.</param>
    public static string Canonical(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        // Not everything that the parser takes is meant as an address: "1" and "0x7f.1" are numbers.
        if (text.Contains('%', StringComparison.Ordinal) || text.Contains('[', StringComparison.Ordinal)
            || text.Contains('/', StringComparison.Ordinal)
            || !text.Contains(':', StringComparison.Ordinal)
            || !IPAddress.TryParse(text.Trim(), out IPAddress? address) || address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return text;
        }
        byte[] bytes = address.GetAddressBytes();
        ushort[] words = [.. Enumerable.Range(0, Words).Select(i => (ushort)((bytes[2 * i] << 8) | bytes[(2 * i) + 1]))];
        (int start, int length) = LongestZeros(words);
        // What the C library prints of an IPv4 address within an IPv6 one.
        bool dotted = start == 0 && ((length == Words - 2) || (length == Words - 3 && words[Words - 3] == 0xFFFF));
        int end = dotted ? Words - 2 : Words;
        var spelled = new StringBuilder();
        for (int i = 0; i < end; i++)
        {
            if (i == start && length > 1)
            {
                spelled.Append("::");
                i += length - 1;
                continue;
            }
            spelled.Append(spelled.Length > 0 && spelled[^1] != ':' ? ":" : "").Append($"{words[i]:x}");
        }
        if (dotted)
        {
            spelled.Append(spelled[^1] != ':' ? ":" : "").Append($"{bytes[12]}.{bytes[13]}.{bytes[14]}.{bytes[15]}");
        }
        return spelled.ToString();
    }

    /// <summary>The same address, whatever its spelling; what is no address is compared by its letters.</summary>
    public static bool Same(string a, string b) =>
        string.Equals(a, b, StringComparison.Ordinal)
        || (a is not null && b is not null && string.Equals(Canonical(a), Canonical(b), StringComparison.Ordinal));

    /// <summary>
    /// Parameters as an agent is given them, which looks for an address by its letters: every value that is an IPv6 address in its one
    /// spelling.
    /// </summary>
    public static ImmutableSortedDictionary<string, string> OfAll(ImmutableSortedDictionary<string, string> parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        foreach ((string name, string value) in parameters)
        {
            string canonical = Canonical(value);
            if (!ReferenceEquals(canonical, value))
            {
                parameters = parameters.SetItem(name, canonical);
            }
        }
        return parameters;
    }

    private static (int Start, int Length) LongestZeros(ushort[] words)
    {
        (int Start, int Length) best = (-1, 0);
        for (int i = 0; i < words.Length; i++)
        {
            int length = 0;
            while (i + length < words.Length && words[i + length] == 0)
            {
                length++;
            }
            if (length > best.Length)
            {
                best = (i, length);
            }
            i += length;
        }
        return best;
    }
}
