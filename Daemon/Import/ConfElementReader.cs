using System.Runtime.InteropServices;
using System.Xml;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Import;

/// <summary>
/// Reads XML into elements with lines. A document type, entities of its own, external references, and anything larger
/// or deeper than <see cref="ConfigurationLimits"/> allows are refused; nothing outside the text is ever looked at.
/// </summary>
internal static class ConfElementReader
{
    private const int MostElements = 500_000;

    /// <summary>Levels of elements: the resource tree and what stands around it.</summary>
    private const int MostDepth = 80;

    /// <summary>Of one element.</summary>
    private const int MostAttributes = 300;

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
    public static ConfElement? Read(ReadOnlyMemory<byte> content, out ConfigurationProblem? problem)
    {
        try
        {
            var array = MemoryMarshal.TryGetArray(content, out var segment) ? segment : new ArraySegment<byte>(content.ToArray());
            using var stream = new MemoryStream(array.Array!, array.Offset, array.Count, writable: false);
            using var reader = XmlReader.Create(stream, Settings);
            return Read(reader, out problem);
        }
        catch (XmlException e)
        {
            var type = content.Span.IndexOf("<!DOCTYPE"u8);
            problem = Malformed(e, type < 0 ? e.LineNumber : content.Span[..type].Count((byte)'\n') + 1);
            return null;
        }
        // What decoders throw before the reader can say where.
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            problem = Error("The text's encoding is not understood.",
                "Save the file as UTF-8 and write encoding=\"UTF-8\" in its first line.", 1);
            return null;
        }
    }

    public static ConfElement? Read(string content, out ConfigurationProblem? problem)
    {
        try
        {
            using var text = new StringReader(content);
            using var reader = XmlReader.Create(text, Settings);
            return Read(reader, out problem);
        }
        catch (XmlException e)
        {
            var type = content.IndexOf("<!DOCTYPE", StringComparison.Ordinal);
            problem = Malformed(e, type < 0 ? e.LineNumber : content.AsSpan(0, type).Count('\n') + 1);
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
                    if ((problem = TooMuch(element, ++elements, open.Count, reader.AttributeCount)) is not null)
                    {
                        return null;
                    }
                    if (open.TryPeek(out var parent))
                    {
                        parent.Children.Add(element);
                    }
                    root ??= element;
                    var empty = reader.IsEmptyElement;
                    if ((problem = TakeAttributes(element, reader, lines)) is not null)
                    {
                        return null;
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

    private static ConfigurationProblem? TooMuch(ConfElement element, int elements, int depth, int attributes) =>
        elements > MostElements ? Error($"The file has more than {MostElements:N0} elements.", "Split the cluster.", element.Line)
        : depth >= MostDepth ? Error(
            $"The elements are nested deeper than {MostDepth} levels.",
            $"Make the resource tree flatter (at most {ConfigurationLimits.ResourceTreeDepth} levels): siblings start in order too.",
            element.Line)
        : attributes > MostAttributes ? Error(
            $"The element <{element.Name.Shown()}> has {attributes:N0} attributes; the limit is {MostAttributes}.",
            "Remove some.", element.Line)
        : null;

    private static ConfigurationProblem? TakeAttributes(ConfElement element, XmlReader reader, IXmlLineInfo lines)
    {
        while (reader.MoveToNextAttribute())
        {
            // Name spaces mean nothing here, and their declarations are no options.
            if (reader.Name == "xmlns" || reader.Prefix == "xmlns")
            {
                continue;
            }
            if (reader.Value.Length > ConfigurationLimits.ParameterValueLength || reader.Name.Length > ConfigurationLimits.NameLength)
            {
                return Error(
                    $"The attribute {reader.Name.Shown()} has {reader.Value.Length:N0} characters; the limit is "
                        + $"{ConfigurationLimits.ParameterValueLength:N0} (for its name {ConfigurationLimits.NameLength}).",
                    "Shorten it, or put the text into a file.", lines.LineNumber);
            }
            element.Attributes.Add(new ConfAttribute(reader.Name, reader.Value, lines.LineNumber));
        }
        return null;
    }

    /// <summary>What the reader says, in our words; it tells of a document type without its line.</summary>
    private static ConfigurationProblem Malformed(XmlException e, int documentTypeLine)
    {
        var message = e.Message;
        if (message.Contains("DTD", StringComparison.Ordinal))
        {
            return Error("The file has a document type (<!DOCTYPE …>), which is refused: it could pull in other files or grow without "
                + "bound.",
                "Remove the <!DOCTYPE …> and write out what its entities stand for.", Math.Max(documentTypeLine, 1));
        }
        if (message.Contains("MaxCharacters", StringComparison.Ordinal))
        {
            return Error($"The file is larger than {ConfigurationLimits.FileBytes:N0} characters.", "Check that it is a cluster.conf.",
                Math.Max(e.LineNumber, 1));
        }
        // The reader's own words quote the file, and passwords stand in it.
        var column = e.LinePosition > 0 ? $" at column {e.LinePosition}" : "";
        return Error($"The XML is malformed{column}{Kind(message)}.",
            "Correct it at this line, or where the element it names begins; 'xmllint --noout FILE' shows the place too.",
            Math.Max(e.LineNumber, 1));
    }

    private static string Kind(string message) =>
        message.Contains("end tag", StringComparison.Ordinal) ? ": an end tag is not the one of the element that is open"
        : message.Contains("end of file", StringComparison.Ordinal) || message.Contains("not closed", StringComparison.Ordinal)
        ? ": the file ends before everything is closed"
        : message.Contains("duplicate attribute", StringComparison.Ordinal) ? ": an attribute stands there twice"
        : message.Contains("hexadecimal value", StringComparison.Ordinal)
        || message.Contains("surrogate", StringComparison.OrdinalIgnoreCase) ? ": a character stands here that XML does not have"
        : message.Contains("undeclared entity", StringComparison.Ordinal) ? ": an entity is not known; '&' is written as &amp;"
        : message.Contains("root", StringComparison.Ordinal) ? ": there is not just one element that holds all others"
        : message.Contains("undeclared prefix", StringComparison.Ordinal) ? ": a name has a prefix that is declared nowhere"
        : message.Contains("encoding", StringComparison.OrdinalIgnoreCase) ? ": the text is not in the encoding that its first line names"
        : "";

    private static ConfigurationProblem Error(string message, string remedy, int line) =>
        new(ProblemSeverity.Error, "", message, remedy, line);
}
