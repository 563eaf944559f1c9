using ClusterTools.Core;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Simulation;

/// <summary>
/// Unknown is an answer of its own: nothing but <em>runs</em> or the record makes a group active somewhere, found twice or touched; and
/// what was
/// not answered counts as failed only when it has had its time. By the events themselves, not by what the Core keeps of them.
/// </summary>
internal sealed partial class Checkers
{
    private const string Unanswered = "unknown";

    private readonly Dictionary<string, long> unansweredStops = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> unansweredChecks = new(StringComparer.Ordinal);

    private void Unknown(Entry entry, ClusterState before, ClusterState after)
    {
        ClusterEvent? e = entry.Envelope?.Event;
        var probed = e as Probed;
        foreach (string name in after.Touched.Groups)
        {
            if (before.Groups.TryGetValue(name, out GroupState? was) && after.Groups.TryGetValue(name, out GroupState? now))
            {
                OnlyByStartOrWord(name, was, now, after, probed);
            }
        }

        switch (e)
        {
            case Probed answer:
                foreach (
                    string name in answer.Found.Where(f => f.Answer == FoundAnswer.Unknown).Select(f => f.Group)
                    .Distinct(StringComparer.Ordinal))
                {
                    LeftAlone(name, answer, before, after);
                }

                break;
            case ActionCompleted { Id.Operation: ActionOperation.Stop } stop:
                StopHadItsTime(stop, before, after);
                break;
            case MonitorUnknown check:
                CheckHadItsTime(check, before, after);
                break;
            case MonitorFailed failed:
                unansweredChecks.Remove($"{failed.Group}/{failed.Resource}");
                break;
            default:
                break;
        }

        if (after.Journal.Exists(j => j.Kind == "group.waits" && j.Message.Contains(": whether it runs on ", StringComparison.Ordinal)))
        {
            Tally.Count(Premise.StartWaitedForAnswer);
        }
    }

    private static bool SaidToRun(Probed? probed, string group, string node) =>
        probed is not null && probed.Id.Target == node
        && probed.Found.Any(f => f.Group == group && f.Answer is FoundAnswer.Runs or FoundAnswer.Broken);

    private void OnlyByStartOrWord(string name, GroupState was, GroupState now, ClusterState after, Probed? probed)
    {
        if (ReferenceEquals(was.ActiveOn, now.ActiveOn))
        {
            return;
        }

        foreach (string node in now.ActiveOn.Except(was.ActiveOn))
        {
            Tally.Count(Premise.ActiveByStartOrWord);
            if (!SaidToRun(probed, name, node)
                && !after.Journal.Exists(j => j.Group == name
                    && ((j.Kind == "group.start" && j.Node == node) || (j.Kind == "group.migrating" && now.Migration?.To == node))))
            {
                throw Broken(Unanswered, $"{name} counts as active on {node}, where it was neither started nor said to run");
            }
        }
    }

    /// <summary>A node that can't tell changes nothing where the group is known to run.</summary>
    private void LeftAlone(string name, Probed answer, ClusterState before, ClusterState after)
    {
        string node = answer.Id.Target;
        if (SaidToRun(answer, name, node) || !before.Groups.TryGetValue(name, out GroupState? was)
            || !after.Groups.TryGetValue(name, out GroupState? now))
        {
            return;
        }

        Tally.Count(Premise.UnknownAnswerChecked);
        if (now.Phase == GroupPhase.Failed && was.Phase != GroupPhase.Failed)
        {
            throw Broken(Unanswered, $"{name} is Failed because {node} can't tell whether it runs there");
        }

        bool well =
            was is { Phase: GroupPhase.Started, Waits: null, Order.FailbackTo: null, Order.ReturnTo: null, Pending: null, Frozen: false,
                OldDefinition: null }
            && was.Instance.Resources.Count == All(was.Definition.Resources).Count()
                && !was.Instance.Resources.ContainsValue(ResourcePhase.Doomed)
            && was.Owner is { } owner && owner != node && was.ActiveOn.Count == 1 && was.Definition.Dependencies.IsDefaultOrEmpty
            && before.Nodes[owner].Phase == NodePhase.Online && after.Nodes[owner].Phase == NodePhase.Online;
        if (well)
        {
            Tally.Count(Premise.UnknownLeftAlone);
            if (now.Phase != GroupPhase.Started || now.Owner != was.Owner || now.Pending is not null
                || now.Instance.Resources.ContainsValue(ResourcePhase.Doomed))
            {
                throw Broken(
                    Unanswered,
                    $"{name} runs well on {was.Owner} and is {now.Phase} after {node} could not tell whether it runs there too");
            }
        }
    }

    private void StopHadItsTime(ActionCompleted stop, ClusterState before, ClusterState after)
    {
        string key = $"{stop.Id.Target}/{stop.Id.Resource}";
        if (stop.Success || stop.Answer == ActionAnswer.Given)
        {
            unansweredStops.Remove(key);
            return;
        }

        if (!before.Groups.TryGetValue(stop.Id.Target, out GroupState? was)
            || !after.Groups.TryGetValue(stop.Id.Target, out GroupState? now) || was.Pending?.Id != stop.Id)
        {
            return;
        }

        if (!unansweredStops.TryGetValue(key, out long since))
        {
            unansweredStops.Add(key, since = after.Time);
        }

        Tally.Count(Premise.UnknownStopTried);
        if (now.Phase == GroupPhase.Failed && was.Phase != GroupPhase.Failed
            && after.Time - since < Limit(was, stop.Id.Resource, r => r.StopTimeout))
        {
            throw Broken(Unanswered, $"{key} is given up {after.Time - since} ms after its first stop without an answer");
        }
    }

    private void CheckHadItsTime(MonitorUnknown check, ClusterState before, ClusterState after)
    {
        string key = $"{check.Group}/{check.Resource}";
        if (check.Message is null)
        {
            unansweredChecks.Remove(key);
            return;
        }

        if (!before.Groups.TryGetValue(check.Group, out GroupState? was))
        {
            return;
        }

        if (!unansweredChecks.TryGetValue(key, out long since))
        {
            unansweredChecks.Add(key, since = after.Time);
        }

        if (after.Journal.Exists(j => j.Kind == "resource.failure" && j.Group == check.Group && j.Resource == check.Resource))
        {
            Tally.Count(Premise.UnansweredCheckCounted);
            if (after.Time - since < Limit(was, check.Resource, r => r.MonitorTimeout))
            {
                throw Broken(Unanswered, $"{key} counts as failed {after.Time - since} ms after its first check without an answer");
            }

            unansweredChecks.Remove(key);
        }
    }

    private static long Limit(GroupState group, string resource, Func<ResourceConfiguration, int> limit) =>
        new[] { group.OldDefinition, group.Definition }.OfType<GroupConfiguration>().SelectMany(d => All(d.Resources))
        .Where(r => r.Id == resource).Select(limit).DefaultIfEmpty(0).Min();
}
