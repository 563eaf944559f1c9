using System.Diagnostics;
using ClusterTools.Core.Configuration;
using ClusterTools.RealAgents.Tests.SeveralMachines;

namespace ClusterTools.RealAgents.Tests.Fencing;

/// <summary>
/// A host with libvirt, QEMU and fence_virtd, beside the machines. Each has a guest of its name there, without which it has no power.
/// </summary>
internal sealed class GuestHost : IAsyncDisposable
{
    private const string Address = "10.77.0.253";

    private readonly string folder;
    private Process? host;
    private bool isReady;

    public GuestHost(Workshop workshop)
    {
        folder = workshop.Folder("guests");
        Device = new FenceDevice
        {
            Name = "guests",
            Agent = "fence_virt",
            Parameters = ClusterConfiguration.Sorted<string>().Add("ipaddr", Address).Add("key_file", Path.Combine(folder, "key")),
        };
    }

    /// <summary>As the nodes know it; a call says which guest (<c>port</c>).</summary>
    public FenceDevice Device { get; }

    /// <summary>It comes up, and all guests with it.</summary>
    public async Task StartAsync(MachineCluster cluster)
    {
        // A shell is process 1 and waits, as somebody must reap a guest that ends: libvirt waits for a zombie as for what lives.
        ProcessStartInfo start = cluster.Outside(
            "unshare", "--mount", "--pid", "--ipc", "--fork", "--kill-child", "--mount-proc", "/bin/sh", "-c",
            $"ip addr add {Address}/32 dev side0; ip link set lo up; /bin/sh \"$@\"; exit $?", "sh",
            Path.Combine(AppContext.BaseDirectory, "guest-host.sh"),
            folder, Address, cluster.SwitchFolder);
        foreach (string guest in cluster.Machines)
        {
            start.ArgumentList.Add(guest);
        }

        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        host = Process.Start(start)!;
        Assert.Equal("ready", await ReadAsync());
        isReady = true;
    }

    /// <summary>The state of a guest, in libvirt's words.</summary>
    public Task<string> StateAsync(string guest) => AskAsync($"domstate {guest}");

    /// <summary>A person starts a guest.</summary>
    public Task<string> SwitchOnAsync(string guest) => AskAsync($"start {guest}");

    public async ValueTask DisposeAsync()
    {
        if (host is not null)
        {
            host.StandardInput.Close();
            if (!isReady)
            {
                // It does not read yet; who is ended takes all that it runs along.
                host.Kill();
            }

            await host.WaitForExitAsync(CancellationToken.None).WaitAsync(Shell.Limit, CancellationToken.None);
            host.Dispose();
        }
    }

    private async Task<string> AskAsync(string words)
    {
        await host!.StandardInput.WriteLineAsync(words);
        await host.StandardInput.FlushAsync(Shell.Cancel);
        return await ReadAsync();
    }

    private async Task<string> ReadAsync()
    {
        string? line = await host!.StandardOutput.ReadLineAsync(Shell.Cancel).AsTask().WaitAsync(Shell.Limit, Shell.Cancel);
        Assert.True(line is not null, line is null ? File.ReadAllText(Path.Combine(folder, "log")) : "");
        return line!;
    }
}
