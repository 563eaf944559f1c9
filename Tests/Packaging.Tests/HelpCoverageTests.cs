using System.Text.RegularExpressions;
using System.Xml.Linq;
using ClusterTools.Build.Help;

namespace ClusterTools.Packaging.Tests;

/// <summary>Get-Help shows what stands beside the code; here it is checked that all of it stands there.</summary>
public sealed partial class HelpCoverageTests
{
    public static TheoryData<string> Names => ModuleFiles.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void A_cmdlet_has_a_synopsis_and_a_description(string name)
    {
        Type type = ModuleFiles.Cmdlet(name).Type;
        string synopsis = ModuleFiles.Documentation.Line(type, "summary");
        Assert.Matches("[.?]$", synopsis);
        Assert.InRange(synopsis.Length, 15, 200);
        Assert.True(ModuleFiles.Documentation.Line(type, "remarks").Length > 60, $"{name} has no description (remarks), or hardly one.");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_parameter_of_a_cmdlet_is_described(string name)
    {
        string[] silent =
            [
                .. ModuleFiles.Cmdlet(name).Parameters.Where(p => ModuleFiles.Documentation.Line(p.Property, "summary").Length < 10)
                .Select(p => p.Name)];
        Assert.True(silent.Length == 0, $"{name}: no text for -{string.Join(", -", silent)}.");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_cmdlet_has_two_examples_at_least_which_use_it_and_say_what_they_do(string name)
    {
        IReadOnlyList<(string Code, IReadOnlyList<string> Text)> examples = ModuleFiles.Documentation
            .Examples(ModuleFiles.Cmdlet(name).Type);
        Assert.True(examples.Count >= 2, $"{name} has {examples.Count} examples.");
        Assert.All(examples, e => Assert.Matches($@"(?<![\w-]){Regex.Escape(name)}(?![\w-])", e.Code));
        Assert.All(examples, e => Assert.NotEmpty(e.Text));
    }

    [Fact]
    public void The_help_describes_every_cmdlet_with_all_its_parameters()
    {
        XNamespace command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
        XNamespace maml = "http://schemas.microsoft.com/maml/2004/10";
        XDocument help = MamlHelp.Create(ModuleFiles.Cmdlets, ModuleFiles.Documentation);
        var described = help.Root!.Elements(command + "command")
            .ToDictionary(c => c.Element(command + "details")!.Element(command + "name")!.Value);
        Assert.Equal(ModuleFiles.Cmdlets.Select(c => c.Name), described.Keys.Order(StringComparer.Ordinal));
        foreach (CmdletDescription cmdlet in ModuleFiles.Cmdlets)
        {
            XElement item = described[cmdlet.Name];
            string[] expected =
                [.. cmdlet.Parameters.Select(p => p.Name), .. cmdlet.ShouldProcess ? ["WhatIf", "Confirm"] : Array.Empty<string>()];
            Assert.Equal(
                expected.Order(StringComparer.Ordinal),
                item.Element(command + "parameters")!.Elements().Select(p => p.Element(maml + "name")!.Value)
                .Order(StringComparer.Ordinal));
            Assert.Equal(cmdlet.Sets.Count, item.Element(command + "syntax")!.Elements().Count());
        }
    }

    [Theory]
    [InlineData("about_ClusterTools")]
    [InlineData("about_Cluster_Groups")]
    [InlineData("about_Cluster_Fencing")]
    [InlineData("about_Cluster_Quorum")]
    [InlineData("about_Cluster_Runbooks")]
    [InlineData("about_Cluster_Lab")]
    public void A_topic_is_there_and_no_wider_than_80_columns(string topic)
    {
        string[] lines = File.ReadAllLines(ModuleFiles.PathOf("en-US", topic + ".help.txt"));
        Assert.Equal(["TOPIC", "    " + topic, ""], lines[..3]);
        Assert.Equal("SHORT DESCRIPTION", lines[3]);
        Assert.True(lines.Length > 30, $"{topic} has {lines.Length} lines.");
        Assert.All(lines, l => Assert.True(l.Length <= 80, $"{topic}: '{l}'"));
    }

    [Fact]
    public void Topics_name_only_cmdlets_that_there_are()
    {
        string[] known = [.. ModuleFiles.Cmdlets.Select(c => c.Name), .. ModuleFiles.ListOf("FunctionsToExport")];
        foreach (string file in Directory.EnumerateFiles(ModuleFiles.PathOf("en-US"), "about_*.help.txt"))
        {
            foreach (Match match in CmdletName().Matches(File.ReadAllText(file)))
            {
                Assert.True(known.Contains(match.Value), $"{Path.GetFileName(file)} speaks of {match.Value}, which there is not.");
            }
        }
    }

    [GeneratedRegex(
        @"(?<![\w-])(Add|Compare|Confirm|Connect|Disconnect|Export|Get|Import|Invoke|Lock|Move|New|Remove|Repair|Restart|Restore|Resume"
            + @"|Set|Start|Stop|Suspend|Test|Unlock|Wait|Write)-(Cluster\w*|FenceNode)")]
    private static partial Regex CmdletName();
}
