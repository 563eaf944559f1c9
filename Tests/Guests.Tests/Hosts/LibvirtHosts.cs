using System.Diagnostics;
using System.Globalization;
using ClusterTools.Engines.Tests;
using ClusterTools.Engines.Tests.Corosync.Network;
using ClusterTools.Guests.Libvirt;

namespace ClusterTools.Guests.Tests.Hosts;

/// <summary>Machines in namespaces, each with a libvirt daemon and QEMU, that share a folder.</summary>
internal sealed class LibvirtHosts : IHypervisorHosts
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder folder = new();
    private readonly CorosyncNetwork network;
    private readonly Dictionary<string, Process> daemons = [];

    private LibvirtHosts(IReadOnlyList<string> names)
    {
        Names = names;
        network = new CorosyncNetwork(names, isWhole: true) { IsBare = true };
    }

    public IReadOnlyList<string> Names { get; }

    /// <summary>Why there can be no such hosts here; null: there can.</summary>
    private static string? Obstacle => CorosyncNetwork.Obstacle
        ?? ((string[])["libvirtd", "qemu-system-x86_64", "as", "ld"])
            .Where(static program => !((string[])["/usr/sbin", "/usr/bin"]).Any(f => File.Exists($"{f}/{program}")))
            .Select(static program => $"{program} is not installed; run ./build.sh setup.").FirstOrDefault();

    /// <summary>All come up. Skips the test where there can be none.</summary>
    public static async Task<LibvirtHosts> StartAsync(params string[] names)
    {
        Assert.SkipUnless(Obstacle is null, $"GUESTS BY LIBVIRT ARE NOT TESTED: {Obstacle}");
        var hosts = new LibvirtHosts(names);
        try
        {
            await hosts.network.InitializeAsync();
            foreach (string name in names)
            {
                await hosts.StartDaemonAsync(name);
            }

            await hosts.AssembleAsync();
            return hosts;
        }
        catch
        {
            await hosts.DisposeAsync();
            throw;
        }
    }

    public IHypervisor Connect(string host) => new LibvirtHypervisor(new LibvirtOptions
    {
        Uri = $"qemu:///system?socket={Socket(host)}",
        // Less than a minute, so that a hang shows; more than a loaded machine takes.
        CallLimit = TimeSpan.FromSeconds(30),
        OnThread = () => network.Enter(host),
    });

    public string Destination(string host) => $"qemu+tcp://{network.Address(host)}/system";

    public string NewGuest(string name, GuestManner manner = GuestManner.Polite)
    {
        byte[] sector = File.ReadAllBytes(Path.Combine(folder.Path, "ticker"));
        sector[3] = (byte)manner;
        using (FileStream disk = File.Create(Path.Combine(folder.Path, name + ".disk")))
        {
            disk.Write(sector);
            disk.SetLength(1 << 20);
        }

        return $"""
            <domain type='qemu'>
              <name>{name}</name>
              <uuid>{Guid.NewGuid()}</uuid>
              <memory unit='MiB'>4</memory>
              <vcpu>1</vcpu>
              <os><type arch='x86_64' machine='pc'>hvm</type></os>
              <features><acpi/></features>
              <on_poweroff>destroy</on_poweroff><on_reboot>restart</on_reboot><on_crash>destroy</on_crash>
              <devices>
                <disk type='file' device='disk'>
                  <driver name='qemu' type='raw' cache='none'/><source file='{folder.Path}/{name}.disk'/><target dev='hda' bus='ide'/>
                </disk>
                <controller type='usb' model='none'/>
                <memballoon model='none'/>
                <serial type='file'><source path='{folder.Path}/{name}.serial' append='on'/><target port='0'/></serial>
              </devices>
            </domain>
            """;
    }

    public Ticks Ticks(string guest) => new(Path.Combine(folder.Path, guest + ".serial"));

    public Task KillGuestAsync(string host, string guest) => RunAsync(host, $"kill -9 $(cat /run/libvirt/qemu/{guest}.pid)");

    public Task StallAsync(string host, bool isStalled) => RunAsync(host, $"kill -{(isStalled ? "STOP" : "CONT")} $(pidof libvirtd)");

    public async Task KillDaemonAsync(string host)
    {
        await RunAsync(host, "kill -9 $(pidof libvirtd)");
        await EndedAsync(host);
    }

    public async Task StartDaemonAsync(string host)
    {
        string log = Path.Combine(folder.Path, host + ".log");
        int number = Names.ToList().IndexOf(host) + 1;
        daemons[host] = Process.Start(network.On(
            host, "/bin/sh", "-c", "exec /bin/sh \"$1\" \"$2\" \"$3\" >>\"$4\" 2>&1", "sh",
            Path.Combine(AppContext.BaseDirectory, "libvirt-host.sh"), network.Address(host),
            $"00000000-0000-4000-8000-{number.ToString("d12", CultureInfo.InvariantCulture)}", log))!;
        await using IHypervisor hypervisor = Connect(host);
        long began = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                // It looks at QEMU first, which takes it longer than any call.
                await hypervisor.GetCapacityAsync(TestContext.Current.CancellationToken);
                return;
            }
            catch (HypervisorException e)
            {
                Assert.True(
                    Stopwatch.GetElapsedTime(began) < Limit && !daemons[host].HasExited,
                    $"libvirt on {host} does not start: {e.Message}\n{(File.Exists(log) ? File.ReadAllText(log) : "")}");
                await Task.Delay(50, TestContext.Current.CancellationToken);
            }
        }
    }

    public async Task CutPowerAsync(string host)
    {
        await network.CutPowerAsync(host);
        await EndedAsync(host);
    }

    public Task CutOffAsync(string host) => network.CutAsync([.. Names.Where(n => n != host)], [host]);

    public async ValueTask DisposeAsync()
    {
        await network.DisposeAsync();
        foreach (string host in daemons.Keys.ToArray())
        {
            await EndedAsync(host);
        }

        folder.Dispose();
    }

    private string Socket(string host) => $"{network.Root(host)}/run/libvirt/libvirt-sock";

    private async Task EndedAsync(string host)
    {
        if (daemons.Remove(host, out Process? daemon))
        {
            await daemon.WaitForExitAsync(CancellationToken.None).WaitAsync(Limit, CancellationToken.None);
            daemon.Dispose();
        }
    }

    /// <summary>The guest's program, as it is on a disk.</summary>
    private async Task AssembleAsync()
    {
        string program = Path.Combine(folder.Path, "ticker");
        await RunAsync(new ProcessStartInfo(
            "/bin/sh",
            [
                "-c", "as --32 -o \"$1.o\" \"$2\" && ld -m elf_i386 -Ttext 0x7c00 --oformat binary -o \"$1\" \"$1.o\"", "sh", program,
                Path.Combine(AppContext.BaseDirectory, "ticker.S"),
            ]));
    }

    private Task RunAsync(string host, string script) => RunAsync(network.On(host, "/bin/sh", "-c", script));

    private static async Task RunAsync(ProcessStartInfo start)
    {
        start.RedirectStandardError = true;
        using var process = Process.Start(start)!;
        string errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Limit);
        Assert.True(process.ExitCode == 0, $"'{start.ArgumentList[^1]}' returned {process.ExitCode}: {errors}");
    }
}
