using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>
/// The cluster is disarmed for work on switches or storage, and armed again (FEATURES A10): meanwhile nothing happens by itself, what runs
/// runs on, and people may start, stop and move groups among the nodes that are there.
/// </summary>
internal static class Disarming
{
    public static void Apply(Draft draft, ArmingRequest e)
    {
        if (e.Arms)
        {
            Arm(draft, e);
        }
        else
        {
            Disarm(draft, e);
        }
    }

    private static void Disarm(Draft draft, ArmingRequest e)
    {
        if (WhyNot(draft) is { } obstacle)
        {
            Operations.Refuse(draft, e, obstacle);
            return;
        }

        draft.State = draft.State with { Disarmed = new Disarmament(e.Who, draft.State.Time, draft.WallTime, e.Reason) };
        draft.Journal(
            JournalSeverity.Warning, JournalKind.ClusterDisarmed,
            $"The cluster is disarmed{(e.Reason is { } reason ? $": {reason}" : "")}. "
                + "Nothing is fenced, recovered or reset until Resume-Cluster.", who: e.Who);
        LookAtAll(draft);
        Operations.Succeed(
            draft, e,
            "The cluster is disarmed: what runs goes on running, and nothing is fenced, recovered or reset until Resume-Cluster.");
    }

    /// <summary>What is under way and can't be left half done; null: nothing.</summary>
    private static string? WhyNot(Draft draft)
    {
        if (draft.State.Disarmed is { } disarmed)
        {
            return $"The cluster is disarmed already, by {disarmed.Who}{Said(disarmed)}. Resume-Cluster arms it again.";
        }

        if (draft.State.Stop is { } stop)
        {
            return $"The cluster is being stopped, asked by {stop.Who}. Stop-ClusterOperation {stop.Operation} ends that.";
        }

        if (draft.State.Fences.Keys.FirstOrDefault() is { } fenced)
        {
            return $"Node {fenced} is being fenced, and half a fencing proves nothing. Get-ClusterFenceHistory shows how it goes; "
                + $"ask again when it has ended. {Advice.Unreachable(draft.State.Nodes[fenced])}".TrimEnd();
        }

        if (draft.State.Nodes.Values.FirstOrDefault(n => n.SwitchOnUntil > draft.State.Time) is { } switched)
        {
            return $"Node {switched.Name} is being switched on. Ask again in "
                + $"{SpanText.Of(switched.SwitchOnUntil!.Value - draft.State.Time)} at the latest.";
        }

        if (draft.State.Nodes.Values.FirstOrDefault(n => n.Phase == NodePhase.Draining) is { } drained)
        {
            return $"Node {drained.Name} is being emptied. Ask again when it is empty, or run Resume-ClusterNode {drained.Name} first.";
        }

        return draft.State.Groups.Values.FirstOrDefault(IsUnderWay) is { } group
            ? $"Group '{group.Name}' is {Doing(group)}. Ask again when it has come to rest; Get-ClusterGroup {group.Name} shows how it "
                + "goes."
            : null;
    }

    private static bool IsUnderWay(GroupState group) => group.Pending is not null || group.Operation is not null
        || (group is { Frozen: false, Waits: null, Owner: not null }
            && group.Phase is GroupPhase.Starting or GroupPhase.Stopping or GroupPhase.Recovering);

    private static string Doing(GroupState group)
    {
        string where = group.Owner is { } owner ? $" on {owner}" : "";
        return group.Phase is GroupPhase.Starting or GroupPhase.Stopping or GroupPhase.Recovering
            ? $"{group.Phase}{where}"
            : $"{group.Phase}{where} and still being worked on{(group.By is { } who ? $", asked by {who}" : "")}";
    }

    private static string Said(Disarmament disarmed) => disarmed.Reason is { } reason ? $" ({reason})" : "";

    private static void Arm(Draft draft, ArmingRequest e)
    {
        if (draft.State.Disarmed is null)
        {
            Operations.Succeed(draft, e, "The cluster is armed already.");
            return;
        }

        draft.State = draft.State with { Disarmed = null };
        long before = draft.State.ProbeCounter;
        draft.DemandProbes(before + 1);
        List<string> lost = [];
        foreach (NodeState node in draft.State.Nodes.Values.Where(n => !n.Member))
        {
            // Whoever is away had answered all that was asked, and nothing has come to it since.
            NodeState next = node with { ProbedVersion = node.ProbedVersion == before ? before + 1 : node.ProbedVersion };
            if (node.Phase is NodePhase.Lost or NodePhase.LeftCluster)
            {
                lost.Add(node.Name);
                next = next with
                {
                    Phase = NodePhase.Lost,
                    LostAt = draft.State.Time,
                    MayBeDisarmed = true,
                    Why = CauseKind.AwayWhenArmed.With(),
                };
            }

            draft.SetNode(next);
        }

        foreach (GroupState group in draft.State.Groups.Values)
        {
            // Of what is being worked on a probe would tell what was, not what is; and a frozen group is not looked at.
            if (group is { Pending: null, Frozen: false })
            {
                draft.SetGroup(group with { ProbeVersion = before + 1 });
            }
        }

        LookAtAll(draft);
        string away = lost.Count == 0
            ? ""
            : $" {Names.Shorten(lost)} {(lost.Count == 1 ? "is" : "are")} away, and lost from now on.";
        string said = e.Reason is { } reason ? $": {reason}" : "";
        draft.Journal(JournalSeverity.Warning, JournalKind.ClusterArmed, $"The cluster is armed again{said}.{away}", who: e.Who);
        Operations.Succeed(draft, e, $"The cluster is armed again.{away}");
    }

    private static void LookAtAll(Draft draft)
    {
        draft.MarkNodes();
        foreach (string name in draft.State.Groups.Keys)
        {
            draft.Mark(name);
        }
    }

    /// <summary>Nobody has asked for anything about the group, so that nothing is done with it.</summary>
    public static bool Holds(ClusterState state, GroupState group) => state.Disarmed is not null && group.Operation is null;

    /// <summary>What was asked for about the group has ended with this look, so that it must be told what it is.</summary>
    public static bool HoldsFromNow(ClusterState state, GroupState before) => before.Operation is not null
        && state.Groups.TryGetValue(before.Name, out GroupState? group) && Holds(state, group);

    /// <summary>A group that nothing is done with: it is told whether it runs, and why nothing is done about it if not.</summary>
    public static Step Hold(Draft draft, GroupState group)
    {
        if (UnknownAnswers.Unsure(draft, group) is { } unsure && Groups.IsInReach(draft, group, group.Owner!))
        {
            return Waiting.Runs(draft, group, unsure);
        }

        if (group is { Goal: GroupGoal.Run, Owner: { } at } && Groups.IsWhole(group) && Groups.IsInReach(draft, group, at))
        {
            if (group.Phase != GroupPhase.Started || group.Waits is not null)
            {
                draft.SetGroup(group with { Phase = GroupPhase.Started, Waits = null });
            }

            return Step.Done;
        }

        if (group is { Goal: GroupGoal.Stop or GroupGoal.Disable, Owner: null, ActiveOn.IsEmpty: true })
        {
            Waiting.End(draft, group);
            return Stopping.Rest(draft, draft.State.Groups[group.Name]);
        }

        string who = draft.State.Disarmed!.Who;
        Cause why = group.ActiveOn.FirstOrDefault(n => !draft.State.Nodes[n].Member) is { } away
            ? CauseKind.OwnerAwayWhileDisarmed.With(away, $"{draft.State.Nodes[away].Phase}", who)
            : CauseKind.HeldWhileDisarmed.With(who);
        if (group.Waits != why)
        {
            draft.SetGroup(group with { Waits = why });
        }

        return Step.Done;
    }

    /// <summary>A resource has failed: that is told once, and all that is done about it.</summary>
    public static void Failed(Draft draft, GroupState group, string resource, string node, string message)
    {
        bool told = group.Failure is { } known && known.What == CauseKind.ResourceFailure && known.Resource == resource
            && known.Node == node && known.Time >= draft.State.Disarmed!.Since;
        if (told && group.Instance.Checks.IsEmpty)
        {
            draft.Ignore();
            return;
        }

        draft.SetGroup(group with
        {
            // After a check that was not answered for too long the time counts anew.
            Instance = group.Instance with { Checks = group.Instance.Checks.Clear() },
            Failure = told ? group.Failure : Recovery.Now(draft, CauseKind.ResourceFailure, resource, node, message),
        });
        if (told)
        {
            return;
        }

        draft.Journal(
            JournalSeverity.Error, JournalKind.ResourceFailure,
            $"{resource} of group '{group.Name}' has failed on {node}: {message} The cluster is disarmed: nothing is done about it until "
                + $"Resume-Cluster, or until somebody runs Restart-ClusterGroup {group.Name}.",
            node, group.Name, resource);
    }

    /// <summary>Why what people ask of the group would make other groups stop, move or start by themselves; null: it does not.</summary>
    public static string? WhyNot(Draft draft, GroupState group, GroupOperation asked)
    {
        if (draft.State.Disarmed is null || group.ActiveOn.IsEmpty
            || asked is GroupOperation.Freeze or GroupOperation.Unfreeze or GroupOperation.Clear or GroupOperation.Convalesce)
        {
            return null;
        }

        string[] bound =
        [
            .. GroupDependencies.Dependents(draft.Configuration, group.Name)
                .Concat(GroupDependencies.Together(draft.Configuration, group.Name))
                .Distinct(StringComparer.Ordinal)
                .Where(name => name != group.Name && draft.State.Groups[name] is { ActiveOn.IsEmpty: false, Frozen: false }),
        ];
        return bound.Length == 0
            ? null
            : $"The cluster is disarmed, and {Names.Shorten(bound)} would have to follow group '{group.Name}' by "
                + $"{(bound.Length == 1 ? "itself" : "themselves")}. Stop {(bound.Length == 1 ? "it" : "them")} first "
                + $"(Stop-ClusterGroup), or run Resume-Cluster.";
    }

    /// <summary>Why a node can't be emptied now; null: it can.</summary>
    public static string? WhyNotDrained(Draft draft, NodeState node)
    {
        string[] moved = [.. node.Groups.Where(g => !Draining.IsLeftInPlace(draft.State.Groups[g]))];
        return draft.State.Disarmed is null || moved.Length == 0
            ? null
            : $"The cluster is disarmed, and {Names.Shorten(moved)} would have to leave node {node.Name}. Move or stop "
                + $"{(moved.Length == 1 ? "it" : "them")} first (Move-ClusterGroup, Stop-ClusterGroup), or run Resume-Cluster.";
    }

    /// <summary>Why a configuration can't come into force now; null: it can.</summary>
    public static string? WhyNot(Draft draft, ClusterConfiguration next)
    {
        ClusterConfiguration old = draft.Configuration;
        return draft.State.Disarmed is null
            || (next.Groups.Count == old.Groups.Count && next.FailoverDomains.Count == old.FailoverDomains.Count
                && next.Groups.All(g => ConfigurationEquality.Same(old.Groups.GetValueOrDefault(g.Key), g.Value))
                && next.FailoverDomains.All(d => ConfigurationEquality.Same(old.FailoverDomains.GetValueOrDefault(d.Key), d.Value)))
            ? null
            : "The cluster is disarmed: groups and failover domains can't be changed, since groups would be stopped, started or moved by "
                + "that. Run Resume-Cluster first.";
    }

    /// <summary>What becomes of what a node owned that is down now, as it stands at the end of a sentence.</summary>
    public static string Recovered(Draft draft) =>
        draft.State.Disarmed is null ? "what it owned is recovered" : "what it owned is recovered when the cluster is armed again";
}
