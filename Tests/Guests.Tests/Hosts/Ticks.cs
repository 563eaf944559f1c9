using System.Globalization;

namespace ClusterTools.Guests.Tests.Hosts;

/// <summary>The lines that a guest has written: how often it has booted, and its ticks since.</summary>
/// <param name="file">Where they are.</param>
public sealed class Ticks(string file)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Where they are.</summary>
    public string Path => file;

    /// <summary>Whether its last word was that it shuts down.</summary>
    public bool SaidGoodbye => Lines().LastOrDefault() == "Z";

    /// <summary>All of them, oldest first.</summary>
    public IReadOnlyList<(int Boot, int Tick)> All() =>
        [.. Lines().Select(static line => line.Split(' ')).Where(static words => words is [{ Length: 8 }, { Length: 8 }])
            .Select(static words => (Hexadecimal(words[0]), Hexadecimal(words[1])))];

    /// <summary>Waits until it has counted on.</summary>
    /// <param name="more">So far.</param>
    public async Task GoOnAsync(int more = 10)
    {
        int before = All().Count;
        long deadline = Environment.TickCount64 + (long)Limit.TotalMilliseconds;
        while (All().Count < before + more)
        {
            Assert.True(Environment.TickCount64 < deadline, $"The guest does not count on after {before} ticks.");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>There was one guest all the time, that was never set back: each tick once, and in order.</summary>
    public void AssertOne()
    {
        IReadOnlyList<(int Boot, int Tick)> all = All();
        Assert.Equal(all.Order(), all);
        Assert.All(all.GroupBy(static t => t.Boot), static boot =>
            Assert.Equal(Enumerable.Range(boot.First().Tick, boot.Count()), boot.Select(static t => t.Tick)));
    }

    private static int Hexadecimal(string word) => int.Parse(word, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    // The last line may be half written.
    private string[] Lines() => File.Exists(file) && File.ReadAllText(file) is var all && all.LastIndexOf('\n') is >= 0 and var end
        ? all[..end].Split('\n') : [];
}
