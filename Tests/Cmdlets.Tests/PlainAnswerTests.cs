using ClusterTools.Client;
using ClusterTools.Contract;

namespace ClusterTools.Cmdlets.Tests;

/// <summary>Whatever a node answers, what the cmdlets show of it is plain.</summary>
public sealed class PlainAnswerTests
{
    private const string Bad = "w\u202Eeb\u001b[2J\u200B";
    private const string Shown = @"w\u202Eeb\u001B[2J\u200B";

    [Fact]
    public void Texts_of_an_answer_come_escaped_and_keep_their_lines()
    {
        GroupStatus group =
            ApiJson.Read<GroupStatus>(
                $$"""{"name":"{{Escaped(Bad)}}","why":"{{Escaped(Bad)}}","explanation":"one\ntwo","activeOn":["{{Escaped(Bad)}}"]}""");
        Assert.Equal(Shown, group.Name);
        Assert.Equal(Shown, group.Why);
        Assert.Equal([Shown], group.ActiveOn);
        Assert.Equal("one\ntwo", group.Explanation);
    }

    [Fact]
    public void A_text_that_looks_like_a_time_stays_as_it_is_and_a_time_is_one()
    {
        JournalEntry entry = ApiJson.Read<JournalEntry>("""{"message":"2026-01-31T08:00:00Z","at":"2026-01-31T08:00:00+00:00"}""");
        Assert.Equal("2026-01-31T08:00:00Z", entry.Message);
        Assert.Equal(new DateTimeOffset(2026, 1, 31, 8, 0, 0, TimeSpan.Zero), entry.At);
    }

    [Fact]
    public void An_error_shows_no_more_than_letters()
    {
        var error =
            new ClusterApiException(new Problem { Code = ProblemCodes.NotFound, Detail = $"There is no group '{Bad}'.", Remedy = Bad });
        Assert.Equal($"There is no group '{Shown}'.", error.Detail);
        Assert.Equal(Shown, error.Remedy);
        Assert.DoesNotContain(error.Message, c => c is '\u202E' or '\u001b' or '\u200B');
    }

    [Fact]
    public void What_a_document_of_a_runbook_says_is_shown_escaped()
    {
        var runbook = new ClusterRunbook();
        runbook.Remember(
            new Runbook { Content =
                $$"""{"run":"1","state":"waiting","step":"{{Escaped(Bad)}}","message":"{{Escaped(Bad)}}","done":["{{Escaped(Bad)}}"]}""" });
        Assert.Equal((Shown, Shown, Shown), (runbook.Step, runbook.Message, runbook.Done[0]));
    }

    private static string Escaped(string text) => string.Concat(text.Select(c => $@"\u{(int)c:X4}"));
}
