using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>A group that is started, fails, and is started again, round and round, does nobody a service: it is given up for a while, and that is said.</summary>
internal sealed partial class Fold
{
    private GroupState WithFailure(GroupState group) => group with
    {
        Failing = FailureRun.Of(group, state.Time) is { } run
            ? run with { Count = run.Count + 1, Last = state.Time }
            : new FailureRun(1, state.Time, state.Time),
    };

    /// <summary>The group given up for a while; null: it has not failed often enough, or its policy has another end.</summary>
    private GroupState? GivenUp(GroupState group, string resource, string node)
    {
        if (group.Failing is not { } run || group.Definition.MaxFailures == 0 || run.Count < group.Definition.MaxFailures
            || group.Definition.Recovery is not (RecoveryPolicy.Restart or RecoveryPolicy.Relocate))
        {
            return null;
        }

        string why = $"it goes in circles: it has failed {run.Count} times within {SpanText.Of(Math.Max(1000, run.Last - run.Since))}, and never ran for {SpanText.Of(group.Definition.FailureQuietTime * 1000L)} in between";
        Journal(
            JournalSeverity.Error, "group.circles",
            $"Group '{group.Name}' is stopped: {why}. It is tried again in {SpanText.Of(Configuration.Timing.RetryDelay)}. "
            + $"Find out why {resource} fails; Start-ClusterGroup {group.Name} tries it at once.",
            node, group.Name, resource);
        return DoomAll(group) with
        {
            Phase = GroupPhase.Recovering,
            Asked = null,
            Last = null,
            Restarts = [],
            RetryAt = state.Time + Configuration.Timing.RetryDelay,
            Reason = why,
        };
    }
}
