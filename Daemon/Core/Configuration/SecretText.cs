using System.Text;
using System.Text.RegularExpressions;

namespace ClusterTools.Core.Configuration;

/// <summary>
/// Secrets within a text, such as a command line, an address or what a program wrote: what stands behind a name that
/// <see cref="SecretParameters.IsSecret"/> knows, in whatever notation, and what known programs take as a password.
/// </summary>
public static partial class SecretText
{
    // By the end of a program's name: the options whose value is a secret. Attached (-pVALUE) or, where the second is set, as the next
    // word.
    private static readonly (string Program, string Options, bool NextWord)[] Programs =
    [
        ("fence_", "p", true),
        ("mysql", "p", false),
        ("mariadb", "p", false),
        ("sshpass", "p", true),
        ("ipmitool", "Pky", true),
        ("ipmipower", "pk", true),
        ("ipmi-", "pk", true),
        ("curl", "uU", true),
        ("ldap", "w", true),
        ("smbclient", "U", true),
        ("rpcclient", "U", true),
        ("snmp", "cAX", true),
        ("redis-cli", "a", true),
        ("rabbitmqadmin", "p", true),
        ("mongo", "p", true),
        ("docker", "p", true),
        ("podman", "p", true),
        ("lftp", "u", true),
        ("amtterm", "p", true),
        ("vbox", "p", true),
    ];

    /// <summary>
    /// The text with <see cref="SecretParameters.Replacement"/> in place of every secret. A text without any stays the same object.
    /// </summary>
    public static string Mask(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        List<(int Start, int Length)> found = Find(text);
        if (found.Count == 0)
        {
            return text;
        }

        var masked = new StringBuilder(text.Length);
        int from = 0;
        foreach ((int start, int length) in found)
        {
            if (start < from)
            {
                // Within or across one that is masked already: the longer end counts.
                from = Math.Max(from, start + length);
                continue;
            }

            masked.Append(text, from, start - from).Append(SecretParameters.Replacement);
            from = start + length;
        }

        return masked.Append(text, from, text.Length - from).ToString();
    }

    /// <summary>Whether there is a secret in the text.</summary>
    public static bool HasSecret(string text) => Find(text).Count > 0;

    /// <summary>The secrets in the text themselves, to be looked for elsewhere.</summary>
    public static IEnumerable<string> Values(string text) => Find(text).Select(f => text.Substring(f.Start, f.Length).Trim('"', '\''));

    private static List<(int Start, int Length)> Find(string text)
    {
        var found = new List<(int Start, int Length)>();
        // Most texts have none of what all notations need.
        if (text.AsSpan().IndexOfAny("=:-") < 0)
        {
            return found;
        }

        foreach (Match match in UserInAddress().Matches(text))
        {
            Add(match.Groups["value"]);
        }

        foreach (Match match in Assignment().Matches(text))
        {
            AddNamed(match);
        }

        foreach (Match match in LongOption().Matches(text))
        {
            AddNamed(match);
        }

        foreach (Match match in QuotedMember().Matches(text))
        {
            AddNamed(match);
        }

        foreach (Match match in Header().Matches(text))
        {
            Add(match.Groups["value"]);
        }

        OfPrograms(text, found);
        found.Sort();
        return found;

        void AddNamed(Match match)
        {
            if (SecretParameters.IsSecret("", match.Groups["name"].Value))
            {
                Add(match.Groups["value"]);
            }
        }

        void Add(Group value)
        {
            if (value.Length > 0 && value.Value is not (SecretParameters.Replacement or SecretValues.Mask))
            {
                found.Add((value.Index, value.Length));
            }
        }
    }

    private static void OfPrograms(string text, List<(int Start, int Length)> found)
    {
        Match[] words = [.. Word().Matches(text).Cast<Match>()];
        (string Program, string Options, bool NextWord)? known = null;
        for (int i = 0; i < words.Length; i++)
        {
            string word = words[i].Value;
            string name = word[(word.LastIndexOfAny(['/', ':', '\\']) + 1)..];
            foreach (var program in Programs)
            {
                if (name.StartsWith(program.Program, StringComparison.OrdinalIgnoreCase))
                {
                    known = program;
                }
            }

            if (known is not { } at || word.Length < 2 || word[0] != '-' || word[1] == '-'
                || !at.Options.Contains(word[1], StringComparison.Ordinal))
            {
                continue;
            }

            if (word.Length > 2)
            {
                found.Add((words[i].Index + 2, word.Length - 2));
            }
            else if (at.NextWord && i + 1 < words.Length)
            {
                found.Add((words[i + 1].Index, words[i + 1].Length));
            }
        }
    }

    // https://user:secret@host; a secret with an @ or a / in it goes to the last @.
    [GeneratedRegex("""://[^\s/:@]{0,255}:(?<value>[^\s"']{1,512})@""", RegexOptions.CultureInvariant)]
    private static partial Regex UserInAddress();

    // TOKEN=x, --password=x, user=a,password=b: to the end of the word, or of the quotes; what a value holds is looked at again.
    [GeneratedRegex(
        """(?<!\w)(?<name>[A-Za-z_][\w.-]{0,63})\s?=\s?(?=(?:"(?<value>[^"]*)"|'(?<value>[^']*)'|(?<value>[^\s"']\S*)))""",
        RegexOptions.CultureInvariant)]
    private static partial Regex Assignment();

    // --password x, -Password x
    [GeneratedRegex(
        """(?<![\w-])--?(?!no-)(?<name>[A-Za-z][\w.-]{1,63})\s+(?=(?:"(?<value>[^"]*)"|'(?<value>[^']*)'|(?<value>[^\s"']\S*)))""",
        RegexOptions.CultureInvariant)]
    private static partial Regex LongOption();

    // "password": "x" and 'password': 'x', as in JSON, YAML and Python's notation.
    [GeneratedRegex(
        """(?<!\w)(?<name>[A-Za-z_][\w.-]{0,63})["']?\s*:\s*(?=(?:"(?<value>(?:[^"\\]|\\.)*)"|'(?<value>(?:[^'\\]|\\.)*)'))""",
        RegexOptions.CultureInvariant)]
    private static partial Regex QuotedMember();

    [GeneratedRegex(
        """(?:(?:Proxy-)?Authorization|X-Api-Key|X-Auth-Token|Cookie)\s*:\s*(?:(?:Basic|Bearer|Digest|Token)\s+)?(?<value>[^\s"']+)|\bpass:(?<value>[^\s"']+)""", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Header();

    [GeneratedRegex("""[^\s"']+""", RegexOptions.CultureInvariant)]
    private static partial Regex Word();
}
