using System.Runtime.InteropServices;

namespace ClusterTools.Build;

/// <summary>Installs what the tests and the demo use besides .NET, where that can be done; says loudly what is missing where not.</summary>
internal static class Setup
{
    private static readonly Need[] Needs =
    [
        new("gcc", () => Command.Find("clang") is not null || Command.Find("gcc") is not null,
            "the daemon is not linked into one native program"),
        new(
            "binutils", () => Command.Find("as") is not null && Command.Find("ld") is not null,
            "guests by libvirt are not tested: theirs are assembled"),
        new("libc6-dev", () => File.Exists("/usr/include/stdlib.h"), "the daemon is not linked into one native program"),
        new("nginx-light", () => Command.Find("nginx") is not null, "the demo's HTTP service uses Python's server instead of nginx"),
        new(
            "python3", () =>
            Command.Find("python3") is not null, "the demo's HTTP service needs nginx; with neither of them there is no demo"),
        new(
            "resource-agents", () =>
            File.Exists("/usr/lib/ocf/resource.d/heartbeat/Dummy"), "tests with packaged OCF resource agents are skipped"),
        new("postgresql", IsPostgresHere, "the failover of a real PostgreSQL is not tested"),
        new("iproute2", () => Command.Find("ip") is not null, "packaged agents are not tested in namespaces of their own"),
        new("iputils-ping", () => Command.Find("ping") is not null, "fencing by a switch is not tested"),
        new("psmisc", () => Command.Find("fuser") is not null, "the packaged Filesystem agent is not tested"),
        new("kmod", () => Command.Find("modprobe") is not null, "the packaged Filesystem agent is not tested"),
        new("e2fsprogs", () => Command.Find("mke2fs") is not null, "the packaged Filesystem agent is not tested with a loop device"),
        new("curl", () => Command.Find("curl") is not null, "the packaged nginx agent is not tested"),
        new("fence-agents", () => Command.Find("fence_apc") is not null, "tests with packaged fence agents are skipped"),
        new("openipmi", () => Command.Find("ipmi_sim") is not null, "fencing by a BMC is not tested"),
        new("ipmitool", () => Command.Find("ipmitool") is not null, "fencing by a BMC is not tested"),
        new("snmp", () => Command.Find("snmpset") is not null, "fencing by a switch is not tested"),
        new("snmpd", () => Command.Find("snmpd") is not null, "fencing by a switch is not tested"),
        new("fence-virt", () => Command.Find("fence_virt") is not null, "fencing of virtual machines is not tested"),
        new("fence-virtd", () => Command.Find("fence_virtd") is not null, "fencing of virtual machines is not tested"),
        new("libvirt-daemon", () => Command.Find("libvirtd") is not null, "fencing of virtual machines is not tested"),
        new("libvirt-daemon-driver-qemu", IsLibvirtsQemuHere, "fencing of virtual machines is not tested"),
        new("libvirt-clients", () => Command.Find("virsh") is not null, "fencing of virtual machines is not tested"),
        new(
            "qemu-system-x86", () => Command.Find("qemu-system-x86_64") is not null,
            "fencing of virtual machines is not tested, nor are machines with kernels of their own"),
        new("corosync", () => Command.Find("corosync") is not null, "the engine for several machines is not tested"),
        new("corosync-qdevice", () => Command.Find("corosync-qdevice") is not null, "an arbiter of two nodes is not tested"),
        new("corosync-qnetd", () => Command.Find("corosync-qnetd") is not null, "an arbiter of two nodes is not tested"),
        new("procps", () => Command.Find("ps") is not null, "some packaged resource agents, which use ps, do not work"),
    ];

    // For tests that are asked for by name, or for all that takes long; the machines are of this architecture.
    private static readonly Need[] OfMachines = RuntimeInformation.ProcessArchitecture != Architecture.X64 ? [] :
    [
        new("busybox-static", () => Command.Find("busybox") is not null, "machines with kernels of their own are not tested"),
        new("open-iscsi", () => Command.Find("iscsid") is not null, "fencing by storage is not tested"),
        new("multipath-tools", () => Command.Find("mpathpersist") is not null, "fencing by storage with several paths is not tested"),
        new("sg3-utils", () => Command.Find("sg_persist") is not null, "fencing by storage is not tested"),
    ];

    /// <param name="cancel">Ends it.</param>
    /// <param name="withMachines">For the tests on machines with kernels of their own, too.</param>
    public static async Task<int> RunAsync(CancellationToken cancel, bool withMachines = false)
    {
        int exitCode = await InstallAsync(withMachines ? [.. Needs, .. OfMachines] : Needs, cancel).ConfigureAwait(false);
        if (withMachines)
        {
            await MachineKernel.GetAsync(cancel).ConfigureAwait(false);
        }

        return exitCode;
    }

    private static async Task<int> InstallAsync(Need[] needs, CancellationToken cancel)
    {
        Need[] missing = [.. needs.Where(n => !n.Present())];
        if (missing.Length == 0)
        {
            Say.Note($"setup: {string.Join(", ", needs.Select(n => n.Package))} are here.");
            return 0;
        }

        string packages = string.Join(' ', missing.Select(n => n.Package));
        if (!OperatingSystem.IsLinux() || Command.Find("apt-get") is not { } apt)
        {
            Tell(missing, "there is no apt-get here; install them in this system's own way");
            return 0;
        }

        if (!Environment.IsPrivilegedProcess)
        {
            Tell(missing, $"that needs root; run: sudo apt-get install --no-install-recommends {packages}");
            return 0;
        }

        Say.Step($"setup: installing {packages}");
        // Installed packages must not begin to serve by themselves: the demo starts its own web server.
        var environment = new Dictionary<string, string> { ["DEBIAN_FRONTEND"] = "noninteractive", ["RUNLEVEL"] = "1" };
        string[] install =
            ["-o", "DPkg::Lock::Timeout=400", "-qq", "-y", "--no-install-recommends", "install", .. missing.Select(n => n.Package)];
        TimeSpan limit = TimeSpan.FromMinutes(15);
        (int? exitCode, string output) = await Command.CaptureAsync(apt, install, limit, cancel, environment).ConfigureAwait(false);
        if (exitCode != 0)
        {
            // Most often the lists of packages are old or not there.
            await Command.CaptureAsync(apt, ["-o", "DPkg::Lock::Timeout=400", "-qq", "update"], limit, cancel, environment)
                .ConfigureAwait(false);
            (exitCode, output) = await Command.CaptureAsync(apt, install, limit, cancel, environment).ConfigureAwait(false);
        }

        Need[] still = [.. missing.Where(n => !n.Present())];
        if (still.Length > 0)
        {
            Say.Note(string.Join('\n', output.TrimEnd().Split('\n').TakeLast(15)));
            Tell(still, $"apt-get ended with {exitCode?.ToString() ?? "its time limit"}; what it said stands above");
        }

        return 0;
    }

    // The server's programs are on nobody's PATH.
    private static bool IsPostgresHere() => Directory.Exists("/usr/lib/postgresql")
        && Directory.EnumerateDirectories("/usr/lib/postgresql")
        .Any(static version => File.Exists(Path.Combine(version, "bin", "postgres")));

    private static bool IsLibvirtsQemuHere() => Directory.Exists("/usr/lib")
        && Directory.EnumerateDirectories("/usr/lib")
        .Any(static at => File.Exists(Path.Combine(at, "libvirt", "connection-driver", "libvirt_driver_qemu.so")));

    private static void Tell(Need[] missing, string why)
    {
        Say.Warning($"setup: {string.Join(", ", missing.Select(n => n.Package))} could not be installed: {why}.");
        foreach (Need need in missing)
        {
            Say.Warning($"  without {need.Package}: {need.Without}");
        }
    }

    /// <summary>A package of the distribution.</summary>
    /// <param name="Package">Debian's name.</param>
    /// <param name="Present">Whether what is needed of it is here.</param>
    /// <param name="Without">What goes without it.</param>
    private sealed record Need(string Package, Func<bool> Present, string Without);
}
