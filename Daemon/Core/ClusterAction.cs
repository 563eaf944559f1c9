namespace ClusterTools.Core;

/// <summary>Something that has to be done outside the Core.</summary>
/// <param name="Id">Never used twice.</param>
/// <param name="Node">Who does it.</param>
public abstract record ClusterAction(ActionId Id, string Node);
