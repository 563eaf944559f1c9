using System.Globalization;
using System.Net.Sockets;
using System.Text;
using ClusterTools.Lab;

namespace ClusterTools.RealMachines.Tests;

/// <summary>
/// A machine with a kernel of its own: QEMU with Debian's kernel, corosync and clusterd. When its power is cut, all is lost that it had not
/// synced to its disk.
/// </summary>
/// <param name="kernel">What it boots.</param>
/// <param name="workshop">Where its disk is.</param>
/// <param name="name">Its name.</param>
/// <param name="number">From 1; its address, and its network card's.</param>
/// <param name="network">The port of the network that it shares with the others.</param>
/// <param name="api">The port on this machine's loopback that leads to its API.</param>
/// <param name="plan">What it has besides.</param>
internal sealed class KernelMachine(
    MachineKernel kernel, Workshop workshop, string name, int number, int network, int api, KernelPlan plan) : IAsyncDisposable
{
    private const string Memory = "512";

    // Booting takes a quarter of a minute; the processors may have other things to do.
    private static readonly TimeSpan BootLimit = TimeSpan.FromMinutes(10);

    private TiedProcess? qemu;
    private Socket? shell;
    private StreamReader? said;
    private MachineMonitor? monitor;
    private JournalTail? journal;

    public string Name => name;

    public string Address => AddressOf(number);

    public bool IsOn => qemu is { HasExited: false };

    /// <summary>The journal of its node, as it is written.</summary>
    public JournalTail Journal => journal ??= new JournalTail(Folder);

    private string Folder => workshop[name];

    private string Console => Path.Combine(Folder, "console");

    public static string AddressOf(int number) => $"10.77.0.{number}";

    /// <summary>Makes its disk.</summary>
    /// <param name="content">A folder with what is on it at first.</param>
    public async Task MakeDiskAsync(string content)
    {
        workshop.Folder(name);
        await Shell.RunAsync(
            $"PATH=$PATH:/usr/sbin:/sbin; truncate -s 256M '{Folder}/disk' && mke2fs -q -F -t ext4 -d '{content}' '{Folder}/disk'");
    }

    /// <summary>Switches it on, and waits until it can be talked to.</summary>
    public async Task BootAsync()
    {
        await SwitchOffAsync();
        qemu = TiedProcess.Start(name, Premises.Find("qemu-system-x86_64")!, Arguments());
        await Shell.UntilAsync(() => qemu.HasExited || File.Exists(Path.Combine(Folder, "shell")), () => $"QEMU of {name} starts");
        Assert.False(qemu.HasExited, qemu.HasExited ? $"QEMU of {name} has ended: {await qemu.Errors}" : "");
        monitor = await MachineMonitor.ConnectAsync(Path.Combine(Folder, "monitor"));
        shell = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await shell.ConnectAsync(new UnixDomainSocketEndPoint(Path.Combine(Folder, "shell")), Shell.Cancel);
        said = new StreamReader(new NetworkStream(shell));
        await ReadyAsync();
    }

    /// <summary>Waits until it has booted by itself: after a reset.</summary>
    public async Task ReadyAsync()
    {
        try
        {
            while (await said!.ReadLineAsync(Shell.Cancel).AsTask().WaitAsync(BootLimit, Shell.Cancel) is not ("ready" or null))
            {
                // What the firmware and the line itself say is not for us.
            }

            Assert.True(IsOn, $"{name} has ended.\n{LastWords()}");
        }
        catch (TimeoutException)
        {
            Assert.Fail($"{name} did not boot within {BootLimit.TotalSeconds:0} s.\n{LastWords()}");
        }
    }

    /// <summary>Its power is cut.</summary>
    public async Task SwitchOffAsync()
    {
        if (qemu is null)
        {
            return;
        }

        await qemu.DisposeAsync();
        await (monitor?.DisposeAsync() ?? default);
        said?.Dispose();
        shell?.Dispose();
        qemu = null;
        File.Delete(Path.Combine(Folder, "shell"));
    }

    /// <summary>Its cable is pulled, or put in again.</summary>
    public Task SetLinkAsync(bool isUp) => monitor!.SetLinkAsync(isUp);

    /// <summary>Its own disk answers no more.</summary>
    public Task HangDiskAsync() => monitor!.HangAsync("own");

    /// <summary>Runs a script on it that must succeed.</summary>
    public async Task<string> RunAsync(string script)
    {
        (int exitCode, string text) = await TryAsync(script);
        Assert.True(exitCode == 0, $"'{script}' on {name} returned {exitCode}: {text}");
        return text;
    }

    /// <summary>Runs a script on it, and returns how it ended and what it said.</summary>
    public async Task<(int ExitCode, string Text)> TryAsync(string script)
    {
        await shell!.SendAsync(Encoding.ASCII.GetBytes(Convert.ToBase64String(Encoding.UTF8.GetBytes(script)) + "\n"));
        string? answer = await said!.ReadLineAsync(Shell.Cancel).AsTask().WaitAsync(KernelCluster.Limit, Shell.Cancel);
        Assert.True(answer is not null, $"{name} is gone.\n{LastWords()}");
        string[] parts = answer.Split(' ', 2);
        return (int.Parse(parts[0], CultureInfo.InvariantCulture), Encoding.UTF8.GetString(Convert.FromBase64String(parts[1])).Trim());
    }

    /// <summary>How often its kernel has begun.</summary>
    public int Boots() =>
        File.Exists(Console) ? File.ReadLines(Console).Count(line => line.StartsWith("up: ", StringComparison.Ordinal)) : 0;

    /// <summary>What its console said last.</summary>
    public string LastWords() =>
        $"--- {name}\n{(File.Exists(Console) ? string.Join('\n', File.ReadLines(Console).TakeLast(20)) : "(no console)")}";

    public async ValueTask DisposeAsync() => await SwitchOffAsync();

    /// <summary>One image for all: nothing of it is kept in a cache that others do not see.</summary>
    private string[] SharedDisk() => plan.SharedDisk is not { } image ? [] :
    [
        "-drive", $"file={image},if=none,id=shared,format=raw,cache=directsync",
        "-device", "virtio-blk-pci,drive=shared,share-rw=on",
    ];

    private string Target() => plan.Target is { } port
        ? $",guestfwd=tcp:{IscsiTarget.Portal}-cmd:{Premises.Find("busybox")} nc 127.0.0.1 {port}"
        : "";

    private IEnumerable<string> Arguments()
    {
        // On a machine that has other things to do the kernel takes a timer that comes late for one that is not there.
        string words = "console=ttyS0 quiet panic=-1 no_timer_check "
            + $"machine.name={name} machine.address={Address} machine.clusterd={Premises.Clusterd} "
            + $"machine.modules={kernel.Later} machine.tests={AppContext.BaseDirectory.TrimEnd('/')}";
        return
        [
            // All is computed, so that it goes the same everywhere; 'max' would take five times as long to boot.
            "-name", name, "-machine", "q35,accel=tcg", "-cpu", "Nehalem", "-m", Memory,
            "-display", "none", "-nodefaults", "-kernel", kernel.Image, "-initrd", kernel.FirstFiles, "-append", words,
            "-virtfs", "local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap",
            "-virtfs", $"local,path={workshop.Folder("shared")},mount_tag=shared,security_model=none",
            "-drive", $"file={Folder}/disk,if=none,id=own,format=raw,cache=writeback", "-device", "virtio-blk-pci,drive=own",
            // A network of these machines alone, on this machine's loopback.
            "-netdev", $"socket,id=net,mcast=239.77.0.1:{network},localaddr=127.0.0.1",
            "-device", $"virtio-net-pci,netdev=net,mac=52:54:00:77:00:{number:x2},romfile=",
            .. SharedDisk(),
            "-netdev", $"user,id=api,restrict=on,hostfwd=tcp:127.0.0.1:{api}-10.0.2.15:7450{Target()}",
            "-device", $"virtio-net-pci,netdev=api,mac=52:54:00:78:00:{number:x2},romfile=",
            "-object", "rng-random,id=random,filename=/dev/urandom", "-device", "virtio-rng-pci,rng=random",
            "-qmp", $"unix:{Folder}/monitor,server=on,wait=off",
            "-chardev", $"file,id=console,path={Console},append=on", "-serial", "chardev:console",
            "-serial", $"unix:{Folder}/shell,server=on,wait=off",
            "-chardev", $"file,id=journal,path={Folder}/journal.jsonl,append=on", "-serial", "chardev:journal",
        ];
    }
}
