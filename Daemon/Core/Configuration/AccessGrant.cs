namespace ClusterTools.Core.Configuration;

/// <summary>The right of one certificate.</summary>
public sealed record AccessGrant
{
    /// <summary>Shown in the journal as who asked.</summary>
    public required string Name { get; init; }

    public required AccessRole Role { get; init; }
}
