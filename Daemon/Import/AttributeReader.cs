using System.Globalization;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Import;

/// <summary>Reads the values of attributes; what they can't be is told, with the place that it is about.</summary>
internal sealed class AttributeReader(ImportProblems problems)
{
    /// <summary>Where problems go.</summary>
    public ImportProblems Problems => problems;

    /// <summary>The name, or null after an error: what has no name is left out.</summary>
    public string? Name(ConfElement element, string attribute, string path)
    {
        if (element.Text(attribute) is not { } name)
        {
            problems.Error(path, $"A <{element.Name}> has no {attribute}.", $"Add {attribute}=\"…\".", element.Line);
            return null;
        }
        if (name.Length <= ConfigurationLimits.NameLength)
        {
            return name;
        }
        problems.Error(path,
            $"The {attribute} of a <{element.Name}> has {name.Length:N0} characters; the limit is {ConfigurationLimits.NameLength}.",
            "Shorten it.", element.Line);
        return null;
    }

    public long Number(ConfElement element, string attribute, string path, long fallback, long least, long most)
    {
        if (element.Take(attribute) is not { } given)
        {
            return fallback;
        }
        problems.Place(given.Line, path);
        if (!long.TryParse(given.Value.AsSpan().Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value))
        {
            problems.Error(path, $"{attribute}=\"{given.Value.Shown()}\" is not a whole number.",
                $"Write a number, such as {attribute}=\"{Math.Max(fallback, least)}\".", given.Line);
            return fallback;
        }
        if (value < least || value > most)
        {
            problems.Error(path, value < 0 ? $"{attribute}=\"{value}\" is negative." : $"{attribute}=\"{value}\" is out of range.",
                most >= int.MaxValue ? $"Write {least} or greater." : $"Write {least} to {most}.", given.Line);
            return fallback;
        }
        return value;
    }

    public bool Flag(ConfElement element, string attribute, string path, bool fallback)
    {
        if (element.Take(attribute) is not { } given)
        {
            return fallback;
        }
        problems.Place(given.Line, path);
        return Switch(given, path, fallback);
    }

    /// <summary>What an attribute's switch says: 1/0, yes/no, on/off, true/false.</summary>
    public bool Switch(ConfAttribute attribute, string path, bool fallback)
    {
        if (IsSwitch(attribute.Value) is { } value)
        {
            return value;
        }
        problems.Error(path, $"{attribute.Name}=\"{attribute.Value.Shown()}\" is neither on nor off.",
            "Write 1 or 0 (yes and no, on and off, true and false are understood too).", attribute.Line);
        return fallback;
    }

    /// <summary>On or off; null: it is no switch.</summary>
    public static bool? IsSwitch(string value) => value.Trim().ToLowerInvariant() switch
    {
        "1" or "yes" or "on" or "true" or "y" or "enabled" => true,
        "0" or "no" or "off" or "false" or "n" or "disabled" => false,
        _ => null,
    };

    /// <summary>A time as the classic manager writes it: seconds, or with s, m, h or d behind it. Null after an error.</summary>
    public long? Seconds(ConfAttribute given, string path)
    {
        var text = given.Value.Trim();
        var unit = text.Length > 1 ? char.ToLowerInvariant(text[^1]) : '0';
        var factor = unit switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86_400, _ => 0 };
        var digits = factor == 0 ? text : text[..^1];
        if (long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            && value is >= 0 and <= 31_536_000)
        {
            return Math.Min(value * Math.Max(factor, 1), 31_536_000);
        }
        problems.Error(path,
            value < 0 ? $"{given.Name}=\"{text.Shown()}\" is negative." : $"{given.Name}=\"{given.Value.Shown()}\" is not a time.",
            "Write seconds, such as \"300\", or \"5m\".", given.Line);
        return null;
    }
}
