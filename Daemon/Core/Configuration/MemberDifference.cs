namespace ClusterTools.Core.Configuration;

/// <summary>One difference between two configurations.</summary>
/// <param name="Path">Such as <c>groups/webshop/resources/script:shop-web/monitorInterval</c>.</param>
/// <param name="Change">What happened there.</param>
/// <param name="Old">The value before, as JSON; null: there was none.</param>
/// <param name="New">The value after, as JSON; null: there is none.</param>
public sealed record MemberDifference(string Path, MemberChange Change, string? Old, string? New)
{
    /// <summary>The names on the way to it.</summary>
    internal string[] Parts { get; } = Path.Split('/');
}
