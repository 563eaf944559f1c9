using System.Collections.Immutable;

namespace ClusterTools.Core.Configuration;

/// <summary>A script of the administrator's that is told of events, and may decide where groups are placed (FEATURES B11).</summary>
public sealed record EventScript
{
    public required string Name { get; init; }

    /// <summary>What is run: <c>exec:/path</c> or <c>powershell:/path.ps1</c>, on one of the Online members.</summary>
    public required string Command { get; init; }

    /// <summary>
    /// Which events it is told of: kinds of the journal such as <c>node.lost</c>, <c>group.started</c> or <c>user.NAME</c>;
    /// <c>*</c> at the end of one stands for anything.
    /// </summary>
    public ImmutableArray<string> Events { get; init; } = [];

    /// <summary>It is asked where a group starts, in place of the default; one script only.</summary>
    public bool Placement { get; init; }

    /// <summary>Its limit in milliseconds; then it is ended and the default counts. 100 to 600,000.</summary>
    public int Timeout { get; init; } = 10_000;
}
