namespace ClusterTools.Core;

public enum Quorum
{
    /// <summary>Nothing new; what runs is stopped.</summary>
    None,

    /// <summary>One of two nodes whose peer is silent: it may fence, and nothing else.</summary>
    Contested,

    Quorate,
}
