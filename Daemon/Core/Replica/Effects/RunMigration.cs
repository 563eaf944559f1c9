using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>
/// Move a guest to another node, after whatever runs of the same group, tell how far it is by <see cref="MigrationTold"/>, and answer with
/// <see cref="ActionCompleted"/>.
/// </summary>
/// <param name="Action">What is asked.</param>
/// <param name="To">The other node.</param>
public sealed record RunMigration(MigrationAction Action, NodeConfiguration To) : Effect;
