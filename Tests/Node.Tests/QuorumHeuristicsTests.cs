using System.Threading.Channels;
using ClusterTools.Core.Configuration;
using Xunit;

namespace ClusterTools.Node.Tests;

public sealed class QuorumHeuristicsTests : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly Channel<int> scores = Channel.CreateUnbounded<int>();
    private readonly Channel<string> said = Channel.CreateUnbounded<string>();
    private readonly QuorumHeuristics heuristics;

    public QuorumHeuristicsTests() => heuristics = new QuorumHeuristics(
        new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin" }, s => scores.Writer.TryWrite(s), t => said.Writer.TryWrite(t));

    public ValueTask DisposeAsync() => heuristics.DisposeAsync();

    [Fact]
    public async Task One_that_fails_at_first_gives_nothing_and_is_good_again_when_it_succeeds()
    {
        string file = Path.GetTempFileName();
        File.Delete(file);
        heuristics.Use([Heuristic("true", 2), Heuristic($"test -e {file} || {{ echo no router; exit 3; }}", 5)]);
        Assert.Equal(7, await NextAsync(scores));
        Assert.Equal(2, await NextAsync(scores));
        string words = await NextAsync(said);
        Assert.Contains("exit code 3, no router", words, StringComparison.Ordinal);
        await File.WriteAllTextAsync(file, "");
        Assert.Equal(7, await NextAsync(scores));
        Assert.Contains("good again", await NextAsync(said), StringComparison.Ordinal);
        File.Delete(file);
        Assert.Equal(2, await NextAsync(scores));
    }

    [Fact]
    public async Task One_that_takes_too_long_is_ended_and_is_not_good()
    {
        heuristics.Use([Heuristic("exec sleep 1000", 1)]);
        Assert.Equal(1, await NextAsync(scores));
        Assert.Equal(0, await NextAsync(scores));
        Assert.Contains("took longer than 0.5 s", await NextAsync(said), StringComparison.Ordinal);
        heuristics.Use([]);
        Assert.Equal(0, await NextAsync(scores));
    }

    private static QuorumHeuristic Heuristic(string program, int score) =>
        new() { Program = program, Score = score, Interval = 500, Tko = 2 };

    private static async Task<T> NextAsync<T>(Channel<T> channel) => await channel.Reader.ReadAsync().AsTask().WaitAsync(Limit);
}
