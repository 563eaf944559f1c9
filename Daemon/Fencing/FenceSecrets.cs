using System.Collections.Immutable;
using System.Text;
using System.Text.Json;

namespace ClusterTools.Fencing;

/// <summary>Takes the values of secret parameters out of what an agent wrote.</summary>
internal sealed class FenceSecrets
{
    private const string Mask = "***";

    private static readonly ImmutableArray<string> SecretWords = ["passw", "passphrase", "secret", "key", "token", "community", "credential"];

    private readonly ImmutableArray<string> values;

    /// <param name="parameters">Of the call.</param>
    /// <param name="known">Says of further names that they are secret, from the agent's metadata.</param>
    public FenceSecrets(ImmutableSortedDictionary<string, string> parameters, Func<string, bool> known)
    {
        // Longest first, so that a secret within another leaves nothing of the longer one.
        values =
        [
            .. parameters.Where(pair => pair.Value.Length > 0 && (IsSecretName(pair.Key) || known(pair.Key)))
                .SelectMany(static pair => Forms(pair.Value))
                .Distinct(StringComparer.Ordinal)
                .OrderByDescending(static value => value.Length),
        ];
    }

    /// <summary>Length of the longest form of a secret, in characters; 0 when there is none.</summary>
    public int LongestLength => values.IsEmpty ? 0 : values[0].Length;

    /// <summary>A parameter of this name holds a password or the like.</summary>
    public static bool IsSecretName(string name) => SecretWords.Any(word => name.Contains(word, StringComparison.OrdinalIgnoreCase));

    /// <summary>The text without the secrets.</summary>
    /// <param name="text">What was kept of the output.</param>
    /// <param name="cut">Its beginning was lost, so that half a secret may stand there.</param>
    public string Remove(string text, bool cut)
    {
        if (values.IsEmpty)
        {
            return text;
        }

        if (cut)
        {
            text = text[Math.Min(LongestLength, text.Length)..];
        }

        foreach (string value in values)
        {
            text = text.Replace(value, Mask, StringComparison.Ordinal);
        }

        return text;
    }

    // As agents print them: as they are, in an address, in a JSON body, in a header, in Python's notation.
    private static IEnumerable<string> Forms(string value) =>
    [
        value,
        Uri.EscapeDataString(value),
        Uri.EscapeDataString(value).Replace("%20", "+", StringComparison.Ordinal),
        JsonEncodedText.Encode(value).ToString(),
        value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal),
        System.Net.WebUtility.HtmlEncode(value),
        Convert.ToBase64String(Encoding.UTF8.GetBytes(value)),
    ];
}
