using System.Collections.Immutable;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>A node that is lost again and again is no place for groups until a person or a quiet time releases it (FEATURES A12).</summary>
internal static class Flapping
{
    /// <summary>The node with one more loss that nobody had planned.</summary>
    public static NodeState Lost(Draft draft, NodeState node)
    {
        ClusterTiming timing = draft.Configuration.Timing;
        // Whoever works on switches while the cluster is disarmed makes nodes go away by that.
        if (timing.FlapLimitOrDefault == 0 || draft.State.Disarmed is not null)
        {
            return node.Flaps is null ? node : node with { Flaps = node.Flaps with { QuietSince = null } };
        }

        FlapState before = node.Flaps ?? new FlapState();
        ImmutableArray<long> losses =
        [
            .. before.Losses.Where(t => t > draft.State.Time - timing.FlapWindowOrDefault).TakeLast(timing.FlapLimitOrDefault - 1),
            draft.State.Time,
        ];
        bool tooOften = losses.Length >= timing.FlapLimitOrDefault;
        if (tooOften && !before.KeptOut)
        {
            draft.Journal(
                JournalSeverity.Warning, JournalKind.NodeKeptOut, $"Node {node.Name} {Why(draft, node.Name, losses.Length)}.", node.Name);
        }

        return node with { Flaps = new FlapState { Losses = losses, KeptOut = before.KeptOut || tooOften } };
    }

    /// <summary>Why it is kept out, once it takes part again.</summary>
    public static Cause Why(Draft draft, NodeState node) => Why(draft, node.Name, node.Flaps!.Losses.Length);

    private static Cause Why(Draft draft, string node, int losses) => CauseKind.LostTooOften.With(
        losses == 1 ? "once" : $"{losses} times", SpanText.Of(draft.Configuration.Timing.FlapWindowOrDefault),
        SpanText.Of(draft.Configuration.Timing.FlapReleaseOrDefault), node);

    /// <summary>Counts the quiet time of a node that is kept out, and releases it after it.</summary>
    public static void Settle(Draft draft, NodeState node)
    {
        if (node.Flaps is not { KeptOut: true } flaps || !node.Member
            || node.Phase is NodePhase.Joining or NodePhase.Fencing or NodePhase.Down)
        {
            return;
        }

        long since = flaps.QuietSince ?? draft.State.Time;
        long until = since + draft.Configuration.Timing.FlapReleaseOrDefault;
        if (draft.Configuration.Timing.FlapLimitOrDefault > 0 && draft.State.Time < until)
        {
            if (flaps.QuietSince is null)
            {
                draft.SetNode(node with { Flaps = flaps with { QuietSince = since } }, settle: false);
            }

            draft.At(until, DeadlineKind.Node, node.Name);
            return;
        }

        Cause why = CauseKind.WasQuiet.With(SpanText.Of(draft.State.Time - since));
        draft.SetNode(node with { Flaps = null, Why = node is { Phase: NodePhase.Online, Paused: false } ? why : node.Why });
        draft.Journal(JournalSeverity.Information, JournalKind.NodeReleased, $"Node {node.Name} {why}.", node.Name);
        Gathering.AllMayGather(draft);
        draft.MarkAll();
    }
}
