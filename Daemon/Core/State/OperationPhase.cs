namespace ClusterTools.Core;

public enum OperationPhase
{
    Running,
    Succeeded,
    Failed,
}
