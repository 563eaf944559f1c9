namespace ClusterTools.Core;

/// <summary>What a look at a group has led to.</summary>
internal enum Step
{
    /// <summary>Something changed; look again.</summary>
    Again,

    /// <summary>Nothing more can be decided now.</summary>
    Done,
}
