using ClusterTools.Engines.Tests.Corosync.Network;

namespace ClusterTools.RealAgents.Tests.SeveralMachines;

/// <summary>
/// The power switch of machines in namespaces. It stands outside of all of them, and does what the agent fence_switch, a BMC or a host of
/// virtual machines asks for through a folder: <c>MACHINE.off</c> and <c>MACHINE.on</c>, which go when it is done.
/// </summary>
internal sealed class PowerSwitch : IAsyncDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(10);

    private readonly CorosyncNetwork network;
    private readonly string folder;
    private readonly Func<string, Task> ended;
    private readonly CancellationTokenSource ending = new();
    private readonly SemaphoreSlim gate = new(1);
    private readonly Task switching;

    /// <param name="network">The machines.</param>
    /// <param name="folder">What the agent is given as its switch.</param>
    /// <param name="ended">Told of a machine whose power is gone, before the agent is.</param>
    public PowerSwitch(CorosyncNetwork network, string folder, Func<string, Task> ended)
    {
        this.network = network;
        this.folder = folder;
        this.ended = ended;
        switching = SwitchAsync();
    }

    /// <summary>Brings up a machine that is switched on by an agent; null: only people switch on.</summary>
    public Func<string, Task>? Boots { get; init; }

    /// <summary>How many machines that had power an agent has had cut.</summary>
    public int CutForAgents { get; private set; }

    public bool IsOn(string name) => !File.Exists(IsOff(name));

    /// <summary>The plug is pulled.</summary>
    /// <returns>False: it was already.</returns>
    public async Task<bool> CutAsync(string name)
    {
        await gate.WaitAsync();
        try
        {
            if (!IsOn(name))
            {
                return false;
            }

            await network.CutPowerAsync(name);
            await ended(name);
            await File.WriteAllTextAsync(IsOff(name), "");
            return true;
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>The plug is put in again, and the machine comes up; one that has power is left alone.</summary>
    /// <param name="name">The machine.</param>
    /// <param name="start">Starts what it starts at each boot, before its power can be cut again.</param>
    public async Task BootAsync(string name, Func<Task>? start = null)
    {
        await gate.WaitAsync();
        try
        {
            if (IsOn(name))
            {
                // A person and an agent have switched it on at the same time.
                return;
            }

            await network.BootAsync(name);
            if (start is not null)
            {
                await start();
            }

            File.Delete(IsOff(name));
        }
        finally
        {
            gate.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        await switching;
        ending.Dispose();
        gate.Dispose();
    }

    private string IsOff(string name) => Path.Combine(folder, name + ".is-off");

    private async Task SwitchAsync()
    {
        while (!ending.IsCancellationRequested)
        {
            foreach (string asked in Directory.EnumerateFiles(folder, "*.off"))
            {
                CutForAgents += await CutAsync(Path.GetFileNameWithoutExtension(asked)) ? 1 : 0;
                File.Delete(asked);
            }

            foreach (string asked in Directory.EnumerateFiles(folder, "*.on"))
            {
                string name = Path.GetFileNameWithoutExtension(asked);
                if (Boots is not null && !IsOn(name))
                {
                    await Boots(name);
                }

                File.Delete(asked);
            }

            await Task.WhenAny(Task.Delay(Look, ending.Token));
        }
    }
}
