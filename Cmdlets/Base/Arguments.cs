using System.Collections;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using System.Runtime.InteropServices;
using System.Security;
using ClusterTools.Client;

namespace ClusterTools.Cmdlets;

/// <summary>Takes a number as seconds, a TimeSpan as it is, and text that is either; empty text, as in a cell of a CSV file, is nothing.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class DurationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) => Read(inputData);

    internal static TimeSpan? Read(object? value)
    {
        switch (value is PSObject wrapped ? wrapped.BaseObject : value)
        {
            case null:
                return null;
            case TimeSpan time:
                return time;
            case string text when text.Trim().Length == 0:
                return null;
            case string text when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds):
                return Seconds(seconds);
            case string text when TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out TimeSpan time):
                return time;
            case IConvertible number and not (string or bool or char or DateTime):
                return Seconds(number.ToDouble(CultureInfo.InvariantCulture));
            case var other:
                throw new ArgumentTransformationMetadataException($"'{other}' is no duration. Give seconds, such as 30, or a TimeSpan, such as 00:00:30.");
        }
    }

    private static TimeSpan Seconds(double seconds) => seconds is >= 0 and <= 31_536_000
        ? TimeSpan.FromSeconds(seconds)
        : throw new ArgumentTransformationMetadataException($"{seconds.ToString(CultureInfo.InvariantCulture)} seconds are out of range. Give 0 or more, at most a year.");
}

/// <summary>Takes true and false, 1 and 0, yes and no, as they stand in a CSV file too; empty text is nothing.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class YesNoAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) => Read(inputData);

    internal static bool? Read(object? value) => (value is PSObject wrapped ? wrapped.BaseObject : value) switch
    {
        null => null,
        bool yes => yes,
        SwitchParameter given => given.IsPresent,
        string text => text.Trim().ToUpperInvariant() switch
        {
            "" => null,
            "TRUE" or "YES" or "ON" or "1" => true,
            "FALSE" or "NO" or "OFF" or "0" => false,
            _ => throw new ArgumentTransformationMetadataException($"'{text}' is neither yes nor no. Give $true or $false."),
        },
        int number => number != 0,
        var other => throw new ArgumentTransformationMetadataException($"'{other}' is neither yes nor no. Give $true or $false."),
    };
}

/// <summary>Takes empty text, as in a cell of a CSV file, as nothing.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class CellAttribute : ArgumentTransformationAttribute
{
    /// <summary>A word with hyphens, as a cluster.conf has them, is the one without: restart-disable is RestartDisable.</summary>
    public bool IsWord { get; set; }

    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) =>
        (inputData is PSObject wrapped ? wrapped.BaseObject : inputData) is not string text ? inputData
        : text.Trim().Length == 0 ? null
        : IsWord ? text.Trim().Replace("-", "")
        : text;
}

/// <summary>What people write as arguments, as the client wants it.</summary>
internal static class Arguments
{
    private static readonly string[] Keys =
    [
        "Id", "Type", "Name", "Agent", "Parameter", "StartTimeout", "StopTimeout", "MonitorTimeout", "MonitorInterval", "EnforceTimeouts",
        "IndependentSubtree", "NonCritical", "StartLevel", "StopLevel", "Children", "Script", "Address", "Unit",
    ];

    /// <summary>An agent's parameters: names and values; a null value takes one out. Secure strings are read.</summary>
    public static IReadOnlyDictionary<string, string?>? Parameters(IDictionary? given)
    {
        if (given is null)
        {
            return null;
        }

        var parameters = new Dictionary<string, string?>();
        foreach (DictionaryEntry entry in given)
        {
            parameters[Text(entry.Key) ?? ""] = Text(entry.Value);
        }

        return parameters;
    }

    /// <summary>A value as agents take it.</summary>
    public static string? Text(object? value) => (value is PSObject wrapped ? wrapped.BaseObject : value) switch
    {
        null => null,
        string text => text,
        bool yes => yes ? "true" : "false",
        SwitchParameter given => given.IsPresent ? "true" : "false",
        SecureString secret => Plain(secret),
        PSCredential credential => Plain(credential.Password),
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        IEnumerable list => string.Join(" ", list.Cast<object?>().Select(Text)),
        var other => other.ToString(),
    };

    /// <summary>A resource as it is given to New-ClusterService -Resource: a hashtable, a row of a CSV file, a configured resource, or an agent's name.</summary>
    /// <exception cref="ClusterApiException">It is not understood.</exception>
    public static ResourceDefinition Resource(object given)
    {
        object value = given is PSObject wrapped && wrapped.BaseObject is not PSCustomObject ? wrapped.BaseObject : given;
        return value switch
        {
            ResourceDefinition definition => definition,
            Contract.ResourceConfiguration resource => ResourceDefinition.Of(resource),
            string agent => new ResourceDefinition { Agent = agent },
            IDictionary dictionary => Resource(dictionary.Keys.Cast<object>().Select(k => new KeyValuePair<string, object?>(Text(k) ?? "", dictionary[k]))),
            PSObject row => Resource(row.Properties.Select(p => new KeyValuePair<string, object?>(p.Name, p.Value))),
            _ => throw EditErrors.Invalid(
                $"'{given}' is no resource.", "Give a hashtable, such as @{ Name = 'db'; Agent = 'ocf:heartbeat:pgsql'; Parameter = @{ pgdata = '/srv/db' } }."),
        };
    }

    private static ResourceDefinition Resource(IEnumerable<KeyValuePair<string, object?>> members)
    {
        var given = new Dictionary<string, object?>(StringComparer.OrdinalIgnoreCase);
        foreach (KeyValuePair<string, object?> member in members)
        {
            string key = member.Key.Equals("Parameters", StringComparison.OrdinalIgnoreCase) ? "Parameter" : member.Key;
            if (!Keys.Contains(key, StringComparer.OrdinalIgnoreCase))
            {
                throw EditErrors.Invalid($"A resource has no '{member.Key}'.", $"Give some of {string.Join(", ", Keys)}.");
            }

            if (member.Value is not string { Length: 0 })
            {
                given[key] = member.Value;
            }
        }

        ResourceDefinition definition =
            Word("Script") is { } script ? ResourceDefinition.OfScript(script)
            : Word("Address") is { } address ? ResourceDefinition.OfAddress(address)
            : Word("Unit") is { } unit ? ResourceDefinition.OfUnit(unit)
            : new ResourceDefinition();
        definition.Id = Word("Id") ?? definition.Id;
        definition.Type = Word("Type");
        definition.Name = Word("Name");
        definition.Agent = Word("Agent") ?? definition.Agent;
        definition.Parameters = Value("Parameter") switch
        {
            null => definition.Parameters,
            IDictionary parameters => Parameters(parameters),
            var other => throw EditErrors.Invalid($"The parameters '{other}' of a resource are no hashtable.", "Give them as @{ name = 'value' }."),
        };
        definition.StartTimeout = DurationAttribute.Read(Value("StartTimeout"));
        definition.StopTimeout = DurationAttribute.Read(Value("StopTimeout"));
        definition.MonitorTimeout = DurationAttribute.Read(Value("MonitorTimeout"));
        definition.MonitorInterval = DurationAttribute.Read(Value("MonitorInterval"));
        definition.EnforceTimeouts = YesNoAttribute.Read(Value("EnforceTimeouts"));
        definition.IndependentSubtree = YesNoAttribute.Read(Value("IndependentSubtree"));
        definition.NonCritical = YesNoAttribute.Read(Value("NonCritical"));
        definition.StartLevel = Number("StartLevel");
        definition.StopLevel = Number("StopLevel");
        definition.Children = Value("Children") switch
        {
            null => [],
            object[] children => [.. children.Select(Resource)],
            var child => [Resource(child)],
        };
        return definition;

        object? Value(string key) => given.TryGetValue(key, out object? value) ? value is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : value : null;

        string? Word(string key) => Text(Value(key));

        int? Number(string key) => Word(key) is not { } word ? null
            : int.TryParse(word, NumberStyles.Integer, CultureInfo.InvariantCulture, out int number) ? number
            : throw EditErrors.Invalid($"{key} '{word}' of a resource is no number.", "Give a whole number.");
    }

    private static string Plain(SecureString secret)
    {
        IntPtr text = Marshal.SecureStringToGlobalAllocUnicode(secret);
        try
        {
            return Marshal.PtrToStringUni(text) ?? "";
        }
        finally
        {
            Marshal.ZeroFreeGlobalAllocUnicode(text);
        }
    }
}
