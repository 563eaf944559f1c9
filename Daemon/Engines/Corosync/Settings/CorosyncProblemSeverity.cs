namespace ClusterTools.Engines.Corosync.Settings;

/// <summary>How bad a <see cref="CorosyncProblem"/> is.</summary>
public enum CorosyncProblemSeverity
{
    /// <summary>ClusterTools does not work with it, and does not write it.</summary>
    Error,

    /// <summary>It works, but is hardly meant.</summary>
    Warning,

    /// <summary>It works, and is gone once ClusterTools writes the file.</summary>
    Lost,
}
