using ClusterTools.Build;

namespace ClusterTools.Packaging.Tests;

public sealed class LineLengthTests
{
    private static readonly string Longest = new('x', 140);

    [Fact]
    public void A_line_that_leaves_the_screen_is_found() =>
        Assert.Equal([2, 4], LineLength.TooLong([Longest, Longest + "x", "", "    // " + Longest]));

    [Fact]
    public void What_a_raw_string_holds_is_data() => Assert.Equal(
        [5], LineLength.TooLong(["string s = \"\"\"", Longest + "x", "\"\"\";", "string t = \"\"\"" + Longest + "\"\"\";", Longest + "x"]));
}
