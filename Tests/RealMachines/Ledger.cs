using ClusterTools.Client;
using ClusterTools.Core.Configuration;

namespace ClusterTools.RealMachines.Tests;

/// <summary>
/// Asks one machine for changes, one after the other, and keeps which of them were answered: each is a parameter more of a fence device
/// that nobody uses, so that all of them must be in the configuration at the end.
/// </summary>
/// <param name="cluster">Whose configuration it is.</param>
/// <param name="machine">Whom it asks.</param>
internal sealed class Ledger(KernelCluster cluster, string machine)
{
    private readonly List<string> answered = [];
    private CancellationTokenSource? ending;
    private Task asking = Task.CompletedTask;
    private int asked;

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
        asking = AskAsync(ending.Token);
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

    /// <summary>A machine has every change that was answered; one that was not answered may be there or not.</summary>
    /// <param name="name">The machine.</param>
    /// <param name="about">For the message.</param>
    public async Task AssertKeptAsync(string name, string about = "")
    {
        using ClusterClient client = cluster.NewClient(name);
        (string json, _) = await client.GetConfigurationAsync(Shell.Cancel);
        FenceDevice? kept = KernelCluster.Read(json).FenceDevices.GetValueOrDefault(Device);
        string[] lost = [.. answered.Where(change => kept?.Parameters.ContainsKey(change) != true)];
        Assert.True(
            lost.Length == 0,
            $"{name} has lost {lost.Length} of {answered.Count} changes that {machine} had answered: {string.Join(", ", lost)}. {about}");
    }

    private async Task AskAsync(CancellationToken cancel)
    {
        using ClusterClient client = cluster.NewClient(machine);
        while (!cancel.IsCancellationRequested)
        {
            string change = $"change-{++asked}";
            try
            {
                (string json, long version) = await client.GetConfigurationAsync(cancel);
                ClusterConfiguration now = KernelCluster.Read(json);
                FenceDevice device = now.FenceDevices.GetValueOrDefault(Device)
                    ?? new FenceDevice { Name = Device, Agent = "fence_switch" };
                device = device with { Parameters = device.Parameters.SetItem(change, "asked") };
                Contract.Operation done = await client.PutConfigurationAsync(
                    KernelCluster.Write(now with { FenceDevices = now.FenceDevices.SetItem(Device, device) }), version, change, cancel);
                if (done.Phase == Contract.OperationPhase.Succeeded)
                {
                    lock (answered)
                    {
                        answered.Add(change);
                    }
                }
            }
            catch (Exception e) when (e is ClusterUnreachableException or ClusterApiException or OperationCanceledException)
            {
                // Its power is off, it has no quorum, or another one's change was first: whether this one is in is not known.
                await Task.WhenAny(Task.Delay(TimeSpan.FromMilliseconds(100), cancel));
            }
        }
    }
}
