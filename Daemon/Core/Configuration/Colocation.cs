namespace ClusterTools.Core.Configuration;

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
