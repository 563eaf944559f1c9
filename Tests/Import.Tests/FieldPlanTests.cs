namespace ClusterTools.Import.Tests;

/// <summary>What is said of a file and what is predicted from it are the same.</summary>
public class FieldPlanTests
{
    private static ClusterConfiguration Read(string file)
    {
        ImportResult result =
            ConfigurationFile.Read(file, File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "field", $"{file}.conf")));
        Assert.NotNull(result.Configuration);
        return result.Configuration;
    }

    private static Prediction Lose(ClusterConfiguration configuration, string node)
    {
        Prediction prediction = Prediction.Form(configuration, new HashSet<string>());
        prediction.Lose(node);
        return prediction;
    }

    [Theory]
    [InlineData("f07-a-person-is-no-proof", "east")]
    [InlineData("f08-two-nodes-without-fencing-lose-everything", "east")]
    [InlineData("f08-two-nodes-without-fencing-lose-everything", "west")]
    public void Of_two_nodes_that_nobody_can_prove_off_the_loss_of_either_stops_everything(string file, string lost) =>
        Assert.True(Lose(Read(file), lost).QuorumLost);

    [Fact]
    public void What_a_node_does_that_fences_its_only_peer_is_told_once()
    {
        Prediction prediction = Lose(Read("f34-two-node-with-two-expected-votes"), "east");
        Assert.False(prediction.QuorumLost);
        string[] told = [.. prediction.Journal.Where(e => e.Kind is "node.lost" or "fence.begin" or "fence.success").Select(e => e.Kind)];
        Assert.Equal(told.Distinct(), told);
        Assert.Contains("node.lost", told);
    }

    [Fact]
    public void A_group_whose_node_nobody_can_prove_off_waits_for_that_and_says_so()
    {
        Prediction prediction = Lose(Read("f32-one-line-for-each-kind-of-loss"), "n1");
        GroupState group = prediction.State.Groups.Values.First(g => g.ActiveOn.Contains("n1"));
        Assert.Contains("n1 is LeftCluster and not proven down", $"{group.Waits}", StringComparison.Ordinal);
        Assert.Contains("Confirm-ClusterNodeDown", $"{group.Waits}", StringComparison.Ordinal);
    }
}
