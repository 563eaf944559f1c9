namespace ClusterTools.Core;

public enum ResourcePhase
{
    Running,

    /// <summary>Must be stopped before anything else: failed, in doubt, changed, or its group is stopping.</summary>
    Doomed,
}
