using System.Text.Json;
using ClusterTools.Core;

namespace ClusterTools.Node;

/// <summary>What one daemon is started with: <c>node.json</c> in its state folder, made by <c>clusterd init</c>.</summary>
public sealed record NodeSettings
{
    public const string FileName = "node.json";

    /// <summary>Beside it: what the node has seen of the log.</summary>
    public const string LogMemoryFile = "log.seen";

    /// <summary>
    /// Beside it: <c>clusterd recover</c> was told to go on without what the node has seen. Goes when a configuration is in force.
    /// </summary>
    public const string RecoveryFile = "recover";

    /// <summary>This node's name in the configuration.</summary>
    public required string Node { get; init; }

    /// <summary>Name of the cluster.</summary>
    public required string Cluster { get; init; }

    /// <summary>What joins the nodes.</summary>
    public NodeEngine Engine { get; init; }

    /// <summary>
    /// Folder of the log, relative to the state folder: with the local engine the daemons of one machine share it, with corosync it is this
    /// node's alone.
    /// </summary>
    public required string EngineFolder { get; init; }

    /// <summary>Token time in milliseconds, 200 to 60,000.</summary>
    public int Token { get; init; } = 1000;

    /// <summary>Addresses that the API listens on, such as <c>https://127.0.0.1:7450</c>.</summary>
    public required IReadOnlyList<string> Listen { get; init; }

    /// <summary>The configuration to propose when the cluster has none: a file beside this one, JSON form.</summary>
    public string BootstrapConfiguration { get; init; } = "bootstrap.json";

    /// <summary>Certificate of this node with its key (PFX) and the cluster's CA (PEM); beside this file.</summary>
    public string Certificate { get; init; } = "node.pfx";

    public string Authority { get; init; } = "ca.pem";

    /// <summary>Added to the environment of every resource agent.</summary>
    public IReadOnlyDictionary<string, string> AgentEnvironment { get; init; } = new Dictionary<string, string>();

    /// <summary>Set for a node of a lab: its folder.</summary>
    public string? Lab { get; init; }

    /// <summary>The machine's watchdog, which this daemon feeds; null: it has none.</summary>
    public WatchdogSettings? Watchdog { get; init; }

    /// <summary>Reads the settings of a state folder.</summary>
    /// <exception cref="InvalidDataException">The file is missing or wrong; the message says where and what to do.</exception>
    public static NodeSettings Read(string stateFolder)
    {
        string path = Path.Combine(stateFolder, FileName);
        try
        {
            NodeSettings settings = JsonSerializer.Deserialize(File.ReadAllBytes(path), NodeJson.Options.GetTypeInfo<NodeSettings>())
                ?? throw new InvalidDataException($"{path} is empty. Run 'clusterd init' to make it.");
            return settings.Watchdog?.WhyWrong() is { } wrong ? throw new InvalidDataException($"{path}: {wrong}") : settings;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InvalidDataException($"{path} is not there. Run 'clusterd init' for this node first.", e);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path} can't be read. {JsonFault.Of(e)} Or run 'clusterd init' again.", e);
        }
    }
}
