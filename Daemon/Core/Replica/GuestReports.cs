namespace ClusterTools.Core;

/// <summary>What this node says of guests that it has seen begin or end unasked, or that are not what the cluster knows.</summary>
internal sealed class GuestReports(Life self, List<Effect> effects)
{
    /// <summary>Its hypervisor has just answered.</summary>
    /// <param name="state">What is committed.</param>
    /// <param name="name">The guest's group.</param>
    /// <param name="runs">It runs here.</param>
    /// <param name="asked">The probe demand of its group when the hypervisor was asked.</param>
    /// <param name="movedAway">It was moved to another host.</param>
    /// <param name="facts">What it is; null: not told.</param>
    public void Seen(ClusterState state, string name, bool runs, long asked, bool movedAway, GuestFacts? facts)
    {
        if (!Differs(state, name, runs))
        {
            if (runs && facts is not null && state.Groups.GetValueOrDefault(name) is { } known && known.Owner == self.Node
                && known.OwnerIncarnation == self.Incarnation && known.Facts != facts)
            {
                effects.Add(new Propose(new GuestTold(name, self.Node, self.Incarnation, facts)));
            }

            return;
        }

        effects.Add(new Propose(new GuestNoticed(name, self.Node, self.Incarnation, runs, asked, movedAway)));
    }

    /// <summary>The record has it otherwise, and nothing is under way that explains it.</summary>
    public bool Differs(ClusterState state, string name, bool runs) =>
        state.Quorum == Quorum.Quorate
        && state.Groups.GetValueOrDefault(name) is { Frozen: false, Pending: null, Migration: null, Definition.IsGuest: true } group
        && self.In(state) is { Member: true } node && node.ProbedVersion >= group.ProbeVersion
        && group.ActiveOn.Contains(self.Node) != runs;
}
