namespace ClusterTools.Core;

public enum NodePhase
{
    /// <summary>In the view; has not yet answered its probe.</summary>
    Joining,

    /// <summary>Able to run groups.</summary>
    Online,

    /// <summary>Emptied on request, or away for a planned restart of its daemon.</summary>
    Maintenance,

    /// <summary>Being emptied.</summary>
    Draining,

    /// <summary>Silent; not fenced yet.</summary>
    Lost,

    /// <summary>Being fenced.</summary>
    Fencing,

    /// <summary>Proven down, left cleanly, or never joined.</summary>
    Down,

    /// <summary>Silent, and nobody can prove that it is dead: what it owned is blocked.</summary>
    LeftCluster,
}
