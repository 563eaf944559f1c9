using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;

namespace ClusterTools.Build.Help;

/// <summary>Makes the help that Get-Help shows (MAML) of the doc comments of the cmdlets' classes.</summary>
internal static partial class MamlHelp
{
    private static readonly XNamespace Maml = "http://schemas.microsoft.com/maml/2004/10";
    private static readonly XNamespace Command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private static readonly XNamespace Dev = "http://schemas.microsoft.com/maml/dev/2004/10";

    // The topic that explains what a noun is about; others have the module's own.
    private static readonly (string Topic, string[] Nouns)[] Topics =
    [
        ("about_Cluster_Groups", ["ClusterGroup", "ClusterService", "ClusterResource", "ClusterResourceType", "ClusterFailoverDomain"]),
        ("about_Cluster_Fencing", ["ClusterFenceDevice", "ClusterFenceHistory", "FenceNode", "ClusterNodeDown"]),
        ("about_Cluster_Quorum", ["ClusterQuorum", "ClusterNodeDown", "ClusterNode"]),
        ("about_Cluster_Lab", ["ClusterLab", "ClusterLabFault"]),
    ];

    /// <summary>Writes the help of every cmdlet of an assembly.</summary>
    /// <param name="assembly">Path of the assembly; its documentation and what it needs lie beside it.</param>
    /// <param name="target">The file to write.</param>
    public static void Write(string assembly, string target)
    {
        Assembly loaded = CmdletDescription.Load(assembly);
        IReadOnlyList<CmdletDescription> cmdlets = CmdletDescription.ReadAll(loaded);
        XmlDocumentation documentation = XmlDocumentation.Read(
            Directory.EnumerateFiles(Path.GetDirectoryName(Path.GetFullPath(assembly))!, "ClusterTools.*.xml"), cmdlets);
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(target))!);
        using XmlWriter writer = XmlWriter.Create(target, new XmlWriterSettings { Indent = true, NewLineChars = "\n" });
        Create(cmdlets, documentation).Save(writer);
    }

    /// <summary>The help of cmdlets.</summary>
    public static XDocument Create(IReadOnlyList<CmdletDescription> cmdlets, XmlDocumentation documentation) => new(
        new XElement(
            "helpItems",
            new XAttribute("schema", "maml"),
            cmdlets.Select(c => Describe(c, cmdlets, documentation))));

    /// <summary>How PowerShell writes a type.</summary>
    public static string TypeName(Type type) => type switch
    {
        { IsArray: true } => TypeName(type.GetElementType()!) + "[]",
        { IsGenericType: true } when Nullable.GetUnderlyingType(type) is { } inner => TypeName(inner),
        { IsGenericType: true } =>
        type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)] + "["
        + string.Join(", ", type.GetGenericArguments().Select(TypeName)) + "]",
        _ => type.Name,
    };

    private static XElement Describe(CmdletDescription cmdlet, IReadOnlyList<CmdletDescription> all, XmlDocumentation documentation) => new(
        Command + "command",
        new XAttribute(XNamespace.Xmlns + "maml", Maml),
        new XAttribute(XNamespace.Xmlns + "command", Command),
        new XAttribute(XNamespace.Xmlns + "dev", Dev),
        new XElement(
            Command + "details",
            new XElement(Command + "name", cmdlet.Name),
            new XElement(Command + "verb", cmdlet.Verb),
            new XElement(Command + "noun", cmdlet.Noun),
            Text("description", documentation.Paragraphs(cmdlet.Type, "summary"))),
        Text("description", documentation.Paragraphs(cmdlet.Type, "remarks")),
        new XElement(Command + "syntax", cmdlet.Sets.Select(s => Syntax(cmdlet, s))),
        new XElement(
            Command + "parameters",
            cmdlet.Parameters.OrderBy(p => p.Name, StringComparer.Ordinal)
            .Select(p => Parameter(p, Broadest(p), documentation.Parameter(cmdlet.Type, p.Property))),
            cmdlet.ShouldProcess ? Common() : null),
        new XElement(Command + "inputTypes", Inputs(cmdlet, documentation)),
        new XElement(
            Command + "returnValues",
            cmdlet.Outputs.Select(o => Typed("returnValue", FullName(o), WithoutPath().Replace(documentation.Line(o, "summary"), ""))),
            cmdlet.ScriptOutputs.Select(o => Typed("returnValue", o, "")),
            cmdlet.Outputs.Count + cmdlet.ScriptOutputs.Count == 0 ? Typed("returnValue", "None", "") : null),
        Notes(cmdlet),
        new XElement(Command + "examples", documentation.Examples(cmdlet.Type).Select(Example)),
        new XElement(Command
            + "relatedLinks",
            Related(cmdlet, all)
            .Select(r => new XElement(Maml + "navigationLink", new XElement(Maml + "linkText", r), new XElement(Maml + "uri")))));

    private static XElement Syntax(CmdletDescription cmdlet, string set) => new(
        Command + "syntaxItem",
        new XElement(Maml + "name", cmdlet.Name),
        cmdlet.InSet(set).Select(p => Parameter(p.Parameter, p.Use, null)),
        cmdlet.ShouldProcess ? Common() : null);

    // What syntax shows of one says nothing about it.
    private static XElement Parameter(ParameterDescription parameter, ParameterUse use, IReadOnlyList<string>? about)
    {
        var element = new XElement(
            Command + "parameter",
            new XAttribute("required", Lower(use.Mandatory)),
            new XAttribute("variableLength", Lower(parameter.Type.IsArray)),
            new XAttribute("globbing", Lower(parameter.Wildcards)),
            new XAttribute("pipelineInput", Pipeline(use)),
            new XAttribute("position", use.Position is { } position ? position.ToString(CultureInfo.InvariantCulture) : "named"),
            new XAttribute("aliases", parameter.Aliases.Count == 0 ? "none" : string.Join(", ", parameter.Aliases)),
            new XElement(Maml + "name", parameter.Name));
        if (about is not null)
        {
            element.Add(Text("description", [.. about, .. Choice(parameter)]));
        }

        if (about is null && parameter.Values.Count > 0)
        {
            element.Add(new XElement(
                Command + "parameterValueGroup",
                parameter.Values.Select(
                    v =>
                    new XElement(Command
                        + "parameterValue", new XAttribute("required", "false"), new XAttribute("variableLength", "false"), v))));
        }
        else if (!parameter.IsSwitch || about is not null)
        {
            element.Add(new XElement(
                Command
                + "parameterValue", new XAttribute("required", Lower(!parameter.IsSwitch)), new XAttribute("variableLength", "false"),
                TypeName(parameter.Type)));
        }

        element.Add(new XElement(Dev + "type", new XElement(Maml + "name", TypeName(parameter.Type)), new XElement(Maml + "uri")));
        element.Add(new XElement(Dev + "defaultValue", parameter.IsSwitch ? "False" : "None"));
        return element;
    }

    private static IEnumerable<string> Choice(ParameterDescription parameter) =>
        parameter.Values.Count == 0 ? [] : [$"Values: {string.Join(", ", parameter.Values)}."];

    // What SupportsShouldProcess adds.
    private static IEnumerable<XElement> Common() =>
    [
        Switch("WhatIf", "wi", "Says what would happen and does not do it."),
        Switch("Confirm", "cf", "Asks before it does anything."),
    ];

    private static XElement Switch(string name, string alias, string text) => new(
        Command + "parameter",
        new XAttribute("required", "false"),
        new XAttribute("variableLength", "false"),
        new XAttribute("globbing", "false"),
        new XAttribute("pipelineInput", "False"),
        new XAttribute("position", "named"),
        new XAttribute("aliases", alias),
        new XElement(Maml + "name", name),
        Text("description", [text]),
        new XElement(Dev + "type", new XElement(Maml + "name", "SwitchParameter"), new XElement(Maml + "uri")),
        new XElement(Dev + "defaultValue", "False"));

    private static IEnumerable<XElement> Inputs(CmdletDescription cmdlet, XmlDocumentation documentation)
    {
        (Type Type, string Text)[] byValue =
        [
            .. cmdlet.Parameters.Where(p => p.Sets.Values.Any(u => u.ByValue))
                .Select(p => (
                    p.Type.IsArray ? p.Type.GetElementType()! : p.Type,
                    string.Join(' ', documentation.Parameter(cmdlet.Type, p.Property)))),
        ];
        return byValue.Length == 0 ? [Typed("inputType", "None", "")] : byValue.Select(i => Typed("inputType", FullName(i.Type), i.Text));
    }

    private static XElement Typed(string element, string type, string text) => new(
        Command + element,
        new XElement(Dev + "type", new XElement(Maml + "name", type), new XElement(Maml + "uri")),
        Text("description", text.Length == 0 ? [] : [text]));

    private static XElement? Notes(CmdletDescription cmdlet) => cmdlet.Parameters.Any(p => p.Name == "Wait")
        ? new XElement(
            Maml + "alertSet",
            new XElement(
                Maml + "alert",
                new XElement(
                    Maml + "para",
                    "What was asked for goes on in the cluster when the wait ends, whether its time is over or Ctrl-C was pressed. "
                        + "Get-ClusterOperation shows how it stands.")))
        : null;

    private static XElement Example((string Code, IReadOnlyList<string> Text) example, int at) => new(
        Command + "example",
        new XElement(Maml + "title", $"Example {at + 1}"),
        new XElement(Dev + "code", example.Code),
        new XElement(Dev + "remarks", example.Text.Select(t => new XElement(Maml + "para", t))));

    // The other verbs of the noun, then what explains it.
    private static IEnumerable<string> Related(CmdletDescription cmdlet, IReadOnlyList<CmdletDescription> all) =>
    [
        .. all.Where(c => c.Noun == cmdlet.Noun && c.Name != cmdlet.Name).Select(c => c.Name),
        .. Topics.Where(t => t.Nouns.Contains(cmdlet.Noun)).Select(t => t.Topic),
        "about_ClusterTools",
    ];

    // Outside of syntax a parameter is shown as the set that asks most of it and takes most.
    private static ParameterUse Broadest(ParameterDescription parameter) => new(
        parameter.Sets.Values.All(u => u.Mandatory),
        parameter.Sets.Values.Select(u => u.Position).FirstOrDefault(p => p is not null),
        parameter.Sets.Values.Any(u => u.ByValue),
        parameter.Sets.Values.Any(u => u.ByPropertyName));

    private static string Pipeline(ParameterUse use) => (use.ByValue, use.ByPropertyName) switch
    {
        (true, true) => "True (ByValue, ByPropertyName)",
        (true, false) => "True (ByValue)",
        (false, true) => "True (ByPropertyName)",
        (false, false) => "False",
    };

    private static string FullName(Type type) => type.IsArray ? FullName(type.GetElementType()!) + "[]" : type.FullName ?? type.Name;

    private static XElement Text(string element, IEnumerable<string> paragraphs) =>
        new(Maml + element, paragraphs.Select(p => new XElement(Maml + "para", p)));

    private static string Lower(bool value) => value ? "true" : "false";

    /// <summary>Where a type comes from on the wire is nothing for who reads help.</summary>
    [GeneratedRegex(@":? ?\b(GET|POST|PUT) /v1/[^\s.,;]+")]
    private static partial Regex WithoutPath();
}
