using System.Collections.Immutable;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>Status checks that fail, and such as are not answered.</summary>
internal static class StatusChecks
{
    public static void Apply(Draft draft, MonitorFailed e)
    {
        if (Checked(draft, e.Group, e.Resource, e.Node, e.Incarnation) is { } group)
        {
            Recovery.Apply(draft, group, e.Resource, e.Node, e.Message);
        }
        else
        {
            draft.Ignore();
        }
    }

    public static void Apply(Draft draft, MonitorUnknown e)
    {
        string key = Description.Check(e.Resource, e.Depth);
        if (Checked(draft, e.Group, e.Resource, e.Node, e.Incarnation) is not { } group
            || (e.Message is null
                ? !group.Instance.Checks.ContainsKey(key)
                : group.Instance.Checks.TryGetValue(key, out UnansweredCheck? known) && known.Asked >= e.Asked))
        {
            draft.Ignore();
            return;
        }

        if (e.Message is null)
        {
            draft.SetGroup(group with { Instance = group.Instance with { Checks = group.Instance.Checks.Remove(key) } });
            draft.Journal(
                JournalSeverity.Information, JournalKind.ResourceKnown,
                $"The status check of {key} of group '{e.Group}' on {e.Node} is answered again: it runs.", e.Node, e.Group, e.Resource);
            return;
        }

        string message = Description.Shortened(e.Message, UnknownAnswers.MessageLimit);
        UnansweredCheck check = group.Instance.Checks.TryGetValue(key, out UnansweredCheck? before)
            ? before with { Asked = e.Asked, Message = message }
            : new UnansweredCheck(e.Resource, draft.State.Time, e.Asked, message);
        if (before is not null && draft.State.Time - check.Since >= TimeFor(group, e.Resource, e.Depth))
        {
            Recovery.Apply(
                draft, group, e.Resource, e.Node,
                $"{message} (no answer for {SpanText.Of(draft.State.Time - check.Since)}, asked {check.Asked} times)");
            return;
        }

        draft.SetGroup(group with { Instance = group.Instance with { Checks = group.Instance.Checks.SetItem(key, check) } });
        if (before is null)
        {
            draft.Journal(
                JournalSeverity.Warning, JournalKind.ResourceUnknown,
                $"Whether {key} of group '{e.Group}' still runs on {e.Node} is not known: {message}. It is asked again before that counts.",
                e.Node, e.Group, e.Resource);
        }
    }

    /// <summary>The group that a status check speaks of; null: it is not one that is checked there now.</summary>
    private static GroupState? Checked(Draft draft, string name, string resource, string node, long incarnation) =>
        draft.State.Quorum == Quorum.Quorate
        && draft.State.Groups.TryGetValue(name, out GroupState? group)
        && group is { Frozen: false, Phase: GroupPhase.Started, Migration: null }
        && group.Owner == node
        && group.OwnerIncarnation == incarnation
        && group.Instance.Resources.TryGetValue(resource, out ResourcePhase phase)
        && phase == ResourcePhase.Running
            ? group
            : null;

    /// <summary>How long a status check may go without an answer before that counts as a failure: as long as one may take.</summary>
    private static long TimeFor(GroupState group, string id, int depth)
    {
        ResourceConfiguration resource = ResourceTree.Of(group.Definition).Find(id)!;
        ImmutableArray<StatusCheck> deeper = resource.StatusChecks.IsDefault ? [] : resource.StatusChecks;
        return deeper.FirstOrDefault(c => c.Depth == depth)?.Timeout ?? resource.MonitorTimeout;
    }
}
