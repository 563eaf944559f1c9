using System.Xml;
using System.Xml.Linq;

namespace ClusterTools.Guests.Libvirt;

/// <summary>Reads libvirt's XML (https://libvirt.org/formatdomain.html, formatcaps.html).</summary>
internal static class Definitions
{
    private static readonly XmlReaderSettings Plain = new() { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null };

    /// <summary>The name of the guest that a definition defines.</summary>
    /// <exception cref="HypervisorException"><see cref="HypervisorFault.BadDefinition"/>.</exception>
    public static string Name(string definition)
    {
        try
        {
            using var reader = XmlReader.Create(new StringReader(definition), Plain);
            return XDocument.Load(reader).Root is { Name.LocalName: "domain" } root
                && root.Element("name")?.Value is { Length: > 0 } name ? name
                : throw Bad("it has no <domain> with a <name>.");
        }
        catch (XmlException e)
        {
            throw Bad(e.Message);
        }

        static HypervisorException Bad(string why) =>
            new(HypervisorFault.BadDefinition, $"The definition of a guest can't be read: {why}");
    }

    /// <summary>The model of the host's processor; null: not said.</summary>
    public static string? ProcessorModel(string capabilities) =>
        XDocument.Parse(capabilities).Root?.Element("host")?.Element("cpu")?.Element("model")?.Value;
}
