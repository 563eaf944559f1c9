using System.Collections.Immutable;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>
/// A resource has failed: restarts, windows, circles, what is given up, and a stop that failed for good (FEATURES B4, B7).
/// </summary>
internal static class Recovery
{
    /// <summary>A resource has failed where its group runs.</summary>
    public static void Apply(Draft draft, GroupState group, string resource, string node, string message)
    {
        if (draft.State.Disarmed is not null)
        {
            Disarming.Failed(draft, group, resource, node, message);
            return;
        }

        draft.Journal(
            JournalSeverity.Error, JournalKind.ResourceFailure,
            $"{resource} of group '{group.Name}' has failed on {node}: {message}", node, group.Name, resource);
        group = group with
        {
            Instance = group.Instance with { Checks = group.Instance.Checks.Clear() },
            By = null,
            Failure = Now(draft, CauseKind.ResourceFailure, resource, node, message),
        };
        if (GiveUpAlone(draft, group, resource) is { } alone)
        {
            draft.SetGroup(alone);
            return;
        }

        group = WithFailure(draft, group);
        if (GivenUp(draft, group, resource, node) is { } given)
        {
            draft.SetGroup(given);
            return;
        }

        ResourceTree tree = ResourceTree.Of(group.Definition);
        string? root = tree.WithAncestors(resource).FirstOrDefault(r => r.IndependentSubtree)?.Id;
        GroupState? again = Restarted(draft, group);
        // A subtree is restarted by itself as long as it may be; then the group's own policy counts.
        RecoveryPolicy policy = root is not null && again is not null ? RecoveryPolicy.Restart : group.Definition.Recovery;
        draft.SetGroup(policy switch
        {
            RecoveryPolicy.Restart or RecoveryPolicy.RestartDisable when again is { } restarted =>
                (root is null ? Stopping.DoomAll(restarted) : Stopping.Doom(restarted, root)) with
                {
                    Phase = GroupPhase.Recovering,
                    Order = group.Order with { Preferred = node },
                    Recovery = restarted.Recovery with
                    {
                        DisablesOnFailure = group.Definition.Recovery is RecoveryPolicy.RestartDisable or RecoveryPolicy.Disable,
                    },
                    Reason = root is null
                        ? CauseKind.RestartedInPlace.With(resource)
                        : CauseKind.SubtreeRestarted.With(resource, root),
                },
            RecoveryPolicy.RestartDisable or RecoveryPolicy.Disable =>
                group with
                {
                    Goal = GroupGoal.Disable,
                    Reason = policy == RecoveryPolicy.Disable
                        ? CauseKind.DisabledByPolicy.With(resource)
                        : TooOften(CauseKind.TooOftenDisabled, group, resource),
                },
            RecoveryPolicy.Restart or RecoveryPolicy.Relocate =>
                Stopping.DoomAll(group) with
                {
                    Phase = GroupPhase.Recovering,
                    Order = group.Order.To(null, node),
                    Recovery = group.Recovery with { Restarts = [] },
                    Reason = policy == RecoveryPolicy.Relocate
                        ? CauseKind.RelocatedByPolicy.With(resource)
                        : TooOften(CauseKind.TooOftenRelocated, group, resource),
                },
            _ => throw new InvalidOperationException($"Unknown recovery policy {policy}."),
        });
        GroupState decided = draft.State.Groups[group.Name];
        draft.Journal(JournalSeverity.Information, JournalKind.GroupRecover, $"Group '{group.Name}': {decided.Reason}.", node, group.Name);
        if (group.Definition.IsGuest)
        {
            // It may be on another host by now.
            Guests.AskAll(draft, group.Name);
        }
    }

    private static Cause TooOften(CauseKind kind, GroupState group, string resource) =>
        kind.With(resource, $"{group.Definition.MaxRestarts + 1}", $"{group.Definition.RestartExpireTime}");

    /// <summary>A non-critical resource is given up with what needs it; the group goes on. Null: it is not one.</summary>
    public static GroupState? GiveUpAlone(Draft draft, GroupState group, string resource)
    {
        ResourceTree tree = ResourceTree.Of(group.Definition);
        if (tree.WithAncestors(resource).FirstOrDefault(r => r.NonCritical) is not { } root)
        {
            return null;
        }

        draft.Journal(
            JournalSeverity.Warning, JournalKind.ResourceAbandoned,
            $"Group '{group.Name}' goes on without {root.Id}, which is not critical. Run Repair-ClusterGroup {group.Name} to try it again.",
            group.Owner, group.Name, root.Id);
        GroupState without = Stopping.Doom(group, root.Id);
        return without with { Instance = without.Instance with { Abandoned = group.Instance.Abandoned.Add(root.Id) } };
    }

    /// <summary>One more restart in place, if the sliding window has room for it (FEATURES B4).</summary>
    private static GroupState? Restarted(Draft draft, GroupState group)
    {
        if (group.Definition.MaxRestarts == 0)
        {
            return group;
        }

        long since = draft.State.Time - group.Definition.RestartExpireTime * 1000L;
        ImmutableArray<long> recent = [.. group.Recovery.Restarts.Where(t => t > since)];
        return recent.Length < group.Definition.MaxRestarts
            ? group with { Recovery = group.Recovery with { Restarts = recent.Add(draft.State.Time) } }
            : null;
    }

    private static GroupState WithFailure(Draft draft, GroupState group) => group with
    {
        Recovery = group.Recovery with
        {
            Failures = FailureRun.Of(group, draft.State.Time) is { } run
                ? run with { Count = run.Count + 1, Last = draft.State.Time }
                : new FailureRun(1, draft.State.Time, draft.State.Time),
        },
    };

    /// <summary>The group given up for a while; null: it has not failed often enough, or its policy has another end.</summary>
    private static GroupState? GivenUp(Draft draft, GroupState group, string resource, string node)
    {
        if (group.Recovery.Failures is not { } run || group.Definition.MaxFailures == 0 || run.Count < group.Definition.MaxFailures
            || group.Definition.Recovery is not (RecoveryPolicy.Restart or RecoveryPolicy.Relocate))
        {
            return null;
        }

        Cause why = CauseKind.GoesInCircles.With(
            $"{run.Count}", SpanText.Of(Math.Max(1000, run.Last - run.Since)), SpanText.Of(group.Definition.FailureQuietTime * 1000L));
        draft.Journal(
            JournalSeverity.Error, JournalKind.GroupCircles,
            $"Group '{group.Name}' is stopped: {why}. It is tried again in {SpanText.Of(draft.Configuration.Timing.RetryDelay)}. "
            + $"Find out why {resource} fails; Start-ClusterGroup {group.Name} tries it at once.",
            node, group.Name, resource);
        return Stopping.DoomAll(group) with
        {
            Phase = GroupPhase.Recovering,
            Order = group.Order.To(null) with { RetryAt = draft.State.Time + draft.Configuration.Timing.RetryDelay },
            Recovery = group.Recovery with { Restarts = [] },
            Reason = why,
        };
    }

    /// <summary>A stop has failed for good: nobody knows that the resource is released.</summary>
    public static void Fail(Draft draft, GroupState group, string resource, string why)
    {
        string owner = group.Owner!;
        string message =
            $"Group '{group.Name}' is Failed on {owner}: stop of {resource} failed: {why} "
            + (draft.State.StopOnly is null
                ? $"Make sure that its resources are released, then run Stop-ClusterGroup {group.Name}."
                : "Make sure that its resources are released. Nothing can be asked for without quorum; "
                    + $"if it is Failed yet when that is back, run Stop-ClusterGroup {group.Name}.");
        draft.SetGroup(group with
        {
            Phase = GroupPhase.Failed,
            Reason = CauseKind.StopFailed.With(resource, owner),
            Failure = Now(draft, CauseKind.StopFailure, resource, owner, why),
            Instance = group.Instance with
            {
                StopTries = group.Instance.StopTries.Clear(),
                StopAgain = null,
                Stuck = Names.None,
                Final = null,
            },
        });
        draft.Journal(JournalSeverity.Error, JournalKind.GroupFailed, message, owner, group.Name, resource);
        Operations.EndOf(draft, group, false, message);
        Operations.EndOf(draft, draft.State.Nodes[owner], false, message);
    }

    public static GroupFailure Now(Draft draft, CauseKind what, string resource, string node, string message) =>
        new(what, resource, node, message, draft.State.Time, draft.WallTime);

    public static ActivationLimits LimitsOf(GroupState group, string resource) =>
        (ResourceTree.Of(group.Definition).Find(resource)
            ?? ResourceTree.Of(group.OldDefinition ?? group.Definition).Find(resource))?.Limits
            ?? ActivationLimits.None;
}
