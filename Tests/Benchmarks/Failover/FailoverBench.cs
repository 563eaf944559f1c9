using System.Globalization;
using ClusterTools.Engines.Corosync.Settings;
using ClusterTools.Engines.Tests.Corosync.Network;

namespace ClusterTools.Benchmarks.Failover;

/// <summary>
/// A service that fails over from a machine whose power is cut: clusterd's and Pacemaker's three machines stand side by side, and are cut
/// in turn, each first as often as the other.
/// </summary>
internal static class FailoverBench
{
    public static async Task RunAsync(string daemon, int runs, Action<string> say, CancellationToken cancel)
    {
        if (CorosyncNetwork.Obstacle is { } obstacle)
        {
            say($"NOT MEASURED: {obstacle}");
            return;
        }

        CorosyncTiming timing = CorosyncTiming.Lan;
        await using var ours = new ClusterToolsSide(daemon, timing);
        await ours.StartAsync(cancel).ConfigureAwait(false);
        List<FailoverSide> sides = [ours];
        await using var theirs = new PacemakerSide(timing);
        if (PacemakerSide.Missing is { Length: > 0 } missing)
        {
            say($"PACEMAKER IS NOT MEASURED: install {string.Join(" and ", missing)} "
                + $"(apt-get install --no-install-recommends {string.Join(' ', missing)}).");
        }
        else
        {
            await theirs.StartAsync(cancel).ConfigureAwait(false);
            sides.Add(theirs);
        }

        Dictionary<FailoverSide, List<FailoverRun>> all = sides.ToDictionary(s => s, _ => new List<FailoverRun>());
        Dictionary<FailoverSide, int> disturbed = sides.ToDictionary(s => s, _ => 0);
        for (int run = 0; run < runs; run++)
        {
            foreach (FailoverSide side in run % 2 == 0 ? sides : sides.AsEnumerable().Reverse())
            {
                FailoverRun? done = null;
                while (done is null || done.IsDisturbed)
                {
                    if (disturbed[side] > runs)
                    {
                        throw new InvalidOperationException($"{side.Title}: corosync loses more machines than were cut, run after run.");
                    }

                    done = await side.CutAsync(cancel).ConfigureAwait(false);
                    disturbed[side] += done is { IsDisturbed: false } ? 0 : 1;
                    Tell(side, run, done);
                }

                all[side].Add(done);
            }
        }

        Console.WriteLine(Distribution.Header);
        foreach ((FailoverSide side, List<FailoverRun> of) in all)
        {
            Report(side == ours, side.Title, of);
            say($"{side.Title}: {disturbed[side]} more runs were not counted, in which corosync lost the other machine, too, for a "
                + $"time; {side.FalseAlarms} machines were switched off that had not been cut.");
        }

        if (all.TryGetValue(theirs, out List<FailoverRun>? beside))
        {
            double own = Row("", all[ours], r => r.Own).Median;
            double other = Row("", beside, r => r.Own).Median;
            say(string.Create(CultureInfo.InvariantCulture, $"Past the change of membership, without the agents' own time, medians: "
                + $"{own:N1} ms of {other:N1} ms, {other / own:N1} times less (goal: 10 times)."));
        }
    }

    private static void Tell(FailoverSide side, int run, FailoverRun? done) => Console.Error.WriteLine(
        $"{side.Title} {run + 1}: " + (done is null ? "disturbed, and another machine was switched off" : string.Create(
            CultureInfo.InvariantCulture,
            $"{done.Victim} → {done.By}, {done.Total:N0} ms: detection {done.Detection:N0}, to fencing {done.ToFencing:N1}, to start "
                + $"{done.ToStart:N1}, agents {done.InAgents:N0}, own {done.Own:N1}{(done.IsDisturbed ? ", disturbed" : "")} "
                + $"{done.Note}")));

    private static void Report(bool isOurs, string title, List<FailoverRun> runs)
    {
        Distribution[] rows =
        [
            Row($"{title}: power cut → new membership (corosync's log)", runs, r => r.Detection),
            Row($"{title}: new membership → fence agent's first line", runs, r => r.ToFencing),
            Row($"{title}: fence agent's end → first line of the address's agent", runs, r => r.ToStart),
            Row($"{title}: agents' own time (fence, address, service)", runs, r => r.InAgents),
            Row(
                $"{title}: new membership → service answers, without the agents' own time", runs, r => r.Own,
                isOurs ? "a tenth of Pacemaker's" : null),
            Row($"{title}: power cut → service answers", runs, r => r.Total, isOurs ? "1 s" : null),
        ];
        foreach (Distribution row in rows)
        {
            Console.WriteLine(row.Row());
        }
    }

    private static Distribution Row(string name, List<FailoverRun> runs, Func<FailoverRun, double> value, string? budget = null) =>
        new(name, [.. runs.Select(value)], budget);
}
