using System.Collections;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security;

namespace ClusterTools.Cmdlets;

/// <summary>
/// Takes a number as seconds, a TimeSpan as it is, and text that is either; empty text, as in a cell of a CSV file, is nothing.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class DurationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) => Read(inputData);

    internal static TimeSpan? Read(object? value)
    {
        // ConvertTo-Json makes an object of a TimeSpan.
        if (value is PSObject { BaseObject: PSCustomObject } left && left.Properties[nameof(TimeSpan.Ticks)]?.Value is IConvertible ticks)
        {
            return TimeSpan.FromTicks(ticks.ToInt64(CultureInfo.InvariantCulture));
        }

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
                throw new ArgumentTransformationMetadataException(
                    $"'{other}' is no duration. Give seconds, such as 30, or a TimeSpan, such as 00:00:30.");
        }
    }

    private static TimeSpan Seconds(double seconds) => seconds is >= 0 and <= 31_536_000
        ? TimeSpan.FromSeconds(seconds)
        : throw new ArgumentTransformationMetadataException(
            $"{seconds.ToString(CultureInfo.InvariantCulture)} seconds are out of range. Give 0 or more, at most a year.");
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
        "IndependentSubtree", "NonCritical", "StartLevel", "StopLevel", "StatusCheck", "StartRetries", "StopRetries", "Failovers",
        "StartFinalAction",
        "StopFinalAction", "FinalScript", "FinalScriptTimeout", "Children", "Script", "Address", "Unit",
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

    /// <summary>
    /// A resource as it is given to New-ClusterService -Resource: a hashtable, a row of a CSV file, a configured resource, or an agent's
    /// name.
    /// </summary>
    /// <exception cref="ClusterApiException">It is not understood.</exception>
    public static Contract.ResourceDefinition Resource(object given)
    {
        object value = given is PSObject { BaseObject: PSCustomObject } left
            ? PipedObject.Is(left, typeof(Contract.ResourceConfiguration))
                ? PipedObject.Revive(left, typeof(Contract.ResourceConfiguration))
                : left
            : Bare(given)!;
        return value switch
        {
            Contract.ResourceDefinition definition => definition,
            Contract.ResourceConfiguration resource => ResourceForms.Of(resource),
            string agent => new Contract.ResourceDefinition { Agent = agent },
            IDictionary dictionary =>
                Resource(dictionary.Keys.Cast<object>().Select(k => new KeyValuePair<string, object?>(Text(k) ?? "", dictionary[k]))),
            PSObject row => Resource(row.Properties.Select(p => new KeyValuePair<string, object?>(p.Name, p.Value))),
            _ => throw EditErrors.Invalid(
                $"'{given}' is no resource.",
                "Give a hashtable, such as @{ Name = 'db'; Agent = 'ocf:heartbeat:pgsql'; Parameter = @{ pgdata = '/srv/db' } }."),
        };
    }

    private static Contract.ResourceDefinition Resource(IEnumerable<KeyValuePair<string, object?>> members)
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

        Contract.ResourceDefinition definition =
            Word("Script") is { } script ? ResourceForms.OfScript(script)
            : Word("Address") is { } address ? ResourceForms.OfAddress(address)
            : Word("Unit") is { } unit ? ResourceForms.OfUnit(unit)
            : new Contract.ResourceDefinition();
        definition.Id = Word("Id") ?? definition.Id;
        definition.Type = Word("Type");
        definition.Name = Word("Name");
        definition.Agent = Word("Agent") ?? definition.Agent;
        definition.Parameters = Value("Parameter") switch
        {
            null => definition.Parameters,
            IDictionary parameters => Parameters(parameters),
            var other =>
                throw EditErrors.Invalid($"The parameters '{other}' of a resource are no hashtable.", "Give them as @{ name = 'value' }."),
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
        definition.StatusChecks = Value("StatusCheck") is { } checks ? StatusChecks(checks is object[] several ? several : [checks]) : null;
        definition.StartRetries = Number("StartRetries");
        definition.StopRetries = Number("StopRetries");
        definition.Failovers = Number("Failovers");
        definition.StartFinal = Enumerated<Contract.FinalAction>("StartFinalAction", Value("StartFinalAction"));
        definition.StopFinal = Enumerated<Contract.FinalAction>("StopFinalAction", Value("StopFinalAction"));
        definition.FinalScript = Word("FinalScript");
        definition.FinalScriptTimeout = DurationAttribute.Read(Value("FinalScriptTimeout"));
        definition.Children = Value("Children") switch
        {
            null => [],
            object[] children => [.. children.Select(Resource)],
            var child => [Resource(child)],
        };
        return definition;

        object? Value(string key) =>
            given.TryGetValue(key, out object? value)
                ? value is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : value
                : null;

        string? Word(string key) => Text(Value(key));

        int? Number(string key) => Word(key) is not { } word ? null
            : int.TryParse(word, NumberStyles.Integer, CultureInfo.InvariantCulture, out int number) ? number
            : throw EditErrors.Invalid($"{key} '{word}' of a resource is no number.", "Give a whole number.");
    }

    /// <summary>
    /// Deeper status checks: hashtables or rows with Depth, Interval and, where wanted, Timeout; or those of another resource.
    /// </summary>
    /// <exception cref="ClusterApiException">They are not understood.</exception>
    public static IReadOnlyList<Contract.StatusCheck>? StatusChecks(object[]? given) =>
        given is null ? null : [.. given.Select(StatusCheck)];

    /// <summary>
    /// What a service needs of others: names, hashtables or rows with Group, Require and Colocation, or those of another service.
    /// </summary>
    /// <exception cref="ClusterApiException">They are not understood.</exception>
    public static IReadOnlyList<Contract.ServiceDependency> Dependencies(object[]? given) =>
        [.. (given ?? []).Where(g => g is not null and not string { Length: 0 }).Select(Dependency)];

    /// <summary>What is meant where nothing is said of how: with a place alone the place, else that the other runs.</summary>
    public static Contract.DependencyMode Require(Contract.DependencyMode? require, Contract.Colocation? colocation) =>
        require ?? (colocation is null ? Contract.DependencyMode.Hard : Contract.DependencyMode.None);

    private static Contract.StatusCheck StatusCheck(object given)
    {
        if (Bare(given) is Contract.StatusCheck check)
        {
            return check;
        }

        Dictionary<string, object?> members = Named(
            given, "status check", "@{ Depth = 20; Interval = 60 }", ["Depth", "Interval", "Timeout"]);
        var made = new Contract.StatusCheck
        {
            Depth = Whole("Depth", members.TryGetValue("Depth", out object? depth) ? depth : null)
                ?? throw EditErrors.Invalid(
                    "A status check has no depth.",
                    "Give one, such as @{ Depth = 20; Interval = 60 }; Get-ClusterResourceType shows which ones an agent has."),
            Interval = Time("Interval")
                ?? throw EditErrors.Invalid(
                    "A status check has no interval.", "Give it in seconds, such as @{ Depth = 20; Interval = 60 }."),
        };
        made.Timeout = Time("Timeout") ?? made.Timeout;
        return made;

        TimeSpan? Time(string key) => members.TryGetValue(key, out object? time) ? DurationAttribute.Read(time) : null;
    }

    private static Contract.ServiceDependency Dependency(object given)
    {
        switch (Bare(given))
        {
            case Contract.ServiceDependency dependency:
                return dependency;
            case Contract.GroupDependency dependency:
                return new Contract.ServiceDependency
                {
                    Group = dependency.DependsOn,
                    Require = dependency.Require,
                    Colocation = dependency.Colocation,
                };
            case string name:
                return new Contract.ServiceDependency { Group = name, Require = Contract.DependencyMode.Hard };
            default:
                Dictionary<string, object?> members = Named(
                    given, "dependency", "@{ Group = 'db'; Require = 'Hard'; Colocation = 'Same' }", ["Group", "Require", "Colocation"]);
                Contract.Colocation? colocation = Enumerated<Contract.Colocation>(
                    "Colocation", members.TryGetValue("Colocation", out object? place) ? place : null);
                return new Contract.ServiceDependency
                {
                    Group = (members.TryGetValue("Group", out object? group) ? Text(group) : null)
                        ?? throw EditErrors.Invalid("A dependency names no group.", "Give it as @{ Group = 'db'; Require = 'Hard' }."),
                    Require = Require(
                        Enumerated<Contract.DependencyMode>("Require", members.TryGetValue("Require", out object? mode) ? mode : null),
                        colocation),
                    Colocation = colocation ?? Contract.Colocation.Any,
                };
        }
    }

    /// <summary>The members of a hashtable or a row, by names that are known; empty ones are left out.</summary>
    private static Dictionary<string, object?> Named(object given, string what, string example, string[] known)
    {
        IEnumerable<KeyValuePair<string, object?>> members = Bare(given) switch
        {
            IDictionary dictionary =>
                dictionary.Keys.Cast<object>().Select(k => new KeyValuePair<string, object?>(Text(k) ?? "", dictionary[k])),
            PSObject row => row.Properties.Select(p => new KeyValuePair<string, object?>(p.Name, p.Value)),
            _ => throw EditErrors.Invalid($"'{given}' is no {what}.", $"Give a hashtable, such as {example}."),
        };
        var named = new Dictionary<string, object?>(StringComparer.OrdinalIgnoreCase);
        foreach (KeyValuePair<string, object?> member in members)
        {
            if (!known.Contains(member.Key, StringComparer.OrdinalIgnoreCase))
            {
                throw EditErrors.Invalid($"A {what} has no '{member.Key}'.", $"Give some of {string.Join(", ", known)}.");
            }

            if (member.Value is not (null or string { Length: 0 }))
            {
                named[member.Key] = member.Value;
            }
        }

        return named;
    }

    private static object? Bare(object? given) => given is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : given;

    private static int? Whole(string what, object? value) => Text(value) is not { Length: > 0 } word ? null
        : int.TryParse(word, NumberStyles.Integer, CultureInfo.InvariantCulture, out int number) ? number
        : throw EditErrors.Invalid($"{what} '{word}' is no number.", "Give a whole number.");

    private static T? Enumerated<T>(string what, object? value)
        where T : struct, Enum =>
        Bare(value) switch
        {
            null => null,
            T known => known,
            // One of the words: the parser takes numbers too, and "restart, relocate" for one.
            var other when Array.Find(
                Enum.GetNames(typeof(T)),
                n => string.Equals(n, Text(other)?.Replace("-", ""), StringComparison.OrdinalIgnoreCase)) is { } word =>
                (T)Enum.Parse(typeof(T), word),
            var other =>
                throw EditErrors.Invalid(
                    $"{what} '{Text(other)}' is none that there is.", $"Give one of {string.Join(", ", Enum.GetNames(typeof(T)))}."),
        };

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
