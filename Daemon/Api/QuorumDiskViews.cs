using ClusterTools.Core;
using ClusterTools.Engines;

namespace ClusterTools.Api;

/// <summary>The quorum disk as the wire shows it.</summary>
internal static class QuorumDiskViews
{
    /// <summary>Null: none is configured.</summary>
    public static Contract.QuorumDiskStatus? Of(ClusterState state, QuorumDiskStatus? seen) =>
        state.Configuration.QuorumDisk is not { } disk ? null : new Contract.QuorumDiskStatus
        {
            Device = disk.Device,
            Votes = disk.VotesAmong(state.Configuration),
            Counted = state.Device.IsHere,
            Holder = seen?.Holder,
            Trouble = seen is null ? "This node's engine has no quorum disk: its votes are not counted. One needs the engine for several "
                + "machines (docs/several-machines.md)." : seen.Trouble,
            Nodes =
            [
                .. (seen?.Nodes ?? []).Select(n => new Contract.QuorumDiskNode
                {
                    Node = n.Node,
                    Alive = n.IsAlive,
                    Member = state.Members.ContainsKey(n.Node),
                    Score = n.Score,
                    MinimumScore = n.MinimumScore,
                }),
            ],
        };
}
