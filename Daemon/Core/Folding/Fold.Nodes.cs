using System.Collections.Immutable;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

internal sealed partial class Fold
{
    private void SettleNodes()
    {
        if (Configuration.Version == 0 || state.Quorum == Quorum.None)
        {
            return;
        }

        foreach (NodeState node in state.Nodes.Values)
        {
            if (state.Quorum == Quorum.Quorate)
            {
                SettleProbe(node);
                SettleAsk(state.Nodes[node.Name]);
                SettleDrain(state.Nodes[node.Name]);
                SettleMaintenance(state.Nodes[node.Name]);
            }

            SettleLoss(state.Nodes[node.Name]);
        }
    }

    private void SettleProbe(NodeState node)
    {
        if (node is { Member: true, Probe: null }
            && node.Phase is not (NodePhase.Fencing or NodePhase.Down)
            && (node.Phase == NodePhase.Joining || node.ProbedVersion < state.ProbeCounter))
        {
            var id = new ActionId(IdEpoch, index, node.Incarnation, node.Name, "", ActionOperation.Probe, 0);
            SetNode(node with { Probe = new ProbeAction(id, state.ProbeCounter) }, settle: false);
        }
    }

    private void SettleDrain(NodeState node)
    {
        if (node.Drain != DrainGoal.Standby || !node.Member || node.Phase != NodePhase.Draining)
        {
            return;
        }

        if (node.Groups.All(g => IsLeftInPlace(state.Groups[g])))
        {
            SetNode(node with { Phase = NodePhase.Maintenance, Why = "emptied on request" });
            string left = node.Groups.IsEmpty ? "" : $" Left in place, frozen or failed: {Shorten(node.Groups)}.";
            Journal(JournalSeverity.Information, "node.maintenance", $"Node {node.Name} is empty and in maintenance.{left}", node.Name);
            EndOperation(node.Operation, true, $"Node {node.Name} is in maintenance.{left}", n => SetNode(state.Nodes[node.Name] with { Operation = n }));
        }
    }

    private void SettleMaintenance(NodeState node)
    {
        if (node.Phase != NodePhase.Maintenance || node.MaintenanceUntil is not { } until)
        {
            return;
        }

        if (state.Time < until)
        {
            At(until, DeadlineKind.Node, node.Name);
            return;
        }

        if (node.Member)
        {
            // A node that was being emptied before goes on with that.
            SetNode(node with
            {
                Phase = node.Drain == DrainGoal.None ? NodePhase.Online : NodePhase.Draining,
                MaintenanceUntil = null,
                Why = "the planned restart did not happen",
            });
            DirtyAll();
        }
        else if (node.TakenOut || IsEmptied(node))
        {
            SetNode(TakenOut(node, "did not come back from planned maintenance; it had nothing"));
            Journal(
                JournalSeverity.Warning, "node.away",
                $"Node {node.Name} did not come back from planned maintenance in time. It had nothing: it is not fenced, and not switched on.", node.Name);
            DirtyAll();
        }
        else
        {
            SetNode(node with
            {
                Phase = NodePhase.Lost,
                LostAt = state.Time,
                MaintenanceUntil = null,
                Why = "away for longer than planned maintenance may take",
            });
            Journal(JournalSeverity.Error, "node.lost", $"Node {node.Name} is lost: it did not come back from planned maintenance in time.", node.Name);
            DirtyAll();
        }
    }

    private void SettleLoss(NodeState node)
    {
        if (node.Phase != NodePhase.Lost)
        {
            return;
        }

        if (FenceDelay.StaysBack(state))
        {
            string stays = $"silent; this node is in maintenance and leaves it alone. If it is surely dead, run Confirm-ClusterNodeDown {node.Name}";
            SetNode(node.Why == stays ? node : node with { Why = stays });
            return;
        }

        long delay = FenceDelay.Of(state, node);

        if (delay > 0 && (node.LostAt is not { } lost || state.Time < lost + delay))
        {
            At(node.LostAt is { } since ? since + delay : state.Time, DeadlineKind.Node, node.Name);
            return;
        }

        BeginFence(node, $"node {node.Name} is {node.Why}", null, null, thenOn: true);
    }

    private int Id(string node) => Configuration.Nodes.TryGetValue(node, out NodeConfiguration? n) ? n.Id : int.MaxValue;

    private void BeginFence(NodeState node, string why, string? who, string? operation, bool thenOn, bool oneRound = false)
    {
        if (FenceProof.WhyNone(Configuration, node.Name) is { } unfenced)
        {
            SetNode(node with { Phase = NodePhase.LeftCluster, Why = $"{node.Why}; {unfenced}" });
            Journal(
                JournalSeverity.Error,
                "node.leftCluster",
                $"Node {node.Name} can't be fenced: {unfenced}. What it owned stays blocked until it rejoins. "
                + $"Make sure that it is dead, then run Confirm-ClusterNodeDown {node.Name}.",
                node.Name);
            return;
        }

        if (node.Phase != NodePhase.Down)
        {
            SetNode(node with { Phase = NodePhase.Fencing });
        }

        if (state.Fences.TryGetValue(node.Name, out FenceState? under) && under.Operation != operation)
        {
            EndOperation(under.Operation, false, $"Superseded: {why}.", _ => { });
        }

        SetFence(new FenceState
        {
            Target = node.Name,
            Incarnation = node.Incarnation,
            Why = why,
            Who = who,
            Operation = operation,
            OneRound = oneRound,
            ThenOn = thenOn,
            Since = state.Time,
            Undated = !dated,
        });
        if (!dated)
        {
            state = state with { Undated = true };
        }

        Journal(JournalSeverity.Warning, "fence.begin", $"Fencing node {node.Name}: {why}.", node.Name, who: who);
    }

    private void SettleFences()
    {
        if (state.Quorum == Quorum.None)
        {
            return;
        }

        foreach (FenceState fence in state.Fences.Values)
        {
            SettleFence(fence);
        }
    }

    private void SettleFence(FenceState fence)
    {
        if (fence.Pending is not null)
        {
            return;
        }

        if (fence.NotBefore is { } notBefore && state.Time < notBefore)
        {
            At(notBefore, DeadlineKind.Fence, fence.Target);
            return;
        }

        ImmutableArray<FenceMethod> methods = Configuration.Nodes.TryGetValue(fence.Target, out NodeConfiguration? target) ? target.FenceMethods : [];
        if (methods.IsEmpty)
        {
            EndFence(fence, fence.Proven, "The node has no fence methods any more.");
            TakePartAgain(state.Nodes[fence.Target]);
            return;
        }

        FenceMethod method = methods[fence.Method % methods.Length];
        bool switchOn = fence.Proven || fence.OnlyOn;
        FenceStep[] calls = [.. method.Steps.Where(s => s.Action == FenceAction.Reboot || s.Action == (switchOn ? FenceAction.On : FenceAction.Off))];
        if (fence.Step >= calls.Length)
        {
            if (fence.OnlyOn && calls.Length == 0)
            {
                EndFence(fence, false, $"Fence method '{method.Name}' can only cut node {fence.Target} off; switch it on by hand.");
                return;
            }

            if (switchOn)
            {
                EndFence(fence, true, fence.LastError);
                return;
            }

            if (fence.CutOff)
            {
                ProveDown(fence, method);
            }
            else
            {
                MethodFailed(fence, method.Name, $"proves nothing: {FenceProof.WhyNone(Configuration, method) ?? "by its agents' own words none of its devices cuts anything off"}.");
            }

            return;
        }

        string[] executors =
        [
            .. state.Members.Keys.Where(m => m != fence.Target && Configuration.Nodes.ContainsKey(m)).OrderBy(Id),
        ];
        if (executors.Length == 0)
        {
            if (state.Nodes[fence.Target] is { Member: true } alone)
            {
                // Nobody is left to do it, and the target is here to be asked what it runs.
                Record(fence, false, null, "no other member is left");
                EndFence(fence, false, $"No other member is left to fence node {fence.Target}.");
                TakePartAgain(alone);
            }

            return;
        }

        if (!switchOn && calls.Length > 1 && state.Nodes[fence.Target].SwitchOnUntil is { } surely)
        {
            if (state.Time < surely)
            {
                // An earlier call to switch on, still under way, could give one supply back before the last is off.
                At(surely, DeadlineKind.Fence, fence.Target);
                return;
            }

            SetNode(state.Nodes[fence.Target] with { SwitchOnCall = null, SwitchOnUntil = null });
        }

        FenceStep step = calls[fence.Step];
        string executor = executors[fence.Attempt % executors.Length];
        var id = new ActionId(
            IdEpoch, index, state.Members[executor], fence.Target, step.Device,
            switchOn ? ActionOperation.FenceOn : ActionOperation.FenceOff,
            fence.Attempt * 1000 + fence.Step);
        SetFence(fence with { Pending = new FenceCall(id, executor, method.Name, step.Device, step.Parameters), NotBefore = null, Executor = executor });
        if (switchOn)
        {
            // Two unanswered calls: only time tells when both are over.
            NodeState on = state.Nodes[fence.Target];
            SetNode(on with { SwitchOnCall = on.SwitchOnUntil is null ? id : null, SwitchOnUntil = state.Time + Configuration.Timing.FenceTimeout }, settle: false);
        }
    }

    private void ProveDown(FenceState fence, FenceMethod method)
    {
        Journal(
            JournalSeverity.Information,
            "fence.success",
            $"Node {fence.Target} is proven off: every device of method '{method.Name}' says so.",
            fence.Target,
            who: fence.Who);
        Record(fence, true, method.Name, "");
        if (fence.ThenOn)
        {
            SetFence(fence with { Proven = true, Step = 0, LastError = "" });
        }
        else
        {
            RemoveFence(fence.Target);
            EndOperation(fence.Operation, true, $"Node {fence.Target} is off.", _ => { });
        }

        IsDown(fence.Target, "fenced", takenOut: !fence.ThenOn && fence.Who is not null);
    }

    private void Record(FenceState fence, bool success, string? method, string message, bool confirmed = false)
    {
        ImmutableList<FenceRecord> history = state.FenceHistory.Count >= Cluster.MaxFenceHistory
            ? state.FenceHistory.RemoveAt(0)
            : state.FenceHistory;
        state = state with
        {
            FenceHistory = history.Add(new FenceRecord
            {
                Target = fence.Target,
                Success = success,
                Confirmed = confirmed,
                Started = fence.Since,
                Ended = state.Time,
                WallTime = wallTime,
                Method = method,
                Executor = fence.Executor,
                Who = fence.Who,
                Why = fence.Why,
                Message = message,
            }),
        };
    }

    private void EndFence(FenceState fence, bool success, string message)
    {
        RemoveFence(fence.Target);
        EndOperation(fence.Operation, success, success ? $"Fencing of node {fence.Target} is done. {message}".TrimEnd() : message, _ => { });
    }

    /// <summary>A member that was to be fenced, and could not be, was not lost.</summary>
    private void TakePartAgain(NodeState node)
    {
        if (node is { Member: true, Phase: NodePhase.Fencing })
        {
            // Who had answered a probe goes on where it was: actions may be under way on it, and what a new probe finds would be out of date.
            NodePhase phase = node.ProbedVersion == 0 ? NodePhase.Joining : node.Drain == DrainGoal.None ? NodePhase.Online : NodePhase.Draining;
            SetNode(node with { Phase = phase, Why = "could not be fenced" });
            Journal(JournalSeverity.Information, "node.online", $"Node {node.Name} takes part again, as {phase}: it could not be fenced.", node.Name);
            DirtyAll();
        }
    }

    /// <summary>Nothing of the node can be running: what it owned is free (FEATURES C3).</summary>
    private void IsDown(string name, string why, bool takenOut = false)
    {
        NodeState node = state.Nodes[name];
        SetNode(node with { Phase = NodePhase.Down, TakenOut = takenOut, Why = why, Probe = null, Answers = node.Answers.Clear(), Ask = null, LostAt = null, MaintenanceUntil = null });
        EndOperation(node.Operation, false, $"Node {name} is down: {why}.", n => SetNode(state.Nodes[name] with { Operation = n }));
        foreach (string groupName in node.Groups)
        {
            GroupState group = state.Groups[groupName];
            if (!group.Frozen)
            {
                SetGroup(FreeFrom(group, name) with
                {
                    Pending = group.Pending?.Node == name ? null : group.Pending,
                    Phase = group.Goal == GroupGoal.Run ? GroupPhase.Recovering : GroupPhase.Stopping,
                    Asked = null,
                    Last = null,
                    Tried = Names.None,
                    Restarts = [],
                    RetryAt = null,
                    DisableOnFailure = false,
                    By = null,
                    Reason = $"node {name} is down",
                });
                MayBeElsewhere(groupName);
            }
        }

        DirtyAll();
    }

    private void Apply(FenceCompleted e)
    {
        if (state.Nodes.TryGetValue(e.Id.Target, out NodeState? target) && target.SwitchOnCall == e.Id)
        {
            SetNode(target with { SwitchOnCall = null, SwitchOnUntil = null });
        }

        if (!state.Fences.TryGetValue(e.Id.Target, out FenceState? fence) || fence.Pending?.Id != e.Id)
        {
            Ignore();
            return;
        }

        string device = fence.Pending.Device;
        if (e.Success)
        {
            Journal(JournalSeverity.Information, "fence.device", $"Fence device '{device}': {e.Message}", fence.Target, who: fence.Who);
            bool cutsOff = e.Id.Operation == ActionOperation.FenceOff && !e.NoProof
                && Configuration.FenceDevices.TryGetValue(device, out FenceDevice? asked) && FenceProof.WhyNone(asked.Agent) is null;
            SetFence(fence with { Step = fence.Step + 1, Pending = null, CutOff = fence.CutOff || cutsOff });
            return;
        }

        if (fence.Proven)
        {
            Journal(
                JournalSeverity.Warning,
                "fence.on",
                $"Node {fence.Target} could not be switched on again by '{device}': {e.Message} The fencing itself stands.",
                fence.Target);
            SetFence(fence with { Step = fence.Step + 1, Pending = null, LastError = e.Message });
            return;
        }

        MethodFailed(fence, fence.Pending.Method, $"failed at device '{device}': {e.Message}", e.Message);
    }

    private void MethodFailed(FenceState fence, string method, string how, string? error = null)
    {
        error ??= how;
        int methods = Math.Max(1, Configuration.Nodes[fence.Target].FenceMethods.Length);
        bool wrapped = fence.Method + 1 >= methods;
        NodeState node = state.Nodes[fence.Target];
        // A node that is not lost is fenced one round; a lost node is fenced without end.
        bool ends = wrapped && fence.OneRound && (node.Member || fence.OnlyOn || node.Phase == NodePhase.Down);
        Journal(
            JournalSeverity.Error,
            "fence.failure",
            $"Fencing node {fence.Target} by method '{method}' {how} "
            + (!wrapped ? "The next method is tried." : ends ? "All methods have failed." : "All methods have failed; the first is tried again."),
            fence.Target);
        FenceState next = fence with
        {
            Method = wrapped ? 0 : fence.Method + 1,
            Step = 0,
            Attempt = fence.Attempt + 1,
            Rounds = fence.Rounds + (wrapped ? 1 : 0),
            NotBefore = wrapped ? state.Time + Cluster.FenceRetryPause : null,
            Pending = null,
            CutOff = false,
            LastError = error,
        };
        if (ends)
        {
            Record(fence, false, null, error);
            EndFence(fence, false, $"No method could do it; the last said: {error} Check the devices with Test-ClusterFenceDevice.");
            TakePartAgain(node);
            return;
        }

        SetFence(next);
        if (wrapped && node.Phase == NodePhase.Fencing && !node.Member)
        {
            Record(fence, false, null, error);
            SetNode(node with { Phase = NodePhase.LeftCluster, Why = "every fence method has failed" });
            Journal(
                JournalSeverity.Error,
                "node.leftCluster",
                $"Node {fence.Target} is silent and nobody can prove that it is dead; what it owned stays blocked. Fencing goes on. "
                + $"If you have made sure that it is dead, run Confirm-ClusterNodeDown {fence.Target}.",
                fence.Target);
        }
    }

    private void Apply(FenceProven e)
    {
        if (!state.Nodes.TryGetValue(e.Target, out NodeState? node) || node.Member || node.ProvenDown || node.Incarnation > e.Incarnation)
        {
            Ignore();
            return;
        }

        FenceState fence = state.Fences.TryGetValue(e.Target, out FenceState? under)
            ? under
            : new FenceState { Target = e.Target, Incarnation = e.Incarnation, Since = state.Time - Math.Clamp(e.Took, 0, state.Time), Why = $"node {e.Target} was silent" };
        fence = e.ConfirmedBy is { } who ? fence with { Executor = null, Who = who } : fence with { Executor = e.Executor };
        int method = Configuration.Nodes[e.Target].FenceMethods.Select(m => m.Name).ToList().IndexOf(e.Method ?? "");
        if (method >= 0 && fence.ThenOn)
        {
            // Off by that method: it is also what switches the node on again.
            SetFence(fence with { Proven = true, Method = method, Step = 0, Pending = null, NotBefore = null, LastError = "" });
        }
        else
        {
            RemoveFence(e.Target);
            EndOperation(fence.Operation, true, $"Node {e.Target} is off.", _ => { });
        }

        Record(fence, true, e.Method, e.Message, confirmed: e.ConfirmedBy is not null);
        if (e.ConfirmedBy is { } confirmer)
        {
            Journal(
                JournalSeverity.Warning, "node.confirmed",
                $"{confirmer} confirms that node {e.Target} is down; what it owned is recovered.", e.Target, who: confirmer);
            IsDown(e.Target, $"confirmed down by {confirmer}", takenOut: true);
            return;
        }

        Journal(JournalSeverity.Information, "fence.success", $"Node {e.Target} is proven off by {e.Executor}: {e.Message}", e.Target);
        IsDown(e.Target, "fenced");
    }

    private void Apply(NodeLeft e)
    {
        if (!state.Nodes.TryGetValue(e.Node, out NodeState? node) || node.Incarnation != e.Incarnation || !node.Groups.IsEmpty
            || node.Drain != DrainGoal.Leave)
        {
            Ignore();
            return;
        }

        // What it could not tell stays unknown: leaving proves nothing of it.
        SetNode(node with { Phase = NodePhase.Down, Probe = null, Ask = null, Drain = DrainGoal.None, DrainTo = null, TakenOut = node.AtLeave == FinalAction.Default, Why = "left the cluster" });
        Journal(JournalSeverity.Information, "node.left", $"Node {e.Node} has left the cluster.", e.Node);
        EndOperation(node.Operation, true, $"Node {e.Node} has left.", n => SetNode(state.Nodes[e.Node] with { Operation = n }));
        MembershipChanged();
        DirtyAll();
    }
}
