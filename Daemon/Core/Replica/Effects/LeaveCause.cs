namespace ClusterTools.Core;

/// <summary>Why a node may leave.</summary>
public enum LeaveCause
{
    /// <summary>That it has left, without groups, is committed.</summary>
    Left,

    /// <summary>That it is away for planned maintenance is committed, and nothing is asked of it any more.</summary>
    Maintenance,
}
