using ClusterTools.Core;

namespace ClusterTools.Simulation;

/// <summary>Somebody works on switches or storage, and has the cluster disarmed for that time, through a fault or two.</summary>
internal sealed partial class World
{
    // Dice of their own: until the cluster is first disarmed the story is the one without.
    private readonly RandomSource works;

    private void Work()
    {
        if (Calm)
        {
            return;
        }

        Schedule.In(works.Between(2_000, 12_000), Work);
        ClusterState state = Engine.Canonical;
        if (Engine.Primary is null || state.Configuration.Version == 0 || !works.Chance(250))
        {
            return;
        }

        // Mostly people look first whether anything is under way.
        if (state.Disarmed is null && !works.Chance(100)
            && (!state.Fences.IsEmpty || state.Groups.Values.Any(g => g.Operation is not null || g.Pending is not null)))
        {
            return;
        }

        if (Spokesman() is { } daemon)
        {
            Arming(daemon, arms: state.Disarmed is not null);
        }
    }

    private void Arming(Daemon daemon, bool arms)
    {
        Tally.Count(arms ? Asked.Arm : Asked.Disarm);
        Submit(daemon, new ArmingRequest(RequestId(), "operator", arms));
    }
}
