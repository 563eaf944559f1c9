namespace ClusterTools.Core;

public enum PredictedAction
{
    Start,
    Stop,

    /// <summary>A guest moves while it runs, to the node that is named.</summary>
    Migrate,
    Fence,
}
