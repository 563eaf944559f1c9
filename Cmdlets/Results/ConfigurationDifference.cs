using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace ClusterTools.Client;

/// <summary>One difference between two configurations.</summary>
public sealed class ConfigurationDifference
{
    internal ConfigurationDifference(MemberDifference difference)
    {
        Path = difference.Path;
        Change = difference.Change;
        Old = Value(difference.Old);
        New = Value(difference.New);
    }

    /// <summary>Place in the configuration, such as <c>groups/webshop/resources/script:shop-web/monitorInterval</c>.</summary>
    public string Path { get; }

    /// <summary>What happened there.</summary>
    public MemberChange Change { get; }

    /// <summary>The value before; a whole object as JSON; null: there was none.</summary>
    public object? Old { get; }

    /// <summary>The value after; a whole object as JSON; null: there is none.</summary>
    public object? New { get; }

    /// <inheritdoc/>
    public override string ToString() => Change switch
    {
        MemberChange.Added => $"{Path} is added: {New}",
        MemberChange.Removed => $"{Path} is removed",
        _ => $"{Path}: {Old ?? "none"} -> {New ?? "none"}",
    };

    // Text that looks like a time stays text.
    private static object? Value(string? json)
    {
        if (json is null || json.StartsWith("{", StringComparison.Ordinal) || json.StartsWith("[", StringComparison.Ordinal))
        {
            return json;
        }

        using var reader = new JsonTextReader(new StringReader(json)) { DateParseHandling = DateParseHandling.None };
        return ((JValue)JToken.ReadFrom(reader)).Value;
    }
}
