namespace ClusterTools.Core;

public enum JournalSeverity
{
    Information,
    Warning,
    Error,
}
