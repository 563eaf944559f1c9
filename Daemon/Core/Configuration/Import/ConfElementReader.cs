using System.Xml;

namespace ClusterTools.Core.Configuration.Import;

/// <summary>
/// Reads XML into elements with lines. A document type, entities of its own, external references, and anything larger
/// or deeper than <see cref="ConfigurationLimits"/> allows are refused; nothing outside the text is ever looked at.
/// </summary>
internal static class ConfElementReader
{
    private static readonly XmlReaderSettings Settings = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        IgnoreComments = true,
        IgnoreProcessingInstructions = true,
        IgnoreWhitespace = true,
        MaxCharactersInDocument = ConfigurationLimits.FileBytes,
        MaxCharactersFromEntities = 1024,
        ConformanceLevel = ConformanceLevel.Document,
        CloseInput = false,
    };

    /// <summary>The root, or null with the problem.</summary>
    public static ConfElement? Read(Stream content, out ConfigurationProblem? problem)
    {
        try
        {
            using var reader = XmlReader.Create(content, Settings);
            return Read(reader, out problem);
        }
        catch (XmlException e)
        {
            problem = Malformed(e);
            return null;
        }
        // What decoders throw before the reader can say where.
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            problem = Error("The text's encoding is not understood.", "Save the file as UTF-8 and write encoding=\"UTF-8\" in its first line.", 1);
            return null;
        }
    }

    public static ConfElement? Read(TextReader content, out ConfigurationProblem? problem)
    {
        try
        {
            using var reader = XmlReader.Create(content, Settings);
            return Read(reader, out problem);
        }
        catch (XmlException e)
        {
            problem = Malformed(e);
            return null;
        }
    }

    private static ConfElement? Read(XmlReader reader, out ConfigurationProblem? problem)
    {
        var lines = (IXmlLineInfo)reader;
        var open = new Stack<ConfElement>();
        ConfElement? root = null;
        var elements = 0;
        while (reader.Read())
        {
            switch (reader.NodeType)
            {
                case XmlNodeType.Element:
                    var element = new ConfElement(reader.Name, lines.LineNumber);
                    if (++elements > ConfigurationLimits.XmlElements)
                    {
                        problem = Error($"The file has more than {ConfigurationLimits.XmlElements:N0} elements.", "Split the cluster.", element.Line);
                        return null;
                    }
                    if (open.Count >= ConfigurationLimits.XmlDepth)
                    {
                        problem = Error(
                            $"The elements are nested deeper than {ConfigurationLimits.XmlDepth} levels.",
                            $"Make the resource tree flatter (at most {ConfigurationLimits.ResourceTreeDepth} levels): siblings start in order too.",
                            element.Line);
                        return null;
                    }
                    if (reader.AttributeCount > ConfigurationLimits.XmlAttributes)
                    {
                        problem = Error(
                            $"The element <{Shown(element.Name)}> has {reader.AttributeCount:N0} attributes; the limit is {ConfigurationLimits.XmlAttributes}.",
                            "Remove some.", element.Line);
                        return null;
                    }
                    if (open.TryPeek(out var parent))
                    {
                        parent.Children.Add(element);
                    }
                    root ??= element;
                    var empty = reader.IsEmptyElement;
                    while (reader.MoveToNextAttribute())
                    {
                        // Name spaces mean nothing here, and their declarations are no options.
                        if (reader.Name != "xmlns" && reader.Prefix != "xmlns")
                        {
                            element.Attributes.Add(new ConfAttribute(reader.Name, reader.Value, lines.LineNumber));
                        }
                    }
                    if (!empty)
                    {
                        open.Push(element);
                    }
                    break;
                case XmlNodeType.EndElement:
                    open.Pop();
                    break;
                case XmlNodeType.Text:
                case XmlNodeType.CDATA:
                case XmlNodeType.EntityReference:
                    if (open.TryPeek(out var holder) && holder.TextLine == 0)
                    {
                        holder.TextLine = lines.LineNumber;
                    }
                    break;
                default:
                    break;
            }
        }
        problem = root is null ? Error("The file holds no element.", "Give a cluster.conf with <cluster> as its root.", 1) : null;
        return root;
    }

    /// <summary>A name from the file, shortened for a message.</summary>
    public static string Shown(string text) => text.Length <= 80 ? text : text[..80] + "…";

    private static ConfigurationProblem Malformed(XmlException e)
    {
        var position = e.Message.LastIndexOf(" Line ", StringComparison.Ordinal);
        var message = position > 0 ? e.Message[..position] : e.Message;
        if (message.Contains("DTD", StringComparison.Ordinal))
        {
            return Error("The file has a document type (<!DOCTYPE …>), which is refused: it could pull in other files or grow without bound.",
                "Remove the <!DOCTYPE …> and write out what its entities stand for.", Math.Max(e.LineNumber, 1));
        }
        if (message.Contains("MaxCharacters", StringComparison.Ordinal))
        {
            return Error($"The file is larger than {ConfigurationLimits.FileBytes:N0} characters.", "Check that it is a cluster.conf.", Math.Max(e.LineNumber, 1));
        }
        var column = e.LinePosition > 0 ? $" at column {e.LinePosition}" : "";
        return Error($"The XML is malformed{column}: {Shown300(message)}",
            "Correct it at this line, or where the element it names begins; 'xmllint --noout FILE' shows the place too.", Math.Max(e.LineNumber, 1));
    }

    private static string Shown300(string text) => text.Length <= 300 ? text : text[..300] + "…";

    private static ConfigurationProblem Error(string message, string remedy, int line) =>
        new(ProblemSeverity.Error, "", message, remedy, line);
}
