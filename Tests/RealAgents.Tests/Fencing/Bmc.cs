using System.Diagnostics;
using System.Globalization;
using ClusterTools.Core.Configuration;
using ClusterTools.RealAgents.Tests.SeveralMachines;

namespace ClusterTools.RealAgents.Tests.Fencing;

/// <summary>
/// A machine's BMC, by OpenIPMI's simulator: outside of the machine, so that it outlives its power, and with one of its supplies in its
/// hand.
/// </summary>
internal sealed class Bmc : IDisposable
{
    private const string User = "admin";
    private const int Port = 623;

    private readonly MachineCluster cluster;
    private readonly string folder;
    private readonly string address;
    private Process? simulator;

    /// <param name="cluster">The machine's.</param>
    /// <param name="workshop">Where it keeps its files.</param>
    /// <param name="machine">The machine's name.</param>
    /// <param name="supply">Which of the machine's supplies: 1, 2 …</param>
    /// <param name="password">Of its administrator, at most 16 characters.</param>
    public Bmc(MachineCluster cluster, Workshop workshop, string machine, int supply, string password)
    {
        this.cluster = cluster;
        string name = $"bmc-{machine}-{supply}";
        folder = workshop.Folder(name);
        address = $"10.77.0.{(100 * supply) + cluster.Machines.ToList().IndexOf(machine) + 1}";
        Directory.CreateDirectory(Path.Combine(cluster.SwitchFolder, "supplies", machine));
        File.WriteAllText(Path.Combine(cluster.SwitchFolder, "supplies", machine, $"{supply}"), "");
        string power = Path.Combine(AppContext.BaseDirectory, "bmc_power");
        workshop.Write($"{name}/lan.conf", $"""
            name "{name}"
            set_working_mc 0x20
            startlan 1
              addr {address} {Port}
              priv_limit admin
              allowed_auths_admin md5
              guid {Guid.NewGuid():N}
            endlan
            chassis_control "{power} {cluster.SwitchFolder} {machine} {supply}"
            user 2 true "{User}" "{password}" admin 10 md5

            """);
        workshop.Write($"{name}/commands", """
            mc_setbmc 0x20
            mc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02
            sel_enable 0x20 1000 0x0a
            mc_enable 0x20

            """);
        workshop.Write($"{name}/out", "");
        Device = new FenceDevice
        {
            Name = name,
            Agent = "fence_ipmilan",
            Parameters = ClusterConfiguration.Sorted<string>()
                .Add("ip", address).Add("username", User).Add("password", password).Add("lanplus", "1")
                // Asked which ciphers there are, the simulator does not answer, and ipmitool waits for 10 s.
                .Add("cipher", "3"),
        };
    }

    /// <summary>As the nodes know it.</summary>
    public FenceDevice Device { get; }

    /// <summary>It answers from now on.</summary>
    public async Task StartAsync()
    {
        simulator = Process.Start(cluster.Outside(
            "/bin/sh", "-c",
            $"set -e; ip addr add {address}/32 dev side0; cd '{folder}'; "
                + "exec ipmi_sim -n -c lan.conf -f commands -s . </dev/null >out 2>&1"))!;
        byte[] bytes = System.Net.IPAddress.Parse(address).GetAddressBytes();
        string socket = string.Create(CultureInfo.InvariantCulture, $" {BitConverter.ToUInt32(bytes):X8}:{Port:X4} ");
        await Shell.UntilAsync(
            () => File.ReadAllText($"/proc/{simulator.Id}/net/udp").Contains(socket, StringComparison.Ordinal),
            () => $"{Device.Name} listens: {File.ReadAllText(Path.Combine(folder, "out"))}");
    }

    public void Dispose()
    {
        simulator?.Kill();
        simulator?.WaitForExit();
        simulator?.Dispose();
    }
}
