using System.Diagnostics;

namespace ClusterTools.Demos;

/// <summary>
/// Two hosts of guests with real libvirt and QEMU, from nothing to a cluster by the commands of the README's chapter: a guest moves while
/// it runs, is moved by somebody else, loses its host's power, and leaves a host that is emptied. A witness beside the hosts reads what
/// the guest writes: never do two copies run.
/// </summary>
internal sealed class GuestsDemo(Programs programs) : TwoHosts(programs)
{
    private const string Victim = "n2";

    protected override async Task ShowAsync(IReadOnlyList<IReadOnlyList<Step>> blocks, CancellationToken cancel)
    {
        await BeginAsync(cancel).ConfigureAwait(false);
        Say("two hosts are there, with libvirt and QEMU, and a folder that both have; no cluster, and no guest");
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
}
