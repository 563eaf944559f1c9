using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>Move a guest to another node while it runs.</summary>
public sealed record MigrationAction(
    ActionId Id, string Node, string Group, ResourceConfiguration Resource, string To, MigrationKind Kind) : ClusterAction(Id, Node);
