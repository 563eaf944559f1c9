namespace ClusterTools.Core;

/// <summary>Say in this node's journal how long a life of another, missing from the view, has been silent by its own clock.</summary>
public sealed record TellSilence(string Node, long Incarnation) : Effect;
