using System.Collections.Immutable;
using ClusterTools.Core.Configuration;
using ClusterTools.Voting;
using Xunit;

namespace ClusterTools.Core.Tests;

public sealed class QuorumLossesTests
{
    [Fact]
    public void Each_loss_is_told_with_what_it_stops()
    {
        ClusterState three = Of(3, default);
        QuorumLoss[] losses = [.. QuorumLosses.Of(three)];
        Assert.Equal(
            ["n1 True", "n2 True", "n3 True", "n1+n2 False", "n1+n3 False", "n2+n3 False"],
            losses.Select(l => $"{string.Join('+', l.Nodes)} {l.Survives}"));
        Assert.Equal(["only n1"], losses[0].Stops);
        Assert.Empty(losses[1].Stops);
        Assert.Equal(["anywhere", "only n1"], losses[3].Stops);
    }

    [Fact]
    public void With_a_quorum_disk_the_last_node_goes_on_and_the_disk_alone_may_be_lost()
    {
        QuorumLoss[] losses = [.. QuorumLosses.Of(Of(3, new QuorumDevice(2, IsHere: true)))];
        Assert.All(losses, l => Assert.True(l.Survives));
        Assert.Equal((true, 3, 3), (losses[0].Disk, losses[0].Votes, losses[0].Needed));
        Assert.Equal(["only n1"], losses.Single(l => string.Join('+', l.Nodes) == "n1+n2").Stops);
    }

    [Fact]
    public void With_the_disk_lost_its_votes_are_still_expected()
    {
        QuorumLoss[] losses = [.. QuorumLosses.Of(Of(2, new QuorumDevice(1, IsHere: false)))];
        Assert.Equal(["n1 False", "n2 False"], losses.Select(l => $"{string.Join('+', l.Nodes)} {l.Survives}"));
    }

    [Fact]
    public void Where_the_last_man_stands_two_may_be_lost_one_after_the_other_but_not_down_to_one()
    {
        Assert.All(QuorumLosses.Of(Of(4, default)).Where(l => l.Nodes.Length == 2), l => Assert.False(l.SurvivesInTurn));
        Assert.All(
            QuorumLosses.Of(Standing(4)), l => Assert.Equal((l.Nodes.Length == 1, true), (l.Survives, l.SurvivesInTurn)));
        Assert.All(
            QuorumLosses.Of(Standing(3)), l => Assert.Equal((l.Nodes.Length == 1, l.Nodes.Length == 1), (l.Survives, l.SurvivesInTurn)));
        Assert.All(
            QuorumLosses.Of(Standing(4) with { Superseded = ["n9"] }).Where(l => l.Nodes.Length == 2), l => Assert.False(l.SurvivesInTurn));

        static ClusterState Standing(int nodes) => Of(nodes, default) is var state
            ? state with { Configuration = state.Configuration with { LastManStanding = true } }
            : throw new InvalidOperationException();
    }

    [Fact]
    public void Without_quorum_there_is_nothing_to_lose() =>
        Assert.Empty(QuorumLosses.Of(Of(3, default) with { Quorum = Quorum.None }));

    private static ClusterState Of(int nodes, QuorumDevice device)
    {
        GroupConfiguration[] groups = [new() { Name = "anywhere" }, new() { Name = "only n1", Domain = "n1" }];
        var configuration = new ClusterConfiguration
        {
            Name = "shop",
            Nodes = Enumerable.Range(1, nodes).Select(i => new NodeConfiguration { Name = $"n{i}", Id = i })
                .ToImmutableSortedDictionary(n => n.Name, n => n, StringComparer.Ordinal),
            FailoverDomains = ClusterConfiguration.Sorted<FailoverDomain>().Add("n1", new FailoverDomain
            {
                Name = "n1", Restricted = true, Members = ClusterConfiguration.Sorted<int>().Add("n1", 0),
            }),
            Groups = groups.ToImmutableSortedDictionary(g => g.Name, g => g, StringComparer.Ordinal),
        };
        return ClusterState.Empty with
        {
            Configuration = configuration,
            Quorum = Quorum.Quorate,
            Device = device,
            Members = configuration.Nodes.Keys.ToImmutableSortedDictionary(n => n, _ => 1L, StringComparer.Ordinal),
            Groups = groups.ToImmutableSortedDictionary(
                g => g.Name,
                g => new GroupState
                {
                    Name = g.Name, Definition = g, Owner = "n1", Phase = GroupPhase.Started, Goal = GroupGoal.Run,
                },
                StringComparer.Ordinal),
        };
    }
}
