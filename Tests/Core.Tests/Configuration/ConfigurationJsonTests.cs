using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using ClusterTools.Core.Configuration;
using ClusterTools.Import;
using Xunit;
using static ClusterTools.Core.Tests.Configuration.TestData;

namespace ClusterTools.Core.Tests.Configuration;

public class ConfigurationJsonTests
{
    private static string Text(ClusterConfiguration configuration) => Encoding.UTF8.GetString(ConfigurationJson.Write(configuration));

    private static ImportResult Read(string text) => AssertSound(ConfigurationJson.Read(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void What_is_written_is_read_back_as_the_same()
    {
        foreach (
            var configuration in new[] { Sound(), ConfigurationFile.Read("x", Shop).Configuration!,
                ConfigurationFile.Read("x", Bytes("examples/webshop/cluster.conf")).Configuration! })
        {
            var written = ConfigurationJson.Write(configuration);
            var result = ConfigurationFile.Read("x.json", written);
            Assert.Empty(result.Errors);
            Assert.True(ConfigurationEquality.Same(configuration, result.Configuration));
            Assert.Equal(written, ConfigurationJson.Write(result.Configuration!));
        }
    }

    [Fact]
    public void The_form_is_camelCase_with_enums_as_words_and_no_computed_members()
    {
        var text = Text(Sound());
        Assert.Contains("\n  \"expectedVotes\": null,\n", text, StringComparison.Ordinal);
        Assert.Contains("\"recovery\": \"restart\"", text, StringComparison.Ordinal);
        Assert.Contains("\"role\": \"administrator\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain("totalVotes", text, StringComparison.Ordinal);
        Assert.EndsWith("}\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain('\r', text);
    }

    [Fact]
    public void Dictionaries_come_back_in_ordinal_order()
    {
        var value = By(("b", 1), ("B", 2), ("a", 3), ("Ä", 4));
        var read = JsonSerializer.Deserialize<ImmutableSortedDictionary<string,
            int>>(JsonSerializer.Serialize(value, CoreJson.Options), CoreJson.Options)!;
        Assert.Same(StringComparer.Ordinal, read.KeyComparer);
        Assert.Equal(["B", "a", "b", "Ä"], read.Keys);
        var set = JsonSerializer.Deserialize<ImmutableSortedSet<string>>("""["b","B","a"]""", CoreJson.Options)!;
        Assert.Same(StringComparer.Ordinal, set.KeyComparer);
        Assert.Equal("""["B","a","b"]""", JsonSerializer.Serialize(set, CoreJson.Options));
    }

    [Fact]
    public void A_default_array_is_written_as_an_empty_one()
    {
        Assert.Equal("[]", JsonSerializer.Serialize(default(ImmutableArray<long>), CoreJson.Options));
        Assert.Equal([1, 2], JsonSerializer.Deserialize<ImmutableArray<long>>("[1,2]", CoreJson.Options));
        var configuration = Sound().WithGroup("web", g => g with { Resources = default });
        Assert.Empty(Read(Text(configuration)).Configuration!.Groups["web"].Resources);
    }

    [Fact]
    public void The_deepest_tree_survives_the_round_trip()
    {
        var resource = Resource("script", "leaf");
        for (var i = 0; i < 63; i++)
        {
            resource = Resource("script", $"{i}") with { Children = [resource] };
        }
        var configuration = Sound().WithGroup("web", g => g with { Resources = [resource] });
        Assert.True(ConfigurationEquality.Same(configuration, Read(Text(configuration)).Configuration));
    }

    /// <summary>
    /// What is replaced in the written form, by what, the line of the error (counted from that of the replaced text), a word of it.
    /// </summary>
    public static TheoryData<string, string, int, string> BadJson => new()
    {
        { "\"version\": 7,", "\"version\": 7", 1, "" },
        { "\"version\": 7,", "\"version\": 7,\n\"colour\": \"red\",", 1, "'colour' is not known" },
        { "\"version\": 7,", "\"version\": 7, \"version\": 8,", 0, "twice" },
        { "\"version\": 7,", "\"version\": \"seven\",", 0, "does not fit" },
        { "\"version\": 7,", "\"version\": 7.5,", 0, "does not fit" },
        { "\"version\": 7,", "\"version\": 99999999999999999999,", 0, "does not fit" },
        { "\"version\": 7,", "\"version\": null,", 0, "does not fit" },
        { "\"version\": 7,", "\"version\": -7,", 0, "versions begin at 1" },
        { "\"twoNode\": false,", "\"twoNode\": 0,", 0, "does not fit" },
        { "\"agent\": \"fence_apc\",", "\"agent\": null,", 0, "" },
        { "\"agent\": \"fence_apc\",", "", 0, "agent" },
        { "\"recovery\": \"restart\",", "\"recovery\": \"pray\",", 0, "does not fit" },
        { "\"recovery\": \"restart\",", "\"recovery\": 1,", 0, "does not fit" },
        { "\"domain\": \"front\",", "\"domain\": \"nix\",", 0, "not defined" },
        { "\"id\": \"script:web\",", "\"id\": \"script:web\", \"oops\": 1,", 0, "'oops' is not known" },
        { "\"id\": \"script:web\",", "\"id\": \"ip:web\",", -1, "not well-formed" },
        { "\"startTimeout\": 60000,", "\"startTimeout\": -1,", 0, "out of range" },
        { "\"a\": 1,", "\"a\": 1, \"a\": 2,", 0, "twice" },
        { "\"a\": 1,", "\"a\": null,", 0, "null" },
        { "\"a\": 1,", "\"zz\": 1,", 0, "not a node" },
        { "\"device\": \"pdu\",", "\"device\": \"nix\",", 0, "not defined" },
    };

    [Theory]
    [MemberData(nameof(BadJson))]
    public void Each_is_refused_with_its_line_and_a_remedy(string replaced, string by, int lineOffset, string word)
    {
        var text = Text(Sound());
        var at = text.IndexOf(replaced, StringComparison.Ordinal);
        Assert.True(at > 0, $"The written form has no {replaced}");
        var line = LineOf(text, replaced) + lineOffset;
        var result = Read(text[..at] + by + text[(at + replaced.Length)..]);
        Assert.Null(result.Configuration);
        // A missing member is noticed where its object ends.
        var last = word == "agent" ? line + 5 : line;
        Assert.True(
            result.Errors.Any(e => e.Line >= line && e.Line <= last && e.Message.Contains(word, StringComparison.Ordinal)),
            $"expected an error on line {line} with '{word}', but got:\n{string.Join('\n', result.Problems)}");
    }

    [Fact]
    public void All_unknown_members_are_told_at_once_with_those_that_are_known()
    {
        var result = Read("{\n\"name\": \"x\",\n\"noodes\": {},\n\"timing\": {\n\"tokn\": 5\n}\n}");
        Assert.Equal([3, 5], result.Errors.Select(e => e.Line));
        Assert.Contains("nodes", result.Problems[0].Remedy, StringComparison.Ordinal);
        Assert.Contains("token", result.Problems[1].Remedy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData("  \n ", 1)]
    [InlineData("null", 1)]
    [InlineData("{\n", 2)]
    [InlineData("{}", 1)]
    [InlineData("{\n\n  'name': 'x' }", 3)]
    [InlineData("{ \"name\": \"x\",\n // comment\n }", 2)]
    public void What_is_no_configuration_is_refused_with_a_line(string text, int line)
    {
        var error = Assert.Single(Read(text).Errors);
        Assert.Equal(line, error.Line);
    }

    [Fact]
    public void Text_that_is_not_UTF_8_is_refused_at_its_line()
    {
        var bytes = ConfigurationJson.Write(Sound());
        var third = Array.IndexOf(bytes, (byte)'\n', Array.IndexOf(bytes, (byte)'\n') + 1);
        bytes[third + 5] = 0xC0;
        Assert.Equal(3, Assert.Single(AssertSound(ConfigurationJson.Read(bytes)).Errors).Line);
    }

    [Fact]
    public void A_hundred_thousand_brackets_are_refused() =>
        Assert.Contains(
            Read(string.Concat(Enumerable.Repeat("{\"a\":[", 100_000))).Errors, e => e.Message.Contains("depth", StringComparison.Ordinal));

    [Theory]
    [InlineData("\"name\": \"{0}\"")]
    [InlineData("\"{0}\": 1")]
    [InlineData("\"nodes\": {{ \"{0}\": {{ \"{0}\": 1, \"x\": 2 }} }}")]
    public void A_text_of_a_megabyte_is_refused_and_not_repeated(string form)
    {
        var result = Read($"{{ {string.Format(form, new string('x', 1_000_000))} }}");
        Assert.Contains(result.Errors, e => e.Message.Contains("1,000,000 characters", StringComparison.Ordinal));
        Assert.All(result.Problems, p => Assert.True(p.ToString().Length < 2000));
    }

    [Fact]
    public void Every_truncated_prefix_is_refused_with_a_line()
    {
        var whole = ConfigurationJson.Write(Sound());
        for (var length = 0; length < whole.Length - 2; length++)
        {
            var result = AssertSound(ConfigurationJson.Read(whole.AsMemory(0, length)));
            Assert.Null(result.Configuration);
            Assert.All(result.Errors, e => Assert.NotNull(e.Line));
        }
    }

    [Fact]
    public void A_byte_order_mark_is_passed_over() =>
        Assert.NotNull(ConfigurationFile.Read("x", (byte[])[0xEF, 0xBB, 0xBF, .. ConfigurationJson.Write(Sound())]).Configuration);
}
