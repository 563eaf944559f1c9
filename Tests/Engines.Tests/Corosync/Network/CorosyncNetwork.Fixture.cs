namespace ClusterTools.Engines.Tests.Corosync.Network;

/// <summary>What xunit starts and ends; other programs than tests do that themselves.</summary>
public sealed partial class CorosyncNetwork : IAsyncLifetime;
