using System.Text.Json;
using ClusterTools.Agents;
using ClusterTools.Api;
using ClusterTools.Client;
using ClusterTools.Contract;
using ClusterTools.Core;
using ClusterTools.Core.Configuration;
using ClusterTools.Engines.Corosync.Settings;
using ClusterTools.Engines.Local;
using ClusterTools.Node;

namespace ClusterTools.Lab;

/// <summary>Makes what a new cluster begins with: its authority, certificates, and a state folder for each node.</summary>
public sealed record ClusterInitialization
{
    /// <summary>The configuration the cluster begins with.</summary>
    public required ClusterConfiguration Configuration { get; init; }

    /// <summary>The nodes of this machine.</summary>
    public required IReadOnlyList<NewNode> Nodes { get; init; }

    /// <summary>The administrator's folder: the authority with its key, the administrator's certificate, the client context.</summary>
    public required string AdministratorFolder { get; init; }

    /// <summary>The administrator's name, as it stands in journals.</summary>
    public string Administrator { get; init; } = "admin";

    /// <summary>
    /// More users, each with a grant, a certificate in the administrator's folder and a context named <c>CLUSTER-USER</c>.
    /// </summary>
    public IReadOnlyList<NewUser> Users { get; init; } = [];

    /// <summary>File of the client context; null: <c>context.json</c> in the administrator's folder.</summary>
    public string? ContextFile { get; init; }

    /// <summary>What corosync is to do: each node gets its configuration, and all the same new key; null: there is no corosync.</summary>
    public CorosyncSettings? Corosync { get; init; }

    /// <summary>What is there is replaced.</summary>
    public bool Force { get; init; }

    /// <summary>In a node's state folder: what belongs into corosync's own.</summary>
    private const string CorosyncConfiguration = "corosync.conf";
    private const string CorosyncKeyFile = "authkey";

    /// <summary>The key that corosync's nodes share.</summary>
    public AuthKey CorosyncKey { get; } = AuthKey.Create();

    /// <summary>Where the client context is.</summary>
    public string Context => ContextFile ?? Path.Combine(AdministratorFolder, "context.json");

    private string AdministratorCertificate => Path.Combine(AdministratorFolder, "admin.pfx");

    /// <summary>Writes everything. Nothing is written when something of it is there already, unless <see cref="Force"/> says so.</summary>
    /// <returns>The configuration with the administrator's grant.</returns>
    /// <exception cref="InvalidDataException">Something is there already; names it.</exception>
    public ClusterConfiguration Write()
    {
        string[] present = [.. Files().Where(File.Exists)];
        if (present.Length > 0 && !Force)
        {
            throw new InvalidDataException(
                $"{string.Join(", ", present.Take(3))}{(present.Length > 3 ? " …" : "")} is there already, and nothing was written. "
                    + "Choose another folder, or replace it with --force.");
        }

        foreach (NewNode node in Nodes)
        {
            PrivateFolder.Claim(node.StateFolder);
            SetFormerAside(node);
        }

        using ClusterAuthority authority = ClusterAuthority.Create(Configuration.Name);
        authority.Save(AdministratorFolder);
        using IssuedCertificate administrator = authority.IssueUser(Administrator);
        administrator.WritePfx(AdministratorCertificate);
        ClusterConfiguration configuration = Configuration with
        {
            Access = Configuration.Access.SetItem(administrator.Fingerprint, new Core.Configuration.AccessGrant
            {
                Name = Administrator,
                Role = Core.Configuration.AccessRole.Administrator,
            }),
        };
        foreach (NewUser user in Users)
        {
            using IssuedCertificate certificate = authority.IssueUser(user.Name);
            certificate.WritePfx(Certificate(user));
            configuration = configuration with
            {
                Access = configuration.Access.SetItem(
                    certificate.Fingerprint, new Core.Configuration.AccessGrant { Name = user.Name, Role = user.Role }),
            };
        }

        byte[] bootstrap = ConfigurationJson.Write(configuration);
        foreach (NewNode node in Nodes)
        {
            Write(node, authority, bootstrap);
        }

        if (Corosync is not null)
        {
            WriteCorosync(Corosync);
        }

        var contexts = new ClientContexts
        {
            Current = configuration.Name,
            Contexts =
            [
                NewContext(configuration.Name, AdministratorCertificate),
                .. Users.Select(u => NewContext($"{configuration.Name}-{u.Name}", Certificate(u))),
            ],
        };
        Client.ContextFile.Write(Context, contexts, WireJson.Default);
        return configuration;

        ClientContext NewContext(string name, string certificate) => new()
        {
            Name = name,
            Cluster = configuration.Name,
            Servers = [.. Nodes.SelectMany(n => n.Settings.Listen)],
            Authority = authority.CertificatePem,
            CertificatePath = Path.GetRelativePath(Path.GetDirectoryName(Path.GetFullPath(Context))!, Path.GetFullPath(certificate)),
        };
    }

    private static void Write(NewNode node, ClusterAuthority authority, byte[] bootstrap)
    {
        using IssuedCertificate certificate = authority.IssueNode(node.Settings.Node, node.Hosts);
        certificate.WritePfx(Path.Combine(node.StateFolder, node.Settings.Certificate));
        authority.SaveCertificate(Path.Combine(node.StateFolder, node.Settings.Authority));
        // Fence devices' passwords stand in it.
        PrivateFile.Write(Path.Combine(node.StateFolder, node.Settings.BootstrapConfiguration), bootstrap);
        node.WriteSettings();
    }

    private void WriteCorosync(CorosyncSettings settings)
    {
        foreach (NewNode node in Nodes)
        {
            CorosyncFiles.WriteSettings(Path.Combine(node.StateFolder, CorosyncConfiguration), settings);
            CorosyncFiles.WriteKey(Path.Combine(node.StateFolder, CorosyncKeyFile), CorosyncKey);
        }
    }

    /// <summary>A new cluster in the place of another does not go on with its log, nor is it refused for what its nodes knew.</summary>
    private void SetFormerAside(NewNode node)
    {
        string engine = Path.GetFullPath(node.Settings.EngineFolder, node.StateFolder);
        if (!Force || !Directory.Exists(engine))
        {
            return;
        }

        if (LocalLog.Users(engine) is { Count: > 0 } users)
        {
            throw new InvalidDataException(
                $"The log in {engine} is in use by process {string.Join(", ", users)}, and nothing was written. "
                    + "Stop the daemons first ('clusterd stop').");
        }

        LocalLog.SetAside(engine);
        PrivateFile.Write(
            Path.Combine(node.StateFolder, NodeSettings.RecoveryFile),
            "A new cluster: it may go on without the log that this node has known.\n"u8.ToArray());
    }

    private string Certificate(NewUser user) => Path.Combine(AdministratorFolder, user.Name + ".pfx");

    private IEnumerable<string> Files() =>
    [
        Path.Combine(AdministratorFolder, ClusterAuthority.KeyFile),
        Path.Combine(AdministratorFolder, ClusterAuthority.CertificateFile),
        AdministratorCertificate,
        Context,
        .. Users.Select(Certificate),
        .. Nodes.SelectMany(
            n => (string[])[NodeSettings.FileName, n.Settings.Certificate, n.Settings.Authority, n.Settings.BootstrapConfiguration],
            (n, file) => Path.Combine(n.StateFolder, file)),
        .. Corosync is null ? [] : Nodes.SelectMany(
            _ => (string[])[CorosyncConfiguration, CorosyncKeyFile], (n, file) => Path.Combine(n.StateFolder, file)),
    ];
}

/// <summary>A node that gets a state folder.</summary>
/// <param name="StateFolder">Its own.</param>
/// <param name="Settings">What its daemon is started with.</param>
/// <param name="Hosts">Names and addresses that clients reach it by.</param>
public sealed record NewNode(string StateFolder, NodeSettings Settings, IReadOnlyList<string> Hosts)
{
    /// <summary>Writes what its daemon is started with.</summary>
    public void WriteSettings() => PrivateFile.Write(
        Path.Combine(StateFolder, NodeSettings.FileName),
        JsonSerializer.SerializeToUtf8Bytes(Settings, NodeJson.Indented.GetTypeInfo<NodeSettings>()));
}

/// <summary>A user besides the administrator.</summary>
/// <param name="Name">As it stands in journals; also the name of the certificate's file.</param>
/// <param name="Role">What it may do.</param>
public sealed record NewUser(string Name, Core.Configuration.AccessRole Role);
