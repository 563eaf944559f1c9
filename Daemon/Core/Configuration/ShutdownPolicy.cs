namespace ClusterTools.Core.Configuration;

/// <summary>What becomes of a node's groups when its machine is shut down (FEATURES A11).</summary>
public enum ShutdownPolicy
{
    /// <summary>They go to other nodes; what can go nowhere is stopped.</summary>
    Move,

    /// <summary>They are stopped, and wait for the node until it is back or a person starts them elsewhere.</summary>
    Stop,

    /// <summary>For a short restart: the same, but after <see cref="ClusterTiming.KeepLimit"/> they go to other nodes.</summary>
    Keep,
}
