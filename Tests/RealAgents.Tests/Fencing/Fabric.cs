using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ClusterTools.Core.Configuration;
using ClusterTools.RealAgents.Tests.SeveralMachines;

namespace ClusterTools.RealAgents.Tests.Fencing;

/// <summary>
/// The network of the machines' disks: a managed switch with a port for each of them, and a disk behind it that they all write to. The
/// switch is a stand-in, a bridge of the kernel's that net-snmp's daemon speaks for; a closed port stays closed when its machine boots.
/// </summary>
internal sealed class Fabric : IAsyncDisposable
{
    private const string Switch = "10.77.0.254";
    private const string Storage = "10.78.0.254";
    private const int StoragePort = 7000;
    private const string Bridge = "fabric";

    private readonly MachineCluster cluster;
    private readonly SharedDisk disk;
    private readonly string folder;
    private Process? agent;
    private UdpClient? storage;
    private Thread? storing;

    public Fabric(MachineCluster cluster, Workshop workshop, SharedDisk disk, string agent)
    {
        (this.cluster, this.disk, folder) = (cluster, disk, workshop.Folder("fabric"));
        Device = new FenceDevice
        {
            Name = "fabric",
            Agent = agent,
            Parameters = ClusterConfiguration.Sorted<string>().Add("ip", Switch).Add("community", "private").Add("snmp_version", "2c"),
        };
    }

    /// <summary>As the nodes know the switch; a call says which port (<c>plug</c>).</summary>
    public FenceDevice Device { get; }

    /// <summary>A machine's port, closed and opened as it comes: nobody says that it is no supply.</summary>
    public FenceMethod Method(string machine) => SwitchFencing.Plug(Device, Port(machine));

    /// <summary>A group that writes to the disk behind the switch.</summary>
    public static GroupConfiguration Writer(string name) =>
        SharedDisk.WrittenBy(name, string.Create(CultureInfo.InvariantCulture, $"/usr/local/sbin/far-writer {Storage} {StoragePort}"));

    /// <summary>Switch and disk are there from now on, and all machines reach the disk.</summary>
    public async Task StartAsync()
    {
        await OutsideAsync($"ip link add {Bridge} type bridge stp_state 0; ip addr add {Storage}/24 dev {Bridge}; ip link set {Bridge} up; "
            + "ip link set lo up");
        foreach (string machine in cluster.Machines)
        {
            // A machine's card comes and goes with its power; the port is the switch's.
            await OutsideAsync(
                $"ip link add {Wall(machine)} type bridge stp_state 0; ip link set {Wall(machine)} up; "
                    + $"ip link add {Port(machine)} type veth peer name in-{machine}; "
                    + $"ip link set {Port(machine)} master {Bridge} up; ip link set in-{machine} master {Wall(machine)} up");
            await PlugInAsync(machine);
        }

        await File.WriteAllTextAsync(Path.Combine(folder, "snmpd.conf"), "rwcommunity private\n", Shell.Cancel);
        ProcessStartInfo start = cluster.Outside(
            "/usr/sbin/snmpd", "-f", "-Lf", Path.Combine(folder, "out"), "-C", "-c", Path.Combine(folder, "snmpd.conf"), "-p",
            Path.Combine(folder, "pid"), $"udp:{Switch}:161");
        start.Environment["SNMP_PERSISTENT_DIR"] = folder;
        agent = Process.Start(start)!;
        using var ready = new ManualResetEventSlim();
        storing = new Thread(() => Store(ready)) { Name = "storage", IsBackground = true };
        storing.Start();
        ready.Wait(Shell.Limit, Shell.Cancel);
        await Shell.UntilAsync(
            () => IsOpenAsync(cluster.Machines[0]).GetAwaiter().GetResult(),
            () => $"the switch answers: {File.ReadAllText(Path.Combine(folder, "out"))}");
    }

    /// <summary>A machine that has booted is joined to its port, open or closed.</summary>
    public Task PlugInAsync(string machine) => cluster.PlugInAsync(
        machine, "eth1", cluster.Address(machine).Replace("10.77.", "10.78.", StringComparison.Ordinal), $"disk-{machine}", Wall(machine));

    /// <summary>What the switch says of a machine's port.</summary>
    public async Task<bool> IsOpenAsync(string machine) => (await OutsideAsync(
        $"printf '{string.Concat(Device.Parameters.Select(static p => $"{p.Key}={p.Value}\\n"))}plug={Port(machine)}\\naction=status\\n'"
            + " | fence_ifmib >/dev/null 2>&1 && echo open || echo closed")) == "open";

    /// <summary>Whether a machine reaches its disk.</summary>
    public async Task<bool> ReachesAsync(string machine) =>
        (await cluster.RunAsync(machine, $"ping -c 1 -W 1 {Storage} >/dev/null && echo reached")) == "reached";

    public async ValueTask DisposeAsync()
    {
        storage?.Dispose();
        storing?.Join();
        if (agent is not null)
        {
            agent.Kill();
            await agent.WaitForExitAsync(CancellationToken.None).WaitAsync(Shell.Limit, CancellationToken.None);
            agent.Dispose();
        }
    }

    private static string Port(string machine) => $"port-{machine}";

    private static string Wall(string machine) => $"wall-{machine}";

    private void Store(ManualResetEventSlim ready)
    {
        cluster.EnterOutside();
        storage = new UdpClient(new IPEndPoint(IPAddress.Parse(Storage), StoragePort));
        ready.Set();
        var from = new IPEndPoint(IPAddress.Any, 0);
        using FileStream file = File.Open(disk.Path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
        try
        {
            while (true)
            {
                file.Write(storage.Receive(ref from));
                file.Flush();
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It is switched off.
        }
    }

    private Task<string> OutsideAsync(string script) => Shell.RunAsync(cluster.Outside("/bin/sh", "-c", $"set -e; {script}"));
}
