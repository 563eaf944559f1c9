using ClusterTools.Core;
using ClusterTools.Engines;

namespace ClusterTools.Api;

/// <summary>The arbiter of a pair as the wire shows it.</summary>
internal static class QuorumArbiterViews
{
    /// <summary>Null: none is configured.</summary>
    public static Contract.QuorumArbiterStatus? Of(ClusterState state, QuorumArbiterStatus? heard) =>
        state.Configuration.QuorumArbiter is not { } arbiter ? null : new Contract.QuorumArbiterStatus
        {
            Host = arbiter.Host,
            Tls = arbiter.Tls,
            Votes = heard?.Word == ArbiterWord.Here,
            Trouble = heard is not null ? heard.Trouble
                : state.Configuration.ArbiterInForce is null ? "It decides between two nodes with two_node, and does nothing here."
                : "This node's engine has no arbiter: it needs the engine for several machines (docs/several-machines.md).",
        };
}
