namespace ClusterTools.Core.Configuration;

public enum ProblemSeverity
{
    /// <summary>The configuration is accepted; the user is told.</summary>
    Warning,

    /// <summary>The configuration is refused.</summary>
    Error,
}
