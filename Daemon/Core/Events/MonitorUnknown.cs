namespace ClusterTools.Core;

/// <summary>A status check was not answered, or is answered again.</summary>
/// <param name="Group">The group.</param>
/// <param name="Resource">The resource.</param>
/// <param name="Node">Where.</param>
/// <param name="Incarnation">The node's life.</param>
/// <param name="Depth">Of the check.</param>
/// <param name="Asked">How many in a row were not answered.</param>
/// <param name="Message">Why not; null: it is answered again, and the resource runs.</param>
public sealed record MonitorUnknown(
    string Group, string Resource, string Node, long Incarnation, int Depth, int Asked, string? Message) : ClusterEvent;
