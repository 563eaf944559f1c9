using ClusterTools.Agents;
using ClusterTools.Fencing;
using ClusterTools.Node;

namespace ClusterTools.Api.Tests;

/// <summary>Agents of a test's own, made in a folder that is there from the first use on.</summary>
internal sealed class AgentFolder : IDisposable
{
    private readonly Lazy<AgentCatalogue> catalogue;
    private string? root;

    public AgentFolder() => catalogue = new Lazy<AgentCatalogue>(() => new AgentCatalogue(
        new InstalledAgents(new ResourceAgentOptions
        {
            StateFolder = Root,
            OcfRoot = Root,
            LsbFolder = Path.Combine(Root, "init.d"),
            SystemdRunFolder = Root,
            SystemdUnitFolders = [Path.Combine(Root, "units")],
            AgentRunFolder = Root,
        }),
        new FenceAgentExecutor(new FenceAgentOptions { Folders = [Path.Combine(Root, "fence")] })));

    public AgentCatalogue Catalogue => catalogue.Value;

    private string Root => root ??= Directory.CreateTempSubdirectory("clustertools-api-").FullName;

    /// <summary>Makes a script, and gives its path.</summary>
    public string Write(string path, string body)
    {
        string file = Path.Combine(Root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, "#!/bin/sh\n" + body);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        return file;
    }

    /// <summary>Makes an OCF agent of a name whose parameters are those given.</summary>
    public void WriteResourceAgent(string name, params string[] parameters) =>
        Write($"resource.d/heartbeat/{name}", Metadata(name, parameters));

    /// <summary>Makes the fence agent of the tests' configuration.</summary>
    public void WriteFenceAgent(string name, params string[] parameters) => Write($"fence/{name}", Metadata(name, parameters));

    /// <summary>How often scripts have said that they were called.</summary>
    public int Calls(string path) => File.Exists(Path.Combine(Root, path)) ? File.ReadAllLines(Path.Combine(Root, path)).Length : 0;

    private static string Metadata(string name, string[] parameters) =>
        $"""
        cat <<'XML'
        <?xml version="1.0"?>
        <resource-agent name="{name}"><parameters>{string.Concat(parameters.Select(static p => $"<parameter name=\"{p}\"><content type=\"string\"/></parameter>"))}</parameters><actions/></resource-agent>
        XML

        """;

    public void Dispose()
    {
        if (catalogue.IsValueCreated)
        {
            catalogue.Value.Dispose();
        }

        if (root is not null)
        {
            Directory.Delete(root, recursive: true);
        }
    }
}
