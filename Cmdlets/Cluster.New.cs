using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;

namespace ClusterTools.Cmdlets;

/// <summary>Makes a new cluster of several machines, and begins it on this one.</summary>
/// <remarks>
/// <para>This machine becomes the cluster's first node: corosync is installed where it is missing and started with the cluster's files, and
/// the daemon is started. It takes root. Other machines join it by Add-ClusterNode.</para>
/// <para>The cluster's authority, whose key issues all certificates, and the administrator's certificate are kept in -AdministratorPath.
/// Copy that folder to where you administer the cluster from, keep a copy in a safe place, and take it off the node. The new context
/// becomes the current one.</para>
/// <para>Corosync misses a silent machine after about 2.2 times its token. The usual 300 ms are for machines next to each other that are
/// not short of CPU time; corosync's own proposal is 3,000.</para>
/// </remarks>
/// <example><code>New-Cluster shop -Node n1 -Address 10.0.0.1, 10.1.0.1 -WhatIf</code>Says what it would do: a cluster whose machines are
/// linked by two networks.</example>
/// <example><code>New-Cluster far 192.0.2.1 -Token 3000 -WhatIf</code>The same for machines whose network may be silent for
/// seconds.</example>
[Cmdlet(VerbsCommon.New, "Cluster", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(ClientContext))]
public sealed class NewClusterCommand : ContextCmdlet
{
    // Installing corosync takes the longest.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(20);

    /// <summary>The cluster's name; that of the new context, too.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidatePattern("^[A-Za-z0-9._-]{1,64}$")]
    public string Name { get; set; } = "";

    /// <summary>This machine's IP addresses, one for each network that links the machines; the first is the API's, too.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    public IPAddress[] Address { get; set; } = [];

    /// <summary>This machine's name in the cluster; its host name when left out.</summary>
    [Parameter]
    [ValidatePattern("^[A-Za-z0-9._-]{1,255}$")]
    public string? Node { get; set; }

    /// <summary>How long corosync's token may be missing, in milliseconds; 300 when left out.</summary>
    [Parameter]
    [ValidateRange(200, 60_000)]
    public int Token { get; set; } = 300;

    /// <summary>The node's state folder; /var/lib/clusterd when left out, which the unit of systemd goes by.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string StatePath { get; set; } = "/var/lib/clusterd";

    /// <summary>
    /// The folder for the authority's key and the administrator's certificate; one of the cluster's name beside the contexts when left out.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? AdministratorPath { get; set; }

    /// <summary>The program clusterd; that of $env:CLUSTERTOOLS_DAEMON, on PATH or beside the module when left out.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Daemon { get; set; }

    /// <summary>Replaces a state folder, an authority and a context that are there.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing() => Attempt(Name, () =>
    {
        string node = Node ?? Dns.GetHostName();
        string file = ContextFile.DefaultPath;
        string administrator = AdministratorPath is null
            ? Path.Combine(Path.GetDirectoryName(Path.GetFullPath(file))!, Name)
            : GetUnresolvedProviderPathFromPSPath(AdministratorPath);
        string state = GetUnresolvedProviderPathFromPSPath(StatePath);
        ClientContexts contexts = ContextFile.Read(file, ApiJson.Wire);
        if (!Force && contexts.Contexts.Any(c => ContextFile.Same(c.Name, Name)))
        {
            throw new ContextException(
                ContextException.Exists, $"There is a context '{Name}' in '{file}' already.",
                "Give another -Name, or replace it with -Force.", Name);
        }

        string happens = $"This machine becomes node '{node}' ({string.Join(", ", Address.Select(a => a.ToString()))}) of the new cluster "
            + $"'{Name}': corosync and the daemon are started, with state in '{state}'; the authority's key is kept in '{administrator}'.";
        if (!ShouldProcess(happens, $"{happens} Go on?", "New-Cluster"))
        {
            return;
        }

        if (!RuntimeInformation.IsOSPlatform(OSPlatform.Linux))
        {
            throw new LabException(LabException.LabFailed, "A node needs Linux.", "Run New-Cluster there.");
        }

        string program = LabProgram.Find(Daemon is null ? null : GetUnresolvedProviderPathFromPSPath(Daemon));
        WriteVerbose(LabProgram.Run(
            program,
            [
                "init", "--cluster", Name, "--engine", "corosync", "--node", node,
                "--address", $"{node}={string.Join(",", Address.Select(a => a.ToString()))}",
                "--token", Token.ToString(CultureInfo.InvariantCulture), "--state", state, "--admin", administrator, "--start",
                .. Force ? (string[])["--force"] : [],
            ],
            Limit, Stopped));
        string made = Path.Combine(administrator, "context.json");
        ClientContext context = ContextFile.Find(made, ContextFile.Read(made, ApiJson.Wire), Name);
        context.CertificatePath = Path.Combine(administrator, context.CertificatePath ?? "");
        ContextFile.Put(contexts, context);
        Save(file, contexts);
        WriteContext(context, contexts);
    });
}
