using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>
/// Start or stop a resource, or run the script before its final action, after whatever runs of the same group, and answer with
/// <see cref="ActionCompleted"/>.
/// </summary>
/// <param name="Action">What is asked.</param>
/// <param name="Final">The final action that the group is about to take; null: none.</param>
public sealed record RunResource(ResourceAction Action, FinalAction? Final) : Effect;
