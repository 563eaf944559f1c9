using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

internal sealed partial class Fold
{
    private void Apply(ViewEvent view)
    {
        bool reform = view.Quorum == Quorum.Quorate && !view.Continuous;
        // Nobody of the last view is still the same: the cluster was down as a whole.
        bool cold = reform && !view.Members.Any(m => state.Nodes.TryGetValue(m.Key, out NodeState? n) && n.Incarnation == m.Value);
        state = state with { Quorum = view.Quorum, Members = view.Members, StopOnly = null };
        nodesDirty = true;
        if (Configuration.Version == 0)
        {
            return;
        }

        if (view.Quorum == Quorum.Quorate)
        {
            state = state with { Superseded = QuorumArithmetic.Superseded(state, view.Members) };
        }

        string members = string.Join(", ", view.Members.Keys);
        Journal(JournalSeverity.Information, "view", $"Members: {members}; {QuorumWords(view)}.");
        if (reform)
        {
            Reform(view, cold);
        }

        foreach (NodeState node in state.Nodes.Values)
        {
            if (view.Members.TryGetValue(node.Name, out long incarnation))
            {
                if (!node.Member || node.Incarnation != incarnation)
                {
                    Join(node, incarnation);
                }
            }
            else if (node.Member || (reform && node.Phase is not (NodePhase.Down or NodePhase.Lost)))
            {
                Lose(node, reform);
            }
        }
    }

    private static string QuorumWords(ViewEvent view) => view.Quorum switch
    {
        Quorum.Quorate when view.Continuous => "quorate",
        Quorum.Quorate => "quorum gained",
        Quorum.Contested => "contested: the peer's fate decides",
        Quorum.None => "no quorum",
        _ => throw new InvalidOperationException($"Unknown quorum {view.Quorum}."),
    };

    /// <summary>Quorum was lost in between: nothing that was known of running groups is trusted, all is probed, autostart is judged anew.</summary>
    private void Reform(ViewEvent view, bool cold)
    {
        state = state with { Deadlines = [], ClockDue = 0, FormedVersion = Configuration.Version };
        if (state.Stop is { } stop)
        {
            EndStop(stop, false, "Quorum was lost meanwhile; ask again.");
        }

        foreach (FenceState fence in state.Fences.Values)
        {
            RemoveFence(fence.Target);
            EndOperation(fence.Operation, false, "Quorum was lost meanwhile; ask again.", _ => { });
        }

        foreach (NodeState node in state.Nodes.Values)
        {
            bool present = view.Members.TryGetValue(node.Name, out long incarnation);
            bool takenOut = !present && (node.TakenOut || IsEmptied(node));
            NodeState next = node with { Probe = null, ProbedVersion = 0, Answers = present ? node.Answers.Clear() : node.Answers, Ask = null, Drain = node.Drain == DrainGoal.Leave ? DrainGoal.None : node.Drain, DrainTo = null, AtLeave = FinalAction.Default };
            if (present && node.Incarnation == incarnation)
            {
                next = next with { Phase = NodePhase.Joining, Member = true, TakenOut = false, Why = "answers its probe", MaintenanceUntil = null };
            }
            else if (takenOut)
            {
                // Nothing was committed since, and nobody starts anything without that: it has as little on it as it had.
                next = node is { TakenOut: true, Phase: not NodePhase.Maintenance } ? next with { Phase = NodePhase.Down } : TakenOut(next, "absent when the cluster formed, and was empty");
            }
            else if (!present && cold && node.Phase != NodePhase.Lost)
            {
                // Who was down before everything went down may have come up since: absent is Lost (DESIGN, "Probes first").
                next = next with { Phase = NodePhase.Lost, Member = false, LostAt = null, NeverSeen = true, MaintenanceUntil = null, Why = "absent when the cluster formed" };
                state = state with { Undated = true };
            }
            else if (!present && node.Phase is NodePhase.Lost or NodePhase.Fencing or NodePhase.LeftCluster)
            {
                // Its fencing ended with the quorum that had decided it; this one decides anew.
                next = next with { Phase = NodePhase.Lost, Member = false, LostAt = null, NeverSeen = true, Why = "absent when the cluster formed" };
                state = state with { Undated = true };
            }

            SetNode(next);
            EndOperation(node.Operation, false, "Quorum was lost meanwhile; ask again.", n => SetNode(state.Nodes[node.Name] with { Operation = n }));
        }

        DropQuestions();
        foreach (GroupState group in state.Groups.Values)
        {
            GroupState next = WithoutPending(group) with { AwaitsVerdict = false, Verdict = null };
            EndOperation(group.Operation, false, "Quorum was lost meanwhile; ask again.", _ => { });
            next = next with { Operation = null };
            if (!group.Frozen)
            {
                GroupGoal goal = group.Goal == GroupGoal.Remove ? GroupGoal.Remove
                    : group.Definition.Autostart ? GroupGoal.Run
                    : GroupGoal.Disable;
                next = next with
                {
                    // Orders to move or restart have ended with the quorum; what is to be stopped for a new configuration has not.
                    Resources = group.OldDefinition is not null || group.Phase == GroupPhase.Failed
                        ? next.Resources
                        : next.Resources.SetItems(group.Resources.Keys.Select(r => KeyValuePair.Create(r, ResourcePhase.Running))),
                    Goal = goal,
                    Phase = group.Phase == GroupPhase.Failed ? GroupPhase.Failed
                        : group.ActiveOn.IsEmpty ? (goal == GroupGoal.Run ? GroupPhase.Stopped : GroupPhase.Disabled)
                        : GroupPhase.Recovering,
                    Restarts = [],
                    Tried = Names.None,
                    Asked = null,
                    Last = null,
                    RetryAt = null,
                    FailbackTo = null,
                    ReturnTo = null,
                    DisableOnFailure = false,
                    StartTries = group.StartTries.Clear(),
                    StopTries = group.StopTries.Clear(),
                    StopAgain = null,
                    Checks = group.Checks.Clear(),
                    Stuck = Names.None,
                };
            }

            SetGroup(next);
        }
    }

    private void Join(NodeState node, long incarnation)
    {
        bool fenced = state.Fences.TryGetValue(node.Name, out FenceState? fence) && fence is { Proven: false, OnlyOn: false };
        bool drainEnds = node.Drain == DrainGoal.Leave || node.DrainUntilReturn;
        SetNode(node with
        {
            Incarnation = incarnation,
            Member = true,
            Phase = fenced ? NodePhase.Fencing : NodePhase.Joining,
            ProbedVersion = 0,
            Probe = null,
            Answers = node.Answers.Clear(),
            Ask = null,
            LostAt = null,
            NeverSeen = false,
            MaintenanceUntil = null,
            TakenOut = false,
            Drain = drainEnds ? DrainGoal.None : node.Drain,
            DrainUntilReturn = false,
            DrainTo = drainEnds ? null : node.DrainTo,
            AtLeave = FinalAction.Default,
            Why = fenced ? node.Why : "answers its probe",
        });
        DropPending(node.Name);
        Journal(JournalSeverity.Information, "node.join", $"Node {node.Name} has joined.", node.Name);
    }

    private void Lose(NodeState node, bool reform)
    {
        bool planned = node.MaintenanceUntil is not null;
        bool clean = node.Phase == NodePhase.Down;
        NodeState next = node with { Member = false, Probe = null, Ask = null };
        if (!planned && !clean && IsEmptied(node))
        {
            clean = true;
            next = TakenOut(next, "gone while it was empty on request");
            Journal(JournalSeverity.Warning, "node.away", $"Node {node.Name} is gone. It had been emptied on request and has nothing: it is not fenced, and not switched on.", node.Name);
            EndOperation(node.Operation, node.Drain == DrainGoal.Leave, $"Node {node.Name} is gone, with nothing on it.", n => next = next with { Operation = n });
        }
        else if (!planned && !clean && node.Phase is not (NodePhase.Fencing or NodePhase.LeftCluster))
        {
            next = next with
            {
                Phase = NodePhase.Lost,
                LostAt = null,
                NeverSeen = reform,
                Why = reform ? "absent when the cluster formed" : "silent for the token time",
            };
            state = state with { Undated = true };
            string owned = node.Groups.IsEmpty ? "it owned no groups" : $"it owned {Shorten(node.Groups)}";
            Journal(JournalSeverity.Error, "node.lost", $"Node {node.Name} is lost ({next.Why}); {owned}.", node.Name);
        }
        else if (planned)
        {
            // What is asked of nodes while it is away it can't answer, nor has it been given anything.
            next = next with { TakenOut = IsEmptied(node) };
            Journal(JournalSeverity.Information, "node.away", $"Node {node.Name} is away for planned maintenance; its groups go on running.", node.Name);
        }

        SetNode(next);
        if (!clean && !planned)
        {
            EndOperation(node.Operation, false, $"Node {node.Name} was lost.", n => SetNode(state.Nodes[node.Name] with { Operation = n }));
        }

        DropPending(node.Name);
        MembershipChanged();
    }

    /// <summary>
    /// Nothing of any group can be on it, by its own answers, and people have asked for that: whether it was switched off or only can't be heard,
    /// there is nothing to recover from it. What leaves by a resource's final action is nobody's wish.
    /// </summary>
    private bool IsEmptied(NodeState node) =>
        node.Groups.IsEmpty && node.ProbedVersion >= state.ProbeCounter && node.ProbedVersion > 0
        && (node.Phase == NodePhase.Maintenance
            || (node is { Phase: NodePhase.Draining, Drain: DrainGoal.Leave, AtLeave: FinalAction.Default }));

    private static NodeState TakenOut(NodeState node, string why) => node with
    {
        Phase = NodePhase.Down, Member = false, TakenOut = true, Probe = null, LostAt = null, NeverSeen = false, MaintenanceUntil = null, Why = why,
    };

    private static string Shorten(IEnumerable<string> names)
    {
        string[] all = [.. names];
        return all.Length <= 10 ? string.Join(", ", all) : $"{string.Join(", ", all.Take(10))} and {all.Length - 10} more";
    }

    /// <summary>What that life of the node was asked to do will not be answered.</summary>
    private void DropPending(string node)
    {
        foreach (string name in state.Working)
        {
            GroupState group = state.Groups[name];
            if (group.Pending is not { } pending || pending.Node != node)
            {
                continue;
            }

            SetGroup(WithoutPending(group));
        }

        DropCalls(node);
        foreach (FenceState fence in state.Fences.Values)
        {
            if (fence.Pending?.Node == node)
            {
                SetFence(fence with { Pending = null, Attempt = fence.Attempt + 1 });
            }
        }
    }

    /// <summary>The group without the action under way: a start whose end is not known may have happened.</summary>
    private static GroupState WithoutPending(GroupState group) => group with
    {
        Pending = null,
        Final = null,
        Resources = group.Pending is { Id.Operation: ActionOperation.Start } pending
            ? group.Resources.SetItem(pending.Resource, ResourcePhase.Doomed)
            : group.Resources,
    };

    /// <summary>A change of membership is a new chance for what had failed everywhere, and ends an operator's stop.</summary>
    private void MembershipChanged()
    {
        if (state.Quorum != Quorum.Quorate)
        {
            return;
        }

        foreach (GroupState group in state.Groups.Values)
        {
            if (group.Frozen || group.Owner is not null)
            {
                continue;
            }

            if (group is { Goal: GroupGoal.Stop, Phase: GroupPhase.Stopped } && group.Definition.Autostart)
            {
                SetGroup(group with { Goal = GroupGoal.Run, Reason = "the membership changed" });
            }
            else if (group.RetryAt is not null)
            {
                SetGroup(group with { RetryAt = null, Tried = Names.None });
            }
        }
    }

    /// <summary>A node is able to run groups again: groups that want it more than where they are go back to it.</summary>
    private void NodeUp(string node, bool failback)
    {
        MembershipChanged();
        foreach (GroupState group in state.Groups.Values)
        {
            if (failback && !group.Frozen && group.Owner is { } owner && owner != node
                && Placement.FailsBack(Configuration, group.Definition)
                && Better(group, node, group.FailbackTo ?? owner))
            {
                SetGroup(group with { FailbackTo = node });
            }
        }

        AllMayGather();
        DirtyAll();
    }

    /// <summary>The group with the best node that is up, if that is better than where it is, as the one to go back to.</summary>
    private GroupState WithFailback(GroupState group)
    {
        if (group.Owner is not { } owner || !Placement.FailsBack(Configuration, group.Definition))
        {
            return group;
        }

        foreach (string node in Configuration.FailoverDomains[group.Definition.Domain!].Members.Keys)
        {
            if (state.Nodes.TryGetValue(node, out NodeState? at) && at.Eligible && Better(group, node, group.FailbackTo ?? owner))
            {
                group = group with { FailbackTo = node };
            }
        }

        return group;
    }

    private bool Better(GroupState group, string node, string than) =>
        Placement.Rank(Configuration, group.Definition, node) is { } rank
        && rank < (Placement.Rank(Configuration, group.Definition, than) ?? int.MaxValue);
}
