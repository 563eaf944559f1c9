using System.Text;
using ClusterTools.Engines.Corosync;
using ClusterTools.Engines.Corosync.QuorumDisk;

namespace ClusterTools.Engines.Tests.Corosync;

/// <summary>Who holds the quorum disk, and reads it late.</summary>
public sealed class QuorumDiskHolderTests
{
    private static readonly DiskTimes Times = new("/dev/quorum", Interval: 200, Silence: 2_000);

    private readonly PlainPair pair = new(new VoteTable(PlainPair.Names.ToDictionary(n => n, _ => 1), 2, TwoNode: false)
    {
        Device = new DeviceVotes(Times.Name, 1),
    });

    [Fact]
    public void Who_gave_the_disk_up_does_not_take_itself_for_its_holder_by_what_it_read_before()
    {
        HoldAlone();

        // A reading that had begun before the disk was given up ends after that: it has the own slot as it was.
        pair.Now += 900;
        DiskReading slow = pair.Read(pair.WriteSlot(0));
        pair.Now += 150;
        pair.First.OnTime(pair.Now);
        pair.First.OnDisk(slow, pair.Now);
        pair.Run(1);

        // It goes on, by a claim of its own.
        Commits(1);
    }

    [Fact]
    public void What_is_lost_before_a_view_has_opened_whole_is_told_as_lost()
    {
        HoldAlone();
        int told = pair.Views.Count;
        pair.Now += Times.Silence;
        pair.First.OnTime(pair.Now);
        pair.Run(1);
        Assert.Equal(ViewQuorum.NotQuorate, pair.Views[^1].Quorum);
        Assert.Equal(told + 1, pair.Views.Count);
        Assert.True(Rounds());
        Assert.Equal(ViewQuorum.Quorate, pair.Views[^1].Quorum);
    }

    /// <summary>Both were together, the disk knows what is committed, and the first goes on alone by it.</summary>
    private void HoldAlone()
    {
        foreach (Protocol node in new[] { pair.First, pair.Second })
        {
            node.UseDisk(Times, pair.Now);
        }

        pair.Meet();
        for (int i = 0; i < 4; i++)
        {
            pair.Beat(0, 2);
            pair.Beat(1, 2);
        }

        Propose(1);
        pair.Run(2);
        pair.Beat(0, 2);
        pair.Beat(1, 2);
        pair.Part();
        Assert.True(Rounds());
        Assert.True(pair.Views[^1] is { Quorum: ViewQuorum.Quorate, Members.Count: 1, Votes.Device.IsHere: true });
        Commits(2);
    }

    private void Commits(long number)
    {
        long before = pair.First.Commit;
        for (int i = 0; i < 50 && pair.First.Commit <= before; i++)
        {
            Propose((number * 1000) + i);
            pair.Run(1);
            Rounds();
        }

        Assert.True(pair.First.Commit > before, $"{pair.First.Phase}, ends with {pair.First.Log.Last.Index}, {before} committed");
    }

    /// <summary>Beats of the first, until it is in an open view.</summary>
    private bool Rounds()
    {
        for (int i = 0; i < 20; i++)
        {
            pair.Now += Times.Interval;
            pair.First.OnTime(pair.Now);
            pair.Run(1);
            pair.Beat(0, 1);
        }

        return pair.First.Phase == Phase.Open;
    }

    private void Propose(long number) => pair.First.Propose(number, Encoding.UTF8.GetBytes($"{number}"), null, pair.Now);
}
