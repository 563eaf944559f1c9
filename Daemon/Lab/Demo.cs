using System.Collections.Immutable;
using System.Globalization;
using ClusterTools.Core;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Lab;

/// <summary>What the demo shows.</summary>
/// <param name="Lab">The lab, with a configuration.</param>
/// <param name="Group">The group with the HTTP service.</param>
/// <param name="Url">Where that answers; its page says <c>Served by NODE</c>.</param>
public sealed record DemoOptions(LabOptions Lab, string Group, Uri Url);

/// <summary>
/// The main job, in a lab: services run, the node of one loses its power, it is fenced, its services come up elsewhere by the
/// rules of their failover domains, it returns, and they move back. Says when each of it happened and why; fails when any of it did not.
/// </summary>
public sealed class Demo
{
    private static readonly TimeSpan StepLimit = TimeSpan.FromSeconds(60);

    private readonly DemoOptions options;
    private readonly TextWriter to;
    private readonly List<(long At, string What)> timeline = [];
    private int failed;

    private Demo(DemoOptions options, TextWriter to)
    {
        this.options = options;
        this.to = to;
    }

    /// <summary>Runs it from the start to the clean-up.</summary>
    /// <returns>All that it shows has truly happened.</returns>
    /// <exception cref="LabException">The lab could not be made.</exception>
    public static async Task<bool> RunAsync(DemoOptions options, TextWriter to, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(to);
        // Starting a whole cluster on a small machine is slower than starting a node on its own: nobody is given up for it.
        ClusterConfiguration? patient = options.Lab.Configuration is { } given
            ? given with
            {
                Timing = given.Timing with { PostJoinDelay = Math.Max(given.Timing.PostJoinDelay, (int)StepLimit.TotalMilliseconds) },
            }
            : null;
        await using LabCluster lab = LabCluster.Start(options.Lab with { Configuration = patient, Quiet = true });
        var demo = new Demo(options, to);
        try
        {
            await demo.ShowAsync(lab, cancel).ConfigureAwait(false);
        }
        catch (StepException step)
        {
            demo.failed++;
            to.WriteLine($"FAILED: {step.Message}");
            demo.PrintLogs(lab);
        }

        return demo.failed == 0;
    }

    private async Task ShowAsync(LabCluster lab, CancellationToken cancel)
    {
        ClusterConfiguration configuration = lab.Configuration;
        Prediction rules = Prediction.Form(configuration, ImmutableHashSet<string>.Empty);
        ImmutableSortedDictionary<string, string?> before = Owners(rules);
        if (before.GetValueOrDefault(options.Group) is not { } victim)
        {
            throw new StepException(
                $"by the rules of the configuration group '{options.Group}' would run nowhere; see 'clusterd plan place'");
        }

        rules.Lose(victim);
        ImmutableSortedDictionary<string, string?> during = Owners(rules);
        if (during[options.Group] is not { } heir)
        {
            throw new StepException($"by the rules of the configuration nobody may take group '{options.Group}' over from {victim}");
        }

        string witness = configuration.Nodes.Values.OrderBy(n => n.Id).First(n => n.Name != victim).Name;
        var journal = new JournalTail(lab.Folder.Node(witness));
        await using var web = new WebProbe(options.Url);
        var control = new LabControl(lab.Folder);
        to.WriteLine(
            $"A lab of {configuration.Nodes.Count} nodes with {configuration.Groups.Count} groups. "
                + "In place of what needs root or hardware:");
        foreach (string line in lab.Replaced)
        {
            to.WriteLine($"  {line}");
        }

        await StartAsync(journal, web, before, victim, cancel).ConfigureAwait(false);
        int known = journal.Entries.Count;
        long cut = await FailAsync(journal, web, control, known, before, during, victim, heir, cancel).ConfigureAwait(false);
        int returned = journal.Entries.Count;
        await ReturnAsync(journal, web, control, returned, configuration, during, victim, cut, cancel).ConfigureAwait(false);
        Print(journal, known, cut, witness);
    }

    private static ImmutableSortedDictionary<string, string?> Owners(Prediction prediction) => prediction.State.Groups
        .ToImmutableSortedDictionary(g => g.Key, g => g.Value.Phase == GroupPhase.Started ? g.Value.Owner : null, StringComparer.Ordinal);

    private static Func<JournalEntry, bool> OfNode(JournalKind kind, string node) => e => e.Kind == kind.Word && e.Node == node;

    private static Func<JournalEntry, bool> OfGroup(JournalKind kind, string group) => e => e.Kind == kind.Word && e.Group == group;

    private static bool IsUntouched(JournalTail journal, int known, string group) => !journal.Entries.Skip(known)
        .Any(e => OfGroup(JournalKind.GroupStart, group)(e) || OfGroup(JournalKind.GroupStop, group)(e));

    private async Task StartAsync(
        JournalTail journal, WebProbe web, ImmutableSortedDictionary<string, string?> owners, string victim, CancellationToken cancel)
    {
        foreach ((string group, string? owner) in owners)
        {
            if (owner is not null)
            {
                JournalEntry started = await ExpectAsync(
                    journal, 0, OfGroup(JournalKind.GroupStarted, group), $"group '{group}' starts", cancel)
                        .ConfigureAwait(false);
                Check(started.Node == owner, $"'{group}' runs on {started.Node}, as its failover domain wants it");
            }
        }

        WebAnswer answer = await AnswerAsync(web, victim, 0, cancel).ConfigureAwait(false);
        Check(answer.Node == victim, $"{options.Url} answers, served by {answer.Node}");
    }

    private async Task<long> FailAsync(
        JournalTail journal,
        WebProbe web,
        LabControl control,
        int known,
        ImmutableSortedDictionary<string, string?> before,
        ImmutableSortedDictionary<string, string?> during,
        string victim,
        string heir,
        CancellationToken cancel)
    {
        to.WriteLine($"Now {victim} loses its power.");
        long cut = Now();
        await control.PullPlugAsync(victim, cancel).ConfigureAwait(false);
        timeline.Add((cut, $"{victim} loses its power: every process it runs is killed"));
        timeline.Add((Now(), "nothing of it is left"));

        JournalEntry silent = await ExpectAsync(
            journal, known, e => e.Kind == "node.silent" && e.Node == victim, $"{victim} is missed", cancel).ConfigureAwait(false);
        timeline.Add((silent.WallTime - Silence(silent), $"last heartbeat of {victim}"));
        JournalEntry lost = await ExpectAsync(
            journal, known, OfNode(JournalKind.NodeLost, victim), $"{victim} is declared lost", cancel).ConfigureAwait(false);
        timeline.Add((lost.WallTime, $"{victim} is declared lost"));
        JournalEntry begun = await ExpectAsync(
            journal, known, OfNode(JournalKind.FenceBegin, victim), $"fencing of {victim} begins", cancel).ConfigureAwait(false);
        timeline.Add((begun.WallTime, $"its fencing begins"));
        JournalEntry fenced = await ExpectAsync(
            journal, known, OfNode(JournalKind.FenceSuccess, victim), $"{victim} is fenced", cancel).ConfigureAwait(false);
        timeline.Add((fenced.WallTime, $"{victim} is proven off (fenced)"));

        string[] moved = [.. before.Where(b => b.Value == victim && during[b.Key] is not null).Select(b => b.Key)];
        long first = long.MaxValue;
        long all = 0;
        foreach (string group in moved)
        {
            JournalEntry start = await ExpectAsync(
                journal, known, OfGroup(JournalKind.GroupStart, group), $"'{group}' is started elsewhere", cancel)
                    .ConfigureAwait(false);
            JournalEntry started = await ExpectAsync(
                journal, known, OfGroup(JournalKind.GroupStarted, group), $"'{group}' is up elsewhere", cancel)
                    .ConfigureAwait(false);
            Check(start.Index >= fenced.Index, $"'{group}' was not started before {victim} was proven off");
            Check(started.Node == during[group], $"'{group}' came up on {started.Node}, as its failover domain wants it without {victim}");
            first = Math.Min(first, start.WallTime);
            all = Math.Max(all, started.WallTime);
        }

        timeline.Add((first, $"first start on {heir}"));
        timeline.Add((all, moved.Length == 1 ? $"all of '{moved[0]}' is started" : $"all {moved.Length} groups are started"));
        WebAnswer answer = await AnswerAsync(web, heir, cut, cancel).ConfigureAwait(false);
        timeline.Add((answer.At, $"first good HTTP answer, served by {heir}"));
        Check(answer.At >= fenced.WallTime, $"{options.Url} answers again, served by {heir}");
        foreach (string group in before.Keys.Where(g => before[g] is not null && before[g] != victim))
        {
            Check(IsUntouched(journal, known, group), $"'{group}' was left alone on {before[group]}");
        }

        return cut;
    }

    private async Task ReturnAsync(
        JournalTail journal,
        WebProbe web,
        LabControl control,
        int known,
        ClusterConfiguration configuration,
        ImmutableSortedDictionary<string, string?> during,
        string victim,
        long cut,
        CancellationToken cancel)
    {
        to.WriteLine($"Now {victim} is switched on again.");
        long on = Now();
        await control.ReviveAsync(victim, cancel).ConfigureAwait(false);
        timeline.Add((on, $"{victim} is switched on again"));
        JournalEntry joined = await ExpectAsync(journal, known, OfNode(JournalKind.NodeJoin, victim), $"{victim} rejoins", cancel)
            .ConfigureAwait(false);
        timeline.Add((joined.WallTime, $"{victim} has rejoined"));
        JournalEntry online = await ExpectAsync(
            journal, known, OfNode(JournalKind.NodeOnline, victim), $"{victim} is Online", cancel).ConfigureAwait(false);
        timeline.Add((online.WallTime, $"{victim} is probed and Online"));
        foreach ((string group, string? owner) in during)
        {
            GroupConfiguration definition = configuration.Groups[group];
            bool goesBack = owner is not null && owner != victim && Placement.FailsBack(configuration, definition)
                && Placement.Rank(configuration, definition, victim) < Placement.Rank(configuration, definition, owner);
            if (goesBack)
            {
                JournalEntry started = await ExpectAsync(
                    journal, known, e => OfGroup(JournalKind.GroupStarted, group)(e) && e.Node == victim,
                    $"'{group}' fails back to {victim}", cancel).ConfigureAwait(false);
                timeline.Add((started.WallTime, $"'{group}' has failed back to {victim}"));
            }
            else if (owner is not null)
            {
                Check(IsUntouched(journal, known, group), $"'{group}' stayed on {owner}");
            }
        }

        WebAnswer answer = await AnswerAsync(web, victim, on, cancel).ConfigureAwait(false);
        timeline.Add((answer.At, $"first good HTTP answer, served by {victim} again"));
        Check(answer.At > cut, $"{options.Url} answers, served by {victim} again");
    }

    private void Print(JournalTail journal, int known, long cut, string witness)
    {
        to.WriteLine();
        to.WriteLine("Timeline, in milliseconds from the loss of power:");
        foreach ((long at, string what) in timeline.OrderBy(t => t.At))
        {
            to.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{at - cut,8}  {what}"));
        }

        to.WriteLine();
        to.WriteLine($"What the journal of {witness} says to it:");
        foreach (JournalEntry entry in journal.Read().Skip(known))
        {
            to.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{entry.WallTime - cut,8}  {entry.Message}"));
        }

        to.WriteLine();
        to.WriteLine(failed == 0 ? "All of it happened." : $"{failed} of it did not happen as it should; see FAILED above.");
    }

    private static async Task<JournalEntry> ExpectAsync(
        JournalTail journal, int after, Func<JournalEntry, bool> fits, string what, CancellationToken cancel) =>
        await journal.WaitForAsync(after, fits, StepLimit, cancel).ConfigureAwait(false)
            ?? throw new StepException($"{what}: it did not happen within {StepLimit.TotalSeconds:0} s");

    private async Task<WebAnswer> AnswerAsync(WebProbe web, string node, long after, CancellationToken cancel) =>
        await web.WaitForAsync(node, after, StepLimit, cancel).ConfigureAwait(false)
            ?? throw new StepException(
                $"{options.Url} did not answer for {node} within {StepLimit.TotalSeconds:0} s; the last failure: "
                    + $"{web.LastFailure ?? "none"}");

    private void Check(bool truth, string what)
    {
        failed += truth ? 0 : 1;
        to.WriteLine($"{(truth ? "  ok: " : "FAILED: not so: ")}{what}");
    }

    private void PrintLogs(LabCluster lab)
    {
        foreach (LabNode node in lab.Description.Nodes)
        {
            to.WriteLine($"--- the last lines of {node.Name}'s log");
            string log = lab.Folder.Log(node.Name);
            foreach (string line in File.Exists(log) ? File.ReadLines(log).TakeLast(40) : [])
            {
                to.WriteLine($"    {line}");
            }
        }
    }

    /// <summary>The journal says it in words: <c>… was last heard 1.1 s ago.</c> (<see cref="SpanText"/>)</summary>
    private static long Silence(JournalEntry entry) =>
        entry.Message.Split(' ') is [.., string number, ("ms" or "s") and string unit, "ago."]
            && double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double silence)
            ? (long)(unit == "ms" ? silence : silence * 1000)
            : throw new StepException($"the journal entry '{entry.Message}' does not say how long the node was silent");

    private static long Now() => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();

    private sealed class StepException(string message) : Exception(message);
}
