using System.Text.Json;
using Xunit;

namespace ClusterTools.Core.Tests;

public sealed class CauseTests
{
    private static readonly GroupFailure Failure = new(CauseKind.StartFailure, "fs:data", "n1", "mount {0} is busy.", 0, 0);

    public static TheoryData<string> Kinds =>
        [.. typeof(CauseKind).GetProperties().Where(p => p.PropertyType == typeof(CauseKind) && p.GetMethod!.IsStatic).Select(p => p.Name)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_kind_is_found_by_its_word_and_its_cause_is_the_same_when_written_and_read(string name)
    {
        var kind = (CauseKind)typeof(CauseKind).GetProperty(name)!.GetValue(null)!;
        Assert.Same(kind, CauseKind.Of(kind.Word));
        Cause cause = CauseKind.Silent.With().Then(kind.With("a {x}", "b", "c", "d", "e"));
        Cause read = JsonSerializer.Deserialize<Cause>(JsonSerializer.Serialize(cause, CoreJson.Options), CoreJson.Options)!;
        Assert.Equal(cause, read);
        Assert.Equal(cause.GetHashCode(), read.GetHashCode());
        Assert.DoesNotContain("{said}", $"{cause}", StringComparison.Ordinal);
        Assert.NotEqual(cause, kind.With("a {x}", "b", "c", "d", "e"));
        Assert.NotEqual(cause, CauseKind.Silent.With().Then(kind.With("a {x}", "b", "c", "d", "f")));
    }

    [Fact]
    public void A_kind_that_a_newer_program_knows_says_its_word() =>
        Assert.Equal("heat{0}Wave", $"{CauseKind.Of("heat{0}Wave").With("n1")}");

    [Fact]
    public void The_agents_words_stand_where_the_failure_is_told()
    {
        Cause told = CauseKind.StartTriedAgain.With("fs:data", "n1", "1", "3");
        Assert.Equal("start of fs:data failed on n1; tried again, 1 of 3", $"{told}");
        Assert.Equal("start of fs:data failed on n1: mount {0} is busy; tried again, 1 of 3", told.Explain(Failure));
        Assert.Equal(
            "start of fs:data failed on n1: mount {0} is busy; tried again, 1 of 3; n2 is Lost",
            told.Then(CauseKind.BetterNodes.With("n2 is Lost")).Explain(Failure));
    }

    [Fact]
    public void What_tells_of_something_else_has_the_failure_behind_it()
    {
        const string Behind = "(start of fs:data failed on n1: mount {0} is busy)";
        Assert.Equal($"enabled by ada {Behind}", CauseKind.EnabledBy.With("ada").Explain(Failure));
        Assert.Equal(
            $"start of app:web failed on n1 {Behind}", CauseKind.StartFailed.With("app:web", "n1").Explain(Failure));
        Assert.Equal("start of fs:data failed on n1: mount {0} is busy", Cause.None.Explain(Failure));
    }

    [Fact]
    public void What_goes_back_to_more_than_one_thing_tells_all_in_order()
    {
        Cause last = CauseKind.NodeIsDown.With("n1").Then(CauseKind.Chosen.With("priority 1"));
        Assert.Equal("silent for the token time; node n1 is down; priority 1", $"{CauseKind.Silent.With().Then(last)}");
        Assert.Same(last, Cause.None.Then(last));
    }

    [Fact]
    public void What_somebody_said_stands_for_the_reason()
    {
        Assert.Equal("new {disk}", $"{Cause.Said("new {disk}", CauseKind.PausedBy.With("ada"))}");
        Assert.Equal("paused by ada", $"{Cause.Said(null, CauseKind.PausedBy.With("ada"))}");
    }
}
