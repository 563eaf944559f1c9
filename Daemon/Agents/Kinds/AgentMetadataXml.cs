using System.Collections.Immutable;
using System.Globalization;
using System.Xml;
using System.Xml.Linq;

namespace ClusterTools.Agents;

/// <summary>Reads what an OCF agent prints for meta-data. Fence agents speak the same language.</summary>
internal static class AgentMetadataXml
{
    /// <exception cref="ResourceAgentException">It is no metadata.</exception>
    public static AgentMetadata Parse(string agent, string xml)
    {
        XElement root;
        try
        {
            root = Load(xml);
        }
        catch (XmlException error)
        {
            throw new ResourceAgentException(
                $"The metadata of {agent} is not XML (line {error.LineNumber}, column {error.LinePosition}). "
                    + "Reinstall the package that holds it.", 1, error);
        }

        return new AgentMetadata
        {
            Agent = agent,
            Version = (string?)root.Attribute("version") ?? root.Element("version")?.Value.Trim() ?? "",
            ShortDescription = Text(root, "shortdesc"),
            LongDescription = Text(root, "longdesc"),
            Parameters = [.. Parameters(root)],
            Actions =
            [
                .. from action in root.Elements("actions").Elements("action")
                   where (string?)action.Attribute("name") is { Length: > 0 }
                   select new AgentAction
                   {
                       Name = (string)action.Attribute("name")!,
                       Timeout = Time((string?)action.Attribute("timeout")),
                       Interval = Time((string?)action.Attribute("interval")),
                       Depth = int.TryParse(
                           (string?)action.Attribute("depth"), NumberStyles.None, CultureInfo.InvariantCulture, out int depth)
                           ? depth
                           : null,
                   },
            ],
        };
    }

    /// <summary>What it takes.</summary>
    internal static IEnumerable<AgentParameter> Parameters(XElement root) =>
        from parameter in root.Elements("parameters").Elements("parameter")
        where (string?)parameter.Attribute("name") is { Length: > 0 }
        let content = parameter.Element("content")
        let values = content?.Elements("option").Select(static o => (string?)o.Attribute("value") ?? "").ToArray() ?? []
        select new AgentParameter
        {
            Name = (string)parameter.Attribute("name")!,
            Required = IsTrue(parameter, "required"),
            Unique = IsTrue(parameter, "unique") || parameter.Attribute("unique-group") is not null,
            Type = (string?)content?.Attribute("type") ?? "string",
            Default = (string?)content?.Attribute("default"),
            Deprecated = IsTrue(parameter, "deprecated") || parameter.Element("deprecated") is not null,
            Options = values.Length == 0 ? [] : [.. values],
            ShortDescription = Text(parameter, "shortdesc"),
            Secret = IsSecret(parameter, Text(parameter, "shortdesc")),
            LongDescription = Text(parameter, "longdesc"),
        };

    /// <summary>The root element; document types are passed over, and nothing is fetched.</summary>
    /// <exception cref="XmlException">It is not well-formed.</exception>
    internal static XElement Load(string xml)
    {
        var settings = new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore, XmlResolver = null };
        using var reader = XmlReader.Create(new StringReader(xml.Trim()), settings);
        return XElement.Load(reader);
    }

    /// <summary>A description, the English one where there are several.</summary>
    internal static string Text(XElement parent, string name)
    {
        XElement? chosen = parent.Elements(name).FirstOrDefault(static e => (string?)e.Attribute("lang") is null or "en")
            ?? parent.Element(name);
        return chosen?.Value.Trim() ?? "";
    }

    /// <summary>
    /// The agent itself says that a parameter holds a password or the like: by its type, a mark, or its short description.
    /// </summary>
    internal static bool IsSecret(XElement parameter, string shortDescription)
    {
        XElement? content = parameter.Element("content");
        return (string?)content?.Attribute("type") is "password" or "secret" or "private"
            || SecretMarks.Any(mark => IsTrue(parameter, mark) || (content is not null && IsTrue(content, mark)))
            || SecretWords.Any(word => shortDescription.Contains(word, StringComparison.OrdinalIgnoreCase));
    }

    private static readonly string[] SecretMarks = ["sensitive", "secret", "private", "password"];
    private static readonly string[] SecretWords = ["passw", "passphrase", "secret"];

    internal static bool IsTrue(XElement element, string name) => (string?)element.Attribute(name) is "1" or "true" or "yes";

    /// <summary><c>20</c>, <c>20s</c>, <c>500ms</c>, <c>2m</c>, <c>1h</c>.</summary>
    internal static TimeSpan? Time(string? text)
    {
        if (text is null)
        {
            return null;
        }

        int digits = text.TakeWhile(static c => char.IsAsciiDigit(c) || c == '.').Count();
        double? unit = text[digits..].Trim() switch
        {
            "" or "s" or "sec" => 1,
            "ms" or "msec" => 0.001,
            "us" or "usec" => 0.000001,
            "m" or "min" => 60,
            "h" or "hr" => 3600,
            _ => null,
        };
        return unit is { } seconds
            && double.TryParse(text.AsSpan(0, digits), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value)
            && value * seconds < TimeSpan.MaxValue.TotalSeconds / 2
            ? TimeSpan.FromSeconds(value * seconds)
            : null;
    }
}
