using System.Collections.Immutable;
using ClusterTools.Voting;

namespace ClusterTools.Core;

/// <summary>Which losses the members survive from here.</summary>
public static class QuorumLosses
{
    /// <summary>Members up to which every pair is looked at, too.</summary>
    public const int MostForPairs = 24;

    /// <summary>Every loss of the quorum disk, of one member, and of two. Empty without quorum.</summary>
    public static ImmutableArray<QuorumLoss> Of(ClusterState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (state.Quorum != Quorum.Quorate)
        {
            return [];
        }

        string[] members = [.. state.Members.Keys];
        IEnumerable<string[]> lost = members.Select(m => new[] { m });
        if (members.Length <= MostForPairs)
        {
            lost = lost.Concat(members.SelectMany((one, i) => members.Skip(i + 1).Select(other => new[] { one, other })));
        }

        IEnumerable<QuorumLoss> disk = state.Device.IsHere ? [Without(state, [], disk: true)] : [];
        return [.. disk, .. lost.Where(l => l.Length < members.Length).Select(nodes => Without(state, nodes, disk: false))];
    }

    private static QuorumLoss Without(ClusterState state, string[] lost, bool disk)
    {
        Majority all = QuorumArithmetic.OfMembers(state);
        all = disk ? all with { Device = all.Device with { IsHere = false } } : all;
        string[] left = [.. state.Members.Keys.Except(lost)];
        bool survives = all.IsHeldBy(left);
        return new QuorumLoss(
            [.. lost],
            disk,
            all.Present(left),
            all.Needed,
            survives,
            survives || (lost.Length > 1 && LastManStanding.SurviveInTurn(state, lost)
                && LastManStanding.SurviveInTurn(state, [.. lost.Reverse()])),
            [
                .. state.Groups.Values
                    .Where(g => g.Owner is not null && (survives
                        ? !Placement.Candidates(state.Configuration, g.Definition).Intersect(left).Any() : !g.Frozen))
                    .Select(g => g.Name),
            ]);
    }
}
