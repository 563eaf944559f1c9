using ClusterTools.Core;

namespace ClusterTools.Simulation;

/// <summary>
/// A machine that people have emptied, taken out and switched off is neither fenced nor switched on by the cluster (FEATURES C8).
/// </summary>
internal sealed partial class Checkers
{
    /// <summary>By node: what was committed when it was taken out. Who has not heard of that by then can't know it.</summary>
    private readonly Dictionary<string, long> takenOut = new(StringComparer.Ordinal);

    public void OnTakenOut(Machine machine, long committed) => takenOut[machine.Name] = committed;

    public void OnGivenBack(Machine machine) => takenOut.Remove(machine.Name);

    private void HandsOff(Daemon daemon, FenceDeviceAction action)
    {
        if (takenOut.TryGetValue(action.Target, out long known) && daemon.Replica.State.Index >= known
            && daemon.Replica.Acting.Fences.TryGetValue(action.Target, out FenceState? fence)
            && fence.Who is null)
        {
            throw Broken(
                "C8",
                $"{daemon} has {action.Call.Device} switch {action.Id.Operation} {action.Target}, which people have emptied and have in "
                    + $"their hands: {fence.Why}");
        }
    }

    /// <summary>People may have changed their minds before the cluster has seen it gone.</summary>
    private void Watch(Entry entry, ClusterState after)
    {
        if (takenOut.Count == 0)
        {
            return;
        }

        foreach (string name in takenOut.Keys.ToArray())
        {
            Tally.Count(Premise.HandsOffChecked);
            if (entry.View is { Continuous: false })
            {
                Tally.Count(Premise.HandsOffColdStart);
            }

            if (!after.Nodes.TryGetValue(name, out NodeState? node)
                || node.Phase is NodePhase.Online or NodePhase.Joining
                || (node.Member && node.ProbedVersion < after.ProbeCounter)
                || entry.Envelope?.Event is NodeRequest { Operation: NodeOperation.FenceOff or NodeOperation.FenceOn
                    or NodeOperation.FenceReboot } asked && asked.Node == name)
            {
                takenOut.Remove(name);
            }
        }
    }
}
