namespace ClusterTools.Core;

/// <summary>What an event script answers about one group.</summary>
/// <param name="Group">The group.</param>
/// <param name="Node">Where it is to run; null: by the domain's rules.</param>
/// <param name="Operation">What is to be done with it; null: it is placed on <paramref name="Node"/>, or moved there.</param>
public sealed record EventScriptDecision(string Group, string? Node = null, GroupOperation? Operation = null);
