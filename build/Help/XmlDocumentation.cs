using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace ClusterTools.Build.Help;

/// <summary>The XML doc comments of an assembly, as the compiler wrote them.</summary>
internal sealed partial class XmlDocumentation
{
    private readonly Dictionary<string, XElement> members;
    private readonly Func<string, string?> name;

    private XmlDocumentation(Dictionary<string, XElement> members, Func<string, string?> name)
    {
        this.members = members;
        this.name = name;
    }

    /// <param name="paths">Files of the assembly and of those that it speaks of.</param>
    /// <param name="cmdlets">So that a reference to a class becomes the cmdlet's name.</param>
    public static XmlDocumentation Read(IEnumerable<string> paths, IReadOnlyList<CmdletDescription> cmdlets)
    {
        var members = new Dictionary<string, XElement>(StringComparer.Ordinal);
        foreach (XElement member in paths.SelectMany(p => XDocument.Load(p, LoadOptions.PreserveWhitespace).Descendants("member")))
        {
            members[(string)member.Attribute("name")!] = member;
        }

        Dictionary<string, string> names = cmdlets.ToDictionary(c => c.Type.FullName!, c => c.Name, StringComparer.Ordinal);
        return new XmlDocumentation(members, names.GetValueOrDefault);
    }

    /// <summary>The comment's text of a kind, by paragraphs; empty: there is none.</summary>
    public IReadOnlyList<string> Paragraphs(MemberInfo member, string element) =>
        Paragraphs(members.GetValueOrDefault(Id(member))?.Element(element));

    /// <summary>What a parameter of a cmdlet is: as the cmdlet's class says (parameter), else as the property does.</summary>
    public IReadOnlyList<string> Parameter(Type cmdlet, MemberInfo property) =>
        members.GetValueOrDefault(Id(cmdlet))?.Elements("parameter").FirstOrDefault(p => (string?)p.Attribute("name") == property.Name)
            is { } own ? Paragraphs(own) : Paragraphs(property, "summary");

    /// <summary>One line of text; empty: there is none.</summary>
    public string Line(MemberInfo member, string element) => string.Join(' ', Paragraphs(member, element));

    /// <summary>The examples of a class: what to type, and what it does.</summary>
    public IReadOnlyList<(string Code, IReadOnlyList<string> Text)> Examples(Type type) =>
    [
        .. (members.GetValueOrDefault(Id(type))?.Elements("example") ?? []).Select(e => (
            string.Join("\n", e.Elements("code").Select(c => Unindent(c.Value))),
            Paragraphs(new XElement("example", e.Nodes().Where(n => n is not XElement { Name.LocalName: "code" }))))),
    ];

    private static string Id(MemberInfo member) => member is Type type
        ? "T:" + type.FullName!.Replace('+', '.')
        : $"P:{member.DeclaringType!.FullName!.Replace('+', '.')}.{member.Name}";

    private IReadOnlyList<string> Paragraphs(XElement? element)
    {
        if (element is null)
        {
            return [];
        }

        var paragraphs = new List<string>();
        var text = new StringBuilder();
        foreach (XNode node in element.Nodes())
        {
            switch (node)
            {
                case XElement { Name.LocalName: "para" } para:
                    Flush();
                    paragraphs.AddRange(Paragraphs(para));
                    break;
                case XElement { Name.LocalName: "code" } code:
                    Flush();
                    paragraphs.Add(string.Join('\n', Unindent(code.Value).Split('\n').Select(l => "    " + l)));
                    break;
                case XElement { Name.LocalName: "list" } list:
                    Flush();
                    paragraphs.AddRange(list.Elements("item").Select(i => "- " + Item(i)));
                    break;
                case XElement inline:
                    text.Append(Inline(inline));
                    break;
                case XText plain:
                    text.Append(plain.Value);
                    break;
            }
        }

        Flush();
        return paragraphs;

        void Flush()
        {
            string line = Blanks().Replace(text.ToString(), " ").Trim();
            text.Clear();
            if (line.Length > 0)
            {
                paragraphs.Add(line);
            }
        }
    }

    private string Item(XElement item) => item.Element("term") is { } term
        ? $"{string.Join(' ', Paragraphs(term))}: {string.Join(' ', Paragraphs(item.Element("description")))}"
        : string.Join(' ', Paragraphs(item.Element("description") ?? item));

    private string Inline(XElement element) => element.Name.LocalName switch
    {
        "see" or "seealso" when element.Attribute("cref")?.Value is { } reference => element.IsEmpty ? Reference(reference) : element.Value,
        "see" when element.Attribute("langword")?.Value is { } word => word,
        "paramref" or "typeparamref" => element.Attribute("name")!.Value,
        _ => string.Concat(element.Nodes().Select(n => n is XElement inner ? Inline(inner) : n is XText text ? text.Value : "")),
    };

    // A class of a cmdlet is named as people type it, a property as a parameter.
    private string Reference(string reference)
    {
        string full = reference[2..].Split('(')[0];
        int dot = full.LastIndexOf('.');
        return reference[0] switch
        {
            'T' when name(full) is { } cmdlet => cmdlet,
            'P' when full[..dot].StartsWith("ClusterTools.Cmdlets.", StringComparison.Ordinal) => "-" + full[(dot + 1)..],
            _ => full[(dot + 1)..],
        };
    }

    private static string Unindent(string code)
    {
        string[] lines = code.Replace("\r", "", StringComparison.Ordinal).Split('\n');
        int indent = lines.Skip(1).Where(l => l.Trim().Length > 0).Select(l => l.Length - l.TrimStart().Length).DefaultIfEmpty(0).Min();
        return string.Join(
            '\n', lines.Select((l, at) => at == 0 ? l.TrimStart() : l.Length >= indent ? l[indent..] : "").Select(l => l.TrimEnd()))
                .Trim('\n');
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
