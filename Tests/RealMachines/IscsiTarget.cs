using System.Globalization;

namespace ClusterTools.RealMachines.Tests;

/// <summary>
/// A disk in the network that knows SCSI-3 persistent reservations: tgtd, a program of this machine on its loopback. Machines reach it
/// through a card of its own, so that a machine without its cluster's network still has its disks.
/// </summary>
internal sealed class IscsiTarget : IAsyncDisposable
{
    /// <summary>Where machines find it.</summary>
    public const string Portal = "10.0.2.100:3260";

    /// <summary>What it is on each of them.</summary>
    public const string Device = "/dev/sda";

    private const string Name = "iqn.2026-01.test.kernels:disk";
    private const string RunFolder = "/var/run/tgtd";

    private readonly TiedProcess process;
    private readonly bool madeFolder;

    private IscsiTarget(TiedProcess process, int port, bool madeFolder)
    {
        this.process = process;
        this.madeFolder = madeFolder;
        Port = port;
    }

    public int Port { get; }

    /// <summary>What a machine does at boot to have the disk.</summary>
    public static string AtBoot { get; } = $"""
        load iscsi
        mkdir -p /run/lock/iscsi
        echo "InitiatorName=iqn.2026-01.test.kernels:$name" >/etc/iscsi/initiatorname.iscsi
        iscsid
        iscsiadm -m node -o new -T {Name} -p {Portal}
        iscsiadm -m node -T {Name} -p {Portal} --login
        until [ -b {Device} ]; do
            sleep 0.2
        done
        """;

    /// <summary>Skips the test where there is no target or no initiator.</summary>
    public static async Task<IscsiTarget> StartAsync(Workshop workshop)
    {
        string[] needed = ["tgtd", "tgtadm", "iscsid", "sg_persist", "fence_scsi"];
        string[] missing = [.. needed.Where(static p => Premises.Find(p) is null)];
        Assert.SkipUnless(
            missing.Length == 0,
            $"FENCING BY STORAGE IS NOT TESTED: {string.Join(", ", missing)} not found (packages tgt, open-iscsi, sg3-utils, "
                + "fence-agents).");
        int port = KernelCluster.FreePort();
        // Its control socket has a number, too, below 32768.
        string control = ControlOf(port).ToString(CultureInfo.InvariantCulture);
        string image = workshop["lun"];
        await Shell.RunAsync($"truncate -s 64M '{image}'");
        bool made = !Directory.Exists(RunFolder);
        Directory.CreateDirectory(RunFolder);
        var target = new IscsiTarget(
            TiedProcess.Start("tgtd", Premises.Find("tgtd")!, ["-f", "-C", control, "--iscsi", $"portal=127.0.0.1:{port}"]), port, made);
        try
        {
            await Shell.UntilAsync(() => target.process.HasExited || File.Exists(target.Socket), () => "tgtd starts");
            Assert.False(target.process.HasExited, target.process.HasExited ? $"tgtd has ended: {await target.process.Errors}" : "");
            await Shell.RunAsync($"""
                set -e
                PATH=$PATH:/usr/sbin:/sbin
                ask() {"{"} tgtadm -C {control} --lld iscsi "$@"; {"}"}
                until ask --op show --mode sys >/dev/null 2>&1; do sleep 0.1; done
                ask --op new --mode target --tid 1 -T {Name}
                ask --op new --mode logicalunit --tid 1 --lun 1 -b '{image}'
                ask --op bind --mode target --tid 1 -I ALL
                """);
            return target;
        }
        catch
        {
            await target.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await process.DisposeAsync();
        File.Delete(Socket);
        File.Delete(Socket + ".lock");
        if (madeFolder && !Directory.EnumerateFileSystemEntries(RunFolder).Any())
        {
            Directory.Delete(RunFolder);
        }
    }

    private string Socket => $"{RunFolder}/socket.{ControlOf(Port)}";

    private static int ControlOf(int port) => port % 32_768;
}
