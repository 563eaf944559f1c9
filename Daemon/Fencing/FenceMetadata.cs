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

    /// <summary>It cuts a node off from something and leaves it running: its <c>on</c> is asked for when the node joins.</summary>
    public bool LeavesRunning => Actions.Any(static a => a is { Name: "on", Automatic: true });

    public ImmutableArray<AgentParameter> Parameters { get; init; } = [];

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
                .. AgentMetadataXml.Parameters(root).Select(p => p with { Secret = p.Secret || SecretParameters.IsSecret(agent, p.Name) }),
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
