using System.Text;
using ClusterTools.Core.Configuration;
using Xunit;

namespace ClusterTools.Core.Tests;

public sealed class PlainTextTests
{
    [Theory]
    [InlineData("web", true)]
    [InlineData("Größe, データ, 🙂", true)]
    [InlineData("", true)]
    [InlineData("two\nlines", false)]
    [InlineData("\u001b[31mred", false)]
    [InlineData("delete\u007f", false)]
    [InlineData("\u0085", false)]
    [InlineData("web\u202E", false)]
    [InlineData("\u2066web\u2069", false)]
    [InlineData("we\u200Bb", false)]
    [InlineData("we\u00ADb", false)]
    [InlineData("\uFEFFweb", false)]
    [InlineData("web\u3164", false)]
    [InlineData("line\u2028line", false)]
    [InlineData("tag\U000E0041", false)]
    [InlineData("web\uFE0F", false)]
    public void What_does_not_show_as_itself_is_told(string text, bool plain)
    {
        Assert.Equal(plain, PlainText.IsPlain(text));
        Assert.Equal(plain, PlainText.WhyNot(text) is null);
        Assert.True(PlainText.IsPlain(PlainText.Escape(text)));
        Assert.Equal(plain, PlainText.Escape(text) == text);
    }

    [Fact]
    public void Every_control_and_format_character_of_the_runtime_is_hidden_but_those_that_are_drawn()
    {
        int[] drawn =
            [.. Enumerable.Range(0x600, 6), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD, .. Enumerable.Range(0x13430, 16)];
        int[] missing = [.. Enumerable.Range(0, 0x110000)
            .Where(p => p is < 0xD800 or > 0xDFFF && Rune.GetUnicodeCategory(new Rune(p)) is System.Globalization.UnicodeCategory.Control
                or System.Globalization.UnicodeCategory.Format or System.Globalization.UnicodeCategory.LineSeparator
                or System.Globalization.UnicodeCategory.ParagraphSeparator)
            .Where(p => PlainText.IsPlain(new Rune(p).ToString())).Except(drawn)];
        Assert.Empty(missing.Select(p => $"U+{p:X4}"));
    }

    [Fact]
    public void Half_of_a_pair_is_hidden_and_never_made()
    {
        Assert.False(PlainText.IsPlain("\ud83d"));
        Assert.Equal(@"a\uD83Db\uDE42", PlainText.Escape("a\ud83db\ude42"));
        string pairs = string.Concat(Enumerable.Repeat("🙂", 100));
        for (int limit = 20; limit < 60; limit++)
        {
            Assert.True(PlainText.IsPlain(PlainText.CutWords(pairs, limit)));
            Assert.InRange(PlainText.CutWords(pairs, limit).Length, limit - 3, limit);
            Assert.True(PlainText.IsPlain(PlainText.CutName(pairs, limit)));
            Assert.Equal(limit + 1, PlainText.CutName(pairs, limit).Length);
        }
    }

    [Fact]
    public void An_escape_says_what_was_there()
    {
        Assert.Equal(@"a\nb\tc\u001B[2J\u202E\uDB40\uDC41", PlainText.Escape("a\nb\tc\u001b[2J\u202E\U000E0041"));
        Assert.Equal("a\nb\tc\\u001B\\r", PlainText.EscapeLines("a\nb\tc\u001b\r"));
        Assert.Equal("U+202E at position 4", PlainText.WhyNot("web\u202E"));
    }

    [Fact]
    public void What_is_too_long_keeps_its_end_where_the_remedy_stands()
    {
        string cut = PlainText.CutWords(new string('x', 5000) + " Check the node.", 200);
        Assert.Equal(200, cut.Length);
        Assert.EndsWith("Check the node.", cut);
    }

    [Theory]
    [InlineData("web\u202Egro")]
    [InlineData("we\u200Bb")]
    [InlineData("\u001b[2J")]
    public void A_name_that_is_not_plain_is_refused_in_a_configuration_and_shown_escaped(string name)
    {
        var configuration = new ClusterConfiguration
        {
            Name = "one",
            Groups = ClusterConfiguration.Sorted<GroupConfiguration>().Add(name, new GroupConfiguration { Name = name }),
            FailoverDomains = ClusterConfiguration.Sorted<FailoverDomain>().Add(name, new FailoverDomain { Name = name }),
            FenceDevices = ClusterConfiguration.Sorted<FenceDevice>().Add(name, new FenceDevice { Name = name, Agent = "fence_dummy" }),
        };
        ConfigurationProblem[] about =
            [.. ConfigurationValidation.Validate(configuration).Where(p => p.Path.Contains(name, StringComparison.Ordinal))];
        foreach (string kind in (string[])["groups", "failoverDomains", "fenceDevices"])
        {
            Assert.Contains(about, p => p.Severity == ProblemSeverity.Error && p.Path == $"{kind}/{name}");
        }

        Assert.All(about, p => Assert.True(PlainText.IsPlain(p.Message + p.Remedy)));
    }
}
