using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>Who is a member: views of the engine, and what joining and loss mean.</summary>
internal static class Membership
{
    public static void Apply(Draft draft, ViewEvent view)
    {
        bool reform = view.Quorum == Quorum.Quorate && !view.Continuous;
        // Nobody of the last view is still the same: the cluster was down as a whole.
        bool cold = !view.Members.Any(m => draft.State.Nodes.TryGetValue(m.Key, out NodeState? n) && n.Incarnation == m.Value);
        draft.State = draft.State with { Quorum = view.Quorum, Members = view.Members, Device = view.Device };
        draft.MarkNodes();
        if (draft.Configuration.Version == 0)
        {
            return;
        }

        if (view.Quorum == Quorum.Quorate)
        {
            draft.State = draft.State with { Superseded = QuorumArithmetic.Superseded(draft.State, view) };
        }

        string members = string.Join(", ", view.Members.Keys);
        draft.Journal(JournalSeverity.Information, JournalKind.View, $"Members: {members}; {QuorumWords(view)}.");
        if (reform)
        {
            Reforming.Apply(draft, view, cold);
        }

        foreach (NodeState node in draft.State.Nodes.Values)
        {
            if (view.Members.TryGetValue(node.Name, out long incarnation))
            {
                if (!node.Member || node.Incarnation != incarnation)
                {
                    // Back before anybody saw it gone: it was lost all the same.
                    bool lost = !reform && node is { Member: true, MaintenanceUntil: null }
                        && node.Phase is NodePhase.Joining or NodePhase.Online or NodePhase.Draining;
                    Join(draft, lost ? Flapping.Lost(draft, node) : node, incarnation);
                }
            }
            else if (node.Member || (reform && node.Phase != NodePhase.Lost))
            {
                Lose(draft, node, reform);
            }
        }
    }

    private static string QuorumWords(ViewEvent view) => view.Quorum switch
    {
        Quorum.Quorate when view.Continuous => "quorate",
        Quorum.Quorate => "quorum gained",
        Quorum.Contested => view.Device switch
        {
            { Votes: 0 } => "contested: the peer's fate decides",
            { IsHere: true } => "contested: the arbiter gives this node its vote, so that it fences the peer",
            _ => "contested: the arbiter does not give this node its vote",
        },
        Quorum.None => "no quorum",
        _ => throw new InvalidOperationException($"Unknown quorum {view.Quorum}."),
    };

    public static void Join(Draft draft, NodeState node, long incarnation)
    {
        bool fenced = draft.State.Fences.GetValueOrDefault(node.Name) is { Proven: false, OnlyOn: false };
        bool drainEnds = node.Drain.Goal == DrainGoal.Leave || node.Drain.UntilReturn;
        if (drainEnds)
        {
            Operations.End(
                draft, node.Operation, node.Drain.UntilReturn,
                $"Node {node.Name} has begun a new life; the order to empty it ended with the former one.");
        }

        draft.SetNode(node with
        {
            Incarnation = incarnation,
            Member = true,
            Phase = fenced ? NodePhase.Fencing : NodePhase.Joining,
            ProbedVersion = 0,
            Level = 0,
            Watchdog = null,
            Probe = null,
            Answers = node.Answers.Clear(),
            Ask = null,
            LostAt = null,
            NeverSeen = false,
            MaintenanceUntil = null,
            TakenOut = false,
            MayBeDisarmed = false,
            Drain = node.Drain with
            {
                Goal = drainEnds ? DrainGoal.None : node.Drain.Goal,
                UntilReturn = false,
                To = drainEnds ? null : node.Drain.To,
                ForGood = false,
                AtLeave = FinalAction.Default,
                Shutdown = null,
            },
            Operation = drainEnds ? null : node.Operation,
            Why = fenced ? node.Why : CauseKind.AnswersProbe.With(),
        });
        DropPending(draft, node.Name);
        draft.Journal(JournalSeverity.Information, JournalKind.NodeJoin, $"Node {node.Name} has joined.", node.Name);
    }

    private static void Lose(Draft draft, NodeState node, bool reform)
    {
        bool planned = node.MaintenanceUntil is not null;
        bool clean = node.Phase == NodePhase.Down;
        NodeState next = node with { Member = false, Probe = null, Ask = null };
        if (!planned && HandsOff.IsEmptied(draft, node))
        {
            next = HandsOff.TakenOut(next, CauseKind.GoneWhileEmpty.With());
            draft.Journal(
                JournalSeverity.Warning, JournalKind.NodeAway,
                $"Node {node.Name} is gone. It had been emptied on request and has nothing: it is not fenced, and not switched on.",
                node.Name);
            Operations.End(draft, node.Operation, true, $"Node {node.Name} is gone, with nothing on it.");
        }
        else if (!planned && !clean && node.Phase != NodePhase.Fencing)
        {
            next = (reform ? next : Flapping.Lost(draft, next)) with
            {
                Phase = NodePhase.Lost,
                NeverSeen = reform,
                Why = (reform ? CauseKind.AbsentAtForming : CauseKind.Silent).With(),
            };
            draft.State = draft.State with { Undated = true };
            string owned = node.Groups.IsEmpty ? "it owned no groups" : $"it owned {Names.Shorten(node.Groups)}";
            draft.Journal(JournalSeverity.Error, JournalKind.NodeLost, $"Node {node.Name} is lost ({next.Why}); {owned}.", node.Name);
        }
        else if (planned)
        {
            // What is asked of nodes while it is away it can't answer, nor has it been given anything.
            next = next with { TakenOut = HandsOff.IsEmptied(draft, node) };
            draft.Journal(
                JournalSeverity.Information, JournalKind.NodeAway,
                $"Node {node.Name} is away "
                    + (node.Why.Kind == CauseKind.ShutDownAround || node.Why.Kind == CauseKind.ShutDownWhileDisarmed
                        ? $"by plan: {node.Why}."
                        : "for planned maintenance; its groups go on running."),
                node.Name);
        }

        else if (node is { Phase: NodePhase.Fencing, Watchdog: not null })
        {
            // From now on the time counts.
            next = next with { LostAt = null };
            draft.State = draft.State with { Undated = true };
        }

        draft.SetNode(next);
        if (!planned)
        {
            Operations.EndOf(draft, node, false, $"Node {node.Name} was lost.");
        }

        DropPending(draft, node.Name);
        Changed(draft);
    }

    /// <summary>What that life of the node was asked to do will not be answered.</summary>
    public static void DropPending(Draft draft, string node)
    {
        foreach (string name in draft.State.Working)
        {
            GroupState group = draft.State.Groups[name];
            if (group.Pending is not { } pending || pending.Node != node)
            {
                continue;
            }

            draft.SetGroup(WithoutPending(group));
        }

        EventScripts.DropCalls(draft, node);
        foreach (FenceState fence in draft.State.Fences.Values)
        {
            if (fence.Pending?.Node == node)
            {
                draft.SetFence(fence with { Pending = null, Attempt = fence.Attempt + 1 });
            }
        }
    }

    /// <summary>The group without the action under way: of what it was about nobody knows whether it runs.</summary>
    public static GroupState WithoutPending(GroupState group) => group.Migration is not null ? group with { Pending = null } : group with
    {
        Pending = null,
        Instance = group.Instance with
        {
            Final = null,
            Resources = group.Pending is { } pending
                ? group.Instance.Resources.SetItem(pending.Resource, ResourcePhase.Doomed)
                : group.Instance.Resources,
        },
    };

    /// <summary>A change of membership is a new chance for what had failed everywhere, and ends an operator's stop.</summary>
    public static void Changed(Draft draft)
    {
        if (draft.State.Quorum != Quorum.Quorate)
        {
            return;
        }

        foreach (GroupState group in draft.State.Groups.Values)
        {
            if (group.Frozen || group.Owner is not null)
            {
                continue;
            }

            if (group is { Goal: GroupGoal.Stop, Phase: GroupPhase.Stopped } && group.Definition.Autostart)
            {
                draft.SetGroup(group with
                {
                    Goal = GroupGoal.Run,
                    Order = group.Order.Anew(),
                    By = null,
                    Reason = CauseKind.MembershipChanged.With(),
                });
            }
            else if (group.Order.RetryAt is not null)
            {
                draft.SetGroup(group with { Order = group.Order.Anew() });
            }
        }
    }

    /// <summary>A node is able to run groups again: groups that want it more than where they are go back to it.</summary>
    public static void NodeUp(Draft draft, string node, bool failback)
    {
        Changed(draft);
        foreach (GroupState group in draft.State.Groups.Values)
        {
            if (failback && !group.Frozen && group.Owner is { } owner
                && Placement.FailsBack(draft.Configuration, group.Definition)
                && Failback.Better(draft, group, node, group.Order.FailbackTo ?? owner))
            {
                draft.SetGroup(group with { Order = group.Order with { FailbackTo = node } });
            }
        }

        Gathering.AllMayGather(draft);
        draft.MarkAll();
    }
}
