using System.Xml.Linq;
using ClusterTools.Build.Views;

namespace ClusterTools.Packaging.Tests;

/// <summary>What the build makes of a table of views, and what it refuses.</summary>
public sealed class ViewTableTests
{
    [Fact]
    public void A_table_a_list_and_a_wide_view_are_made_of_the_same_columns()
    {
        XElement views = ViewXml.Formats(Read(
            "[Contract.Thing] thing",
            "group by: Kind",
            "table: State, Name (wrap)",
            "  Name    Name                 width 12",
            "  State   text::State($_)      table only  right",
            "  State   Phase",
            "  Lost    text::Time($_.Lost)  when $null -ne $_.Lost"));
        Assert.Equal(
            ["TableControl", "ListControl", "WideControl"], views.Descendants("View").Select(v => v.Elements().Last().Name.LocalName));
        XElement table = views.Descendants("TableControl").Single();
        Assert.Equal(["State|Right|", "Name||12"], table.Descendants("TableColumnHeader")
            .Select(h => $"{h.Element("Label")?.Value}|{h.Element("Alignment")?.Value}|{h.Element("Width")?.Value}"));
        Assert.Equal(
            ["<ScriptBlock>[ClusterTools.Views.ViewText]::State($_)</ScriptBlock>", "<PropertyName>Name</PropertyName>"],
            table.Descendants("TableColumnItem").Select(i => i.FirstNode!.ToString()));
        Assert.Single(table.Descendants("Wrap"));
        Assert.Equal(
            ["|Name", "State|Phase", "Lost|"],
            views.Descendants("ListItem").Select(i => $"{i.Element("Label")?.Value}|{i.Element("PropertyName")?.Value}"));
        Assert.Equal("$null -ne $_.Lost", views.Descendants("ItemSelectionCondition").Single().Value);
        Assert.Equal("Name", views.Descendants("WideItem").Single().Value);
        Assert.Equal("Kind", Assert.Single(views.Descendants("GroupBy")).Element("PropertyName")!.Value);
    }

    [Fact]
    public void What_a_label_says_need_not_be_said_again()
    {
        XElement views = ViewXml.Formats(Read(
            "[Contract.Thing] thing",
            "  Name, Last error",
            "  Held, Lost for  text::Duration  when $_.Lost",
            "  Votes  when $_.Votes"));
        Assert.Equal(
            ["Name", "Last errorLastError", "Held$_.Lost[ClusterTools.Views.ViewText]::Duration($_.Held)",
                "Lost for$_.Lost[ClusterTools.Views.ViewText]::Duration($_.LostFor)", "$_.VotesVotes"],
            views.Descendants("ListItem").Select(i => i.Value));
        XElement types = ViewXml.Types(
            Read("[Contract.Thing] text: $this.Name", "[Contract.Other] other", "table, default: Name", "  Name"));
        Assert.Equal("ClusterTools.Contract.ThingToString$this.Name", types.Elements("Type").First().Value);
        Assert.EndsWith("DefaultDisplayPropertySetName", types.Elements("Type").Last().Value, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_to_be_shown_first_stands_first()
    {
        string First(params string[] said) =>
            ViewXml.Formats(Read(["[Contract.Thing] thing", "table: Name", .. said, "  Name"])).Descendants("View").First().Elements()
            .Last().Name.LocalName;
        Assert.Equal("TableControl", First());
        Assert.Equal("ListControl", First("first: list"));
        Assert.Equal("CustomControl", First("screen: text::Screen($_, $Host)"));
    }

    [Fact]
    public void Names_besides_a_type_s_own_are_members_of_it()
    {
        XElement types = ViewXml.Types(Read(
            "[Contract.Thing]", "alias: State = Phase, Thing = Name", "property: Elapsed = $this.Since", "text: $this.Name", "depth: 16",
            "default: Name, State"));
        XElement members = types.Element("Type")!.Element("Members")!;
        Assert.Equal(
            ["State=Phase", "Thing=Name"],
            members.Elements("AliasProperty").Select(a => string.Join('=', a.Elements().Select(e => e.Value))));
        Assert.Equal("Elapsed$this.Since", members.Element("ScriptProperty")!.Value);
        Assert.Equal("ToString$this.Name", members.Element("ScriptMethod")!.Value);
        Assert.Equal("PSStandardMembersSerializationDepth16DefaultDisplayPropertySetNameState", members.Element("MemberSet")!.Value);
        Assert.False(ViewXml.Types(Read("[Contract.Thing] thing", "  Name")).HasElements);
    }

    [Theory]
    [InlineData("Line 1 of the views, 'table: Name': no type stands above it", "table: Name")]
    [
        InlineData(
            "Line 3 of the views, '[Contract.Thing] other': the type stands above already", "[Contract.Thing] thing", "  Name",
            "[Contract.Thing] other")]
    [
        InlineData(
            "Line 2 of the views, 'tabel: Name': a column is indented by two spaces; other lines begin with table",
            "[Contract.Thing] thing", "tabel: Name")]
    [InlineData("that is not how 'table:' is written", "[Contract.Thing] thing", "table: Name,", "  Name")]
    [InlineData("that is not how 'alias:' is written", "[Contract.Thing] thing", "alias: State", "  Name")]
    [InlineData("that is not how 'first:' is written", "[Contract.Thing] thing", "first: wide", "  Name")]
    [InlineData("'depth:' is said twice", "[Contract.Thing]", "depth: 1", "depth: 2")]
    [InlineData("the label 'Under-way' names no property; it needs a value", "[Contract.Thing] thing", "  Name, Under-way")]
    [InlineData("'left' is none of the options", "[Contract.Thing] thing", "table: Name", "  Name  Name  left")]
    [InlineData("'width wide' is none of the options", "[Contract.Thing] thing", "table: Name", "  Name  Name  width wide")]
    [InlineData("the table has a column 'Nmae', which no line describes", "[Contract.Thing] thing", "table: Nmae", "  Name")]
    [
        InlineData(
            "'Name' is described for the table, which does not show it", "[Contract.Thing] thing", "table: Id", "  Id",
            "  Name  Name  right")]
    [InlineData("'Name' is described twice", "[Contract.Thing] thing", "  Name", "  Name  Id")]
    [InlineData("a name for views needs columns below it", "[Contract.Thing] thing")]
    [InlineData("columns need a name behind the type", "[Contract.Thing]", "  Name")]
    public void What_is_not_understood_is_refused_with_its_place_and_the_reason(string message, params string[] lines) =>
        Assert.Contains(message, Assert.Throws<InvalidDataException>(() => Read(lines)).Message, StringComparison.Ordinal);

    private static IReadOnlyList<TypeViews> Read(params string[] lines) => ViewTable.Read(lines);
}
