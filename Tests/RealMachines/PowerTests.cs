using System.Globalization;
using ClusterTools.Core;

namespace ClusterTools.RealMachines.Tests;

/// <summary>Machines that lose their power, and with it all that they had not synced.</summary>
public sealed class PowerTests : IDisposable
{
    private readonly Workshop workshop = new();

    public void Dispose() => workshop.Dispose();

    [Fact]
    public async Task A_group_comes_up_elsewhere_when_the_power_of_its_machine_is_cut_and_the_machine_takes_part_again()
    {
        await using KernelCluster cluster = await KernelCluster.StartAsync(workshop);
        string owner = await cluster.FirstOwnerAsync();
        await cluster.AssertWritersAsync(owner);
        string other = cluster.Names.First(name => name != owner);
        int cut = cluster.Mark(other);
        await cluster.CutPowerAsync(owner);
        JournalEntry again = await cluster.SaysAsync(other, cut, KernelCluster.IsStarted);
        Assert.NotEqual(owner, again.Node);
        string[] kinds = [.. cluster.Journal(other, cut).Select(e => e.Kind)];
        Assert.InRange(Array.IndexOf(kinds, "fence.success"), 0, Array.IndexOf(kinds, "group.started"));

        await cluster.BootAsync(owner);
        await cluster.SaysAsync(other, cut, e => e.Kind == "node.online" && e.Node == owner);
        await cluster.SaysAsync(owner, 0, e => e.Kind == "node.online" && e.Node == owner && e.Index > again.Index);
        await cluster.AssertWritersAsync(owner, again.Node!);
    }

    [Fact]
    [Trait("Length", "Short")]
    public async Task A_change_that_was_answered_outlives_a_power_cut_of_the_only_machine()
    {
        await using KernelCluster cluster = await KernelCluster.StartAsync(workshop, new KernelPlan { Machines = 1 });
        string only = Assert.Single(cluster.Names);
        await cluster.FirstOwnerAsync();
        var ledger = new Ledger(cluster, only);
        ledger.Begin();
        await ledger.AnsweredAsync(3);
        await cluster.CutPowerAsync(only);
        await ledger.EndAsync();

        int mark = cluster.Mark(only);
        await cluster.BootAsync(only);
        await cluster.SaysAsync(only, mark, e => e.Kind == "node.online" && e.Node == only);
        await cluster.CaughtUpAsync(only);
        await ledger.AssertKeptAsync(only);
    }

    /// <summary>
    /// One machine after the other, all at once, or one and then the rest, as chance has it, under changes that are asked of every machine.
    /// CLUSTERTOOLS_POWER_CUTS says how often (3 unless said), CLUSTERTOOLS_SEED repeats a run as far as time lets it.
    /// </summary>
    [Fact]
    public async Task Changes_that_were_answered_outlive_power_cuts_at_any_moment()
    {
        int seed = Number("CLUSTERTOOLS_SEED") ?? Random.Shared.Next();
        int cuts = Number("CLUSTERTOOLS_POWER_CUTS") ?? 3;
        Tell($"CLUSTERTOOLS_SEED={seed} CLUSTERTOOLS_POWER_CUTS={cuts}");
        var chance = new Random(seed);
        await using KernelCluster cluster = await KernelCluster.StartAsync(workshop);
        await cluster.FirstOwnerAsync();
        Ledger[] ledgers = [.. cluster.Names.Select(name => new Ledger(cluster, name))];
        int first = chance.Next(3);
        for (int cut = 0; cut < cuts; cut++)
        {
            foreach (Ledger ledger in ledgers)
            {
                ledger.Begin();
            }

            await ledgers[chance.Next(ledgers.Length)].AnsweredAsync(chance.Next(2, 8));
            // Anywhere in the course of a change.
            await Task.Delay(chance.Next(300), Shell.Cancel);
            Dictionary<string, int> marks = cluster.Names.ToDictionary(name => name, cluster.Mark);
            string[] victims = [.. cluster.Names.OrderBy(_ => chance.Next())];
            string[] off = await CutAsync(cluster, ledgers, victims, (first + cut) % 3, chance);
            Tell($"cut {cut + 1}: {string.Join(", ", off)}; {ledgers.Sum(l => l.Answered)} changes were answered");
            await Task.WhenAll(ledgers.Select(l => l.EndAsync()));
            await Task.WhenAll(off.Select(cluster.BootAsync));
            foreach (string name in off)
            {
                await cluster.SaysAsync(name, marks[name], e => e.Kind == "node.online" && e.Node == name);
            }

            foreach (string name in cluster.Names)
            {
                await cluster.CaughtUpAsync(name);
                foreach (Ledger ledger in ledgers)
                {
                    await ledger.AssertKeptAsync(name, $"cut {cut + 1}, CLUSTERTOOLS_SEED={seed}");
                }
            }
        }
    }

    /// <summary>Cuts powers in one of three ways; returns whose.</summary>
    private static async Task<string[]> CutAsync(KernelCluster cluster, Ledger[] ledgers, string[] victims, int way, Random chance)
    {
        if (way == 0)
        {
            await Task.WhenAll(victims.Select(cluster.CutPowerAsync));
            return victims;
        }

        int mark = cluster.Mark(victims[1]);
        await cluster.CutPowerAsync(victims[0]);
        if (way == 1)
        {
            // The others go on, and say more than the first one knows; then they lose their power, too.
            await cluster.SaysAsync(victims[1], mark, e => e.Kind == "fence.success" && e.Node == victims[0]);
            await ledgers[cluster.Names.ToList().IndexOf(victims[1])].AnsweredAsync(chance.Next(1, 5));
            await Task.WhenAll(victims[1..].Select(cluster.CutPowerAsync));
            return victims;
        }

        await Task.Delay(chance.Next(5_000), Shell.Cancel);
        if (chance.Next(2) == 0)
        {
            await cluster.CutPowerAsync(victims[1]);
            return victims[..2];
        }

        return victims[..1];
    }

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out int number) ? number : null;

    private static void Tell(string text) => TestContext.Current.TestOutputHelper!.WriteLine(text);
}
