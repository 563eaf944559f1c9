namespace ClusterTools.Contract;

/// <summary>What one group needs of another, and whether that is so now: in <see cref="GroupStatus.Dependencies"/>.</summary>
public sealed class GroupDependency
{
    /// <summary>The group that needs something.</summary>
    public string Group { get; set; } = "";

    /// <summary>The group that it needs.</summary>
    public string DependsOn { get; set; } = "";

    public DependencyMode Require { get; set; }

    public Colocation Colocation { get; set; }

    /// <summary>It is so now.</summary>
    public bool Met { get; set; }

    /// <summary>Why it is, or is not.</summary>
    public string Why { get; set; } = "";
}

/// <summary>A dependency as it is configured: an entry of <see cref="ServiceConfiguration.Dependencies"/>.</summary>
public sealed class ServiceDependency
{
    /// <summary>The group that is needed.</summary>
    public string Group { get; set; } = "";

    public DependencyMode Require { get; set; }

    public Colocation Colocation { get; set; }
}

/// <summary>Whether a group runs only if another does.</summary>
public enum DependencyMode
{
    /// <summary>It does not matter whether the other runs.</summary>
    None,

    /// <summary>It starts only when the other is started, and goes on when the other stops.</summary>
    Soft,

    /// <summary>It starts only when the other is started, and is stopped before the other stops, or when the other has failed.</summary>
    Hard,
}

/// <summary>Whether a group shares a node with another.</summary>
public enum Colocation
{
    /// <summary>It does not matter.</summary>
    Any,

    /// <summary>While the other is active, on its node and nowhere else: it follows the other.</summary>
    Same,

    /// <summary>Never where the other is active; holds for both of them.</summary>
    Never,
}
