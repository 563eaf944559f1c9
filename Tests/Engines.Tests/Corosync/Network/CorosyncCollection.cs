namespace ClusterTools.Engines.Tests.Corosync.Network;

/// <summary>Tests that share four machines with corosync, one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class CorosyncCollection : ICollectionFixture<CorosyncNetwork>
{
    public const string Name = "four corosyncs";
}
