namespace ClusterTools.Core;

/// <summary>What this node says of guests: those that it has seen begin or end unasked, and what they are.</summary>
internal sealed class GuestReports(Life self, List<Effect> effects)
{
    /// <summary>Its hypervisor has just said whether a guest runs here.</summary>
    /// <param name="state">What is committed.</param>
    /// <param name="name">The guest's group.</param>
    /// <param name="runs">It runs here.</param>
    /// <param name="asked">The probe demand of its group when the hypervisor was asked.</param>
    /// <param name="movedAway">It was moved to another host.</param>
    public void Seen(ClusterState state, string name, bool runs, long asked, bool movedAway)
    {
        if (Differs(state, name, runs))
        {
            effects.Add(new Propose(new GuestNoticed(name, self.Node, self.Incarnation, runs, asked, movedAway)));
        }
    }

    /// <summary>Its hypervisor has said what a guest is.</summary>
    public void Told(ClusterState state, string name, GuestFacts facts)
    {
        if (state.Quorum == Quorum.Quorate && state.Groups.GetValueOrDefault(name) is { } group && group.Owner == self.Node
            && group.OwnerIncarnation == self.Incarnation && group.Facts != facts)
        {
            effects.Add(new Propose(new GuestTold(name, self.Node, self.Incarnation, facts)));
        }
    }

    /// <summary>The record has it otherwise, and nothing is under way that explains it.</summary>
    public bool Differs(ClusterState state, string name, bool runs) =>
        state.Quorum == Quorum.Quorate
        && state.Groups.GetValueOrDefault(name) is { Frozen: false, Pending: null, Migration: null, Definition.IsGuest: true } group
        && self.In(state) is { Member: true } node && node.ProbedVersion >= group.ProbeVersion
        && group.ActiveOn.Contains(self.Node) != runs;
}
