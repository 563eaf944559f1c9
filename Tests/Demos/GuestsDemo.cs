using System.Diagnostics;

namespace ClusterTools.Demos;

/// <summary>
/// Two hosts of guests with real libvirt and QEMU, from nothing to a cluster by the commands of the README's chapter: a guest moves while
/// it runs, is moved by somebody else, loses its host's power, and leaves a host that is emptied. A witness beside the hosts reads what
/// the guest writes: never do two copies run.
/// </summary>
internal sealed class GuestsDemo(Programs programs) : ChapterDemo(programs, "n1", "n2")
{
    private const string Guests = "guests";
    private const string Victim = "n2";
    private const string Other = "n1";

    private GuestTicks Ticks => new(Path.Combine(Shared(Guests), "ticker.serial"));

    protected override string Title => "## Guests";

    protected override int Blocks => 4;

    protected override string? Obstacle => base.Obstacle
        ?? ((string[])["libvirtd", "virsh", "qemu-system-x86_64", "as", "ld"])
            .Where(static program => !((string[])["/usr/sbin", "/usr/bin"]).Any(f => File.Exists($"{f}/{program}")))
            .Select(static program => $"{program} is not installed; run ./build.sh setup.").FirstOrDefault();

    protected override async Task ShowAsync(IReadOnlyList<IReadOnlyList<Step>> blocks, CancellationToken cancel)
    {
        await MakeGuestAsync(cancel).ConfigureAwait(false);
        foreach (string host in new[] { Other, Victim })
        {
            await StartHostAsync(host, cancel).ConfigureAwait(false);
        }

        Say("two hosts are there, with libvirt and QEMU, and a folder that both have; no cluster, and no guest");
        OpenSession();
        await TypeAllAsync(blocks[0], cancel).ConfigureAwait(false);
        await TypeAllAsync(blocks[1], cancel).ConfigureAwait(false);
        await GoesOnAsync("the guest counts, and has booted once", boot: 1, cancel).ConfigureAwait(false);
        Say($"the guest has not stopped for any of that: boot {Ticks.Last.Boot}, tick {Ticks.Last.Tick}");

        await Session.TypeAsync("$cut = Get-Date", cancel).ConfigureAwait(false);
        long before = Stopwatch.GetTimestamp();
        await Power.CutAsync(Victim).ConfigureAwait(false);
        Say($"the power of {Victim} is cut, and the guest is dead with it");
        await UntilAsync(() => Ticks.Last.Boot == 2, "the guest boots elsewhere", cancel).ConfigureAwait(false);
        Say($"the guest has booted again, {Stopwatch.GetElapsedTime(before).TotalSeconds:0.0} s after the cut:");
        Console.WriteLine(await Session.TypeAsync(
            "Get-ClusterEvent -Since $cut | Where-Object Kind -In node.lost, fence.success, group.started | "
                + "ForEach-Object { '    +{0,5:0} ms  {1}' -f ($_.At.LocalDateTime - $cut).TotalMilliseconds, $_.Message }",
            cancel).ConfigureAwait(false));
        await TypeAllAsync(blocks[2], cancel).ConfigureAwait(false);

        await Power.BootAsync(Victim).ConfigureAwait(false);
        await ShareAsync(Victim, "switch", cancel).ConfigureAwait(false);
        Say($"{Victim} has power again, and starts what it starts at each boot");
        await StartHostAsync(Victim, cancel).ConfigureAwait(false);
        await StartAgainAsync(Victim, cancel).ConfigureAwait(false);
        Say($"{Victim} takes part again");
        await TypeAllAsync(blocks[3], cancel).ConfigureAwait(false);
        await GoesOnAsync("the guest counts on", boot: 2, cancel).ConfigureAwait(false);
        if (Ticks.WhyTwo is { } two)
        {
            throw new DemoException($"The guest has not always been one: {two}.");
        }

        Say($"of the guest there was never more than one: {Ticks.Last.Tick} ticks since its second boot, each once and in order");
    }

    private async Task GoesOnAsync(string what, int boot, CancellationToken cancel)
    {
        (int Boot, int Tick) was = Ticks.Last;
        await UntilAsync(() => Ticks.Last.Tick >= was.Tick + 10 && Ticks.Last.Boot == boot, what, cancel).ConfigureAwait(false);
    }

    /// <summary>A host's libvirt, and the folder of the guests. Its first look at QEMU takes it a while.</summary>
    private async Task StartHostAsync(string host, CancellationToken cancel)
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
