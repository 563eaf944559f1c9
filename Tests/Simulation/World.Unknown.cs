using ClusterTools.Core;

namespace ClusterTools.Simulation;

/// <summary>
/// Questions without an answer: probes, status checks, stops, fence devices. By a source of chance of its own, so that other seeds play as
/// before.
/// </summary>
internal sealed partial class World
{
    private readonly RandomSource silence;

    /// <summary>In this run agents fall silent.</summary>
    public bool Doubtful { get; }

    /// <summary>Agents of a group that do not answer, by group.</summary>
    public Dictionary<string, AgentFault> Silences { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, long> DeviceSilentUntil { get; } = new(StringComparer.Ordinal);

    /// <summary>At the cold start nodes may have nothing to say of what runs there.</summary>
    private void BeginSilences()
    {
        if (!Doubtful)
        {
            return;
        }

        foreach (string group in First.Groups.Keys)
        {
            if (silence.Chance(150))
            {
                Silences[group] =
                    new AgentFault(Fault.AnswerUnknownToProbe, null, silence.Chance(300) ? -1
                        : silence.Below(Machines.Count), silence.Between(3000, 40_000));
            }
        }

        Schedule.In(silence.Between(8000, 15_000), Silence);
    }

    private void Silence()
    {
        if (Calm)
        {
            return;
        }

        long until = Now + silence.Between(1000, 60_000);
        int machine = silence.Chance(400) ? -1 : silence.Below(Machines.Count);
        switch (silence.Below(4))
        {
            case 0:
                Silences[Some()] = new AgentFault(Fault.AnswerUnknownToProbe, null, machine, until);
                break;
            case 1:
                Silences[Some()] = new AgentFault(Fault.AnswerUnknownToStop, null, machine, until);
                break;
            case 2:
                foreach (Machine each in Machines)
                {
                    if (each.Daemon is { Dead: false } daemon
                        && daemon.MonitoredGroups.Order(StringComparer.Ordinal).ToArray() is { Length: > 0 } groups)
                    {
                        string group = silence.Pick<string>(groups);
                        daemon.FallSilent(group, silence.Pick(daemon.MonitoredOf(group).AsSpan()).Id, until);
                    }
                }

                break;
            default:
                DeviceSilentUntil[silence.Pick<string>(Devices)] = until;
                break;
        }

        Schedule.In(silence.Between(500, 9000), Silence);

        string Some() =>
            Engine.Canonical.Groups.IsEmpty ? First.Groups.Keys.First()
            : Engine.Canonical.Groups.Keys.ElementAt(silence.Below(Engine.Canonical.Groups.Count));
    }

    private void EndSilences()
    {
        Silences.Clear();
        DeviceSilentUntil.Clear();
    }
}
