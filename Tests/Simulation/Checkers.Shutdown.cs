using ClusterTools.Core;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Simulation;

/// <summary>
/// What runs on a node whose machine is shut down by the policy stop or keep is started nowhere else before its time is over (FEATURES
/// A11): by what was asked, and by what the journal tells of starts.
/// </summary>
internal sealed partial class Checkers
{
    /// <summary>By group: the node that it waits for, and until when; null: without a limit.</summary>
    private readonly Dictionary<string, (string Node, long? Until)> kept = new(StringComparer.Ordinal);

    private void Shutdown(Entry entry, ClusterState before, ClusterState after)
    {
        if (entry.View is not null)
        {
            // Who joins has it back, and who is fenced loses it.
            Forget(k => after.Nodes.GetValueOrDefault(k.Node) is not { Member: false } || after.Members.ContainsKey(k.Node));
        }

        switch (entry.Envelope?.Event)
        {
            case NodeRequest { Operation: NodeOperation.ShutDown } request
                when Answer(entry, request, after) is { Refused: false } && after.Disarmed is null:
                Forget(k => k.Node == request.Node);
                Remember(before, request.Node);
                break;
            case NodeRequest request:
                Forget(k => k.Node == request.Node);
                break;
            case CancelRequest:
            case ConfigurationRequest:
            case ArmingRequest:
            case ClusterStopRequest:
                kept.Clear();
                break;
            case GroupRequest request:
                kept.Remove(request.Group);
                break;
            default:
                break;
        }

        foreach (JournalEntry told in after.Journal)
        {
            if (told is { Kind: "node.lost" or "fence.begin", Node: { } lost })
            {
                Forget(k => k.Node == lost);
            }
            else if (told is { Group: { } group } && kept.TryGetValue(group, out (string Node, long? Until) wait))
            {
                if (told.Kind == "group.migrating")
                {
                    throw Broken("A11", $"{group} is kept for {wait.Node}, and moves: {told.Message}");
                }

                if (told.Kind != "group.start")
                {
                    if (told.Severity != JournalSeverity.Information)
                    {
                        // It has failed, or nobody knows what runs of it: that goes its own way.
                        kept.Remove(group);
                    }
                }
                else if (told.Node != wait.Node && (wait.Until is null || after.Time < wait.Until))
                {
                    throw Broken("A11", $"{group} is kept for {wait.Node}, and starts on {told.Node}: {told.Message}");
                }
            }
        }
    }

    private void Remember(ClusterState before, string name)
    {
        ClusterTiming timing = before.Configuration.Timing;
        ShutdownPolicy? policy = before.Configuration.Nodes[name].ShutdownPolicy ?? timing.ShutdownPolicy;
        if (policy is not (ShutdownPolicy.Stop or ShutdownPolicy.Keep))
        {
            return;
        }

        foreach (string group in before.Nodes[name].Groups)
        {
            // What was on its way elsewhere goes there.
            if (before.Groups[group] is { Phase: GroupPhase.Started, Goal: GroupGoal.Run, Frozen: false, Operation: null } at
                && at is { ActiveOn.Count: 1, OldDefinition: null, Order: { FailbackTo: null, ReturnTo: null } })
            {
                kept[group] = (name, policy == ShutdownPolicy.Keep ? before.Time + (timing.KeepLimit ?? 600_000) : null);
                Tally.Count(Premise.KeptForANode);
            }
        }
    }

    private void Forget(Predicate<(string Node, long? Until)> which)
    {
        foreach (string group in kept.Where(k => which(k.Value)).Select(k => k.Key).ToArray())
        {
            kept.Remove(group);
        }
    }
}
