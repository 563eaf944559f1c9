namespace ClusterTools.Core;

/// <summary>When this node tells the others that its machine's watchdog is armed, which they count on from then on.</summary>
internal sealed class WatchdogReports(Life self, List<Effect> effects)
{
    private WatchdogReport? said;
    private bool isOver;

    /// <summary>The watchdog's timeout and the daemon's token time, in milliseconds; null: there is none that is fed here.</summary>
    public (int Timeout, int Token)? Armed { get; set; }

    public void UseToken(int token) => Armed = Armed is { } armed ? (armed.Timeout, token) : null;

    /// <summary>A new view: what was said may have been lost.</summary>
    public void Forget() => said = null;

    /// <summary>Whether a proposal of it that failed is to be made again.</summary>
    public bool Owes(ClusterEvent e) => e is WatchdogArmed armed && said == new WatchdogReport(armed.Timeout, armed.Within);

    /// <summary>Says it once this life takes part, and anew when the configuration makes another time of it.</summary>
    public void Follow(ClusterState state)
    {
        if (Armed is not { } armed || isOver || state.Quorum != Quorum.Quorate || self.In(state) is not { Member: true } node)
        {
            return;
        }

        if (node.MaintenanceUntil is not null)
        {
            // From here on the daemon may go, and lets go of the watchdog: it must not be counted on any more, even if this is called off.
            isOver = true;
            return;
        }

        var report = new WatchdogReport(
            armed.Timeout, WatchdogTimes.Within(armed.Token, state.Configuration.Timing.QuorumLossDeadline, armed.Timeout));
        if (state.Configuration.Version > 0 && node.Watchdog != report && said != report)
        {
            said = report;
            effects.Add(new Propose(new WatchdogArmed(self.Node, self.Incarnation, report.Timeout, report.Within)));
        }
    }
}
