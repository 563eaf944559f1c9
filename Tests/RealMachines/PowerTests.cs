using ClusterTools.Client;
using ClusterTools.Core;
using ClusterTools.Core.Configuration;
using ClusterTools.Import;

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
        string other = KernelCluster.Names.First(name => name != owner);
        int cut = cluster.Mark(other);
        await cluster.CutPowerAsync(owner);
        JournalEntry again = await cluster.SaysAsync(other, cut, KernelCluster.IsStarted);
        Assert.NotEqual(owner, again.Node);
        string[] kinds = [.. cluster.Journal(other, cut).Select(e => e.Kind)];
        Assert.InRange(Array.IndexOf(kinds, "fence.success"), 0, Array.IndexOf(kinds, "group.started"));

        await cluster.BootAsync(owner);
        await cluster.SaysAsync(other, cut, e => e.Kind == "node.online" && e.Node == owner);
        await cluster.SaysAsync(owner, 0, e => e.Kind == "node.online" && e.Node == owner && e.Index > again.Index);
        Assert.Equal([owner, again.Node!], cluster.Writers());
    }

    [Fact]
    public async Task A_change_that_was_answered_outlives_a_power_cut_of_all_machines_at_once()
    {
        await using KernelCluster cluster = await KernelCluster.StartAsync(workshop);
        await cluster.FirstOwnerAsync();
        using ClusterClient client = cluster.NewClient();
        using var cut = new CancellationTokenSource();
        long answered = 1;
        Task changing = ChangeAsync();
        await Shell.UntilAsync(() => Interlocked.Read(ref answered) > 5, () => "five changes are answered");
        await Task.WhenAll(KernelCluster.Names.Select(cluster.CutPowerAsync));
        await cut.CancelAsync();
        await changing;

        Dictionary<string, int> marks = KernelCluster.Names.ToDictionary(name => name, cluster.Mark);
        await Task.WhenAll(KernelCluster.Names.Select(cluster.BootAsync));
        foreach (string name in KernelCluster.Names)
        {
            await cluster.SaysAsync(name, marks[name], e => e.Kind == "node.online" && e.Node == name);
        }

        (string json, long version) = await client.GetConfigurationAsync(Shell.Cancel);
        // The one that was under way may be in it or not.
        Assert.InRange(version, answered, answered + 1);
        Assert.Equal(RetryDelay(version), Read(json).Timing.RetryDelay);

        async Task ChangeAsync()
        {
            while (true)
            {
                try
                {
                    (string json, long version) = await client.GetConfigurationAsync(cut.Token);
                    ClusterConfiguration now = Read(json);
                    ClusterConfiguration next = now with { Timing = now.Timing with { RetryDelay = RetryDelay(version + 1) } };
                    await client.PutConfigurationAsync(
                        System.Text.Encoding.UTF8.GetString(ConfigurationJson.Write(next)), version, "a change", cut.Token);
                    Interlocked.Exchange(ref answered, version + 1);
                }
                catch (Exception e) when (cut.IsCancellationRequested || e is ClusterUnreachableException or ClusterApiException)
                {
                    return;
                }
            }
        }

        static int RetryDelay(long version) => version == 1 ? new ClusterTiming().RetryDelay : 60_000 + (int)version;

        static ClusterConfiguration Read(string json) =>
            ConfigurationFile.Read("configuration.json", System.Text.Encoding.UTF8.GetBytes(json)).Configuration!;
    }
}
