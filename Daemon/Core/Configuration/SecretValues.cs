using System.Collections.Immutable;
using System.Security;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ClusterTools.Core.Configuration;

/// <summary>Takes the values of secret parameters out of what an agent wrote.</summary>
public sealed class SecretValues
{
    internal const string Mask = "***";

    // Fewer characters of a secret at the end of a text tell nothing, and any word may end in them.
    private const int TellingLength = 4;

    // Shorter, it is nobody's secret, and would take every second word out.
    private const int ShortestValue = 2;

    private readonly ImmutableArray<string> values;

    /// <param name="agent">The agent, or the command line, with secrets that may stand in it.</param>
    /// <param name="parameters">Of the call.</param>
    /// <param name="known">Says of further names that they are secret, from the agent's metadata; null: none are.</param>
    public SecretValues(string agent, ImmutableSortedDictionary<string, string> parameters, Func<string, bool>? known = null)
    {
        ArgumentNullException.ThrowIfNull(agent);
        ArgumentNullException.ThrowIfNull(parameters);
        // Longest first, so that a secret within another leaves nothing of the longer one.
        values =
        [
            .. parameters.Where(pair => SecretParameters.IsSecret(agent, pair.Key) || known?.Invoke(pair.Key) == true)
                .Select(static pair => pair.Value)
                .Concat(parameters.Values.SelectMany(SecretText.Values))
                .Concat(SecretText.Values(agent))
                .Where(static value => value.Length >= ShortestValue)
                .SelectMany(Forms)
                .Distinct(StringComparer.Ordinal)
                .OrderByDescending(static value => value.Length),
        ];
    }

    /// <summary>The text without the secrets.</summary>
    /// <param name="text">What was kept of the output.</param>
    /// <param name="cut">Its beginning was lost, so that half a secret may stand there.</param>
    public string Remove(string text, bool cut)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (values.IsEmpty)
        {
            return SecretText.Mask(text);
        }

        if (cut)
        {
            text = text[values.Max(value => Overlap(value, text))..];
        }

        foreach (string value in values)
        {
            text = text.Replace(value, Mask, StringComparison.Ordinal);
        }

        // An agent that was ended in the middle of a line.
        int begun = values.Max(value => Overlap(text, value));
        return SecretText.Mask(begun < TellingLength ? text : text[..^begun] + Mask);
    }

    // The longest end of one text that the other begins with, without the whole of either.
    private static int Overlap(string ending, string beginning)
    {
        int length = Math.Min(ending.Length, beginning.Length) - 1;
        while (length > 0 && !ending.AsSpan(ending.Length - length).SequenceEqual(beginning.AsSpan(0, length)))
        {
            length--;
        }

        return Math.Max(length, 0);
    }

    // As agents print them: as they are, in an address, in a JSON body, in a header, in Python's notation.
    private static IEnumerable<string> Forms(string value) =>
    [
        value,
        Uri.EscapeDataString(value),
        Uri.EscapeDataString(value).Replace("%20", "+", StringComparison.Ordinal),
        JsonEncodedText.Encode(value).ToString(),
        JsonEncodedText.Encode(value, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).ToString(),
        AsciiJson(value),
        value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal),
        System.Net.WebUtility.HtmlEncode(value),
        SecurityElement.Escape(value),
        SecurityElement.Escape(value).Replace("&apos;", "'", StringComparison.Ordinal),
        SecurityElement.Escape(value).Replace("&apos;", "&#x27;", StringComparison.Ordinal),
        Convert.ToBase64String(Encoding.UTF8.GetBytes(value)),
    ];

    // Python's json.dumps.
    private static string AsciiJson(string value) => string.Concat(
        JsonEncodedText.Encode(value, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).ToString()
            .Select(static c => c < 0x80 ? c.ToString() : $"\\u{(int)c:x4}"));
}
