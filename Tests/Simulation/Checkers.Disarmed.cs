using ClusterTools.Core;

namespace ClusterTools.Simulation;

/// <summary>
/// While the cluster is disarmed nobody is fenced or reset, and nothing starts or stops that people have not asked for; when it is armed
/// again, nothing starts before every member has answered a probe (FEATURES A10). By what was asked for and answered, and what was done.
/// </summary>
internal sealed partial class Checkers
{
    /// <summary>Indices between which the cluster was disarmed, by its answers to whoever asked.</summary>
    private readonly List<(long From, long To)> disarmed = [];

    /// <summary>By group: requests of people that were not refused, with the index of each.</summary>
    private readonly Dictionary<string, List<(long Index, string Request)>> asked = new(StringComparer.Ordinal);

    /// <summary>When the cluster was armed last.</summary>
    private long armedAt;

    /// <summary>By node: the index of its last answer to a probe of everything.</summary>
    private readonly Dictionary<string, long> answered = new(StringComparer.Ordinal);

    /// <summary>Whether a node that has applied so much takes the cluster for disarmed.</summary>
    private bool DisarmedFor(long index) => disarmed.Exists(p => p.From <= index && index < p.To);

    /// <summary>Groups whose start somebody has cancelled when it had begun, and was told that they go on.</summary>
    private readonly HashSet<string> goOn = new(StringComparer.Ordinal);

    private void Arming(Entry entry, ClusterState after)
    {
        goOn.RemoveWhere(g => after.Journal.Exists(j => j.Group == g));
        switch (entry.Envelope?.Event)
        {
            case ArmingRequest request when Answer(entry, request, after) is { } answer:
                bool done = answer.Phase == OperationPhase.Succeeded;
                bool now = DisarmedFor(entry.Index);
                if (!done)
                {
                    Tally.Count(Premise.DisarmRefused);
                    if (request.Arms)
                    {
                        throw Broken("A10", $"the cluster can't be armed: {answer.Message}");
                    }
                }
                else if (!request.Arms && !now)
                {
                    Tally.Count(Premise.Disarmed);
                    disarmed.Add((entry.Index, long.MaxValue));
                    Quiet(entry);
                }
                else if (request.Arms && now)
                {
                    Tally.Count(Premise.Armed);
                    disarmed[^1] = (disarmed[^1].From, entry.Index);
                    armedAt = world.Now;
                    if (after.Members.Count < after.Configuration.Nodes.Count)
                    {
                        Tally.Count(Premise.ArmedWithSomebodyAway);
                    }
                }

                break;
            case GroupRequest request when Answer(entry, request, after) is { Refused: false }:
                if (!asked.TryGetValue(request.Group, out List<(long, string)>? list))
                {
                    asked.Add(request.Group, list = []);
                }

                list.Add((entry.Index, request.RequestId));
                break;
            case CancelRequest cancel when Answer(entry, cancel, after) is { Refused: false } told
                && told.Message.Contains(" goes on on ", StringComparison.Ordinal):
                goOn.Add(entry.From!.Operations[cancel.Operation].Target);
                break;
            case Probed { Id.Operation: ActionOperation.Probe }:
                answered[entry.Envelope.Origin] = entry.Index;
                break;
            default:
                break;
        }
    }

    private static OperationState? Answer(Entry entry, Request request, ClusterState after) =>
        after.Operations.GetValueOrDefault(request.RequestId) is { } answer && answer.Began == entry.Index ? answer : null;

    /// <summary>Nobody disarms a cluster in the middle of something.</summary>
    private void Quiet(Entry entry)
    {
        if (Cluster.PlanInFull(entry.From!).FirstOrDefault(a => a is FenceDeviceAction or ResourceAction or MigrationAction) is { } action)
        {
            throw Broken("A10", $"the cluster is disarmed while {action.Id} is under way");
        }
    }

    private void FencesNobody(Daemon daemon, FenceDeviceAction action)
    {
        // What was decided before, and dropped since, may be on its way to the device still.
        if (DisarmedFor(action.Id.Epoch > 0 ? action.Id.Index : daemon.Replica.State.Index))
        {
            throw Broken("A10", $"{daemon} has {action.Call.Device} switch {action.Id.Operation} {action.Target} while disarmed");
        }
    }

    public void OnReset(Daemon daemon, string reason)
    {
        if (DisarmedFor(daemon.Replica.State.Index))
        {
            throw Broken("A10", $"{daemon} resets its machine while disarmed: {reason}");
        }
    }

    /// <param name="daemon">Where.</param>
    /// <param name="group">Of which group.</param>
    /// <param name="id">What is done.</param>
    /// <param name="known">What the node had applied when it was told.</param>
    /// <param name="start">A start; else a stop.</param>
    private void ByHand(Daemon daemon, string group, ActionId id, long known, bool start)
    {
        // Without quorum a node decides by itself, by what it knows.
        long index = id.Epoch > 0 ? id.Index : known;
        string what = $"{(start ? "start" : "stop")} of {group} on {daemon} by {id}";
        if (DisarmedFor(index))
        {
            if (id.Epoch <= 0 || !ByRequest(group, index))
            {
                throw Broken("A10", $"{what}, which nobody has asked for, while disarmed");
            }

            Tally.Count(Premise.DisarmedByHand);
        }
        else if (start && id.Epoch > 0 && disarmed.Exists(p => p.To < index) && !ByRequest(group, index))
        {
            Tally.Count(Premise.ProbedAfterArming);
            long armed = disarmed.FindLast(p => p.To < index).To;
            Entry decided = world.Engine.Committed[(int)index - 1];
            // Who leaves with that very entry has stopped all that it ran.
            foreach (string member in decided.From!.Members.Keys.Where(m => (decided.Envelope?.Event as NodeLeft)?.Node != m
                && decided.From!.Nodes.GetValueOrDefault(m)?.Phase != NodePhase.Down))
            {
                // Whose power was cut since has nothing left to be asked about, whether its absence was noticed already or not.
                if (world.Machines.Find(m => m.Name == member) is { } machine && machine.OffSince >= armedAt)
                {
                    continue;
                }

                if (answered.GetValueOrDefault(member) <= armed && ConfigurationAt(index)?.Nodes.ContainsKey(member) == true)
                {
                    throw Broken("A10", $"{what} before {member} has answered a probe, which the cluster was armed for at {armed}");
                }
            }
        }
    }

    /// <summary>Something that people have asked of the group had not ended when the action of that index was decided.</summary>
    private bool ByRequest(string group, long index) => goOn.Contains(group)
        || (asked.TryGetValue(group, out List<(long Index, string Request)>? list)
        && list.Exists(r => r.Index == index
            || (r.Index < index && world.Engine.Committed[(int)index - 1].From!.Operations.GetValueOrDefault(r.Request)
                is { Phase: OperationPhase.Running })));
}
