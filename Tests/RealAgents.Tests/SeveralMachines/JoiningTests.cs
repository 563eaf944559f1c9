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

    [Fact]
    public async Task The_token_time_is_changed_on_all_machines_while_none_is_lost()
    {
        await Premises.RequireAsync("Dummy", "corosync", "corosync-cmapctl", "curl");
        await using var machines = new BareMachines(workshop);
        await machines.StartAsync();
        await machines.InitAsync("n1");
        await machines.JoinAsync("n2", await machines.InviteAsync("n1", "n2"));
        await machines.JoinAsync("n3", await machines.InviteAsync("n1", "n3"));
        foreach (int token in (int[])[5000, 1500, 20_000])
        {
            await ChangeAsync("n1", token);
            await GoByAsync(token, "n1", "n2", "n3");
        }

        // The one that holds the token of a ring at rest comes back with a time that is much longer than the others'.
        await machines.ClusterdAsync("n1", $"stop --state '{machines.State("n1")}'");
        await machines.RunAsync("n1", "pkill -x corosync; while ps -C corosync -o stat= | grep -qv Z; do sleep 0.1; done");
        await ChangeAsync("n2", 300);
        await GoByAsync(300, "n2", "n3");
        await machines.RunAsync("n1", "corosync");
        await machines.RunAsync(
            "n1", $"DOTNET_EnableDiagnostics=0 setsid '{Premises.Clusterd}' run --state '{machines.State("n1")}' "
                + $">>'{machines.State("n1")}/clusterd.log' 2>&1 </dev/null &");
        await GoByAsync(300, "n1");
        await Shell.UntilAsync(
            () => machines.OnlineAsync("n2").GetAwaiter().GetResult().Count == 3, () => $"all take part\n{machines.LastWords()}");
        foreach (string name in BareMachines.Names)
        {
            string journal = await machines.RunAsync(name, $"cat '{machines.State(name)}'/journal*");
            Assert.Contains("This daemon goes by a token time of 20 s from now on", journal, StringComparison.Ordinal);
            Assert.DoesNotContain("is lost (", journal, StringComparison.Ordinal);
            // What was in force once is not gone by again when a daemon that starts reads its log.
            Assert.Equal(4, journal.Split("This daemon goes by a token time of").Length - 1);
        }

        Task ChangeAsync(string at, int token) => machines.EditAsync(at, $$"""{ "timing": { "token": {{token}} } }""");

        async Task GoByAsync(int token, params string[] names)
        {
            foreach (string name in names)
            {
                await Shell.UntilAsync(
                    () => machines.TryAsync(name, "corosync-cmapctl -g runtime.config.totem.token").GetAwaiter().GetResult()
                        .Output.Trim().EndsWith($" = {token}", StringComparison.Ordinal)
                        && File.ReadAllText(Path.Combine(machines.State(name), "node.json"))
                            .Contains($"\"token\": {token},", StringComparison.Ordinal),
                    () => $"{name} goes by a token of {token} ms\n{machines.LastWords()}");
            }
        }
    }
}
