namespace ClusterTools.Core;

/// <summary>Call an event script and answer with <see cref="EventScriptCompleted"/>.</summary>
/// <param name="Action">What is asked.</param>
/// <param name="State">The state that asks it, as the script is told of it.</param>
public sealed record RunEventScript(EventScriptAction Action, ClusterState State) : Effect;
