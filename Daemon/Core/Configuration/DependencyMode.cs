namespace ClusterTools.Core.Configuration;

/// <summary>Whether a group runs only if another does (rgmanager's depend_mode).</summary>
public enum DependencyMode
{
    /// <summary>It does not matter whether the other runs.</summary>
    None,

    /// <summary>It starts only when the other is started, and goes on when the other stops.</summary>
    Soft,

    /// <summary>It starts only when the other is started, and is stopped before the other stops, or when the other has failed.</summary>
    Hard,
}
