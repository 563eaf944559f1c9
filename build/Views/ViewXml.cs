using System.Xml;
using System.Xml.Linq;

namespace ClusterTools.Build.Views;

/// <summary>Makes of the table of views what PowerShell loads: views (about_Format.ps1xml) and types (about_Types.ps1xml).</summary>
internal static class ViewXml
{
    /// <summary>Writes both files.</summary>
    /// <param name="table">The table, <c>Formats/Views.txt</c>.</param>
    /// <param name="folder">Where they go.</param>
    public static void Write(string table, string folder)
    {
        IReadOnlyList<TypeViews> types = ViewTable.Read(File.ReadLines(table));
        Directory.CreateDirectory(folder);
        foreach ((string name, XElement content) in ((string, XElement)[])[("format", Formats(types)), ("types", Types(types))])
        {
            using XmlWriter writer = XmlWriter.Create(
                Path.Combine(folder, $"ClusterTools.{name}.ps1xml"), new XmlWriterSettings { Indent = true, NewLineChars = "\n" });
            content.Save(writer);
        }
    }

    /// <summary>The views.</summary>
    public static XElement Formats(IEnumerable<TypeViews> types) =>
        E("Configuration", E("ViewDefinitions", types.Where(static t => t.Columns.Count > 0).SelectMany(Views)));

    /// <summary>Aliases, computed properties, and what is shown where no view applies.</summary>
    public static XElement Types(IEnumerable<TypeViews> types) => E("Types", types
        .Select(static t => E("Type", E("Name", t.Type), Members(t))).Where(static t => t.Element("Members")!.HasElements));

    private static IEnumerable<XElement?> Views(TypeViews type)
    {
        XElement View(string name, params object?[] control) =>
            E("View", E("Name", name), E("ViewSelectedBy", E("TypeName", type.Type)), control);

        XElement? screen = type["screen"] is { } lines ? View($"{type.Name} on one screen", Lines(lines)) : null;
        XElement list = View(type.Name, List(type));
        if (type["table"] is null)
        {
            return [screen, list];
        }

        XElement? groups = type["group by"] is { } by ? E("GroupBy", E("PropertyName", by), E("Label", by)) : null;
        XElement table = View(type.Name, groups, Table([.. type.Table!], type.Wrap));
        XElement wide = View(
            type.Name, E("WideControl", E("WideEntries", E("WideEntry", E("WideItem", Value(type["wide"] ?? type.Columns[0].Value))))));
        return type["first"] == "list" ? [screen, list, table, wide] : [screen, table, list, wide];
    }

    private static XElement Table(ViewColumn[] columns, bool wrap) => E(
        "TableControl",
        E("TableHeaders", columns.Select(static c => E(
            "TableColumnHeader",
            E("Label", c.Label),
            c.Width is { } width ? E("Width", width) : null,
            c.Right ? E("Alignment", "Right") : null))),
        E("TableRowEntries", E(
            "TableRowEntry",
            wrap ? E("Wrap") : null,
            E("TableColumnItems", columns.Select(static c => E("TableColumnItem", Value(c.Value)))))));

    private static XElement List(TypeViews type) => E("ListControl", E("ListEntries", E("ListEntry", E(
        "ListItems",
        type.Columns.Where(static c => !c.TableOnly).Select(static c => E(
            "ListItem",
            c.Label == c.Value ? null : E("Label", c.Label),
            c.When is { } when ? E("ItemSelectionCondition", E("ScriptBlock", when)) : null,
            Value(c.Value)))))));

    /// <summary>One line for each text that a script gives.</summary>
    private static XElement Lines(string script) => Custom(E(
        "ExpressionBinding", Value(script), E("EnumerateCollection"), Custom(E("ExpressionBinding", Value("$_")), E("NewLine"))));

    private static XElement Custom(params XElement[] item) =>
        E("CustomControl", E("CustomEntries", E("CustomEntry", E("CustomItem", item))));

    private static XElement Value(string value) => E(ViewTable.IsProperty(value) ? "PropertyName" : "ScriptBlock", value);

    private static XElement Members(TypeViews type)
    {
        IEnumerable<XElement> Pairs(string key, string element, string of) => type.ListOf(key).Select(static p => p.Split(" = "))
            .Select(p => E(element, E("Name", p[0]), E(of, p[1])));

        XElement standard = E(
            "Members",
            type["depth"] is { } depth ? E("NoteProperty", E("Name", "SerializationDepth"), E("Value", depth)) : null,
            type["default"] is null ? null : E(
                "PropertySet", E("Name", "DefaultDisplayPropertySet"),
                E("ReferencedProperties", type.ListOf("default").Select(static p => E("Name", p)))));
        return E(
            "Members",
            Pairs("alias", "AliasProperty", "ReferencedMemberName"),
            Pairs("property", "ScriptProperty", "GetScriptBlock"),
            type["text"] is { } text ? E("ScriptMethod", E("Name", "ToString"), E("Script", text)) : null,
            standard.HasElements ? E("MemberSet", E("Name", "PSStandardMembers"), standard) : null);
    }

    private static XElement E(string name, params object?[] content) => new(name, content);
}
