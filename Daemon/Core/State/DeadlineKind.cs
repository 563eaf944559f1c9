namespace ClusterTools.Core;

public enum DeadlineKind
{
    /// <summary>Cluster time must be moved on so that it never lags by more than a jump.</summary>
    Clock,
    Node,
    Group,
    Fence,

    /// <summary>An event script has had its time.</summary>
    EventScript,
}
