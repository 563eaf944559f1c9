namespace ClusterTools.Core;

/// <summary>A node was proven off outside the log: the first entry of the epoch that a contested node opens.</summary>
/// <param name="Target">The node.</param>
/// <param name="Incarnation">Its life that ended.</param>
/// <param name="Executor">Who switched it off.</param>
/// <param name="Message">What the devices said.</param>
/// <param name="Method">Name of the method that did it, which also switches the node on again; null: it stays off.</param>
/// <param name="ConfirmedBy">The operator who says that it is down; null: it was fenced.</param>
/// <param name="Took">How long the fencing took, in milliseconds; 0: not told.</param>
public sealed record FenceProven(
    string Target, long Incarnation, string Executor, string Message, string? Method = null, string? ConfirmedBy = null,
    long Took = 0) : ClusterEvent
{
    /// <summary>
    /// An operator's word in place of a fencing, for a contested node; null: who it is given for is not known there, or not silent.
    /// </summary>
    /// <param name="state">As the contested node sees it.</param>
    /// <param name="confirm">What the operator says.</param>
    /// <param name="executor">The contested node.</param>
    public static FenceProven? ByWord(ClusterState state, NodeRequest confirm, string executor)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(confirm);
        return state.Nodes.TryGetValue(confirm.Node, out NodeState? silent) && !silent.Member
            ? new FenceProven(confirm.Node, silent.Incarnation, executor, $"confirmed by {confirm.Who}", ConfirmedBy: confirm.Who)
            : null;
    }
}
