using ClusterTools.Core;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Simulation;

/// <summary>
/// A node that was lost too often gets no groups until somebody resumes it or it was quiet for long enough (FEATURES A12): by the views
/// and what the journal tells of them.
/// </summary>
internal sealed partial class Checkers
{
    /// <summary>By node: cluster times of its losses.</summary>
    private readonly Dictionary<string, List<long>> losses = new(StringComparer.Ordinal);

    /// <summary>Nodes that were lost too often, and were not released.</summary>
    private readonly HashSet<string> flapping = new(StringComparer.Ordinal);

    private void Flapping(Entry entry, ClusterState before, ClusterState after)
    {
        ClusterTiming timing = before.Configuration.Timing;
        foreach (string removed in losses.Keys.Where(n => !after.Nodes.ContainsKey(n)).ToArray())
        {
            flapping.Remove(removed);
            losses.Remove(removed);
        }

        foreach (JournalEntry told in after.Journal)
        {
            if (told is { Kind: "node.released", Node: { } released })
            {
                Tally.Count(Premise.FlappingReleased);
                int quiet = after.Configuration.Timing.FlapRelease ?? 3_600_000;
                if (after.Configuration.Timing.FlapLimit != 0 && losses.TryGetValue(released, out List<long>? last)
                    && last.Exists(t => t > after.Time - quiet))
                {
                    throw Broken("A12", $"{released} takes groups again before it was quiet for {quiet} ms");
                }

                flapping.Remove(released);
                losses.Remove(released);
            }
        }

        if (entry.Envelope?.Event is NodeRequest
            {
                Operation: NodeOperation.Resume or NodeOperation.ResumeWithoutFailback or NodeOperation.ResumeWithImmediateFailback,
            } resume && Answer(entry, resume, after) is { Refused: false })
        {
            flapping.Remove(resume.Node);
            losses.Remove(resume.Node);
        }

        foreach (JournalEntry told in after.Journal)
        {
            // What was there until now, by the record, or ran there last, is restarted there.
            if (told is { Kind: "group.start", Node: { } node, Group: { } group } && flapping.Contains(node)
                && world.Machines.FindIndex(m => m.Name == node) != Of(group).LastStart
                && before.Groups.GetValueOrDefault(group) is var was && was?.ActiveOn.Contains(node) != true
                // Between the end of a guest and its start every node is asked; by the record it was there until then.
                && !(was?.Definition.IsGuest == true && was.LastMove?.To == node))
            {
                throw Broken("A12", $"{group} comes to {node}, which was lost too often: {told.Message}");
            }
        }

        if (entry.View is not { Continuous: true } || timing.FlapLimit == 0 || DisarmedFor(entry.Index))
        {
            return;
        }

        foreach (JournalEntry told in after.Journal)
        {
            if (told is not { Kind: "node.lost", Node: { } node })
            {
                continue;
            }

            if (!losses.TryGetValue(node, out List<long>? times))
            {
                losses.Add(node, times = []);
            }

            times.Add(after.Time);
            if (times.Count(t => t > after.Time - (timing.FlapWindow ?? 3_600_000)) >= (timing.FlapLimit ?? 3) && flapping.Add(node))
            {
                Tally.Count(Premise.FlappingKeptOut);
            }
        }
    }
}
