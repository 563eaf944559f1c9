namespace ClusterTools.Engines.Tests.Corosync;

/// <summary>What must come about in the runs of the protocol: faults, and what the promises are about.</summary>
internal enum Reached
{
    Cut,
    PowerLost,
    AllPowerLost,
    DaemonKilled,
    DaemonStalled,
    DiskHung,
    DiskReplaced,
    DiskReplacedAmongThoseBehind,
    RingLost,
    NothingHeardOfItself,
    Barred,
    ConsumerBusy,
    ConsumerHung,
    Expelled,
    OpenedAgainstTheArithmetic,
    TailTakenBack,
    SnapshotOffered,
    SnapshotSent,
    SnapshotTakenOver,
    VotesProposed,
    VotesRefused,
    ProposalRefused,
    OutcomeUnknown,
}
