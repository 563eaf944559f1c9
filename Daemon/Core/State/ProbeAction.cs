namespace ClusterTools.Core;

/// <summary>A node is asked what runs on it.</summary>
/// <param name="Id">Of the action.</param>
/// <param name="Covers">The probe demand that the answer meets.</param>
public sealed record ProbeAction(ActionId Id, long Covers);
