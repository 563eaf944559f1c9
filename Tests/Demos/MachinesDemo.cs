using System.Net;

namespace ClusterTools.Demos;

/// <summary>
/// Three machines, from nothing to a cluster by the commands of the README's chapter; then the power of the one that serves the shop is
/// cut, and comes back.
/// </summary>
internal sealed class MachinesDemo(Programs programs) : ChapterDemo(programs, "n1", "n2", "n3")
{
    private const string Victim = "n2";

    private static readonly IPEndPoint Service = new(IPAddress.Parse("10.77.0.100"), 80);

    protected override string Title => "## Three machines";

    protected override int Blocks => 3;

    protected override async Task ShowAsync(IReadOnlyList<IReadOnlyList<Step>> blocks, CancellationToken cancel)
    {
        Say("three machines are there, on one network; nothing runs on them");
        OpenSession();
        await TypeAllAsync(blocks[0], cancel).ConfigureAwait(false);
        using var witness = new Witness(Network, Service);
        await UntilAsync(() => witness.Last.Page == Victim, $"the shop answers from {Victim}", cancel).ConfigureAwait(false);
        Say($"a client outside is answered by {witness.Last.Page}");

        await Session.TypeAsync("$cut = Get-Date", cancel).ConfigureAwait(false);
        long before = Environment.TickCount64;
        await Power.CutAsync(Victim).ConfigureAwait(false);
        Say($"the power of {Victim} is cut");
        await UntilAsync(() => witness.Last.At > before && witness.Last.Page != Victim, "another machine serves the shop", cancel)
            .ConfigureAwait(false);
        (long answered, string heir) = witness.Last;
        Say($"the client is answered by {heir}, {(answered - before) / 1000m:0.0} s after the cut:");
        Console.WriteLine(await Session.TypeAsync(
            "Get-ClusterEvent -Since $cut | Where-Object Kind -In node.lost, fence.success, group.started | "
                + "ForEach-Object { '    +{0,5:0} ms  {1}' -f ($_.At.LocalDateTime - $cut).TotalMilliseconds, $_.Message }",
            cancel).ConfigureAwait(false));
        await TypeAllAsync(blocks[1], cancel).ConfigureAwait(false);

        await Power.BootAsync(Victim).ConfigureAwait(false);
        await ShareAsync(Victim, "switch", cancel).ConfigureAwait(false);
        Say($"{Victim} has power again, and starts what it starts at each boot");
        await StartAgainAsync(Victim, cancel).ConfigureAwait(false);
        Say($"{Victim} takes part again");
        await Session.TypeAsync("$taken = Get-Date", cancel).ConfigureAwait(false);
        await TypeAllAsync(blocks[2], cancel).ConfigureAwait(false);
        // Its daemon goes, and then its corosync. Were the ring of the others broken by it, they would notice after the token time.
        string views = await Session.TypeAsync(
            "Start-Sleep 3; (Get-ClusterEvent -Since $taken -Kind view).Message", cancel).ConfigureAwait(false);
        string[] changes = views.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (changes.Length is 0 or > 2 || changes.Any(c => c != "Members: n1, n2; quorate."))
        {
            throw new DemoException($"The membership has changed otherwise than by n3's leaving while it was taken out:\n{views}");
        }

        string online = (await Session.TypeAsync("(Get-ClusterNode -State Online).Name -join ' '", cancel).ConfigureAwait(false)).Trim();
        if (online != "n1 n2")
        {
            throw new DemoException($"In the end {online} are Online, and not n1 and n2.");
        }
    }
}
