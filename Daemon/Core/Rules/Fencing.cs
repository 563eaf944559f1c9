using System.Collections.Immutable;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>Who is cut off, by which method and device, and what counts as proof (FEATURES C3, C4).</summary>
internal static class Fencing
{
    public static void SettleLoss(Draft draft, NodeState node)
    {
        if (node.Phase != NodePhase.Lost)
        {
            return;
        }

        if (draft.State.Disarmed is { } disarmed)
        {
            Cause silent = CauseKind.SilentWhileDisarmed.With(disarmed.Who);
            draft.SetNode(node.Why == silent ? node : node with { Why = silent });
            return;
        }

        if (FenceDelay.StaysBack(draft.State))
        {
            Cause stays = FenceDelay.IsJudgedAgainst(draft.State)
                ? CauseKind.SilentAndJudged.With(node.Name) : CauseKind.SilentAndLeftAlone.With(node.Name);
            draft.SetNode(node.Why == stays ? node : node with { Why = stays });
            return;
        }

        if (node.Why.Kind == CauseKind.SilentAndJudged)
        {
            node = node with { Why = CauseKind.SilentCanBeFenced.With() };
            draft.SetNode(node);
        }

        long delay = FenceDelay.Of(draft.State, node);

        if (delay > 0 && (node.LostAt is not { } lost || draft.State.Time < lost + delay))
        {
            draft.At(node.LostAt is { } since ? since + delay : draft.State.Time, DeadlineKind.Node, node.Name);
            return;
        }

        Begin(draft, node, CauseKind.NodeIs.With(node.Name, $"{node.Why}"), null, null, thenOn: true);
    }

    public static void Settle(Draft draft)
    {
        if (draft.State.Quorum == Quorum.None)
        {
            return;
        }

        foreach (FenceState fence in draft.State.Fences.Values)
        {
            SettleFence(draft, fence);
        }
    }

    public static void Begin(Draft draft, NodeState node, Cause why, string? who, string? operation, bool thenOn, bool oneRound = false)
    {
        if (Watchdogs.WhyUnfenced(draft.State, draft.Configuration, node.Name) is { } unfenced)
        {
            CannotBegin(draft, node, unfenced);
            return;
        }

        if (node.Phase != NodePhase.Down)
        {
            // Who is cut off is not away by plan any more, not even when that fails.
            draft.SetNode(node with { Phase = NodePhase.Fencing, MaintenanceUntil = null });
        }

        if (draft.State.Fences.TryGetValue(node.Name, out FenceState? under) && under.Operation != operation)
        {
            Operations.End(draft, under.Operation, false, $"Superseded: {why}.");
        }

        draft.SetFence(new FenceState
        {
            Target = node.Name,
            Incarnation = node.Incarnation,
            Why = why,
            Who = who,
            Operation = operation,
            OneRound = oneRound,
            ThenOn = thenOn,
            Since = draft.State.Time,
            Undated = !draft.Dated,
        });
        if (!draft.Dated)
        {
            draft.State = draft.State with { Undated = true };
        }

        draft.Journal(JournalSeverity.Warning, JournalKind.FenceBegin, $"Fencing node {node.Name}: {why}.", node.Name, who: who);
    }

    private static void CannotBegin(Draft draft, NodeState node, string unfenced)
    {
        draft.SetNode(node with { Phase = NodePhase.LeftCluster, Why = node.Why.Then(CauseKind.CannotBeFenced.With(unfenced)) });
        draft.Journal(
            JournalSeverity.Error,
            JournalKind.NodeLeftCluster,
            $"Node {node.Name} can't be fenced: {unfenced}. What it owned stays blocked until it rejoins. "
            + $"Make sure that it is dead, then run Confirm-ClusterNodeDown {node.Name}.",
            node.Name);
    }

    /// <summary>Nothing that fencing the node goes by has changed.</summary>
    public static bool IsSame(ClusterConfiguration old, ClusterConfiguration next, string node) =>
        ConfigurationEquality.Same(old.Nodes[node], old.Nodes[node] with { FenceMethods = next.Nodes[node].FenceMethods })
        && next.Nodes[node].FenceMethods.SelectMany(m => m.Steps).All(s => ConfigurationEquality.Same(
            old.FenceDevices.GetValueOrDefault(s.Device), next.FenceDevices.GetValueOrDefault(s.Device)));

    /// <summary>What was switched by other methods is no part of these, and proves nothing by them.</summary>
    public static void BeginAnew(Draft draft, FenceState fence) =>
        draft.SetFence(fence with { Method = 0, Step = 0, NotBefore = null, Pending = null, CutOff = false });

    private static void SettleFence(Draft draft, FenceState fence)
    {
        if (fence.Pending is not null)
        {
            return;
        }

        if (fence.NotBefore is { } notBefore && draft.State.Time < notBefore)
        {
            draft.At(notBefore, DeadlineKind.Fence, fence.Target);
            return;
        }

        ImmutableArray<FenceMethod> methods = draft.Configuration.Nodes.TryGetValue(fence.Target, out NodeConfiguration? target)
            ? target.FenceMethods
            : [];
        if (methods.IsEmpty)
        {
            GiveUp(draft, fence, "The node has no fence methods any more.");
            return;
        }

        FenceMethod method = methods[fence.Method % methods.Length];
        FenceAction half = fence.SwitchesOn ? FenceAction.On : FenceAction.Off;
        FenceStep[] calls =
        [
            .. method.Steps.Where(s => s.Action == FenceAction.Reboot || s.Action == half)
                .Where(s => !fence.SwitchesOn || MaySwitchOn(draft, fence, s)),
        ];
        if (fence.Step >= calls.Length)
        {
            MethodDone(draft, fence, method, calls.Length);
        }
        else if (IsWatchdog(draft, calls[fence.Step]))
        {
            AwaitWatchdog(draft, fence, method, calls[fence.Step]);
        }
        else if (Executor(draft, fence) is { } executor && MaySwitch(draft, fence, calls.Length))
        {
            Call(draft, fence, method, calls[fence.Step], executor);
        }
    }

    /// <summary>There is no way to cut it off any more.</summary>
    private static void GiveUp(Draft draft, FenceState fence, string message)
    {
        NodeState node = draft.State.Nodes[fence.Target];
        End(draft, fence, fence.Proven, message);
        TakePartAgain(draft, node);
        if (node is { Member: false, Phase: NodePhase.Fencing })
        {
            CannotBegin(draft, node, Watchdogs.WhyUnfenced(draft.State, draft.Configuration, node.Name)!);
        }
    }

    private static bool IsWatchdog(Draft draft, FenceStep step) =>
        WatchdogDevice.Is(draft.Configuration.FenceDevices.GetValueOrDefault(step.Device));

    /// <summary>
    /// It comes back by itself from a watchdog's reset, and gives itself back what was taken from it at its disks; a port of a fabric is
    /// opened for a person, too, who knows whether it has booted.
    /// </summary>
    private static bool MaySwitchOn(Draft draft, FenceState fence, FenceStep step) =>
        !IsWatchdog(draft, step)
        && (!draft.Configuration.FenceDevices.TryGetValue(step.Device, out FenceDevice? device)
            || !(fence.OnlyOn ? StorageAgents.TakesKeys(device.Agent) : StorageAgents.Is(device.Agent)));

    /// <summary>Nobody is called: the node's own watchdog has reset it, or it has stopped its work, once enough time has gone by.</summary>
    private static void AwaitWatchdog(Draft draft, FenceState fence, FenceMethod method, FenceStep step)
    {
        NodeState node = draft.State.Nodes[fence.Target];
        if (Watchdogs.WhyUnfenced(draft.State, draft.Configuration, fence.Target) is { } unfenced)
        {
            GiveUp(draft, fence, $"It can't be fenced any more: {unfenced}.");
            return;
        }

        string? why = Watchdogs.WhyNoProof(draft.State, node);
        if (why is not null
            || WatchdogDevice.Of(draft.Configuration, draft.Configuration.FenceDevices[step.Device], step) is not { } watchdog)
        {
            MethodFailed(draft, fence, method.Name, $"proves nothing: {why ?? "what it says of the watchdog is wrong"}.");
            return;
        }

        if (Watchdogs.ProvenAt(node, watchdog) is not { } at || draft.State.Time < at)
        {
            draft.At(Watchdogs.ProvenAt(node, watchdog) ?? draft.State.Time, DeadlineKind.Fence, fence.Target);
            return;
        }

        draft.Journal(
            JournalSeverity.Information, JournalKind.FenceDevice,
            $"Watchdog '{step.Device}': node {fence.Target} has been lost for {SpanText.Of(draft.State.Time - node.LostAt!.Value)}, longer "
                + "than it can go on without quorum before it has stopped its work or was reset.",
            fence.Target, who: fence.Who);
        draft.SetFence(fence with { Step = fence.Step + 1, Executor = null, CutOff = true });
    }

    /// <summary>Every device of a half of the method has done its part.</summary>
    private static void MethodDone(Draft draft, FenceState fence, FenceMethod method, int calls)
    {
        if (fence.OnlyOn && calls == 0)
        {
            End(draft, fence, false, $"Fence method '{method.Name}' can only cut node {fence.Target} off; switch it on by hand.");
        }
        else if (fence.SwitchesOn)
        {
            End(draft, fence, true, fence.LastError);
        }
        else if (fence.CutOff)
        {
            ProveDown(draft, fence, method);
        }
        else
        {
            string why = FenceProof.WhyNone(draft.Configuration, method)
                ?? "by its agents' own words none of its devices cuts anything off";
            MethodFailed(draft, fence, method.Name, $"proves nothing: {why}.");
        }
    }

    /// <summary>Which member asks the next device; null: none can.</summary>
    private static string? Executor(Draft draft, FenceState fence)
    {
        string[] executors =
        [
            .. draft.State.Members.Keys
                .Where(m => m != fence.Target && draft.Configuration.Nodes.ContainsKey(m))
                .OrderBy(m => Id(draft, m)),
        ];
        if (executors.Length == 0 && draft.State.Nodes[fence.Target] is { Member: true } alone)
        {
            // Nobody is left to do it, and the target is here to be asked what it runs.
            Record(draft, fence, false, null, "no other member is left");
            End(draft, fence, false, $"No other member is left to fence node {fence.Target}.");
            TakePartAgain(draft, alone);
        }

        return executors.Length == 0 ? null : executors[fence.Attempt % executors.Length];
    }

    /// <summary>An earlier call to switch on, still under way, could give one supply back before the last of several is off.</summary>
    private static bool MaySwitch(Draft draft, FenceState fence, int calls)
    {
        if (fence.SwitchesOn || calls == 1 || draft.State.Nodes[fence.Target].SwitchOnUntil is not { } surely)
        {
            return true;
        }

        if (draft.State.Time < surely)
        {
            draft.At(surely, DeadlineKind.Fence, fence.Target);
            return false;
        }

        draft.SetNode(draft.State.Nodes[fence.Target] with { SwitchOnCall = null, SwitchOnUntil = null });
        return true;
    }

    private static void Call(Draft draft, FenceState fence, FenceMethod method, FenceStep step, string executor)
    {
        var id = new ActionId(
            draft.IdEpoch, draft.Index, draft.State.Members[executor], fence.Target, step.Device,
            fence.SwitchesOn ? ActionOperation.FenceOn : ActionOperation.FenceOff,
            fence.Attempt * 1000 + fence.Step);
        var call = new FenceCall(id, executor, method.Name, step.Device, step.Parameters);
        draft.SetFence(fence with { Pending = call, NotBefore = null, Executor = executor });
        if (fence.SwitchesOn)
        {
            // Two unanswered calls: only time tells when both are over.
            NodeState on = draft.State.Nodes[fence.Target];
            long surely = draft.State.Time + draft.Configuration.Timing.FenceTimeout;
            draft.SetNode(on with { SwitchOnCall = on.SwitchOnUntil is null ? id : null, SwitchOnUntil = surely }, settle: false);
        }
    }

    public static int Id(Draft draft, string node) => draft.Configuration.Nodes[node].Id;

    public static void Apply(Draft draft, FenceCompleted e)
    {
        if (draft.State.Nodes.TryGetValue(e.Id.Target, out NodeState? target) && target.SwitchOnCall == e.Id)
        {
            draft.SetNode(target with { SwitchOnCall = null, SwitchOnUntil = null });
        }

        if (!draft.State.Fences.TryGetValue(e.Id.Target, out FenceState? fence) || fence.Pending?.Id != e.Id)
        {
            draft.Ignore();
            return;
        }

        string device = fence.Pending.Device;
        if (e.Success)
        {
            draft.Journal(
                JournalSeverity.Information, JournalKind.FenceDevice, $"Fence device '{device}': {e.Message}", fence.Target,
                who: fence.Who);
            bool cutsOff = e.Id.Operation == ActionOperation.FenceOff && !e.NoProof
                && draft.Configuration.FenceDevices.TryGetValue(device, out FenceDevice? asked) && FenceProof.WhyNone(asked.Agent) is null;
            draft.SetFence(fence with { Step = fence.Step + 1, Pending = null, CutOff = fence.CutOff || cutsOff });
            return;
        }

        if (fence.Proven)
        {
            draft.Journal(
                JournalSeverity.Warning,
                JournalKind.FenceOn,
                $"Node {fence.Target} could not be switched on again by '{device}': {e.Message} The fencing itself stands.",
                fence.Target);
            draft.SetFence(fence with { Step = fence.Step + 1, Pending = null, LastError = e.Message });
            return;
        }

        MethodFailed(draft, fence, fence.Pending.Method, $"failed at device '{device}': {e.Message}", e.Message);
    }

    private static void MethodFailed(Draft draft, FenceState fence, string method, string how, string? error = null)
    {
        error ??= how;
        int methods = Math.Max(1, draft.Configuration.Nodes[fence.Target].FenceMethods.Length);
        bool wrapped = fence.Method + 1 >= methods;
        NodeState node = draft.State.Nodes[fence.Target];
        // A node that is not lost is fenced one round; a lost node is fenced without end.
        bool ends = wrapped && fence.OneRound && (node.Member || fence.OnlyOn || node.Phase == NodePhase.Down);
        draft.Journal(
            JournalSeverity.Error,
            JournalKind.FenceFailure,
            $"Fencing node {fence.Target} by method '{method}' {how} "
            + (!wrapped ? "The next method is tried."
                : ends ? "All methods have failed."
                : "All methods have failed; the first is tried again."),
            fence.Target);
        FenceState next = fence with
        {
            Method = wrapped ? 0 : fence.Method + 1,
            Step = 0,
            Attempt = fence.Attempt + 1,
            Rounds = fence.Rounds + (wrapped ? 1 : 0),
            NotBefore = wrapped ? draft.State.Time + Cluster.FenceRetryPause : null,
            Pending = null,
            CutOff = false,
            LastError = error,
        };
        if (ends)
        {
            Record(draft, fence, false, null, error);
            End(draft, fence, false, $"No method could do it; the last said: {error} Check the devices with Test-ClusterFenceDevice.");
            TakePartAgain(draft, node);
            return;
        }

        draft.SetFence(next);
        if (wrapped && node.Phase == NodePhase.Fencing && !node.Member)
        {
            Record(draft, fence, false, null, error);
            draft.SetNode(node with { Phase = NodePhase.LeftCluster, Why = CauseKind.EveryMethodFailed.With() });
            draft.Journal(
                JournalSeverity.Error,
                JournalKind.NodeLeftCluster,
                $"Node {fence.Target} is silent and nobody can prove that it is dead; what it owned stays blocked. Fencing goes on. "
                + $"If you have made sure that it is dead, run Confirm-ClusterNodeDown {fence.Target}.",
                fence.Target);
        }
    }

    private static void ProveDown(Draft draft, FenceState fence, FenceMethod method)
    {
        draft.Journal(
            JournalSeverity.Information,
            JournalKind.FenceSuccess,
            $"Node {fence.Target} is proven off: every device of method '{method.Name}' says so.",
            fence.Target,
            who: fence.Who);
        Record(draft, fence, true, method.Name, "");
        if (fence.ThenOn)
        {
            draft.SetFence(fence with { Proven = true, Step = 0, LastError = "" });
        }
        else
        {
            draft.RemoveFence(fence.Target);
            Operations.End(draft, fence.Operation, true, $"Node {fence.Target} is off.");
        }

        IsDown(draft, fence.Target, CauseKind.Fenced.With(), takenOut: !fence.ThenOn && fence.Who is not null);
    }

    public static void Apply(Draft draft, FenceProven e)
    {
        if (!draft.State.Nodes.TryGetValue(e.Target, out NodeState? node) || node.Member || node.ProvenDown
            || node.Incarnation > e.Incarnation)
        {
            draft.Ignore();
            return;
        }

        FenceState fence = draft.State.Fences.TryGetValue(e.Target, out FenceState? under)
            ? under
            : new FenceState
            {
                Target = e.Target,
                Incarnation = e.Incarnation,
                Since = draft.State.Time - Math.Clamp(e.Took, 0, draft.State.Time),
                Why = CauseKind.NodeWasSilent.With(e.Target),
            };
        fence = e.ConfirmedBy is { } who ? fence with { Executor = null, Who = who } : fence with { Executor = e.Executor };
        int method = draft.Configuration.Nodes[e.Target].FenceMethods.Select(m => m.Name).ToList().IndexOf(e.Method ?? "");
        if (method >= 0 && fence.ThenOn && draft.State.Disarmed is null)
        {
            // Off by that method: it is also what switches the node on again.
            draft.SetFence(fence with { Proven = true, Method = method, Step = 0, Pending = null, NotBefore = null, LastError = "" });
        }
        else
        {
            draft.RemoveFence(e.Target);
            Operations.End(draft, fence.Operation, true, $"Node {e.Target} is off.");
        }

        Record(draft, fence, true, e.Method, e.Message, confirmed: e.ConfirmedBy is not null);
        if (e.ConfirmedBy is { } confirmer)
        {
            IsConfirmedDown(draft, e.Target, confirmer);
            return;
        }

        draft.Journal(
            JournalSeverity.Information, JournalKind.FenceSuccess, $"Node {e.Target} is proven off by {e.Executor}: {e.Message}", e.Target);
        IsDown(draft, e.Target, CauseKind.Fenced.With());
    }

    public static void Record(Draft draft, FenceState fence, bool success, string? method, string message, bool confirmed = false)
    {
        ImmutableList<FenceRecord> history = draft.State.FenceHistory.Count >= Cluster.MaxFenceHistory
            ? draft.State.FenceHistory.RemoveAt(0)
            : draft.State.FenceHistory;
        draft.State = draft.State with
        {
            FenceHistory = history.Add(new FenceRecord
            {
                Target = fence.Target,
                Success = success,
                Confirmed = confirmed,
                Started = fence.Since,
                Ended = draft.State.Time,
                WallTime = draft.WallTime,
                Method = method,
                Executor = fence.Executor,
                Who = fence.Who,
                Why = fence.Why,
                Message = message,
            }),
        };
    }

    public static void End(Draft draft, FenceState fence, bool success, string message)
    {
        draft.RemoveFence(fence.Target);
        Operations.End(draft, fence.Operation, success, success ? $"Fencing of node {fence.Target} is done. {message}".TrimEnd() : message);
    }

    /// <summary>A member that was to be fenced, and could not be, was not lost.</summary>
    private static void TakePartAgain(Draft draft, NodeState node)
    {
        if (node is { Member: true, Phase: NodePhase.Fencing })
        {
            // Who had answered a probe goes on where it was: actions may be under way on it, and what a new probe finds would be out of
            // date.
            NodePhase phase = node.ProbedVersion == 0 ? NodePhase.Joining
                : node.Drain.Goal == DrainGoal.None ? NodePhase.Online
                : NodePhase.Draining;
            draft.SetNode(node with { Phase = phase, Why = CauseKind.CouldNotBeFenced.With() });
            draft.Journal(
                JournalSeverity.Information, JournalKind.NodeOnline,
                $"Node {node.Name} takes part again, as {phase}: it could not be fenced.", node.Name);
        }
    }

    /// <summary>Somebody vouches for it.</summary>
    public static void IsConfirmedDown(Draft draft, string node, string who)
    {
        draft.Journal(
            JournalSeverity.Warning, JournalKind.NodeConfirmed,
            $"{who} confirms that node {node} is down; {Disarming.Recovered(draft)}.", node, who: who);
        IsDown(draft, node, CauseKind.ConfirmedDownBy.With(who), takenOut: true);
    }

    /// <summary>Nothing of the node can be running: what it owned is free (FEATURES C3).</summary>
    public static void IsDown(Draft draft, string name, Cause why, bool takenOut = false)
    {
        NodeState node = draft.State.Nodes[name];
        draft.SetNode(node with
        {
            Phase = NodePhase.Down,
            TakenOut = takenOut,
            Why = why,
            Probe = null,
            Answers = node.Answers.Clear(),
            Ask = null,
            LostAt = null,
            MaintenanceUntil = null,
        });
        Operations.EndOf(draft, node, false, $"Node {name} is down: {why}.");
        foreach (string groupName in node.Groups)
        {
            GroupState group = draft.State.Groups[groupName];
            if (group.Migration is not null && group.Pending?.Node == name)
            {
                // Its proof came before the view without it.
                draft.SetGroup(group with { Pending = null });
            }

            Migrating.IsOver(draft, groupName, name);
            group = draft.State.Groups[groupName];
            if (group.Definition.IsGuest && group.Owner is { } elsewhere && elsewhere != name && !group.Frozen)
            {
                draft.SetGroup(Stopping.FreeFrom(group, name));
            }
            else if (!group.Frozen)
            {
                draft.SetGroup(Stopping.FreeFrom(group, name) with
                {
                    Pending = group.Pending?.Node == name ? null : group.Pending,
                    Phase = group.Goal == GroupGoal.Run ? GroupPhase.Recovering : GroupPhase.Stopping,
                    Order = group.Order.Anew().To(null),
                    Recovery = group.Recovery with { Restarts = [], DisablesOnFailure = false },
                    By = null,
                    Reason = CauseKind.NodeIsDown.With(name),
                });
                UnknownAnswers.MayBeElsewhere(draft, groupName);
            }
        }

        draft.MarkAll();
    }
}
