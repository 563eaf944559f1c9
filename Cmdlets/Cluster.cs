using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Security;
using System.Security.Cryptography.X509Certificates;
using ClusterTools.Client;
using ClusterTools.Contract;

namespace ClusterTools.Cmdlets;

/// <summary>Gets the cluster on one screen: quorum, nodes, groups and where they run, failures, what is under way.</summary>
/// <remarks>
/// <para>The object holds the status of the whole, and as members Nodes, Groups, Operations (those under way) and Problems (the newest warnings and errors
/// of the journal).</para>
/// </remarks>
/// <example><code>Get-Cluster</code>Shows how the current cluster is.</example>
/// <example><code>(Get-Cluster).FailedGroups</code>Names the groups that have failed.</example>
/// <example><code>Get-ClusterContext | Get-Cluster | Format-Table Name, Quorum, FailedGroups</code>Shows all clusters that this user can reach.</example>
[Cmdlet(VerbsCommon.Get, "Cluster", DefaultParameterSetName = ByName)]
[OutputType(typeof(ClusterStatus))]
public sealed class GetClusterCommand : ClusterCmdlet
{
    private const string ByName = "Name";

    private const string ByObject = "InputObject";

    private const int RecentProblems = 10;

    // What is said again and again is shown once, so that it does not push out what says what to do.
    private const int LookedThrough = 100;

    /// <summary>Contexts, as Get-ClusterContext gives them.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ByObject)]
    [ValidateNotNull]
    [Revived(typeof(ClientContext), Many = true)]
    public ClientContext[] InputObject { get; set; } = [];

    /// <summary>Names of contexts; the current one when left out.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ParameterSetName = ByName)]
    [ArgumentCompleter(typeof(ContextCompleter))]
    [ValidateNotNullOrEmpty]
    [NameOf(typeof(ClientContext), nameof(ClientContext.Name), Many = true)]
    public string[]? Name { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        string?[] names = ParameterSetName == ByObject ? [.. InputObject.Select(c => c.Name)] : Name is null ? [Cluster] : [.. Name];
        foreach (string? name in names)
        {
            Cluster = name;
            Write(name);
        }
    }

    private void Write(string? name)
    {
        try
        {
            PSObject status = Call(AskAsync);
            WriteClusterObject(status);
        }
        catch (ClusterException e) when (ParameterSetName == ByObject || Name?.Length > 1 || MyInvocation.ExpectingInput)
        {
            // Of several clusters one that is out of reach does not hide the others.
            WriteError(ClusterErrors.Record(e, name));
        }
        catch (ClusterException e)
        {
            WriteProblem(e, name);
        }
    }

    private static async Task<PSObject> AskAsync(ClusterClient client, CancellationToken cancellationToken)
    {
        ClusterStatus cluster = await client.GetClusterAsync(cancellationToken).ConfigureAwait(false);
        Task<NodeStatus[]> nodes = client.GetNodesAsync(cancellationToken);
        Task<GroupStatus[]> groups = client.GetGroupsAsync(false, cancellationToken);
        Task<Operation[]> operations = client.GetOperationsAsync(cancellationToken, OperationPhase.Running);
        Task<JournalPage> problems = client.GetJournalAsync($"severity=warning&limit={LookedThrough}", cancellationToken);
        await Task.WhenAll(nodes, groups, operations, problems).ConfigureAwait(false);
        var status = PSObject.AsPSObject(cluster);
        status.Properties.Add(new PSNoteProperty("Nodes", nodes.Result));
        status.Properties.Add(new PSNoteProperty("Groups", groups.Result));
        status.Properties.Add(new PSNoteProperty("Operations", operations.Result));
        status.Properties.Add(new PSNoteProperty("Problems", Newest(problems.Result.Entries)));
        return status;
    }

    /// <summary>The newest of what is said alike, oldest first.</summary>
    private static JournalEntry[] Newest(IReadOnlyList<JournalEntry> entries)
    {
        var said = new HashSet<(string, string)>();
        return [.. entries.Reverse().Where(e => said.Add((e.Kind, e.Message))).Take(RecentProblems).Reverse()];
    }
}

/// <summary>Connects to a cluster: chooses a context that there is, or makes a new one.</summary>
/// <remarks>
/// <para>A context says how to reach a cluster and as whom: addresses of its nodes, the certificate of its authority, the user's own certificate with its key.
/// Contexts stand in a file that only the user can read, as those of kubectl do. One of them is current and is used by all commands that are not given
/// -Cluster, in every shell of this user.</para>
/// <para>With -Name alone a context that is there becomes current. With -Server, -Certificate and -Authority a new one is made and kept. In both cases the
/// cluster must answer, else nothing is changed. A server whose certificate is of another authority is refused.</para>
/// </remarks>
/// <example><code>Connect-Cluster (Get-ClusterContext -Current).Name</code>Checks that the cluster of the current context answers.</example>
/// <example><code>$context = Get-ClusterContext -Current
/// $folder = Split-Path $env:CLUSTERTOOLS_CONTEXTS
/// Connect-Cluster -Name lab2 -Server $context.Servers -Certificate (Join-Path $folder $context.CertificatePath) -Authority (Join-Path $folder .lab/ca.pem)
/// Disconnect-Cluster lab2 -Forget
/// Connect-Cluster $context.Name</code>Makes a second context for the same cluster, removes it again, and goes back to the first.</example>
[Cmdlet(VerbsCommunications.Connect, "Cluster", SupportsShouldProcess = true, DefaultParameterSetName = ByName)]
[OutputType(typeof(ClientContext))]
public sealed class ConnectClusterCommand : ContextCmdlet
{
    private const string ByName = "Name";

    private const string ByServer = "Server";

    /// <summary>Name of a context; of a new one the cluster's name when left out.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, ParameterSetName = ByName)]
    [Parameter(ParameterSetName = ByServer)]
    [ArgumentCompleter(typeof(ContextCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>Addresses of nodes, such as https://node1:7450; any that answers is used.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByServer)]
    [ValidateNotNullOrEmpty]
    public string[] Server { get; set; } = [];

    /// <summary>The user's certificate with its key: a PFX file. It is copied into the context.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByServer)]
    [ValidateNotNullOrEmpty]
    public string Certificate { get; set; } = "";

    /// <summary>Password of the PFX file, if it has one.</summary>
    [Parameter(ParameterSetName = ByServer)]
    [ValidateNotNull]
    public SecureString? CertificatePassword { get; set; }

    /// <summary>The certificate of the cluster's authority: a PEM file (ca.pem).</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByServer)]
    [ValidateNotNullOrEmpty]
    public string Authority { get; set; } = "";

    /// <summary>Replaces a context of the same name.</summary>
    [Parameter(ParameterSetName = ByServer)]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Attempt(Name, () =>
    {
        string file = ContextFile.DefaultPath;
        ClientContexts contexts = ContextFile.Read(file);
        ClientContext context = ParameterSetName == ByName ? ContextFile.Find(file, contexts, Name) : New(file);
        using ClusterClient client = ClusterClient.FromContext(context, file);
        string cluster = Run(async () => (await client.GetClusterAsync(Stopped).ConfigureAwait(false)).Name);
        if (ParameterSetName == ByServer)
        {
            context.Cluster = cluster;
            context.Name = Name ?? cluster;
            WarnOfWildcards(context.Name);
            if (!Force && contexts.Contexts.Any(c => ContextFile.Same(c.Name, context.Name)))
            {
                throw new ContextException(
                    ContextException.Exists, $"There is a context '{context.Name}' in '{file}' already.", "Give another -Name, or replace it with -Force.", context.Name);
            }
        }

        string happens = $"Context '{context.Name}' (cluster '{cluster}') {(ParameterSetName == ByServer ? "is kept and " : "")}becomes current in '{file}'.";
        if (ShouldProcess(happens, $"{happens} Go on?", "Connect-Cluster"))
        {
            int at = contexts.Contexts.TakeWhile(c => !ContextFile.Same(c.Name, context.Name)).Count();
            contexts.Contexts = [.. contexts.Contexts.Take(at), context, .. contexts.Contexts.Skip(at + 1)];
            contexts.Current = context.Name;
            Save(file, contexts);
            WriteContext(context, contexts);
        }
    });

    private ClientContext New(string file)
    {
        string pfx = GetUnresolvedProviderPathFromPSPath(Certificate);
        using X509Certificate2 certificate = ContextFile.LoadPfx(pfx, CertificatePassword);
        string authorityFile = GetUnresolvedProviderPathFromPSPath(Authority);
        string pem;
        try
        {
            pem = File.ReadAllText(authorityFile);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ContextException(ContextException.CertificateUnreadable, $"The authority '{authorityFile}' can't be read: {e.Message}", "Give ca.pem of the cluster.", authorityFile, e);
        }

        // What else stands in the file does not belong into the context.
        using X509Certificate2 authority = ContextFile.Authority(pem, authorityFile);
        return new ClientContext
        {
            Name = Name ?? file,
            Servers = [.. Server],
            Authority = $"-----BEGIN CERTIFICATE-----\n{Convert.ToBase64String(authority.RawData, Base64FormattingOptions.InsertLineBreaks)}\n-----END CERTIFICATE-----\n",
            CertificatePfx = Convert.ToBase64String(CertificatePassword is null ? File.ReadAllBytes(pfx) : certificate.Export(X509ContentType.Pfx)),
        };
    }
}

/// <summary>Ends the connection to clusters, and with -Forget removes their contexts.</summary>
/// <remarks>
/// <para>Commands keep one connection to each cluster open. This closes it; the next command opens a new one. With -Forget the context is removed
/// from the file, and with it the certificate that is kept there.</para>
/// </remarks>
/// <example><code>Disconnect-Cluster</code>Closes the connection of the current context.</example>
/// <example><code>Disconnect-Cluster old-* -Forget</code>Removes contexts; when none fits, nothing happens.</example>
[Cmdlet(VerbsCommunications.Disconnect, "Cluster", SupportsShouldProcess = true)]
[OutputType(typeof(ClientContext))]
public sealed class DisconnectClusterCommand : ContextCmdlet
{
    /// <summary>Names of contexts; wildcards are allowed. The current one when left out.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [ArgumentCompleter(typeof(ContextCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [NameOf(typeof(ClientContext), nameof(ClientContext.Name), Many = true)]
    public string[]? Name { get; set; }

    /// <summary>Removes the context from the file too.</summary>
    [Parameter]
    public SwitchParameter Forget { get; set; }

    /// <summary>Gives the contexts that were disconnected.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Attempt(Name, () =>
    {
        string file = ContextFile.DefaultPath;
        ClientContexts contexts = ContextFile.Read(file);
        foreach (ClientContext context in Name is null ? [ContextFile.Find(file, contexts, null)] : Find(contexts, file, Name))
        {
            string happens = $"The connection to context '{context.Name}' (cluster '{context.Cluster}') is closed{(Forget ? $", and the context is removed from '{file}'" : "")}.";
            if (!ShouldProcess(happens, $"{happens} Go on?", "Disconnect-Cluster"))
            {
                continue;
            }

            ClusterConnections.Close(context.Name);
            if (Forget)
            {
                contexts.Contexts = [.. contexts.Contexts.Where(c => !ReferenceEquals(c, context))];
                contexts.Current = ContextFile.Same(contexts.Current, context.Name) ? null : contexts.Current;
                Save(file, contexts);
            }

            if (PassThru)
            {
                WriteContext(context, contexts);
            }
        }
    });
}
