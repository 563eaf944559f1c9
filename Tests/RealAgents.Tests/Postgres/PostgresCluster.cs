using ClusterTools.Core.Configuration;

namespace ClusterTools.RealAgents.Tests.Postgres;

/// <summary>A lab whose group is a PostgreSQL: node1 and node2 may run it, on one data directory.</summary>
internal sealed class PostgresCluster : NamespaceLab
{
    public const string Group = "ledger";

    private PostgresCluster(Workshop workshop, PostgresStorage storage)
        : base(workshop, Group, "node.sh", storage.Environment) => Storage = storage;

    public PostgresStorage Storage { get; }

    /// <summary>Starts the lab, and PostgreSQL when all nodes are online.</summary>
    public static async Task<PostgresCluster> StartAsync(Workshop workshop, PostgresStorage storage)
    {
        var cluster = new PostgresCluster(workshop, storage);
        await cluster.RunAsync(cluster.Service());
        return cluster;
    }

    /// <summary>The server's first process is killed.</summary>
    public void KillPostmaster() => Assert.True(Assert.Single(PostgresWitness.FindPostmasters(Storage.Data)).Signal(9));

    public override void Print()
    {
        base.Print();
        Console.Error.WriteLine($"--- PostgreSQL\n{Storage.Log}");
    }

    private GroupConfiguration Service() => new()
    {
        Name = Group,
        Resources =
        [
            new ResourceConfiguration
            {
                Id = "pgsql:ledger",
                Type = "pgsql",
                Agent = PostgresStorage.Agent,
                Parameters = Storage.Parameters,
                MonitorInterval = 1000,
                StartTimeout = 60_000,
                StopTimeout = 60_000,
            },
        ],
    };
}
