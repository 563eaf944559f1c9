namespace ClusterTools.Core;

/// <summary>What a probe found.</summary>
/// <param name="Group">The group.</param>
/// <param name="Resource">The resource.</param>
/// <param name="Answer">What the agent's answer means.</param>
/// <param name="Message">What it said.</param>
public sealed record FoundResource(string Group, string Resource, FoundAnswer Answer, string Message = "");
