using System.Text.Json;
using ClusterTools.Agents;
using ClusterTools.Core;

namespace ClusterTools.Lab;

/// <summary>What is written down about a lab: <c>lab.json</c> among its own files.</summary>
/// <param name="Cluster">Name of the cluster.</param>
/// <param name="Nodes">Each node and the address of its API.</param>
/// <param name="Token">Token time in milliseconds.</param>
public sealed record LabDescription(string Cluster, IReadOnlyList<LabNode> Nodes, int Token);

/// <summary>A node of a lab.</summary>
/// <param name="Name">As configured.</param>
/// <param name="Address">Where its API listens.</param>
public sealed record LabNode(string Name, string Address);

/// <summary>Where things are in a lab's folder. Each node has a folder of its own name; the lab's own begin with a dot.</summary>
public sealed class LabFolder
{
    private static readonly JsonSerializerOptions Json = CoreJson.Indented.With(LabJsonTypes.Default);

    /// <param name="path">The lab's folder.</param>
    public LabFolder(string path) => Path = System.IO.Path.GetFullPath(path);

    /// <summary>The lab's folder, absolute.</summary>
    public string Path { get; }

    /// <summary>The lab's own files.</summary>
    public string Own => In(".lab");

    /// <summary>The fence agent that nodes call: a program of one line.</summary>
    public string FenceAgent => System.IO.Path.Combine(Own, "fence_lab");

    /// <summary>The script that stands in for resources.</summary>
    public string StandIn => System.IO.Path.Combine(Own, "stand-in");

    /// <summary>The client context with the administrator's certificate.</summary>
    public string Context => In("context.json");

    /// <summary>The daemons' shared folder.</summary>
    public string Engine => In(".engine");

    private string DescriptionFile => System.IO.Path.Combine(Own, "lab.json");

    /// <summary>A node's folder: its state, its power, its log.</summary>
    public string Node(string node) => In(node);

    /// <summary>What a node's daemon writes.</summary>
    public string Log(string node) => System.IO.Path.Combine(Node(node), "clusterd.log");

    /// <summary>A node's folder that is emptied at each power-on: what its resource agents keep.</summary>
    public string Run(string node) => System.IO.Path.Combine(Node(node), "run");

    /// <summary>Reads what is written down about the lab.</summary>
    /// <exception cref="LabException">There is no lab in this folder.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder is not this user's alone.</exception>
    public LabDescription Describe()
    {
        PrivateFolder.Check(Path);
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(DescriptionFile), Json.GetTypeInfo<LabDescription>())!;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new LabException($"There is no lab in '{Path}'. Give the folder that 'clusterd lab' printed.", e);
        }
    }

    internal void Write(LabDescription description)
    {
        Directory.CreateDirectory(Own);
        File.WriteAllBytes(DescriptionFile, JsonSerializer.SerializeToUtf8Bytes(description, Json.GetTypeInfo<LabDescription>()));
    }

    private string In(string name) => System.IO.Path.Combine(Path, name);
}

/// <summary>The lab can't go on; the message says why and what to do.</summary>
public sealed class LabException : Exception
{
    /// <inheritdoc/>
    public LabException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
