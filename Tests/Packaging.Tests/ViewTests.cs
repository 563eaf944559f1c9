using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using ClusterTools.Build.Help;

namespace ClusterTools.Packaging.Tests;

/// <summary>
/// The views and the names that are made of <c>Formats/Views.txt</c>, against the assemblies' metadata: a misspelt property would show as
/// an empty column.
/// </summary>
public sealed partial class ViewTests
{
    private static readonly XDocument Views = XDocument.Load(ModuleFiles.PathOf("Formats", "ClusterTools.format.ps1xml"));
    private static readonly XDocument Types = XDocument.Load(ModuleFiles.PathOf("Formats", "ClusterTools.types.ps1xml"));

    [Fact]
    public void Every_type_that_is_named_exists()
    {
        string[] names =
        [
            .. Views.Descendants("ViewSelectedBy").Elements("TypeName").Select(t => t.Value),
            .. Types.Root!.Elements("Type").Elements("Name").Select(n => n.Value),
        ];
        Assert.NotEmpty(names);
        Assert.All(names, n => Assert.True(Find(n) is not null || OfScripts.ContainsKey(n), n));
    }

    [Fact]
    public void Every_property_that_a_view_shows_exists()
    {
        int looked = 0;
        foreach (XElement view in Views.Descendants("View"))
        {
            foreach (string type in view.Element("ViewSelectedBy")!.Elements("TypeName").Select(t => t.Value))
            {
                foreach (string property in view.Descendants("PropertyName").Select(p => p.Value)
                    .Concat(view.Descendants("ScriptBlock").SelectMany(s => OfItem().Matches(s.Value)).Select(m => m.Groups[1].Value)))
                {
                    looked++;
                    Assert.True(Has(type, property), $"View '{view.Element("Name")!.Value}' shows {property}, which {type} has not.");
                }
            }
        }

        Assert.True(looked > 100, $"Only {looked} properties were looked at.");
    }

    [Fact]
    public void Every_name_in_the_types_file_stands_for_a_property_that_exists_and_hides_none()
    {
        foreach (XElement type in Types.Root!.Elements("Type"))
        {
            string name = type.Element("Name")!.Value;
            XElement members = type.Element("Members")!;
            foreach (XElement alias in members.Elements("AliasProperty"))
            {
                Assert.True(HasOwn(name, alias.Element("ReferencedMemberName")!.Value), $"{name}: alias {alias.Element("Name")!.Value}");
            }

            foreach (
                string added in members.Elements().Where(m => m.Name.LocalName is "AliasProperty" or "ScriptProperty")
                .Select(m => m.Element("Name")!.Value))
            {
                Assert.False(HasOwn(name, added), $"{name} has a property {added} of its own.");
            }

            foreach (string property in members.Elements("ScriptProperty").Concat(members.Elements("ScriptMethod")).Select(s => s.Value)
                .SelectMany(s => OfThis().Matches(s)).Select(m => m.Groups[1].Value))
            {
                Assert.True(Has(name, property), $"{name}: $this.{property}");
            }

            foreach (string property in members.Descendants("ReferencedProperties").Elements("Name").Select(n => n.Value))
            {
                Assert.True(Has(name, property), $"{name} shows {property} by default.");
            }
        }
    }

    [Fact]
    public void Every_type_that_cmdlets_write_has_a_table_a_list_and_a_wide_view()
    {
        string[] written =
        [
            .. ModuleFiles.Cmdlets.SelectMany(c => c.Outputs).Select(o => (o.IsArray ? o.GetElementType()! : o).FullName!)
                .Concat(ModuleFiles.Cmdlets.SelectMany(c => c.ScriptOutputs))
                .Where(o => o.StartsWith("ClusterTools.", StringComparison.Ordinal)).Distinct(),
        ];
        Assert.NotEmpty(written);
        foreach (string type in written)
        {
            string[] controls =
                [.. Views.Descendants("View").Where(v => v.Element("ViewSelectedBy")!.Elements("TypeName").Any(t => t.Value == type))
                .SelectMany(v => v.Elements()).Select(e => e.Name.LocalName).Where(n => n.EndsWith("Control", StringComparison.Ordinal))];
            Assert.True(controls.Contains("TableControl"), $"{type} has no table view.");
            Assert.True(controls.Contains("ListControl"), $"{type} has no list view.");
            Assert.True(controls.Contains("WideControl"), $"{type} has no wide view.");
        }
    }

    [Fact]
    public void Every_cmdlet_says_what_it_writes_unless_it_writes_nothing()
    {
        string[] silent = [.. ModuleFiles.Cmdlets.Where(c => c.Outputs.Count + c.ScriptOutputs.Count == 0).Select(c => c.Name)];
        Assert.All(silent, s => Assert.Matches("^(Remove|Disconnect)-", s));
    }

    [Fact]
    public void Every_function_of_ViewText_that_a_view_calls_exists()
    {
        MethodInfo[] functions = typeof(Views.ViewText).GetMethods(BindingFlags.Public | BindingFlags.Static);
        string[] called = [.. Views.Descendants("ScriptBlock").SelectMany(s => Calls().Matches(s.Value)).Select(m => m.Groups[1].Value)];
        Assert.NotEmpty(called);
        Assert.All(called, c => Assert.Contains(functions, f => f.Name == c));
    }

    // Objects that the module's scripts make, and the members they give them.
    private static readonly Dictionary<string, string[]> OfScripts = new()
    {
        ["ClusterTools.RunbookStep"] = ["Runbook", "Order", "Step", "Title", "State", "Duration", "Message"],
        ["ClusterTools.RunbookReport"] = ["Runbook", "Run", "State", "Message", "Began", "Duration", "Steps", "Transcript"],
    };

    // What stands behind a # tells of one form of the type.
    private static Type? Find(string name) =>
        ((Assembly[])[ModuleFiles.Assembly, typeof(Client.ClusterNodeHealth).Assembly, typeof(Contract.GroupStatus).Assembly])
            .Select(a => a.GetType(name.Split('#')[0])).FirstOrDefault(t => t is not null);

    private static bool HasOwn(string type, string property) =>
        Find(type)?.GetProperty(property) is not null || OfScripts.GetValueOrDefault(type)?.Contains(property) == true;

    private static bool Has(string type, string property) => HasOwn(type, property) || Types.Root!.Elements("Type")
        .Where(t => t.Element("Name")!.Value == type).Elements("Members").Elements().Any(m => m.Element("Name")?.Value == property);

    [GeneratedRegex(@"\$_\.(\w+)")]
    private static partial Regex OfItem();

    [GeneratedRegex(@"\$this\.(\w+)")]
    private static partial Regex OfThis();

    [GeneratedRegex(@"\[ClusterTools\.Views\.ViewText\]::(\w+)")]
    private static partial Regex Calls();
}
