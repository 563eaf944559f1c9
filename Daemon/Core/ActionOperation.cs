namespace ClusterTools.Core;

public enum ActionOperation
{
    Probe,

    /// <summary>A node is asked again for groups of which it could not tell.</summary>
    Ask,
    Start,
    Stop,

    /// <summary>A guest moves to another node.</summary>
    Migrate,

    /// <summary>The script before a final action.</summary>
    FinalScript,
    FenceOff,
    FenceOn,

    /// <summary>An event script is called.</summary>
    EventScript,
}
