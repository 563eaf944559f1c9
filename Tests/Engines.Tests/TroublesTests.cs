using ClusterTools.Engines.Local;

namespace ClusterTools.Engines.Tests;

public sealed class TroublesTests
{
    private readonly List<string> lines = [];

    [Fact]
    public void What_lasts_is_said_once_though_its_milliseconds_change_and_again_after_a_minute()
    {
        var troubles = new Troubles(lines.Add);
        for (long now = 1000; now < 1000 + Troubles.Reminder; now += 40)
        {
            troubles.Say("hung", $"no progress for {now} ms", now);
        }

        Assert.Equal(["no progress for 1000 ms"], lines);
        troubles.Say("hung", "no progress still", 1000 + Troubles.Reminder);
        Assert.Equal("no progress still (1499 times more in the last 60 s.)", lines[^1]);
        troubles.End("hung", "works again");
        troubles.End("hung", "works again");
        Assert.Equal("works again", lines[^1]);
        Assert.Equal(3, lines.Count);
    }

    [Fact]
    public void What_comes_and_goes_does_not_flood_either()
    {
        var troubles = new Troubles(lines.Add);
        for (int i = 0; i < 1000; i++)
        {
            troubles.Say("hung", $"hung {i}", i * 50);
            troubles.End("hung", "works again");
        }

        Assert.Equal(["hung 0", "works again"], lines);
    }

    [Fact]
    public void One_trouble_does_not_hide_another()
    {
        var troubles = new Troubles(lines.Add);
        troubles.Say("hung", "hung", 0);
        troubles.Say("write", "disk full", 1);
        troubles.End("read", "was never wrong");
        Assert.Equal(["hung", "disk full"], lines);
    }
}
