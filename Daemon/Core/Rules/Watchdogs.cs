using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>Whose watchdog is armed, and when that proves a lost node down (FEATURES C9).</summary>
internal static class Watchdogs
{
    public static void Apply(Draft draft, WatchdogArmed e)
    {
        // Who is about to be away lets go of its watchdog, however late this comes.
        var report = new WatchdogReport(e.Timeout, e.Within);
        if (!draft.State.Nodes.TryGetValue(e.Node, out NodeState? node) || !node.Member || node.Incarnation != e.Incarnation
            || node.MaintenanceUntil is not null || node.Phase == NodePhase.Down || e.Timeout <= 0 || e.Within < e.Timeout
            || node.Watchdog == report)
        {
            draft.Ignore();
            return;
        }

        draft.SetNode(node with { Watchdog = report }, settle: false);
        draft.Journal(
            JournalSeverity.Information, JournalKind.NodeWatchdog,
            $"The watchdog of node {e.Node} is armed: its machine is reset when it is not fed for {SpanText.Of(e.Timeout)}.", e.Node);
    }

    /// <summary>Why waiting proves nothing of a node, as the end of a sentence; null: it does.</summary>
    public static string? WhyNoProof(ClusterState state, NodeState node) =>
        state.Quorum != Quorum.Quorate ? "there is no majority here, so that the node may have one"
        : node.Member ? "the node is a member, and feeds its watchdog"
        : state.Superseded.Contains(node.Name) ? "quorum was forced without the node, which may have quorum of its own"
        : node.MayBeDisarmed ? "the node was away when the cluster was armed again, and may not know of it"
        : node.Watchdog is null ? "the node had not said, when it was lost, that its watchdog is armed"
        : null;

    /// <summary>
    /// Why a node can't be fenced now, as the end of a sentence; null: it can. Who has no other way than a watchdog that proves nothing is
    /// not kept from coming back by a fencing that can't succeed.
    /// </summary>
    public static string? WhyUnfenced(ClusterState state, ClusterConfiguration configuration, string name) =>
        FenceProof.WhyNone(configuration, name)
        ?? (state.Nodes.TryGetValue(name, out NodeState? node) && WhyNoProof(state, node) is { } why
            && configuration.Nodes[name].FenceMethods.All(
                m => FenceProof.WhyNone(configuration, m) is not null || IsByWatchdog(configuration, m))
                ? $"its fence methods prove nothing: {why}"
                : null);

    private static bool IsByWatchdog(ClusterConfiguration configuration, FenceMethod method) =>
        method.Steps.Where(s => s.Action != FenceAction.On).Select(s => configuration.FenceDevices.GetValueOrDefault(s.Device))
            .All(d => d is not null && (WatchdogDevice.Is(d) || FenceProof.WhyNone(d.Agent) is not null));

    /// <summary>The cluster time at which a lost node is proven down; null: it is not known yet when it was lost.</summary>
    public static long? ProvenAt(NodeState node, WatchdogDevice device) =>
        node is { LostAt: { } lost, Watchdog: { } armed } ? lost + Math.Max(device.Wait, armed.Within + WatchdogTimes.Margin) : null;
}
