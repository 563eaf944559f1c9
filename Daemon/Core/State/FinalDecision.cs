using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>A final action that was decided and is not carried out yet (FEATURES B12).</summary>
/// <param name="Resource">Whose start or stop has failed for good.</param>
/// <param name="Action">What is done.</param>
/// <param name="AfterStop">A stop has failed; otherwise a start.</param>
/// <param name="Scripted">The script before it has been asked for, or there is none.</param>
public sealed record FinalDecision(string Resource, FinalAction Action, bool AfterStop, bool Scripted);
