using System.Collections.Immutable;

namespace ClusterTools.Core;

/// <summary>
/// When this node proposes a <see cref="Tick"/>: the members do one after the other, by rank, so that one stalled node stops nothing
/// (DESIGN, "Core").
/// </summary>
internal sealed class TickTurn(Life self, List<Effect> effects)
{
    private const long RankDelay = 250;

    private long tickedFor = long.MinValue;
    private long again;
    private ImmutableSortedDictionary<string, long>? rankedIn;
    private int rank;

    /// <summary>Proposes one if it is this node's turn.</summary>
    /// <param name="state">What is committed; it has a deadline.</param>
    /// <param name="appliedAt">When that was, in local monotonic milliseconds.</param>
    /// <param name="now">The same clock.</param>
    /// <returns>When to look again.</returns>
    public long OnTime(ClusterState state, long appliedAt, long now)
    {
        long due = state.Deadlines.Min.At;
        long mine = appliedAt + (due - state.Time) + RankIn(state.Members) * RankDelay;
        if (now < mine)
        {
            return mine;
        }

        if (tickedFor != due || now >= again)
        {
            tickedFor = due;
            again = now + RankDelay * Math.Max(4, state.Members.Count);
            effects.Add(new Propose(new Tick()));
        }

        return again;
    }

    private int RankIn(ImmutableSortedDictionary<string, long> members)
    {
        if (!ReferenceEquals(rankedIn, members))
        {
            rankedIn = members;
            rank = members.Keys.TakeWhile(member => member != self.Node).Count();
        }

        return rank;
    }
}
