namespace ClusterTools.Core;

/// <summary>What kind of answer a start or stop came to.</summary>
public enum ActionAnswer
{
    /// <summary>The agent did it, or said that it could not.</summary>
    Given,

    /// <summary>The agent says that this can't run here: not installed, not configured, not to be executed.</summary>
    CannotRun,

    /// <summary>Nobody knows what came of it.</summary>
    Unknown,

    /// <summary>Nothing was done at all.</summary>
    NotBegun,
}
