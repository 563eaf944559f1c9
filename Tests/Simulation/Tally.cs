using System.Text;

namespace ClusterTools.Simulation;

/// <summary>What is done to the cluster.</summary>
internal enum Fault
{
    PowerCrash,
    AllPowerLost,
    UnsyncedWritesLost,
    DaemonCrash,
    DaemonCrashLeftDown,
    Stall,
    StallAtSpawn,
    WokeAfterLoss,
    SpawnAfterLoss,
    PartitionSymmetric,
    PartitionIsolated,
    PartitionOneWay,
    PartitionAsymmetric,
    NetworkDelay,
    NetworkLoss,
    ProposalLost,
    StartFails,
    StartHangs,
    StartSlow,
    StartSaysFailureButRuns,
    DiesAfterStart,
    StopFails,
    StopHangs,
    StopSlow,
    StopSaysFailureButStopped,
    ResourceDies,
    MonitorLies,
    ProbeFails,
    FenceDeviceFails,
    FenceDeviceSlow,
    FenceSaysFailureButOff,
    AllFenceDevicesDead,
    DiskSlow,
    DiskDead,
    ClockJump,
    RequestSentTwice,
    ConfigurationChanged,
    ConfigurationStale,
    VotesChanged,
    NodeAdded,
    NodeRemoved,
    OperatorConfirmedDown,
    OperatorReleased,
    SwitchedOffInMaintenance,
    SwitchedOffAfterLeaving,
    DependenciesChanged,
    EventScriptsChanged,
    EventScriptFails,
    EventScriptHangs,
    EventScriptNeverAnswers,
    FinalScriptFails,
    AnswerUnknownToProbe,
    AnswerUnknownToCheck,
    AnswerUnknownToStop,
    AnswerUnknownToFence,
    MigrationFails,
    MigrationNeverConverges,
    MigrationLies,
    MigrationSourceLost,
    MigrationDestinationLost,
    MigrationDaemonLost,
    GuestMovedByOthers,
    GuestMovedOutside,
    GuestEnded,
}

/// <summary>What operators ask for at random.</summary>
internal enum Asked
{
    Enable,
    Disable,
    Stop,
    Relocate,
    Restart,
    Freeze,
    Unfreeze,
    Convalesce,
    Home,
    Clear,
    StopCluster,
    Drain,
    DrainTo,
    Pause,
    Resume,
    ResumeImmediate,
    Leave,
    ShutDown,
    MaintenanceRestart,
    FenceOff,
    FenceOn,
    FenceReboot,
    Message,
    Cancel,
    Runbook,
    UserEvent,
    Disarm,
    Arm,
    Migrate,
    MigrateTo,
    CancelMigration,
}

/// <summary>What a checker needs to have something to say.</summary>
internal enum Premise
{
    ExclusiveStartChecked,
    ExclusiveOtherHadHeld,
    FencingGateOtherLost,
    FencingProvenByDevices,
    FencingProvenByOperator,
    QuorumLostWithWork,
    QuorumLossDeadlineChecked,
    QuorumLossReset,
    FrozenLeftRunningWithoutQuorum,
    ConfigurationGrew,
    ColdStart,
    Reformed,
    UncommittedTakenBack,
    UncommittedCarried,
    ChildStartChecked,
    ParentStopChecked,
    ParentStopWithChildrenStopped,
    FrozenGroupHeld,
    FrozenGroupOwnerLost,
    UnfreezeWaited,
    RestartInPlace,
    RestartWindowFull,
    RestrictedDomainStart,
    ExclusiveGroupStart,
    PlanCompared,
    IndicesCompared,
    SettlingCompared,
    PrivateSettlingCompared,
    ReplicasCompared,
    SnapshotThroughJson,
    LiveGroupUp,
    LiveGroupWithoutRoom,
    LiveGroupDisabledDown,
    SettledStable,
    ContestedEpochOpened,
    LeftClean,
    MaintenanceReturned,
    Adopted,
    ActionIdChecked,
    VoteChangeUnderBoth,
    VoteChangeRefused,
    HandsOffChecked,
    HandsOffColdStart,
    ViewWithoutQuorumNeverFences,
    RequiredGroupChecked,
    DependantStoppedFirst,
    SameNodeChecked,
    NeverSameNodeChecked,
    LiveGroupWithoutWhatItRequires,
    LiveDependencyHeld,
    ScriptPlaced,
    StartRetried,
    StopRetried,
    FinalActionTaken,
    FencedByFinalAction,
    LeftByFinalAction,
    GuestAdded,
    GuestAdopted,
    GuestLeftRunning,
    ActiveByStartOrWord,
    UnknownAnswerChecked,
    UnknownLeftAlone,
    StartWaitedForAnswer,
    UnknownStopTried,
    UnansweredCheckCounted,
    Disarmed,
    DisarmRefused,
    DisarmedByHand,
    DisarmedLeftRunningWithoutQuorum,
    Armed,
    ArmedWithSomebodyAway,
    ProbedAfterArming,
    FlappingKeptOut,
    FlappingReleased,
    KeptForANode,
    VoteTaken,
    VoteTakenDownToTwo,
    VotesWithoutTaken,
    VoteBack,
    FormedWithoutTaken,
    TakenAllUp,
    Migrated,
    MigrationFailed,
    MigrationEnded,
    MigrationEndedTooLate,
    MigrationInDoubt,
    UndisturbedChecked,
    DrainedByMigration,
    GuestAdoptedElsewhere,
    GuestLeftOutside,
}

/// <summary>Counts over one or many seeds.</summary>
internal sealed class Tally
{
    private static readonly int[] Sizes =
        [Enum.GetValues<Fault>().Length, Enum.GetValues<Asked>().Length, Enum.GetValues<Premise>().Length];

    private readonly long[] faults = new long[Sizes[0]];
    private readonly long[] asked = new long[Sizes[1]];
    private readonly long[] premises = new long[Sizes[2]];

    public long Seeds { get; set; }

    public long Committed { get; set; }

    public long MinCommitted { get; set; } = long.MaxValue;

    public long Injected { get; set; }

    public long MinInjected { get; set; } = long.MaxValue;

    public long Steps { get; set; }

    public long SimulatedMilliseconds { get; set; }

    public void Count(Fault fault) => faults[(int)fault]++;

    public void Count(Asked what) => asked[(int)what]++;

    public void Count(Premise premise) => premises[(int)premise]++;

    public void Add(Tally other)
    {
        Merge(faults, other.faults);
        Merge(asked, other.asked);
        Merge(premises, other.premises);
        Seeds += other.Seeds;
        Committed += other.Committed;
        Injected += other.Injected;
        Steps += other.Steps;
        SimulatedMilliseconds += other.SimulatedMilliseconds;
        MinCommitted = Math.Min(MinCommitted, other.MinCommitted);
        MinInjected = Math.Min(MinInjected, other.MinInjected);
    }

    /// <summary>Fault kinds, requests and premises that were never reached.</summary>
    public IReadOnlyList<string> Unreached() =>
    [
        .. Enum.GetValues<Fault>().Where(f => faults[(int)f] == 0).Select(f => $"fault {f}"),
        .. Enum.GetValues<Asked>().Where(f => asked[(int)f] == 0).Select(f => $"request {f}"),
        .. Enum.GetValues<Premise>().Where(f => premises[(int)f] == 0).Select(f => $"premise {f}"),
    ];

    public override string ToString()
    {
        var text = new StringBuilder();
        text.AppendLine($"{Seeds:N0} seeds; {Committed:N0} committed entries (least in a seed: {MinCommitted}); "
            + $"{Injected:N0} faults (least in a seed: {MinInjected}); {Steps:N0} steps; {SimulatedMilliseconds / 3_600_000.0:N1} "
            + $"simulated hours.");
        Table(text, "faults", faults, i => ((Fault)i).ToString());
        Table(text, "requests", asked, i => ((Asked)i).ToString());
        Table(text, "premises", premises, i => ((Premise)i).ToString());
        return text.ToString();
    }

    private static void Merge(long[] into, long[] from)
    {
        for (int i = 0; i < into.Length; i++)
        {
            into[i] += from[i];
        }
    }

    private static void Table(StringBuilder text, string title, long[] counts, Func<int, string> name)
    {
        text.AppendLine().AppendLine($"{title}:");
        for (int i = 0; i < counts.Length; i++)
        {
            text.AppendLine($"  {name(i),-36} {counts[i],12:N0}");
        }
    }
}
