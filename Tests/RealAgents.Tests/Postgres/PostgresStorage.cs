using System.Collections.Immutable;
using System.Globalization;
using ClusterTools.Core.Configuration;

namespace ClusterTools.RealAgents.Tests.Postgres;

/// <summary>A data directory of a real PostgreSQL that several nodes reach, and what a node needs to serve from it.</summary>
internal sealed class PostgresStorage
{
    public const string User = "postgres";
    public const string Agent = "ocf:heartbeat:pgsql";

    private readonly Workshop workshop;

    private PostgresStorage(Workshop workshop) => this.workshop = workshop;

    /// <summary>Folder with the programs of the newest server that is installed; null: none is.</summary>
    public static string? Programs { get; } = !Directory.Exists("/usr/lib/postgresql") ? null
        : Directory.EnumerateDirectories("/usr/lib/postgresql")
        .OrderByDescending(
            static folder =>
            double.TryParse(Path.GetFileName(folder), NumberStyles.Float, CultureInfo.InvariantCulture, out double version) ? version : 0)
        .Select(static folder => Path.Combine(folder, "bin"))
        .FirstOrDefault(static folder => File.Exists(Path.Combine(folder, "postgres")));

    /// <summary>The data directory.</summary>
    public string Data => workshop["data"];

    /// <summary>What the nodes' pg_ctl noted: a line for each start, and for each that found another node's server alive.</summary>
    public string[] Starts => File.Exists(workshop["witness/log"]) ? File.ReadAllLines(workshop["witness/log"]) : [];

    /// <summary>The agent's parameters, the same on every node.</summary>
    public ImmutableSortedDictionary<string, string> Parameters => ClusterConfiguration.Sorted<string>()
        .Add("pgctl", workshop["pg_ctl.sh"])
        .Add("psql", Path.Combine(Programs!, "psql"))
        .Add("pgdata", Data)
        .Add("pgdba", User)
        .Add("socketdir", workshop["socket"])
        .Add("logfile", workshop["log/postgres.log"])
        .Add("stop_escalate", "10");

    /// <summary>What scripts of a node find in their environment.</summary>
    public ImmutableSortedDictionary<string, string> Environment => ClusterConfiguration.Sorted<string>()
        .Add("WORKSHOP", workshop.Path)
        .Add("REAL_PG_CTL", Path.Combine(Programs!, "pg_ctl"));

    /// <summary>What a node does at boot, so that its server's socket is its own.</summary>
    public string Boot(string node) => $"mount --bind {SocketFolder(node)} {workshop["socket"]}";

    /// <summary>Where a node's socket is seen from outside of it.</summary>
    public string SocketFolder(string node) => workshop[$"sockets/{node}"];

    /// <summary>The last lines that servers wrote.</summary>
    public string Log =>
        File.Exists(workshop["log/postgres.log"]) ? string.Join('\n', File.ReadLines(workshop["log/postgres.log"]).TakeLast(60)) : "(none)";

    public static Task RequireAsync() =>
        Premises.RequireAsync("pgsql", Programs is null ? "PostgreSQL's server (package postgresql)"
            : Path.Combine(Programs, "initdb"), "flock", "runuser");

    /// <summary>Makes the data directory.</summary>
    public static async Task<PostgresStorage> CreateAsync(Workshop workshop, params string[] nodes)
    {
        var storage = new PostgresStorage(workshop);
        string[] own = [storage.Data, workshop["log"], workshop["witness"], .. nodes.Select(storage.SocketFolder)];
        foreach (string folder in (string[])[.. own, workshop["socket"]])
        {
            Directory.CreateDirectory(folder);
        }

        foreach (string script in (string[])["pg_ctl.sh", "node.sh"])
        {
            File.Copy(Path.Combine(AppContext.BaseDirectory, script), workshop[script]);
            await Shell.RunAsync($"chmod 755 {workshop[script]}");
        }

        await Shell.RunAsync($"chown {User}: {string.Join(' ', own)} && chmod 700 {storage.Data}");
        await Shell.RunAsync(
            $"cd / && runuser {User} -c '{Programs}/initdb --auth=trust --username={User} --no-locale --encoding=UTF8 "
                + $"--pgdata={storage.Data}'");
        await File.AppendAllTextAsync(
            Path.Combine(storage.Data, "postgresql.conf"),
            $"""

            # Reached by its socket alone, of which each node has its own: no port that is taken keeps a second server from starting.
            listen_addresses = ''
            unix_socket_directories = '{workshop["socket"]}'
            shared_buffers = 16MB
            max_connections = 20
            fsync = on
            synchronous_commit = on
            log_line_prefix = '%m [%p] '

            """,
            Shell.Cancel);
        return storage;
    }
}
