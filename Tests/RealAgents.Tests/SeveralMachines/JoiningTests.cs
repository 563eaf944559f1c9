using System.Text.Json;
using ClusterTools.Agents;

namespace ClusterTools.RealAgents.Tests.SeveralMachines;

/// <summary>From nothing to a cluster, by the commands that a person types.</summary>
public sealed class JoiningTests : IDisposable
{
    private readonly Workshop workshop = new();

    public void Dispose() => workshop.Dispose();

    [Fact]
    public async Task Machines_join_one_after_the_other_by_a_token_each_and_get_their_votes_once_they_take_part()
    {
        await Premises.RequireAsync("Dummy", "corosync");
        await using var machines = new BareMachines(workshop);
        await machines.StartAsync();
        Assert.Contains("has quorum", await machines.InitAsync("n1"));
        string token = await machines.InviteAsync("n1", "n2");

        // It is for another machine's address, and is not used up by that.
        ProcessOutcome wrong = await machines.TryClusterdAsync("n3", $"join {token} --state '{machines.State("n3")}'");
        Assert.Contains("does not have the address", wrong.Output);
        Assert.Contains("takes part, with its votes", await machines.JoinAsync("n2", token));
        JsonElement status = await machines.StatusAsync("n1");
        Assert.Equal("quorate", status.GetProperty("cluster").GetProperty("quorum").GetString());
        Assert.Equal(2, status.GetProperty("nodes").GetArrayLength());

        // Once.
        ProcessOutcome again = await machines.TryClusterdAsync("n2", $"join {token} --state '{workshop["elsewhere"]}'");
        Assert.NotEqual(0, again.ExitCode);
        await machines.JoinAsync("n3", await machines.InviteAsync("n1", "n3"));
        Assert.Equal(new Dictionary<string, int> { ["n1"] = 1, ["n2"] = 1, ["n3"] = 1 }, await machines.OnlineAsync("n1"));
        string[] files = await Task.WhenAll(BareMachines.Names.Select(n => machines.RunAsync(n, "cat /etc/corosync/corosync.conf")));
        Assert.Single(files.Distinct());
    }
}
