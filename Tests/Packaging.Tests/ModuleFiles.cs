using System.Reflection;
using System.Text.RegularExpressions;
using ClusterTools.Build.Help;
using ClusterTools.Build.Views;

namespace ClusterTools.Packaging.Tests;

/// <summary>What the module consists of, without PowerShell.</summary>
internal static partial class ModuleFiles
{
    private static readonly string Folder = AppContext.BaseDirectory;

    // As the build does.
    static ModuleFiles() => ViewXml.Write(PathOf("Formats", "Views.txt"), PathOf("Formats"));

    /// <summary>The assembly of the cmdlets.</summary>
    public static Assembly Assembly { get; } = System.Reflection.Assembly.Load("ClusterTools.Cmdlets");

    public static IReadOnlyList<CmdletDescription> Cmdlets { get; } = CmdletDescription.ReadAll(Assembly);

    public static XmlDocumentation Documentation { get; } =
        XmlDocumentation.Read(Directory.EnumerateFiles(Folder, "ClusterTools.*.xml"), Cmdlets);

    public static string Manifest { get; } = File.ReadAllText(Path.Combine(Folder, "Module", "ClusterTools.psd1"));

    /// <summary>A list of the manifest: strings between <c>@(</c> and <c>)</c>, or one alone.</summary>
    public static IReadOnlyList<string> ListOf(string key)
    {
        Match entry = Regex.Match(Manifest, $@"^\s*{key}\s*=\s*(@\((?<list>[^)]*)\)|(?<list>'[^']*'))", RegexOptions.Multiline);
        Assert.True(entry.Success, $"The manifest has no {key}.");
        return [.. Quoted().Matches(entry.Groups["list"].Value).Select(m => m.Groups[1].Value)];
    }

    public static string PathOf(params string[] parts) => Path.Combine([Folder, "Module", .. parts]);

    /// <summary>A theory's data: one row for each cmdlet.</summary>
    public static TheoryData<string> Names => [.. Cmdlets.Select(c => c.Name)];

    public static CmdletDescription Cmdlet(string name) => Cmdlets.Single(c => c.Name == name);

    [GeneratedRegex("'([^']*)'")]
    private static partial Regex Quoted();
}
