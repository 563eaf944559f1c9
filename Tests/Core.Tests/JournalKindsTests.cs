using Xunit;

namespace ClusterTools.Core.Tests;

public sealed class JournalKindsTests
{
    [Fact]
    public void Kinds_that_scripts_may_ask_for_are_words_in_order_each_with_what_it_tells()
    {
        string[] words = [.. JournalKind.ForScripts.Select(k => k.Word)];
        Assert.Equal(words.Distinct().Order(StringComparer.Ordinal), words);
        Assert.True(words.Length > 40, $"Only {words.Length} kinds are listed.");
        Assert.All(JournalKind.ForScripts, kind =>
        {
            Assert.Matches("^[a-z]+(\\.[a-zA-Z]+)*$", kind.Word);
            Assert.NotEmpty(kind.Tells);
            Assert.False(JournalKind.IsOfScript(kind.Word));
        });
    }

    [Fact]
    public void An_operation_of_a_kind_that_only_a_newer_program_knows_is_named_by_its_word()
    {
        OperationKind kind = OperationKind.Of("guest.{migrate}");
        Assert.Equal("guest.{migrate} web", kind.Words("web"));
        Assert.Equal(kind, OperationKind.Of("guest.{migrate}"));
        Assert.Equal("Move group 'web'", OperationKind.Of("group.relocate").Sentence("web"));
    }
}
