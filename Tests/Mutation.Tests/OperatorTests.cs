using Xunit;

namespace ClusterTools.Mutation.Tests;

/// <summary>What is changed, and that a change is what its words say.</summary>
public sealed class OperatorTests
{
    private static readonly (int A, int B)[] Everything =
        [.. Enumerable.Range(-3, 7).SelectMany(a => Enumerable.Range(-3, 7).Select(b => (a, b)))];

    [Theory]
    [InlineData("a condition", "if (Odd(a)) { return 1; } return 2;", "Odd(a) → true", "Odd(a) → false", "1 → one more", "2 → one more")]
    [InlineData("operands of and", "return Odd(a) && Odd(b);", "Odd(a) → true", "Odd(b) → true", "Odd(a) && Odd(b) → false")]
    [InlineData("operands of or", "return Odd(a) || Odd(b);", "Odd(a) → false", "Odd(b) → false", "Odd(a) || Odd(b) → true")]
    [InlineData("what is negated", "return !(Odd(a) || b == 1);", "Odd(a) → false", "b == 1 → false", "Odd(a) || b == 1 → true")]
    [InlineData("a boundary", "return a < b;", "a < b → <=", "a < b → true", "a < b → false")]
    [InlineData("the other boundary", "return a >= b;", "a >= b → >", "a >= b → true", "a >= b → false")]
    [InlineData("sides of a choice", "return Odd(a) ? a : b;", "Odd(a) → true", "Odd(a) → false")]
    [InlineData("sum and difference", "return a + b;", "a + b → -")]
    [InlineData("numbers", "return 5;", "5 → one more")]
    [InlineData("truths", "return Both(true, a);", "true → false", "Both(true, a) → true", "Both(true, a) → false")]
    [InlineData("names", "return Colour.Blue;", "Colour.Blue → Red")]
    [InlineData("defaults", "return Maybe(a) ?? \"none\".Length;", "Maybe(a) ?? \"none\".Length → \"none\".Length",
        "Maybe(a) ?? \"none\".Length → Maybe(a)")]
    [InlineData("any and all", "return new[] { a, b }.Any(Odd);", "new[] { a, b }.Any(Odd) → All", "new[] { a, b }.Any(Odd) → true",
        "new[] { a, b }.Any(Odd) → false")]
    [InlineData("first and last", "return new[] { a, b }.First();", "new[] { a, b }.First() → Last")]
    [InlineData("least and most", "return Math.Min(a, b);", "Math.Min(a, b) → Max")]
    [InlineData("a call in a chain", "return string.Join(',', new[] { a, a }).Length + new[] { a, a }.Distinct().Count();",
        "new[] { a, a }.Distinct() → new[] { a, a }", "string.Join(',', new[] { a, a }).Length + new[] { a, a }.Distinct().Count() → -")]
    [InlineData("a call on the same", "return Mirrored(P(a, b)).X;", "Mirrored(P(a, b)) → P(a, b)")]
    [InlineData("members of with", "return P(a, b) with { X = b, Y = a };", "X = b → kept", "Y = a → kept")]
    [InlineData("members of new", "return new Point(1) { Y = a };", "1 → one more", "Y = a → default")]
    [InlineData("a statement", "int c = a; c += b; return c;", "c += b; → left out")]
    [InlineData("alternatives of a pattern", "return a is 1 or 2 or 3;", "1 or 2 or 3 → 1 or 2", "1 or 2 or 3 → 2 or 3",
        "1 or 2 or 3 → 1 or 3", "a is 1 or 2 or 3 → true", "a is 1 or 2 or 3 → false")]
    [InlineData("parts of a pattern", "return P(a, b) is { X: 1, Y: 2 };", "{ X: 1, Y: 2 } → { Y: 2 }", "{ X: 1, Y: 2 } → { X: 1 }",
        "P(a, b) is { X: 1, Y: 2 } → true", "P(a, b) is { X: 1, Y: 2 } → false")]
    [InlineData("parts of a pattern that finds", "return P(a, b) is { X: 1 or 2, Y: 2 } p ? p.X : 0;", "X: 1 or 2 → X: 1",
        "X: 1 or 2 → X: 2", "X: 1 or 2 → true", "Y: 2 → true", "P(a, b) is { X: 1 or 2, Y: 2 } p → false", "0 → one more")]
    [InlineData("what is tried", "return Known.TryGetValue(a, out int c) ? c : b;", "Known.TryGetValue(a, out int c) → true",
        "Known.TryGetValue(a, out int c) → false")]
    [InlineData("arms", "return a switch { 1 => b, > 1 when Odd(b) => 7, _ => 0 };", "1 → passed over", "Odd(b) → true", "Odd(b) → false",
        "7 → one more", "0 → one more")]
    [InlineData("cases", "switch (a) { case 1: return b; case > 1: return -b; default: return 0; }", "case 1: → passed over",
        "case > 1: → passed over", "0 → one more")]
    [InlineData("answers that may be none", "return Name(a);")]
    public void Each_kind_of_change_is_made_and_noticed(string kind, string body, params string[] changes)
    {
        using var rules = new TinyRules($$"""
            public static object? Of(int a, int b) { {{body}} }
            {{Others}}
            """);

        string[] own = [.. rules.Rules.Mutants.Where(m => m.Member == "Of").Select(m => m.What)];
        Assert.True(rules.Rules.Dropped.Count == 0, $"{kind}: {string.Join(", ", rules.Rules.Dropped.Select(d => d.What))}");
        // What may be none can be none.
        Assert.Equal(changes.Order(), own.Where(w => !w.EndsWith("→ null", StringComparison.Ordinal)).Order());
        Assert.Empty(own.Except(rules.Noticed(Everything)));
    }

    [Fact]
    public void What_nobody_asks_about_is_not_noticed()
    {
        using var rules = new TinyRules("public static bool Of(int a, int b) => a < b && b != 3;");

        Assert.Equal(["a < b → <=", "a < b → true", "b != 3 → true", "a < b && b != 3 → false"], rules.Words);
        Assert.Equal(["a < b → true", "a < b && b != 3 → false"], rules.Noticed((1, 2), (2, 1)));
        Assert.Equal(["a < b → <=", "a < b → true", "b != 3 → true", "a < b && b != 3 → false"], rules.Noticed((1, 2), (2, 2), (1, 3)));
    }

    [Fact]
    public void What_does_not_compile_is_dropped_alone()
    {
        using var rules = new TinyRules("""
            public static int Of(int a, int b)
            {
                byte least = 1;
                if (b is var c && c > a)
                {
                    return c;
                }

                return least;
            }
            """);

        Assert.Equal(["1 → one more"], rules.Rules.Dropped.Select(d => d.What));
        Assert.Equal(["c > a → >=", "c > a → true", "b is var c && c > a → false"], rules.Words);
    }

    [Fact]
    public void Words_are_left_alone()
    {
        using var rules = new TinyRules("""
            public static string Of(int a, int b)
            {
                string how = a > b ? "more" : "less";
                if (a == b)
                {
                    Log.Journal(a > 1 ? "the same" : $"{b + 1}");
                }

                return $"{how} than {b + 1}" + (a == 1 ? "!" : "");
            }
            """);

        Assert.Empty(rules.Words);
    }

    private const string Others = """
            private static readonly Dictionary<int, int> Known = new() { [1] = 5 };
            public static bool Odd(int a) => a % 2 != 0;
            public static bool Both(bool a, int b) => a && b > 0;
            public static int? Maybe(int a) => Odd(a) ? a : null;
            public static string? Name(int a) => Odd(a) ? "odd" : null;
            public static Point P(int a, int b) => new(a) { Y = b };
            public static Point Mirrored(Point p) => new(-p.X) { Y = p.Y };
            """;
}
