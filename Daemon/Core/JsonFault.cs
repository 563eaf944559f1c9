using System.Text.Json;
using System.Text.RegularExpressions;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>
/// What is wrong with a JSON text, and where. In words of our own: the reader's quote the text, and passwords stand in it.
/// </summary>
/// <param name="Message">What is wrong.</param>
/// <param name="Remedy">What to do.</param>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1, counted in bytes.</param>
public sealed partial record JsonFault(string Message, string Remedy, int Line, int Column)
{
    private const string HalfCharacter = "A string holds one half of a character (\\ud800 to \\udfff) without the other.";

    private const string CorrectHere = "Correct the JSON at this place, or just before it.";

    // What the reader says, by what is common to all its sentences of the kind.
    private static readonly (string Says, string Message)[] Malformed =
    [
        ("UTF-16", HalfCharacter),
        ("surrogate", HalfCharacter),
        ("invalid JSON literal", "A word stands here that is none of true, false and null."),
        ("trailing comma", "A comma stands before a closing bracket."),
        ("start of a property name", "A name in double quotes is expected here."),
        ("after a property name", "A colon is expected here."),
        ("start of a value", "A value is expected here."),
        ("after a single JSON value", "Something stands behind the end."),
        ("after a value", "A comma or a closing bracket is expected here."),
        ("within a number", "This number is not well-formed."),
        ("leading zero", "This number is not well-formed."),
        ("end of a number", "This number is not well-formed."),
        ("within a JSON string", "A string holds a line end or another control character; they are written as \\n and \\u0007."),
        ("escap", "A backslash stands before a character that can't be escaped."),
        ("hex digit", "\\u is not followed by four hexadecimal digits."),
        ("depth of", "Objects and lists are nested deeper than the greatest depth that is allowed."),
        ("end of data", "The text ends before everything is closed."),
        ("depth to be zero", "The text ends before everything is closed."),
        ("any JSON tokens", "There is no JSON here."),
        ("Duplicate", "A member stands there twice."),
        ("could not be mapped", "A member is not known here."),
    ];

    /// <summary>What an exception of the reader or the serializer says.</summary>
    public static JsonFault Of(JsonException e)
    {
        ArgumentNullException.ThrowIfNull(e);
        (string message, string remedy) = Explain(e);
        return new JsonFault(message, remedy, (int)(e.LineNumber ?? 0) + 1, (int)(e.BytePositionInLine ?? 0) + 1);
    }

    /// <summary>
    /// The first string with half a character in it, which no text can hold; null: there is none. The reader itself passes over it.
    /// </summary>
    /// <param name="utf8">Well-formed JSON.</param>
    /// <param name="depth">Levels of nesting that were allowed.</param>
    public static JsonFault? FindHalfCharacter(ReadOnlySpan<byte> utf8, int depth)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = depth });
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped
                && !IsText(ref reader, out _))
            {
                ReadOnlySpan<byte> before = utf8[..(int)reader.TokenStartIndex];
                return new JsonFault(
                    HalfCharacter, CorrectHere, before.Count((byte)'\n') + 1, before.Length - before.LastIndexOf((byte)'\n'));
            }
        }
        return null;
    }

    /// <summary>The string at the reader; false: it holds half a character, <paramref name="text"/> is empty.</summary>
    internal static bool IsText(ref Utf8JsonReader reader, out string text)
    {
        try
        {
            text = reader.GetString()!;
            return true;
        }
        catch (InvalidOperationException)
        {
            text = "";
            return false;
        }
    }

    /// <summary>Refuses half a character at a place.</summary>
    internal static (string Message, string Remedy) OfHalfCharacter => (HalfCharacter, CorrectHere);

    /// <summary>With its place, for a line of output.</summary>
    public override string ToString() => $"Line {Line}, column {Column}: {Message} {Remedy}";

    private static (string Message, string Remedy) Explain(JsonException e)
    {
        if (e is CoreJsonException own)
        {
            return (own.Own, CorrectHere);
        }
        if (e.InnerException is InvalidOperationException { Message: var inner } && inner.Contains("UTF-16", StringComparison.Ordinal))
        {
            return OfHalfCharacter;
        }
        if (Conversion().Match(e.Message) is { Success: true } conversion)
        {
            return ("The value does not fit its place.", $"Put {Expected(conversion.Groups[1].Value)} here.");
        }
        if (Missing().Match(e.Message) is { Success: true } missing)
        {
            return ($"Required members are missing: {missing.Groups[1].Value}.", "Add them to this object.");
        }
        foreach ((string says, string message) in Malformed)
        {
            if (e.Message.Contains(says, StringComparison.Ordinal))
            {
                return (message, CorrectHere);
            }
        }
        return ("The JSON is not well-formed.", CorrectHere);
    }

    private static string Expected(string type) => type switch
    {
        "System.Int32" or "System.Int64" or "System.Nullable`1[System.Int32]" or "System.Nullable`1[System.Int64]" =>
            "a whole number, without quotes, in the range of its kind,",
        "System.Boolean" or "System.Nullable`1[System.Boolean]" => "true or false, without quotes,",
        "System.String" => "a string in quotes",
        _ => "an object in { }",
    };

    [GeneratedRegex(@"could not be converted to (\S+?)\.?(\s|$)")]
    private static partial Regex Conversion();

    [GeneratedRegex(@"missing required \w+ including: ('\w+'(?:, '\w+')*)")]
    private static partial Regex Missing();
}

/// <summary>A fault that our own converters find, with words that may be shown.</summary>
internal sealed class CoreJsonException : JsonException
{
    public CoreJsonException(string own)
        : base(own) => Own = own;

    /// <summary>The words, without what the serializer adds.</summary>
    public string Own { get; }
}
