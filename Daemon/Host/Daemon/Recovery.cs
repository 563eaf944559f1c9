using System.Globalization;
using ClusterTools.Api;
using ClusterTools.Client;
using ClusterTools.Core.Configuration;
using ClusterTools.Engines.Local;
using ClusterTools.Node;

namespace ClusterTools.Host.Daemon;

/// <summary>What one node of this machine knows of its cluster.</summary>
internal sealed record NodeKnowledge(
    string StateFolder, NodeSettings Settings, (string Log, long Index)? Seen, ConfigurationArchive Archive)
{
    public KeptConfiguration? Newest => Archive.Newest;
}

/// <summary>Going on after the log was lost, on somebody's word: what is known, what would be lost, and the doing of it.</summary>
internal sealed class Recovery : IDisposable
{
    private readonly string engine;
    private readonly Dictionary<long, (string Node, KeptConfiguration Record, ClusterConfiguration Document)> kept = [];

    private Recovery(string engine, LogLook log, IReadOnlyList<NodeKnowledge> nodes, string? obstacle)
    {
        this.engine = engine;
        Log = log;
        Nodes = nodes;
        Obstacle = obstacle;
    }

    public LogLook Log { get; }

    public IReadOnlyList<NodeKnowledge> Nodes { get; }

    /// <summary>Why nothing can be done now; null: it can.</summary>
    public string? Obstacle { get; }

    /// <summary>Nodes that have known another log than the one that is there.</summary>
    public IReadOnlyList<NodeKnowledge> Strangers => [.. Nodes.Where(n => n.Seen is { } seen && seen.Log != Log.Log)];

    /// <summary>The log is gone or damaged, or ends before what one of its own nodes has seen.</summary>
    public bool NeedsNewLog =>
        Log.Condition != LogCondition.Whole || Nodes.Any(n => n.Seen is { } seen && seen.Log == Log.Log && seen.Index > Log.Head);

    /// <summary>Reads what these nodes and their log hold; changes nothing.</summary>
    /// <exception cref="InvalidDataException">The nodes are not of one cluster on this machine.</exception>
    public static async Task<Recovery> LookAsync(IReadOnlyList<string> stateFolders, CancellationToken cancel)
    {
        (string Folder, NodeSettings Settings)[] all = [.. stateFolders.Select(f => (f, NodeSettings.Read(f)))];
        string[] engines = [.. all.Select(n => Path.GetFullPath(n.Settings.EngineFolder, n.Folder)).Distinct()];
        if (engines.Length != 1)
        {
            throw new InvalidDataException(
                $"These nodes do not share a log: {string.Join(", ", engines)}. Name the state folders of one cluster.");
        }

        foreach ((string folder, NodeSettings settings) in all)
        {
            if (DaemonFile.Read(folder) is { IsAlive: true } daemon)
            {
                return new Recovery(
                    engines[0], new LogLook(LogCondition.Whole, "in use", "", 0), [],
                    $"The daemon of {settings.Node}, process {daemon.Pid}, runs. Stop every daemon of this cluster first "
                        + "('clusterd stop').");
            }
        }

        IReadOnlyList<int> users = LocalLog.Users(engines[0]);
        if (users.Count > 0)
        {
            return new Recovery(
                engines[0], new LogLook(LogCondition.Whole, "in use", "", 0), [],
                $"The log is in use by process {string.Join(", ", users)}. Stop every daemon of this cluster first ('clusterd stop').");
        }

        NodeKnowledge[] nodes =
        [
            .. all.Select(n => new NodeKnowledge(
                n.Folder, n.Settings, LogMemory.Read(Path.Combine(n.Folder, NodeSettings.LogMemoryFile)),
                new ConfigurationArchive(n.Folder, m => Console.Error.WriteLine($"{n.Settings.Node}: {m}")))),
        ];
        var recovery = new Recovery(engines[0], LocalLog.Look(engines[0]), nodes, null);
        foreach (NodeKnowledge node in nodes)
        {
            foreach (KeptConfiguration record in await node.Archive.ReadAllAsync(cancel).ConfigureAwait(false))
            {
                if (!recovery.kept.ContainsKey(record.Version)
                    && await node.Archive.ReadAsync(record.Version, cancel).ConfigureAwait(false) is { } document)
                {
                    recovery.kept.Add(record.Version, (node.Settings.Node, record, document));
                }
            }
        }

        return recovery;
    }

    /// <summary>A version that one of the nodes keeps; null: none does.</summary>
    /// <param name="version">Null: the newest.</param>
    public (string Node, KeptConfiguration Record)? Choose(long? version)
    {
        long wanted = version ?? (kept.Count == 0 ? 0 : kept.Keys.Max());
        return kept.TryGetValue(wanted, out var found) ? (found.Node, found.Record) : null;
    }

    /// <summary>Does it.</summary>
    /// <param name="anew">The log is set aside and begun anew with that version; else the nodes join the one that is there.</param>
    /// <param name="version">Null: the newest.</param>
    /// <param name="cancel">Gives up in between; calling again goes on.</param>
    /// <returns>What was done, a line each.</returns>
    public IReadOnlyList<string> Apply(bool anew, long? version, CancellationToken cancel)
    {
        List<string> done = [];
        if (anew && LocalLog.SetAside(engine) is { } aside)
        {
            done.Add($"The old log was moved to {aside}.");
        }

        byte[] document = anew ? ConfigurationJson.Write(kept[Choose(version)!.Value.Record.Version].Document) : [];
        foreach (NodeKnowledge node in Nodes)
        {
            cancel.ThrowIfCancellationRequested();
            if (anew)
            {
                PrivateFile.Write(Path.Combine(node.StateFolder, node.Settings.BootstrapConfiguration), document);
            }

            PrivateFile.Write(
                Path.Combine(node.StateFolder, NodeSettings.RecoveryFile),
                "The next start may go on without the log that this node has known.\n"u8.ToArray());
            done.Add(
                $"{node.Settings.Node} will {(anew ? "form the cluster anew" : "join the log that is there")}: "
                    + $"clusterd run --state {node.StateFolder}");
        }

        return done;
    }

    public void Dispose()
    {
        foreach (NodeKnowledge node in Nodes)
        {
            node.Archive.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }
}
