using System.Collections.Immutable;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

internal sealed partial class Fold
{
    private void Apply(Request e)
    {
        if (state.Operations.ContainsKey(e.RequestId) || e.RequestId.Length > TextLimits.Id)
        {
            // Sent twice: it has been applied. Or nobody's: the API lets no such id through.
            Ignore();
            return;
        }

        switch (e)
        {
            case GroupRequest request:
                Begin(e, $"group.{Word(request.Operation)}", request.Group);
                Apply(request);
                break;
            case NodeRequest request:
                Begin(e, $"node.{Word(request.Operation)}", request.Node);
                Apply(request);
                break;
            case ClusterStopRequest request:
                Begin(e, "cluster.stop", Configuration.Name);
                Apply(request);
                break;
            case ConfigurationRequest request:
                Begin(e, "configuration.set", $"version {request.Configuration.Version}");
                Apply(request);
                break;
            case CancelRequest request:
                Begin(e, "operation.cancel", request.Operation);
                Apply(request);
                break;
            case RunbookRequest request:
                Begin(e, request.Content is null ? "runbook.remove" : "runbook.set", request.Name);
                Apply(request);
                break;
            case UserEvent user:
                Begin(e, "event.user", user.Name);
                Apply(user);
                break;
            case MessageWritten message:
                Begin(e, "journal.write", "");
                Journal(message.Severity, "message", message.Message, message.Node, message.Group, who: message.Who);
                Succeed(e, "Written.", quiet: true);
                break;
            default:
                Ignore();
                break;
        }
    }

    private static string Word<T>(T value)
        where T : struct, Enum
    {
        string name = value.ToString();
        return char.ToLowerInvariant(name[0]) + name[1..];
    }

    private void Begin(Request e, string kind, string target)
    {
        ImmutableQueue<string> order = state.OperationOrder;
        ImmutableSortedDictionary<string, OperationState> operations = state.Operations;
        while (operations.Count >= Cluster.MaxOperations)
        {
            order = order.Dequeue(out string oldest);
            operations = operations.Remove(oldest);
        }

        state = state with
        {
            OperationOrder = order.Enqueue(e.RequestId),
            Operations = operations.Add(e.RequestId, new OperationState
            {
                Id = e.RequestId,
                Who = e.Who,
                Kind = kind,
                Target = BoundedEvent.Shown(target),
                Phase = OperationPhase.Running,
                Began = index,
                BeganAt = wallTime,
            }),
        };
        if (e is not (MessageWritten or RunbookRequest or UserEvent))
        {
            Journal(JournalSeverity.Information, "request", $"{e.Who} asks to {OperationWords.Of(kind, BoundedEvent.Shown(target))}.", who: e.Who);
        }
    }

    private void Succeed(Request e, string message, bool quiet = false)
    {
        if (quiet)
        {
            state = state with
            {
                Operations = state.Operations.SetItem(
                    e.RequestId, state.Operations[e.RequestId] with { Phase = OperationPhase.Succeeded, Message = PlainText.CutWords(PlainText.Escape(message), TextLimits.Outcome), Ended = index, EndedAt = wallTime }),
            };
            return;
        }

        EndOperation(e.RequestId, true, message, _ => { });
    }

    private void Refuse(Request e, string message) => EndOperation(e.RequestId, false, message, _ => { }, asked: true);

    private void Apply(GroupRequest e)
    {
        if (!state.Groups.TryGetValue(e.Group, out GroupState? group)
            || (group.Goal == GroupGoal.Remove && (group.Phase != GroupPhase.Failed || e.Operation != GroupOperation.Disable)))
        {
            Refuse(e, $"There is no group '{e.Group}'. Get-ClusterGroup lists the groups.");
            return;
        }

        if (group.Frozen && e.Operation is not (GroupOperation.Unfreeze or GroupOperation.Freeze))
        {
            Refuse(e, $"Group '{e.Group}' is frozen. Run Unlock-ClusterGroup {e.Group} first.");
            return;
        }

        if (state.Stop is { } stop && e.Operation is not (GroupOperation.Stop or GroupOperation.Disable))
        {
            Refuse(e, $"The cluster is being stopped, asked by {stop.Who}. Stop-ClusterOperation {stop.Operation} ends that.");
            return;
        }

        if (group.Phase == GroupPhase.Failed && e.Operation is not (GroupOperation.Disable or GroupOperation.Freeze or GroupOperation.Unfreeze))
        {
            Refuse(e, $"Group '{e.Group}' is Failed: {Description.Why(state, group)}. Make sure that its resources are released, then disable it (Stop-ClusterGroup {e.Group}).");
            return;
        }

        if (e.Node is { } node && WhyNot(group, node) is { } obstacle)
        {
            Refuse(e, $"Group '{e.Group}' can't run on {node}: it {obstacle}.{(state.Nodes.TryGetValue(node, out NodeState? at) && !at.Eligible ? " " + Advice.Place(at) : " Name another node.")}");
            return;
        }

        switch (e.Operation)
        {
            case GroupOperation.Enable:
                Enable(e, group);
                break;
            case GroupOperation.Disable:
                Disable(e, group);
                break;
            case GroupOperation.Stop:
                // A disabled group stays disabled: stopping it must not make it start at the next change of membership.
                SetGroup(Take(group, e) with { Goal = group.Goal == GroupGoal.Disable ? GroupGoal.Disable : GroupGoal.Stop, Phase = group.Owner is null ? group.Phase : GroupPhase.Stopping, Reason = $"stopped by {e.Who}" });
                break;
            case GroupOperation.Relocate:
                Relocate(e, group);
                break;
            case GroupOperation.Restart:
                Restart(e, group);
                break;
            case GroupOperation.Home:
                SendHome(e, group);
                break;
            case GroupOperation.Clear:
                Clear(e, group);
                break;
            case GroupOperation.Freeze:
                SetGroup(group with { Frozen = true, Unfreezing = false, Final = null, Checks = group.Checks.Clear() });
                EndOperation(group.Operation, false, "The group was frozen meanwhile.", o => SetGroup(state.Groups[e.Group] with { Operation = o }));
                Succeed(e, $"Group '{e.Group}' is frozen.");
                break;
            case GroupOperation.Unfreeze:
                if (!group.Frozen)
                {
                    Succeed(e, $"Group '{e.Group}' is not frozen.");
                    break;
                }

                SetGroup(Take(group, e) with { Unfreezing = true, Reason = group.Owner is { } owner ? $"unfreezing waits until {owner} has rejoined" : group.Reason });
                break;
            case GroupOperation.Convalesce:
                if (group.Abandoned.IsEmpty || group.Phase != GroupPhase.Started)
                {
                    Succeed(e, $"Group '{e.Group}' has nothing to repair.");
                    break;
                }

                if (group.IsUnconfirmed)
                {
                    Refuse(e, $"Group '{e.Group}' can't be repaired now: {group.Waits}.");
                    break;
                }

                SetGroup(Take(group, e) with { Abandoned = Names.None, Phase = GroupPhase.Recovering, Reason = $"repaired by {e.Who}" });
                break;
            default:
                throw new InvalidOperationException($"Unknown operation {e.Operation}.");
        }
    }

    private string? WhyNot(GroupState group, string node) =>
        !state.Nodes.TryGetValue(node, out NodeState? at) ? "is not a node of this cluster"
        : Placement.Rank(Configuration, group.Definition, node) is null ? $"is not in its restricted domain '{group.Definition.Domain}'"
        : !at.Eligible ? $"is {at.Standing}"
        : null;

    /// <summary>The operation now belongs to the group; one that was under way is superseded.</summary>
    private GroupState Take(GroupState group, Request e)
    {
        EndOperation(group.Operation, false, $"Superseded by a request of {e.Who}.", _ => { }, asked: true);
        // What an event script was asked before counts no longer: a node that is asked for now goes before its answer.
        return group with { Operation = e.RequestId, By = e.Who, Failure = null, ReturnTo = null, AwaitsVerdict = false, Verdict = null };
    }

    private void Enable(GroupRequest e, GroupState group)
    {
        if (e.ConfirmReleased)
        {
            Journal(JournalSeverity.Warning, "group.released", $"{e.Who} confirms that group '{e.Group}' does not run where that is not known.", group: e.Group, who: e.Who);
            IsNotElsewhere(e.Group);
        }

        if (group.Goal == GroupGoal.Run && group.Owner is not null)
        {
            if (e.Node is not null && e.Node != group.Owner)
            {
                Relocate(e, group);
            }
            else if (group.Phase == GroupPhase.Started)
            {
                Succeed(e, $"Group '{e.Group}' is started on {group.Owner} already.");
            }
            else
            {
                SetGroup(Take(group, e));
            }

            return;
        }

        if (e.Node is not null)
        {
            ForgetMoved(e.Group);
        }

        SetGroup(Take(group, e) with
        {
            Goal = GroupGoal.Run,
            Failing = null,
            HasCostNode = false,
            Asked = e.Node,
            Last = null,
            Tried = Names.None,
            RetryAt = null,
            Restarts = [],
            Phase = group.Owner is null ? GroupPhase.Stopped : group.Phase,
            Reason = $"enabled by {e.Who}",
        });
        MayGather(e.Group);
    }

    private void Disable(GroupRequest e, GroupState group)
    {
        if (group.Phase != GroupPhase.Failed)
        {
            SetGroup(Take(group, e) with { Goal = GroupGoal.Disable, Phase = group.Owner is null ? group.Phase : GroupPhase.Stopping, Reason = $"disabled by {e.Who}" });
            return;
        }

        if (!e.ConfirmReleased)
        {
            Refuse(
                e,
                $"Group '{e.Group}' is Failed: {Description.Why(state, group)}. Disabling it tells the cluster that its resources are released; if that is not so, "
                + "they may come to be used twice. Make sure, then ask again and confirm.");
            return;
        }

        GroupState next = group;
        foreach (string node in group.ActiveOn)
        {
            next = FreeFrom(next, node);
        }

        IsNotElsewhere(e.Group);
        Journal(JournalSeverity.Warning, "group.released", $"{e.Who} confirms that the resources of group '{e.Group}' are released.", group.Owner, e.Group, who: e.Who);
        SetGroup(Take(next, e) with
        {
            Goal = group.Goal == GroupGoal.Remove ? GroupGoal.Remove : GroupGoal.Disable,
            Phase = GroupPhase.Stopping,
            OldDefinition = null,
            Reason = $"disabled by {e.Who}",
        });
    }

    private void Relocate(GroupRequest e, GroupState group)
    {
        if (group.Phase != GroupPhase.Started || group.Owner is not { } owner)
        {
            Refuse(e, $"Group '{e.Group}' is {group.Phase}, not Started, and can't be relocated now. {Advice.Start(group, e.Node)}");
            return;
        }

        if (group.IsUnconfirmed)
        {
            Refuse(e, $"Group '{e.Group}' can't be relocated now: {group.Waits}. It stays on {owner}.");
            return;
        }

        if (e.Node == owner)
        {
            Succeed(e, $"Group '{e.Group}' is started on {owner} already.");
            return;
        }

        if (GroupDependencies.Leader(Configuration, e.Group) is { } leader && state.Groups[leader].ActiveOn.Contains(owner))
        {
            Refuse(
                e,
                $"Group '{e.Group}' shares the node of group '{leader}' and goes where that goes. "
                + (WhyStays(state.Groups[leader], e.Node) is { } stays
                    ? $"That one stays on {owner} now: {stays}."
                    : $"Move that one, and it follows: Move-ClusterGroup {leader}{(e.Node is null ? "" : $" -Node {e.Node}")}."));
            return;
        }

        if (e.Node is { } unfit && GroupDependencies.Misfit(state, group, unfit) is { } misfit)
        {
            Refuse(e, $"Group '{e.Group}' can't go to {unfit}: it {misfit}. It stays on {owner}. Stop that group first, or widen its domain.");
            return;
        }

        if (e.Node is { } asked && Placement.Obstacle(state, group, asked) is { } obstacle)
        {
            Refuse(e, $"Group '{e.Group}' can't run on {asked}: it {obstacle}. It stays on {owner}.");
            return;
        }

        if (e.Node is null && !HasElsewhere(group, owner))
        {
            Refuse(e, $"No other node can run group '{e.Group}': {Description.Unplaced(state, group)}. It stays on {owner}.");
            return;
        }

        ForgetMoved(e.Group);
        SetGroup(Take(group, e) with { Asked = e.Node, Last = owner, FailbackTo = null, Restarts = [], Reason = $"relocated by {e.Who}" });
        Stop(state.Groups[e.Group], GroupPhase.Stopping);
    }

    /// <summary>Another node than its own would take the group.</summary>
    private bool HasElsewhere(GroupState group, string owner) =>
        Placement.Choose(state, group with { Tried = group.Tried.Add(owner), Asked = null }) is { } elsewhere && GroupDependencies.Misfit(state, group, elsewhere) is null;

    /// <summary>Why a group can't be moved now; null: it can.</summary>
    private string? WhyStays(GroupState group, string? node) =>
        group.Frozen ? "it is frozen"
        : group.Phase != GroupPhase.Started ? $"it is {group.Phase}"
        : group.IsUnconfirmed ? group.Waits
        : node is not null ? (WhyNot(group, node) ?? GroupDependencies.Misfit(state, group, node) ?? Placement.Obstacle(state, group, node)) is { } obstacle ? $"{node} {obstacle}" : null
        : HasElsewhere(group, group.Owner!) ? null
        : Description.Unplaced(state, group);

    private void SendHome(GroupRequest e, GroupState group)
    {
        if (group.Definition.Domain is not { } domain || !Configuration.FailoverDomains[domain].Ordered)
        {
            Refuse(e, $"Group '{e.Group}' has no home: {(group.Definition.Domain is { } name ? $"its domain '{name}' is not ordered" : "it has no failover domain")}. Name a node instead.");
            return;
        }

        string? home = null;
        string[] away = [];
        foreach (string node in Configuration.FailoverDomains[domain].Members.Keys
            .Where(state.Nodes.ContainsKey).OrderBy(n => Placement.Rank(Configuration, group.Definition, n)).ThenBy(Id))
        {
            if (node == group.Owner || Placement.Obstacle(state, group with { Tried = Names.None }, node) is not { } obstacle)
            {
                home = node;
                break;
            }

            away = [.. away, $"{node} {obstacle}"];
        }

        string better = away.Length == 0 ? "" : $"; {string.Join(", ", away)}";
        if (home is null)
        {
            Refuse(e, $"Group '{e.Group}' can't be sent home{better}.");
        }
        else if (home == group.Owner && group.Phase == GroupPhase.Started)
        {
            Succeed(e, $"Group '{e.Group}' is on {home} already, the best node of its domain that can run it{better}.");
        }
        else
        {
            Relocate(e with { Node = home }, group);
        }
    }

    private void Clear(GroupRequest e, GroupState group)
    {
        bool counted = !group.Restarts.IsEmpty || !group.Tried.IsEmpty || group.RetryAt is not null || !group.StartTries.IsEmpty || group.HasCostNode || group.Failing is not null || group.Failure is not null;
        SetGroup(group with { Restarts = [], Tried = Names.None, TryLimit = null, RetryAt = null, StartTries = group.StartTries.Clear(), HasCostNode = false, Failing = null, Failure = null });
        Succeed(e, counted ? $"The failures of group '{e.Group}' are forgotten." : $"Group '{e.Group}' has no failures to forget.");
    }

    private void Restart(GroupRequest e, GroupState group)
    {
        if (group.Phase != GroupPhase.Started || group.Owner is not { } owner)
        {
            Refuse(e, $"Group '{e.Group}' is {group.Phase}, not Started. {Advice.Start(group, null)}");
            return;
        }

        if (group.IsUnconfirmed)
        {
            Refuse(e, $"Group '{e.Group}' can't be restarted now: {group.Waits}. It goes on running on {owner}.");
            return;
        }

        SetGroup(Take(group, e) with { Asked = owner, Last = null, Restarts = [], Reason = $"restarted by {e.Who}" });
        Stop(state.Groups[e.Group], GroupPhase.Stopping);
    }

    private void Apply(NodeRequest e)
    {
        if (!state.Nodes.TryGetValue(e.Node, out NodeState? node))
        {
            Refuse(e, $"There is no node '{e.Node}'. Get-ClusterNode lists the nodes.");
            return;
        }

        switch (e.Operation)
        {
            case NodeOperation.Drain:
            case NodeOperation.Leave:
                Drain(e, node, e.Operation == NodeOperation.Leave ? DrainGoal.Leave : DrainGoal.Standby);
                break;
            case NodeOperation.Pause:
                Pause(e, node);
                break;
            case NodeOperation.Maintenance:
                if (!node.Member || node.Phase is NodePhase.Fencing or NodePhase.Down)
                {
                    Refuse(e, $"Node {e.Node} is {node.Phase}; only a node that takes part can go into planned maintenance. {Advice.TakePart(node)}");
                    break;
                }

                long until = state.Time + Configuration.Timing.MaintenanceLimit;
                SetNode(node with { Phase = NodePhase.Maintenance, MaintenanceUntil = until, Why = e.Reason ?? $"planned restart asked by {e.Who}" });
                At(until, DeadlineKind.Node, e.Node);
                Succeed(e, $"Node {e.Node} may be away for {SpanText.Of(Configuration.Timing.MaintenanceLimit)}; its groups go on running.");
                break;
            case NodeOperation.Resume:
            case NodeOperation.ResumeWithoutFailback:
            case NodeOperation.ResumeWithImmediateFailback:
                Resume(e, node);
                break;
            case NodeOperation.ConfirmDown:
                ConfirmDown(e, node);
                break;
            case NodeOperation.FenceOff:
            case NodeOperation.FenceOn:
            case NodeOperation.FenceReboot:
                Fence(e, node);
                break;
            default:
                throw new InvalidOperationException($"Unknown operation {e.Operation}.");
        }
    }

    private void Drain(NodeRequest e, NodeState node, DrainGoal goal)
    {
        if (!node.Member || node.Phase is NodePhase.Fencing or NodePhase.Down)
        {
            Refuse(e, $"Node {e.Node} is {node.Phase} and takes no part; there is nothing to move away. {Advice.TakePart(node)}");
            return;
        }

        string[] stuck = [.. node.Groups.Where(g => IsLeftInPlace(state.Groups[g]))];
        if (goal == DrainGoal.Leave && stuck.Length > 0)
        {
            Refuse(
                e,
                $"Node {e.Node} can't leave: {Shorten(stuck)} on it is frozen or Failed. "
                + "Run Unlock-ClusterGroup for frozen ones and Stop-ClusterGroup for Failed ones first, or restart the daemon in maintenance (clusterd restart), which leaves groups running.");
            return;
        }

        if (e.Target is { } target && (target == e.Node ? "is the node to be emptied" : WhyNoTarget(target)) is { } unfit)
        {
            Refuse(e, $"The groups of {e.Node} can't go to {target}: it {unfit}. Name an Online member, or leave the target out.");
            return;
        }

        EndOperation(node.Operation, false, $"Superseded by a request of {e.Who}.", _ => { }, asked: true);
        SetNode(node with
        {
            DrainTo = e.Target,
            Moved = goal == DrainGoal.Leave ? Names.None : node.Moved,
            Drain = goal,
            DrainUntilReturn = e.UntilReturn,
            AtLeave = FinalAction.Default,
            Phase = NodePhase.Draining,
            MaintenanceUntil = null,
            Operation = e.RequestId,
            Why = goal == DrainGoal.Leave ? $"leaves the cluster, asked by {e.Who}" : $"is being emptied, asked by {e.Who}",
        });
        Journal(JournalSeverity.Information, "node.drain", $"Node {e.Node} is being emptied{(e.Target is null ? "" : $", to {e.Target} where the rules allow")}.", e.Node, who: e.Who);
        DirtyAll();
    }

    private void Pause(NodeRequest e, NodeState node)
    {
        if (!node.Member || node.Phase is not (NodePhase.Online or NodePhase.Joining))
        {
            string empty = node.Drain == DrainGoal.Standby ? "; no groups come to it already" : "";
            Refuse(e, $"Node {e.Node} is {node.Phase}{empty}. Only a node that takes part can be paused. {Advice.TakePart(node)}");
            return;
        }

        string keeps = node.Groups.IsEmpty ? "it has none" : $"it keeps {Shorten(node.Groups)}";
        SetNode(node with { Paused = true, Why = e.Reason ?? $"paused by {e.Who}" });
        Journal(JournalSeverity.Information, "node.pause", $"Node {e.Node} is paused: no groups come to it; {keeps}.", e.Node, who: e.Who);
        Succeed(e, $"Node {e.Node} takes no new groups; {keeps}.");
        DirtyAll();
    }

    private string? WhyNoTarget(string name) =>
        !state.Nodes.TryGetValue(name, out NodeState? at) ? "is not a node of this cluster"
        : !at.Eligible ? $"is {at.Standing}"
        : null;

    private void Resume(NodeRequest e, NodeState node)
    {
        bool paused = node is { Paused: true, Phase: NodePhase.Online };
        if ((!paused && node.Phase is not (NodePhase.Maintenance or NodePhase.Draining)) || !node.Member)
        {
            Refuse(e, $"Node {e.Node} is {node.Phase}, neither paused, drained nor in maintenance. {Advice.TakePart(node)}");
            return;
        }

        EndOperation(node.Operation, false, $"Superseded by a request of {e.Who}.", _ => { }, asked: true);
        SetNode(Undrained(node) with { Phase = NodePhase.Online, Paused = false, MaintenanceUntil = null, Why = $"resumed by {e.Who}" });
        Succeed(e, $"Node {e.Node} is Online.");
        if (e.Operation == NodeOperation.ResumeWithoutFailback)
        {
            foreach (GroupState group in state.Groups.Values)
            {
                if (group.FailbackTo == e.Node)
                {
                    SetGroup(group with { FailbackTo = null });
                }
            }
        }

        foreach (string name in e.Operation == NodeOperation.ResumeWithImmediateFailback ? node.Moved : Names.None)
        {
            if (state.Groups.TryGetValue(name, out GroupState? group) && group is { Frozen: false, Goal: GroupGoal.Run } && group.Owner != e.Node
                && group.Phase != GroupPhase.Failed)
            {
                SetGroup(group with { ReturnTo = e.Node });
            }
        }

        NodeUp(e.Node, e.Operation != NodeOperation.ResumeWithoutFailback);
    }

    /// <summary>The node without its order to be emptied, and without what that order has left.</summary>
    private static NodeState Undrained(NodeState node) => node with { Drain = DrainGoal.None, DrainUntilReturn = false, DrainTo = null, Moved = Names.None, Operation = null, AtLeave = FinalAction.Default };

    /// <summary>The group has found its place by an operator's word, and is brought back by no node's resume.</summary>
    private void ForgetMoved(string group)
    {
        foreach (NodeState node in state.Nodes.Values)
        {
            if (node.Moved.Contains(group))
            {
                SetNode(node with { Moved = node.Moved.Remove(group) }, settle: false);
            }
        }
    }

    private void ConfirmDown(NodeRequest e, NodeState node)
    {
        if (node.Member)
        {
            Refuse(e, $"Node {e.Node} is a member: it is alive. {Advice.CutOff(state, e.Node)}");
            return;
        }

        if (node.Phase == NodePhase.Down && node.Answers.IsEmpty)
        {
            // Whoever says so has it in his hands: what the cluster was about to switch on again stays off.
            if (state.Fences.TryGetValue(e.Node, out FenceState? on) && on is { Proven: true, Who: null })
            {
                EndFence(on, true, "");
            }

            SetNode(state.Nodes[e.Node] with { TakenOut = true });
            Succeed(e, $"Node {e.Node} is Down already.");
            return;
        }

        FenceState fence = state.Fences.TryGetValue(e.Node, out FenceState? under)
            ? under
            : new FenceState { Target = e.Node, Incarnation = node.Incarnation, Since = state.Time, Why = $"node {e.Node} is {node.Phase}" };
        if (under is not null)
        {
            RemoveFence(e.Node);
            EndOperation(under.Operation, false, $"{e.Who} confirmed that the node is down.", _ => { });
        }

        Record(fence with { Who = e.Who, Executor = null }, true, null, "confirmed by an operator", confirmed: true);
        Journal(
            JournalSeverity.Warning, "node.confirmed",
            $"{e.Who} confirms that node {e.Node} is down; what it owned is recovered.", e.Node, who: e.Who);
        IsDown(e.Node, $"confirmed down by {e.Who}", takenOut: true);
        Succeed(e, $"Node {e.Node} is Down; what it owned is recovered.");
    }

    private void Fence(NodeRequest e, NodeState node)
    {
        if (state.Fences.ContainsKey(e.Node))
        {
            Refuse(e, $"Node {e.Node} is being fenced already. Get-ClusterFenceHistory shows how it goes.");
            return;
        }

        if (FenceProof.WhyNone(Configuration, e.Node) is { } unfenced)
        {
            Refuse(e, $"Node {e.Node} can't be fenced: {unfenced}. Add a fence device that cuts it off, and a method, to the configuration. {Advice.WithoutFencing(node)}");
            return;
        }

        if (!state.Members.Keys.Any(m => m != e.Node))
        {
            Refuse(e, $"No other member is there to fence {e.Node}. Bring another node back first. {Advice.WithoutFencing(node)}");
            return;
        }

        string why = e.Reason ?? $"asked by {e.Who}";
        if (e.Operation == NodeOperation.FenceOn)
        {
            SetFence(new FenceState
            {
                Target = e.Node, Incarnation = node.Incarnation, Why = why, Who = e.Who, Operation = e.RequestId, OneRound = true, OnlyOn = true, Since = state.Time,
            });
            return;
        }

        BeginFence(node, why, e.Who, e.RequestId, thenOn: e.Operation == NodeOperation.FenceReboot, oneRound: true);
        DirtyAll();
    }
}
