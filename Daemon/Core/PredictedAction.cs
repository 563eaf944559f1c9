namespace ClusterTools.Core;

public enum PredictedAction
{
    Start,
    Stop,
    Fence,
}
