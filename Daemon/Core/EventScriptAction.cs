using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>Call an event script: tell it of events, and ask it where groups go.</summary>
public sealed record EventScriptAction(ActionId Id, string Node, EventScript Script, EventScriptCall Call) : ClusterAction(Id, Node);
