using System.Collections.Immutable;
using System.Xml;
using System.Xml.Linq;
using ClusterTools.Agents;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Fencing;

/// <summary>What a fence agent says of itself (its <c>metadata</c> action).</summary>
public sealed record FenceMetadata
{
    /// <summary>The agent's own name for itself.</summary>
    public required string Name { get; init; }

    public string ShortDescription { get; init; } = "";

    public string LongDescription { get; init; } = "";

    public string VendorUrl { get; init; } = "";

    /// <summary>Why its success proves nothing, as the end of a sentence that begins with its name; null: it cuts a node off.</summary>
    public string? WhyNoProof =>
        FenceProof.WhyNone(Name, $"{ShortDescription}\n{LongDescription}", [.. Actions.Select(static a => a.Name)]);

    public ImmutableArray<FenceParameter> Parameters { get; init; } = [];

    public ImmutableArray<FenceAgentAction> Actions { get; init; } = [];

    /// <exception cref="FenceAgentException">It is no metadata.</exception>
    internal static FenceMetadata Parse(string agent, string xml)
    {
        XElement root;
        try
        {
            root = AgentMetadataXml.Load(xml);
        }
        catch (XmlException error)
        {
            throw new FenceAgentException(
                $"The metadata of fence agent '{agent}' is not XML (line {error.LineNumber}, column {error.LinePosition}). "
                    + "Reinstall the package that holds it.", error);
        }

        return new FenceMetadata
        {
            Name = (string?)root.Attribute("name") ?? agent,
            ShortDescription = (string?)root.Attribute("shortdesc") ?? AgentMetadataXml.Text(root, "shortdesc"),
            LongDescription = AgentMetadataXml.Text(root, "longdesc"),
            VendorUrl = root.Element("vendor-url")?.Value.Trim() ?? "",
            Parameters =
            [
                .. from parameter in root.Elements("parameters").Elements("parameter")
                   let name = (string?)parameter.Attribute("name")
                   where name is { Length: > 0 }
                   let content = parameter.Element("content")
                   let description = AgentMetadataXml.Text(parameter, "shortdesc")
                   select new FenceParameter
                   {
                       Name = name,
                       Required = AgentMetadataXml.IsTrue(parameter, "required"),
                       Unique = AgentMetadataXml.IsTrue(parameter, "unique"),
                       Deprecated = AgentMetadataXml.IsTrue(parameter, "deprecated"),
                       Type = (string?)content?.Attribute("type") ?? "string",
                       Default = (string?)content?.Attribute("default"),
                       Options = content is null
                           ? []
                           : [.. content.Elements("option").Select(static o => (string?)o.Attribute("value") ?? "")],
                       ShortDescription = description,
                       Secret = SecretParameters.IsSecret(agent, name) || AgentMetadataXml.IsSecret(parameter, description),
                   },
            ],
            Actions =
            [
                .. from action in root.Elements("actions").Elements("action")
                   let name = (string?)action.Attribute("name")
                   where name is { Length: > 0 }
                   select new FenceAgentAction
                   {
                       Name = name,
                       Automatic = AgentMetadataXml.IsTrue(action, "automatic"),
                       OnTarget = AgentMetadataXml.IsTrue(action, "on_target"),
                   },
            ],
        };
    }
}

/// <summary>A parameter of a fence agent.</summary>
public sealed record FenceParameter
{
    public required string Name { get; init; }

    public bool Required { get; init; }

    public bool Unique { get; init; }

    /// <summary>An older name that the agent still takes.</summary>
    public bool Deprecated { get; init; }

    /// <summary>string, boolean, integer, second, select and so on, as the agent says.</summary>
    public string Type { get; init; } = "string";

    public string? Default { get; init; }

    /// <summary>The values to choose from, for a select.</summary>
    public ImmutableArray<string> Options { get; init; } = [];

    public string ShortDescription { get; init; } = "";

    /// <summary>Its value is a password or the like, and is never shown.</summary>
    public bool Secret { get; init; }
}

/// <summary>An action that a fence agent offers.</summary>
public sealed record FenceAgentAction
{
    public required string Name { get; init; }

    /// <summary>The node has to be unfenced so when it joins.</summary>
    public bool Automatic { get; init; }

    /// <summary>Is to be run on the node that it is about.</summary>
    public bool OnTarget { get; init; }
}

/// <summary>A fence agent cannot be used as asked: it is missing, or its metadata cannot be read.</summary>
public sealed class FenceAgentException : Exception
{
    internal FenceAgentException(string message, Exception? cause = null)
        : base(message, cause)
    {
    }
}
