using System.Collections.Immutable;

namespace ClusterTools.Core;

/// <summary>What the engine and the executors must know of the state: who is barred, which configuration and which votes hold.</summary>
internal sealed class Announcements(Life self, List<Effect> effects)
{
    private long version;
    private ImmutableSortedSet<string> barred = Names.None;
    private ChangeVotes? told;

    /// <summary>The engine may count by other votes than it was told last.</summary>
    public void ForgetVotes() => told = null;

    /// <summary>
    /// How long who is missing from a new view has been silent is true for one machine's clock, and told in its own journal alone.
    /// </summary>
    public void Missing(ClusterState before, ClusterState now)
    {
        foreach ((string node, long incarnation) in before.Members)
        {
            bool isHere = now.Members.TryGetValue(node, out long life) && life == incarnation;
            bool hasLeft = before.Nodes.TryGetValue(node, out NodeState? known)
                && (known.Phase == NodePhase.Down || known.MaintenanceUntil is not null);
            if (!isHere && !hasLeft && node != self.Node)
            {
                effects.Add(new TellSilence(node, incarnation));
            }
        }
    }

    /// <summary>Says what has changed in the state that this node acts by.</summary>
    /// <param name="state">That state.</param>
    /// <param name="isNewView">The votes are told again: what was told before may have been lost.</param>
    public void Follow(ClusterState state, bool isNewView)
    {
        ImmutableSortedSet<string> next = Names.None;
        foreach (FenceState fence in state.Fences.Values)
        {
            // Without quorum nobody can be fenced, and who comes back may be what brings quorum back.
            if (state.Quorum != Quorum.None && fence is { Proven: false, OnlyOn: false })
            {
                next = next.Add(fence.Target);
            }
        }

        if (!next.SetEquals(barred))
        {
            barred = next;
            effects.Add(new BarNodes(next));
        }

        // A snapshot brings one as well as an event does.
        if (state.Configuration.Version != version)
        {
            version = state.Configuration.Version;
            effects.Add(new ConfigurationInForce(state.Configuration));
        }

        if (isNewView)
        {
            ForgetVotes();
        }

        // The engine counts by the votes of the configuration in force; the first member tells it.
        if (version > 0 && state.Quorum == Quorum.Quorate && self.IsIn(state.Members) && state.Members.Keys.First() == self.Node)
        {
            var votes = new ChangeVotes(state.Configuration, QuorumArithmetic.WithoutVote(state));
            if (votes.IsOtherThan(told))
            {
                effects.Add(votes);
            }

            // Of equal ones the newer, so that its configuration is compared once and not with each entry from now on.
            told = votes;
        }
    }
}
