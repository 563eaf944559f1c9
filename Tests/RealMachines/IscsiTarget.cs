namespace ClusterTools.RealMachines.Tests;

/// <summary>
/// A disk in the network that knows SCSI-3 persistent reservations: the kernel's own target (LIO) on one more machine, which this machine's
/// loopback leads to. Others reach it through a card of their own, so that one without its cluster's network still has its disks.
/// </summary>
internal sealed class IscsiTarget : IAsyncDisposable
{
    /// <summary>Where machines find it.</summary>
    public const string Portal = "10.0.2.100:3260";

    /// <summary>What it is on each of them.</summary>
    public const string Device = "/dev/sda";

    /// <summary>What it is on machines that reach it by more than one path.</summary>
    public const string Multipath = "/dev/mapper/mpatha";

    private const string Name = "iqn.2026-01.test.kernels:disk";

    /// <summary>Its name among the machines.</summary>
    private const string Machine = "storage";

    /// <summary>What the storage does at boot; it has no tools for that but the kernel's files.</summary>
    private const string Serving = $"""
        load target
        mount -t configfs none /sys/kernel/config
        cd /sys/kernel/config/target
        truncate -s 64M /var/lib/machine/lun
        disk=$PWD/core/fileio_0/disk
        mkdir -p "$disk"
        echo fd_dev_name=/var/lib/machine/lun,fd_dev_size=67108864 >"$disk/control"
        echo 6001405000000001 >"$disk/wwn/vpd_unit_serial"
        echo 1 >"$disk/enable"
        mkdir -p iscsi
        group=iscsi/{Name}/tpgt_1
        mkdir -p "$group/np/10.0.2.15:7450" "$group/lun/lun_0"
        ln -s "$disk" "$group/lun/lun_0/disk"
        echo 0 >"$group/attrib/authentication"
        echo 1 >"$group/attrib/generate_node_acls"
        echo 1 >"$group/attrib/cache_dynamic_acls"
        echo 0 >"$group/attrib/demo_mode_write_protect"
        echo 1 >"$group/enable"
        """;

    private readonly KernelMachine machine;

    private IscsiTarget(KernelMachine machine, int port)
    {
        this.machine = machine;
        Port = port;
    }

    /// <summary>Of this machine's loopback.</summary>
    public int Port { get; }

    /// <summary>What a machine does at boot to have the disk.</summary>
    public static string AtBoot { get; } = $"""
        {Login(sessions: 1)}
        until [ -b {Device} ]; do
            sleep 0.2
        done
        """;

    /// <summary>Likewise, by two paths, with the number in its name as its key.</summary>
    public static string AtBootMultipath { get; } = $$"""
        load multipath
        /lib/systemd/systemd-udevd --daemon
        {{Login(sessions: 2)}}
        cat >/etc/multipath.conf <<END
        defaults {
            find_multipaths no
            user_friendly_names yes
            reservation_key 0x${name#n}
        }
        END
        udevadm trigger
        udevadm settle
        multipathd
        until [ -b {{Multipath}} ] && [ "$(multipath -ll | grep -c active.ready)" = 2 ]; do
            sleep 0.2
        done
        """;

    private static string Login(int sessions) => $"""
        load iscsi
        mkdir -p /run/lock/iscsi
        echo "InitiatorName=iqn.2026-01.test.kernels:$name" >/etc/iscsi/initiatorname.iscsi
        iscsid
        iscsiadm -m node -o new -T {Name} -p {Portal}
        iscsiadm -m node -T {Name} -p {Portal} -o update -n node.session.nr_sessions -v {sessions}
        iscsiadm -m node -T {Name} -p {Portal} --login
        """;

    /// <summary>Skips the test where there can be no such machines, or no initiator.</summary>
    /// <param name="workshop">Where the machine is kept.</param>
    /// <param name="agents">Programs that the test needs besides.</param>
    public static async Task<IscsiTarget> StartAsync(Workshop workshop, params string[] agents)
    {
        string[] needed = ["iscsid", "sg_persist", .. agents];
        string[] missing = [.. needed.Where(static p => Premises.Find(p) is null)];
        Assert.SkipUnless(
            missing.Length == 0 && MachineKernel.Obstacle is null,
            $"FENCING BY STORAGE IS NOT TESTED: {MachineKernel.Obstacle ?? string.Join(", ", missing) + " not found"} (packages "
                + "open-iscsi, sg3-utils, multipath-tools, fence-agents).");
        MachineKernel kernel = await MachineKernel.PrepareAsync(workshop);
        int port = KernelCluster.FreePort();
        var machine = new KernelMachine(kernel, workshop, Machine, 100, KernelCluster.FreePort(), port, new KernelPlan());
        string content = workshop.Folder(Path.Combine("content", Machine));
        await File.WriteAllTextAsync(Path.Combine(content, "at-boot.sh"), Serving + "\n", Shell.Cancel);
        await machine.MakeDiskAsync(content);
        try
        {
            await machine.BootAsync();
            return new IscsiTarget(machine, port);
        }
        catch
        {
            await machine.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => machine.DisposeAsync();
}
