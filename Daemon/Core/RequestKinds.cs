namespace ClusterTools.Core;

/// <summary>What kind of operation a request is.</summary>
public static class RequestKinds
{
    public static OperationKind Of(GroupOperation operation) => operation switch
    {
        GroupOperation.Enable => OperationKind.GroupEnable,
        GroupOperation.Disable => OperationKind.GroupDisable,
        GroupOperation.Stop => OperationKind.GroupStop,
        GroupOperation.Relocate => OperationKind.GroupRelocate,
        GroupOperation.Migrate => OperationKind.GroupMigrate,
        GroupOperation.StopMigration => OperationKind.GroupStopMigration,
        GroupOperation.Restart => OperationKind.GroupRestart,
        GroupOperation.Freeze => OperationKind.GroupFreeze,
        GroupOperation.Unfreeze => OperationKind.GroupUnfreeze,
        GroupOperation.Convalesce => OperationKind.GroupConvalesce,
        GroupOperation.Home => OperationKind.GroupHome,
        GroupOperation.Clear => OperationKind.GroupClear,
        _ => throw new InvalidOperationException($"Unknown operation {operation}."),
    };

    public static OperationKind Of(NodeOperation operation) => operation switch
    {
        NodeOperation.Drain => OperationKind.NodeDrain,
        NodeOperation.Pause => OperationKind.NodePause,
        NodeOperation.Leave => OperationKind.NodeLeave,
        NodeOperation.ShutDown => OperationKind.NodeShutdown,
        NodeOperation.Maintenance => OperationKind.NodeMaintenance,
        NodeOperation.Resume => OperationKind.NodeResume,
        NodeOperation.ResumeWithoutFailback => OperationKind.NodeResumeWithoutFailback,
        NodeOperation.ResumeWithImmediateFailback => OperationKind.NodeResumeWithImmediateFailback,
        NodeOperation.ConfirmDown => OperationKind.NodeConfirmDown,
        NodeOperation.FenceOff => OperationKind.NodeFenceOff,
        NodeOperation.FenceOn => OperationKind.NodeFenceOn,
        NodeOperation.FenceReboot => OperationKind.NodeFenceReboot,
        _ => throw new InvalidOperationException($"Unknown operation {operation}."),
    };
}
