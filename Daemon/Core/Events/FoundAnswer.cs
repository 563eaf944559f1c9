namespace ClusterTools.Core;

/// <summary>An answer to the question whether something runs, other than that it does not.</summary>
public enum FoundAnswer
{
    /// <summary>It runs, in good order.</summary>
    Runs,

    /// <summary>It is here and broken: it must be stopped before it is started anywhere.</summary>
    Broken,

    /// <summary>Nobody knows: the question could not be asked, or was not answered.</summary>
    Unknown,

    /// <summary>
    /// It can't run here (not installed, not configured, not to be executed), and so it does not, unless the record says otherwise.
    /// </summary>
    CannotRun,
}
