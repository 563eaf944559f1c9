using ClusterTools.Client;
using ClusterTools.Core.Configuration;
using ClusterTools.RealAgents.Tests.SeveralMachines;

namespace ClusterTools.RealMachines.Tests;

/// <summary>Asks one machine for changes, and keeps which of them were answered.</summary>
/// <param name="cluster">Whose configuration it is.</param>
/// <param name="machine">Whom it asks.</param>
internal sealed class Ledger(KernelCluster cluster, string machine)
{
    private readonly List<string> answered = [];
    private CancellationTokenSource? ending;
    private Task asking = Task.CompletedTask;
    private int begun;

    /// <summary>How many were answered since it began last.</summary>
    public int Answered
    {
        get
        {
            lock (answered)
            {
                return answered.Count;
            }
        }
    }

    private string Device => $"ledger-{machine}";

    /// <summary>Asks until it is to end, whatever becomes of the machine.</summary>
    public void Begin()
    {
        ending = CancellationTokenSource.CreateLinkedTokenSource(Shell.Cancel);
        lock (answered)
        {
            answered.Clear();
        }

        asking = AskAsync($"round{++begun}-", ending.Token);
    }

    public async Task EndAsync()
    {
        await ending!.CancelAsync();
        await asking;
        ending.Dispose();
    }

    /// <summary>Waits until so many more were answered.</summary>
    public async Task AnsweredAsync(int more)
    {
        int all = Answered + more;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Shell.Cancel);
        limit.CancelAfter(KernelCluster.Limit);
        while (Answered < all)
        {
            Assert.False(asking.IsCompleted, $"{machine} is asked no more: {asking.Exception}");
            await Task.Delay(TimeSpan.FromMilliseconds(20), limit.Token);
        }
    }

    /// <summary>
    /// A machine has every change that was answered since this began last; one that was not answered may be there or not.
    /// </summary>
    /// <param name="name">The machine.</param>
    /// <param name="about">For the message.</param>
    public async Task AssertKeptAsync(string name, string about = "")
    {
        using ClusterClient client = cluster.NewClient(name);
        (string json, _) = await client.GetConfigurationAsync(Shell.Cancel);
        FenceDevice? kept = AskedChanges.Read(json).FenceDevices.GetValueOrDefault(Device);
        string[] lost = [.. answered.Where(change => kept?.Parameters.ContainsKey(change) != true)];
        Assert.True(
            lost.Length == 0,
            $"{name} has lost {lost.Length} of {answered.Count} changes that {machine} had answered: {string.Join(", ", lost)}. {about}");
    }

    private async Task AskAsync(string round, CancellationToken cancel)
    {
        using ClusterClient client = cluster.NewClient(machine);
        await AskedChanges.AskAsync(client, Device, round, Remember, cancel);
    }

    private void Remember(string change)
    {
        lock (answered)
        {
            answered.Add(change);
        }
    }
}
