using System.Collections.Immutable;
using ClusterTools.Core;

namespace ClusterTools.Simulation;

/// <summary>Scripts of the administrator's, which are as good and as bad as scripts are.</summary>
internal sealed partial class Daemon
{
    private void RunFinalScript(ResourceAction action)
    {
        bool success = world.Random.Chance(500);
        if (!success)
        {
            world.Tally.Count(Fault.FinalScriptFails);
        }

        AnswerIn(world.Random.Between(10, 2000), () => new ActionCompleted(action.Id, success, success ? "said" : "has no mail"));
    }

    private void Run(EventScriptAction action)
    {
        int conduct = world.Random.Below(world.Calm ? 600 : 1000);
        world.Trace?.Write(
            $"{this} runs event script {action.Script.Name}: {string.Join(',', action.Call.Placing)} {action.Call.Events.Count} events "
                + $"({conduct})");
        switch (conduct)
        {
            case < 700:
                ImmutableArray<EventScriptDecision> decisions = Decisions(action);
                AnswerIn(world.Random.Between(10, 500), () => new EventScriptCompleted(action.Id, true, "", decisions));
                break;
            case < 850:
                world.Tally.Count(Fault.EventScriptFails);
                AnswerIn(world.Random.Between(10, 500), () => new EventScriptCompleted(action.Id, false, "nonsense", []));
                break;
            case < 970:
                world.Tally.Count(Fault.EventScriptHangs);
                AnswerIn(action.Script.Timeout, () => new EventScriptCompleted(action.Id, false, "took too long", []));
                break;
            default:
                // Its daemon forgets it: the cluster's own deadline must do.
                world.Tally.Count(Fault.EventScriptNeverAnswers);
                break;
        }
    }

    private ImmutableArray<EventScriptDecision> Decisions(EventScriptAction action)
    {
        RandomSource random = world.Random;
        var decisions = ImmutableArray.CreateBuilder<EventScriptDecision>();
        foreach (string group in action.Call.Placing)
        {
            if (random.Chance(600))
            {
                decisions.Add(new EventScriptDecision(group, random.Chance(900) ? random.Pick(world.Machines).Name : null));
            }
        }

        if (!world.Calm && random.Chance(150) && !Replica.State.Groups.IsEmpty)
        {
            GroupOperation operation = random.Below(5) switch
            {
                0 => GroupOperation.Enable,
                1 => GroupOperation.Stop,
                2 => GroupOperation.Relocate,
                3 => GroupOperation.Restart,
                _ => GroupOperation.Disable,
            };
            decisions.Add(new EventScriptDecision(
                Replica.State.Groups.Keys.ElementAt(random.Below(Replica.State.Groups.Count)), random.Chance(300)
                ? random.Pick(world.Machines).Name : null, operation));
        }

        return decisions.ToImmutable();
    }

    private void AnswerIn(long delay, Func<ClusterEvent> answer)
    {
        Machine machine = Machine;
        long boot = machine.Boot;
        world.Schedule.In(delay, () =>
        {
            if (machine.On && machine.Boot == boot && !Dead)
            {
                Do(() => Answer(answer()));
            }
        });
    }
}
