using System.Diagnostics;

namespace ClusterTools.Demos;

/// <summary>Two hosts with real libvirt and QEMU, and a guest on a disk that both have, for the README's chapter about guests.</summary>
internal abstract class TwoHosts(Programs programs) : ChapterDemo(programs, Hosts)
{
    private const string Guests = "guests";

    protected static readonly string[] Hosts = ["n1", "n2"];

    protected GuestTicks Ticks => new(Serial);

    /// <summary>Where the guest writes, as it is seen beside the hosts.</summary>
    protected string Serial => Path.Combine(Shared(Guests), "ticker.serial");

    protected override string Title => "## Guests";

    protected override int Blocks => 4;

    protected override string? Obstacle => base.Obstacle
        ?? ((string[])["libvirtd", "virsh", "qemu-system-x86_64", "as", "ld"])
            .Where(static program => !((string[])["/usr/sbin", "/usr/bin"]).Any(f => File.Exists($"{f}/{program}")))
            .Select(static program => $"{program} is not installed; run ./build.sh setup.").FirstOrDefault();

    /// <summary>The guest is made, the hosts are up, and PowerShell is open on the first.</summary>
    protected async Task BeginAsync(CancellationToken cancel)
    {
        await MakeGuestAsync(cancel).ConfigureAwait(false);
        foreach (string host in Hosts)
        {
            await StartHostAsync(host, cancel).ConfigureAwait(false);
        }

        OpenSession();
    }

    /// <summary>A host's libvirt, and the folder of the guests. Its first look at QEMU takes it a while.</summary>
    protected async Task StartHostAsync(string host, CancellationToken cancel)
    {
        await ShareAsync(host, Guests, cancel).ConfigureAwait(false);
        string script = Path.Combine(AppContext.BaseDirectory, "libvirt-host.sh");
        await RunAsync(
            host,
            $"setsid sh '{script}' {Network.Address(host)} 00000000-0000-4000-8000-00000000000{host[^1]} </dev/null "
                + ">>/var/lib/libvirt-host.log 2>&1 & until virsh -q -c qemu:///system list >/dev/null 2>&1; do sleep 0.2; done",
            cancel).ConfigureAwait(false);
    }

    /// <summary>A guest in one sector, that counts a hundred times a second.</summary>
    private async Task MakeGuestAsync(CancellationToken cancel)
    {
        string folder = Directory.CreateDirectory(Shared(Guests)).FullName;
        using Process made = Process.Start(
            "/bin/sh",
            [
                "-c",
                "as --32 -o \"$1/ticker.o\" \"$2\" && ld -m elf_i386 -Ttext 0x7c00 --oformat binary -o \"$1/ticker.disk\" \"$1/ticker.o\" "
                    + "&& rm \"$1/ticker.o\" && truncate -s 1M \"$1/ticker.disk\"",
                "sh", folder, Path.Combine(AppContext.BaseDirectory, "ticker.S"),
            ]);
        await made.WaitForExitAsync(cancel).ConfigureAwait(false);
        if (made.ExitCode != 0)
        {
            throw new DemoException("The guest could not be assembled.");
        }

        await File.WriteAllTextAsync(
            Path.Combine(folder, "ticker.xml"),
            $"""
            <domain type='qemu'>
              <name>ticker</name>
              <uuid>{Guid.NewGuid()}</uuid>
              <memory unit='MiB'>4</memory>
              <vcpu>1</vcpu>
              <os><type arch='x86_64' machine='pc'>hvm</type></os>
              <features><acpi/></features>
              <on_poweroff>destroy</on_poweroff><on_reboot>restart</on_reboot><on_crash>destroy</on_crash>
              <devices>
                <disk type='file' device='disk'>
                  <driver name='qemu' type='raw' cache='none'/><source file='/run/guests/ticker.disk'/><target dev='hda' bus='ide'/>
                </disk>
                <controller type='usb' model='none'/>
                <memballoon model='none'/>
                <serial type='file'><source path='/run/guests/ticker.serial' append='on'/><target port='0'/></serial>
              </devices>
            </domain>
            """,
            cancel).ConfigureAwait(false);
    }
}
