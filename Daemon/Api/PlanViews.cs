using ClusterTools.Core;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Api;

/// <summary>A prediction as the wire shows it.</summary>
internal static class PlanViews
{
    /// <param name="before">The state that was asked of.</param>
    /// <param name="prediction">What came of it.</param>
    /// <param name="question">In words.</param>
    /// <param name="operation">What was asked for; null: it befell the cluster.</param>
    public static Contract.Plan Plan(ClusterState before, Prediction prediction, string question, OperationState? operation)
    {
        Contract.PlannedGroup[] groups = [.. before.Groups.Values.Select(g => Group(g, prediction))];
        return new Contract.Plan
        {
            Question = question,
            Index = before.Index,
            Quorum = prediction.QuorumLost ? Contract.Quorum.None : (Contract.Quorum)prediction.State.Quorum,
            Steps = Steps(prediction, groups),
            Groups = groups,
            Refused = operation switch
            {
                { Phase: OperationPhase.Failed } failed => failed.Message,
                { Phase: OperationPhase.Running } => "It would not end by itself; the groups' reasons say what it waits for.",
                _ => null,
            },
        };
    }

    /// <summary>How a group starts or stops, or what a change does, resource by resource.</summary>
    /// <param name="steps">In order.</param>
    /// <param name="why">Why each.</param>
    /// <param name="owner">Where the group runs now; null: nowhere.</param>
    public static Contract.PlanStep[] Steps(IEnumerable<ResourceStep> steps, Func<ResourceStep, string> why, Func<string, string?> owner) =>
    [
        .. steps.Select((step, i) => new Contract.PlanStep
        {
            Order = i + 1,
            Action = Action(step.Action),
            Group = step.Group,
            Resource = step.Id,
            Node = owner(step.Group),
            Why = why(step),
        }),
    ];

    /// <summary>What a change of configuration stops and starts.</summary>
    public static Contract.PlanStep[] Change(ClusterConfiguration current, ClusterConfiguration next, Func<string, string?> owner)
    {
        string Why(ResourceStep step)
        {
            GroupConfiguration? before = current.Groups.GetValueOrDefault(step.Group);
            GroupConfiguration? after = next.Groups.GetValueOrDefault(step.Group);
            if (before is null || after is null)
            {
                return before is null ? "the group is added" : "the group is removed";
            }

            ResourceTree was = ResourceTree.Of(before);
            ResourceTree becomes = ResourceTree.Of(after);
            return was.Find(step.Id!) is not { } old ? ResourceTree.OfAll(before).Find(step.Id!) is null ? "it is added" : "it is enabled"
                : becomes.Find(step.Id!) is not { } now ? ResourceTree.OfAll(after).Find(step.Id!) is null
                    ? "it is removed"
                    : "it is disabled"
                : was.Parent(old.Id) != becomes.Parent(old.Id) ? "it is moved"
                : !ConfigurationEquality.SameWork(old, now) ? "it is changed"
                : "what it stands under is changed";
        }

        return Steps(ResourcePlan.Change([.. current.Groups.Values], [.. next.Groups.Values]), Why, owner);
    }

    private static Contract.PlanStep[] Steps(Prediction prediction, Contract.PlannedGroup[] groups)
    {
        Dictionary<string, Contract.PlannedGroup> moving = groups
            .Where(g => g.OwnerNow is not null && g.OwnerThen is not null && g.OwnerNow != g.OwnerThen)
            .ToDictionary(g => g.Group, StringComparer.Ordinal);
        List<Contract.PlanStep> steps = [];
        foreach (PredictedStep step in prediction.Steps)
        {
            // A move is told before the first thing that is done for it.
            if (step.Group is { } name && moving.Remove(name, out Contract.PlannedGroup? group))
            {
                steps.Add(new Contract.PlanStep
                {
                    Action = Contract.PlanAction.Move,
                    Group = name,
                    Node = group.OwnerThen,
                    Why = group.Why,
                });
            }

            steps.Add(new Contract.PlanStep
            {
                Action = Action(step.Action),
                Group = step.Group,
                Resource = step.Resource,
                Node = step.Node,
                Why = step.Why,
            });
        }

        for (int i = 0; i < steps.Count; i++)
        {
            steps[i].Order = i + 1;
        }

        return [.. steps];
    }

    private static Contract.PlannedGroup Group(GroupState now, Prediction prediction)
    {
        prediction.State.Groups.TryGetValue(now.Name, out GroupState? then);
        bool stopped = prediction.QuorumLost && !now.Frozen;
        return new Contract.PlannedGroup
        {
            Group = now.Name,
            OwnerNow = now.Owner,
            PhaseNow = (Contract.GroupPhase)now.Phase,
            OwnerThen = stopped ? null : then?.Owner,
            PhaseThen = stopped ? Contract.GroupPhase.Stopped : (Contract.GroupPhase)(then?.Phase ?? GroupPhase.Stopped),
            Why = stopped ? "those left have no quorum" : then?.Why.ToString() ?? "it is removed",
            Risk = stopped ? (now.Owner is null ? null : "it is down") : then is null ? null : Description.Risk(prediction.State, then),
        };
    }

    private static Contract.PlanAction Action(PredictedAction action) => action switch
    {
        PredictedAction.Start => Contract.PlanAction.Start,
        PredictedAction.Stop => Contract.PlanAction.Stop,
        PredictedAction.Migrate => Contract.PlanAction.Migrate,
        PredictedAction.Fence => Contract.PlanAction.Fence,
        _ => throw new ArgumentOutOfRangeException(nameof(action), action, null),
    };
}
