using ClusterTools.Voting;
using Xunit;

namespace ClusterTools.Core.Tests.Voting;

/// <summary>
/// The arithmetic of votes: pictures to read, and what holds for every table of up to four nodes with up to three votes each.
/// </summary>
public class MajorityTests
{
    private static readonly string[] Names = ["a", "b", "c", "d"];

    [Theory]
    [InlineData("a=1 b=1 c=1", "a b", "a   1  *|b   1  *|c   1  .|2 of 3, 2 needed: held|")]
    [InlineData("a=1 b=1 c=1", "c", "a   1  .|b   1  .|c   1  *|1 of 3, 2 needed: not held|")]
    [InlineData("a=1 b=1 c=1 d=1", "a b", "a   1  *|b   1  *|c   1  .|d   1  .|2 of 4, 3 needed: not held|")]
    [InlineData("a=3 b=1 c=1", "a", "a   3  ***|b   1  .|c   1  .|3 of 5, 3 needed: held|")]
    [InlineData("a=0 b=1", "a", "a   0|b   1  .|0 of 1, 1 needed: not held|")]
    [InlineData("a=1 b=1", "a", "a   1  *|b   1  .|1 of 2, 2 needed: not held|")]
    [InlineData("a=1 b=1 two_node", "a", "a   1  *|b   1  .|1 of 2, 1 needed: held|")]
    [InlineData("a=1 b=1 c=1 without:b,c", "a", "a   1  *|b   1  does not count|c   1  does not count|1 of 1, 1 needed: held|")]
    [InlineData("a=1 b=1 c=1 without:b,c", "b c", "a   1  .|b   1  does not count|c   1  does not count|0 of 1, 1 needed: not held|")]
    [InlineData("a=1 b=1 c=1 expected:5", "a b", "a   1  *|b   1  *|c   1  .|2 of 5, 3 needed: not held|")]
    [InlineData("a=1", "a x", "a   1  *|x   0|1 of 1, 1 needed: held|")]
    public void A_count_is_a_picture(string votes, string nodes, string picture) =>
        Assert.Equal(picture.Replace('|', '\n'), Read(votes).Describe(nodes.Split(' ')));

    [Fact]
    public void Names_stand_below_each_other_and_nobody_is_a_picture_too()
    {
        Assert.Equal(
            $"{"a",-6} {1,3}  *\nlonger {2,3}  ..\n1 of 3, 2 needed: not held\n",
            new Majority(new Dictionary<string, int> { ["a"] = 1, ["longer"] = 2 }, 3).Describe(["a"]));
        Assert.Equal("0 of 0, 1 needed: not held\n", new Majority(new Dictionary<string, int>(), 0).Describe([]));
    }

    [Theory]
    [InlineData("a=1 b=1 c=1", "a=1 b=1 c=1 d=1", "a b c", true)]
    [InlineData("a=1 b=1 c=1", "a=1 b=1 c=1 d=1", "a b", false)]
    [InlineData("a=1 b=1 c=1", "a=1 b=1 c=1 d=1", "a b d", true)]
    [InlineData("a=1 b=1 c=1", "a=3 b=1 c=1", "b c", false)]
    [InlineData("a=1 b=1 c=1", "a=3 b=1 c=1", "a", false)]
    [InlineData("a=1 b=1 c=1", "a=3 b=1 c=1", "a c", true)]
    [InlineData("a=1 b=1", "a=1", "a", false)]
    public void A_change_of_votes_takes_both_majorities(string old, string next, string nodes, bool held) =>
        Assert.Equal(held, new JointMajority(Read(old), Read(next)).IsHeldBy(nodes.Split(' ')));

    [Fact]
    public void Of_a_change_the_new_majority_is_the_first_that_is_missed_and_both_are_drawn()
    {
        var joint = new JointMajority(Read("a=1 b=1 c=1"), Read("a=3 b=1 c=1"));
        Assert.Same(joint.New, joint.Lacking(["b"]));
        Assert.Same(joint.New, joint.Lacking(["b", "c"]));
        Assert.Same(joint.Old, joint.Lacking(["a"]));
        Assert.Null(joint.Lacking(["a", "b"]));
        Assert.Equal("old votes\na   1  *\nb   1  .\nc   1  .\n1 of 3, 2 needed: not held\n"
            + "new votes\na   3  ***\nb   1  .\nc   1  .\n3 of 5, 3 needed: held\n", joint.Describe(["a"]));
    }

    [Fact]
    public void Where_nobody_s_votes_count_any_more_who_is_there_can_be_given_votes()
    {
        Majority forced = Read("a=1 b=1 c=0") with { Superseded = new HashSet<string> { "a", "b" } };
        Assert.True(forced.IsVoid);
        Assert.False(forced.IsHeldBy(["c"]));
        Assert.True(new JointMajority(forced, Read("a=1 b=1 c=1") with { Superseded = forced.Superseded }).IsHeldBy(["c"]));
        Assert.False(new JointMajority(forced, forced).IsHeldBy(["c"]));
        Assert.False((Read("a=1 b=1 c=0") with { Superseded = new HashSet<string> { "a" } }).IsVoid);
        Assert.False((Read("a=0") with { Superseded = new HashSet<string>() }).IsVoid);
    }

    [Fact]
    public void No_two_sides_hold_a_majority_at_once_and_who_joins_takes_none_away()
    {
        foreach (Majority majority in Tables())
        {
            foreach (string[] side in Subsets())
            {
                if (majority.IsHeldBy(side))
                {
                    Assert.False(majority.IsHeldBy(Names.Except(side)), majority.Describe(side));
                    Assert.All(Names, name => Assert.True(majority.IsHeldBy(side.Union([name]))));
                }
            }
        }
    }

    [Fact]
    public void While_votes_change_nobody_decides_apart_from_those_who_changed_them()
    {
        Majority[] tables = [.. Tables()];
        for (int i = 0; i < tables.Length; i++)
        {
            var joint = new JointMajority(tables[i], tables[(i * 7 + 3) % tables.Length]);
            foreach (string[] side in Subsets())
            {
                string[] others = [.. Names.Except(side)];
                Assert.Equal((joint.Old.IsVoid || joint.Old.IsHeldBy(side)) && joint.New.IsHeldBy(side), joint.IsHeldBy(side));
                Assert.False(joint.IsHeldBy(side) && (joint.Old.IsHeldBy(others) || joint.New.IsHeldBy(others)), joint.Describe(side));
            }
        }
    }

    [Fact]
    public void As_many_may_be_lost_as_are_said_and_not_one_more()
    {
        foreach (Majority majority in Tables())
        {
            string[] heaviest = [.. Names.OrderByDescending(n => majority.Votes[n])];
            int losses = majority.LossesSurvived(Names);
            Assert.True(majority.IsHeldBy(heaviest.Skip(losses)), majority.Describe(heaviest.Skip(losses)));
            Assert.True(losses == Names.Length - 1 || !majority.IsHeldBy(heaviest.Skip(losses + 1)), majority.Describe(heaviest));
        }
    }

    [Fact]
    public void Who_is_superseded_counts_as_if_not_configured()
    {
        foreach (Majority majority in Tables())
        {
            foreach (string[] without in Subsets())
            {
                Majority left = majority with { Superseded = without.ToHashSet() };
                var smaller = new Majority(
                    majority.Votes.Where(v => !without.Contains(v.Key)).ToDictionary(v => v.Key, v => v.Value),
                    majority.Expected - majority.Sum(without));
                Assert.Equal(smaller.Needed, left.Needed);
                Assert.All(Subsets(), side => Assert.Equal(smaller.IsHeldBy(side), left.IsHeldBy(side)));
            }
        }
    }

    [Fact]
    public void A_device_s_votes_stay_when_nodes_go()
    {
        Majority four = Read("a=1 b=1 c=1 d=1") with { Device = new QuorumDevice(3, IsHere: true) };
        Majority left = four with { Device = new QuorumDevice(3, IsHere: false) };
        Assert.Equal(0, left.LossesSurvived(Names));
        Assert.Equal(3, four.LossesSurvived(Names));
        Assert.Equal(1, four.LossesSurvived(["a", "b"]));
        Majority held = four with { Device = new QuorumDevice(9, true) };
        Assert.Equal(0, held.LossesSurvived(["a"]));
        Assert.Equal(3, held.LossesSurvived(Names));
        Assert.Equal("a          1  *\nb          1  .\nc          1  .\nd          1  .\n(device)   3  ***\n4 of 7, 4 needed: held\n",
            four.Describe(["a"]));
        Assert.True(four.Count(["a"]).IsMajority);
        Assert.False(left.Count(["a", "b", "c"]).IsMajority);
        Assert.Equal(new VoteCount(1, 4, four.Device), four.Count(["a"]));
    }

    private static Majority Read(string text)
    {
        string[] words = text.Split(' ');
        string Value(string key) => words.FirstOrDefault(w => w.StartsWith(key, StringComparison.Ordinal))?[key.Length..] ?? "";
        var votes = words.Where(w => w.Contains('=', StringComparison.Ordinal)).Select(w => w.Split('=')).ToDictionary(w => w[0], w =>
            int.Parse(w[1], null));
        return new Majority(votes, int.TryParse(Value("expected:"), out int expected) ? expected : votes.Values.Sum())
        {
            Superseded = Value("without:").Split(',').ToHashSet(),
            IsOneEnough = words.Contains("two_node"),
        };
    }

    /// <summary>Every table in which somebody has a vote.</summary>
    private static IEnumerable<Majority> Tables() => Enumerable.Range(1, 255)
        .Select(i => Names.Index().ToDictionary(n => n.Item, n => (i >> (2 * n.Index)) & 3, StringComparer.Ordinal))
        .Select(votes => new Majority(votes, votes.Values.Sum()));

    private static IEnumerable<string[]> Subsets() =>
        Enumerable.Range(0, 1 << Names.Length).Select(i => Names.Where((_, n) => (i >> n & 1) == 1).ToArray());
}
