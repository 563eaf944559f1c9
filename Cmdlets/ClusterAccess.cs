using System.Management.Automation.Runspaces;
using System.Security;
using System.Security.Cryptography.X509Certificates;

namespace ClusterTools.Cmdlets;

/// <summary>Gets who may do what in the cluster, or with -Current who you are.</summary>
/// <remarks>
/// <para>A right belongs to a certificate, by its fingerprint: Viewer sees everything but secrets, Operator also works on groups and nodes,
/// Administrator also changes the configuration, and is root on every node by that. The rights stand in the configuration; taking one out
/// ends it at once.</para>
/// </remarks>
/// <example><code>Get-ClusterAccess -Current</code>Says who you are to the cluster, what you may do, and when your certificate
/// expires.</example>
/// <example><code>Get-ClusterAccess | Where-Object Role -eq Administrator</code>Lists the administrators.</example>
[Cmdlet(VerbsCommon.Get, "ClusterAccess", DefaultParameterSetName = ByName)]
[OutputType(typeof(ClusterAccess))]
public sealed class GetClusterAccessCommand : ClusterCmdlet
{
    private const string ByName = "Name";

    /// <summary>Names of people and services; wildcards are allowed. All when left out.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ParameterSetName = ByName)]
    [ArgumentCompleter(typeof(AccessCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [NameOf(typeof(ClusterAccess), nameof(ClusterAccess.Name), Many = true)]
    public string[]? Name { get; set; }

    /// <summary>Only what the certificate of the context may do that the command is run with: who you are.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Current")]
    public SwitchParameter Current { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Attempt(Name, () =>
    {
        Identity me = Call((client, cancel) => client.GetIdentityAsync(cancel));
        ClusterAccess[] all = Current
            ? [new ClusterAccess { Name = me.Name, Role = me.Role, Fingerprint = me.Fingerprint, Current = true }]
            : ClusterAccess.Of(Configuration(), me.Fingerprint);
        foreach (ClusterAccess access in Select("right", all, a => a.Name, Name))
        {
            access.Expires = access.Current ? me.Expires : null;
            WriteClusterObject(access);
        }
    });
}

/// <summary>Gives a person or a service a right in the cluster, with a new certificate or one that there is.</summary>
/// <remarks>
/// <para>A new certificate is issued by the cluster's authority, whose key must be at hand: it stays on the administrator's side, where
/// 'clusterd init' kept it, and goes to no node. Two files are made that only you can read: NAME.pfx, the certificate with its key, and
/// NAME.contexts.json, with which its owner reaches the cluster (CLUSTERTOOLS_CONTEXTS names it, and the PFX stays beside it). With
/// -Password the PFX is encrypted, and only it is made; Connect-Cluster takes it.</para>
/// <para>With -CertificatePath or -Fingerprint a certificate is granted that the same authority has issued before. One that has a right
/// already gets this one instead.</para>
/// <para>Only an administrator may. An administrator is root on every node: what the cluster runs is his to say.</para>
/// </remarks>
/// <example><code>$folder = Join-Path ([IO.Path]::GetTempPath()) "access-$PID"
/// Grant-ClusterAccess nagios -Role Viewer -OutputPath $folder -Reason 'monitoring'
/// Revoke-ClusterAccess nagios -Confirm:$false
/// Remove-Item $folder -Recurse</code>Makes a certificate for a service that only looks, then takes its right away again.</example>
/// <example><code>Grant-ClusterAccess olivia -Role Operator -ValidFor 90.00:00:00 -WhatIf</code>Shows what a certificate for three months
/// would change.</example>
[Cmdlet(VerbsSecurity.Grant, "ClusterAccess", 
    SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium, DefaultParameterSetName = ByIssue)]
[OutputType(typeof(ClusterAccess), typeof(Operation))]
public sealed class GrantClusterAccessCommand : ClusterConfigurationCmdlet
{
    private const string ByIssue = "Issue";

    private const string ByFile = "CertificatePath";

    private const string ByFingerprint = "Fingerprint";

    /// <summary>The person or service, as the journal will name who asked.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidatePattern("^[^\\p{Cc}/\\\\]{1,64}$")]
    public string Name { get; set; } = "";

    /// <summary>Viewer, Operator or Administrator.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [Cell(IsWord = true)]
    public AccessRole Role { get; set; }

    /// <summary>The folder with ca.pem and ca.key.pem; that of your own certificate when left out.</summary>
    [Parameter(ParameterSetName = ByIssue)]
    [ValidateNotNullOrEmpty]
    public string? AuthorityPath { get; set; }

    /// <summary>The folder that the files are written into; the current one when left out.</summary>
    [Parameter(ParameterSetName = ByIssue)]
    [ValidateNotNullOrEmpty]
    public string? OutputPath { get; set; }

    /// <summary>
    /// How long the certificate is valid, in seconds or as a TimeSpan; five years when left out, and never longer than the authority.
    /// </summary>
    [Parameter(ParameterSetName = ByIssue)]
    [Duration]
    public TimeSpan? ValidFor { get; set; }

    /// <summary>Encrypts the PFX file, or opens the one of -CertificatePath.</summary>
    [Parameter(ParameterSetName = ByIssue)]
    [Parameter(ParameterSetName = ByFile)]
    [ValidateNotNull]
    public SecureString? Password { get; set; }

    /// <summary>Replaces files that are there.</summary>
    [Parameter(ParameterSetName = ByIssue)]
    public SwitchParameter Force { get; set; }

    /// <summary>A certificate that there is: a PEM, DER or PFX file.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByFile)]
    [ValidateNotNullOrEmpty]
    public string? CertificatePath { get; set; }

    /// <summary>The SHA-256 fingerprint of a certificate that there is.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByFingerprint, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string? Fingerprint { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Attempt(Name, () =>
    {
        if (ParameterSetName == ByIssue)
        {
            Issue();
            return;
        }

        using X509Certificate2? certificate = CertificatePath is null
            ? null
            : CertificateFiles.Read(GetUnresolvedProviderPathFromPSPath(CertificatePath), Password);
        string fingerprint = certificate is null ? ClusterAccess.FingerprintOf(Fingerprint!) : CertificateFiles.Fingerprint(certificate);
        if (Granted(fingerprint) is { } access)
        {
            access.Expires = certificate?.NotAfter.ToUniversalTime();
            WriteClusterObject(access);
        }
    });

    private void Issue()
    {
        string path = ContextFile.DefaultPath;
        ClientContext own = ContextFile.Find(path, ContextFile.Read(path, ApiJson.Wire), Cluster);
        string folder = GetUnresolvedProviderPathFromPSPath(OutputPath ?? ".");
        string pfx = Path.Combine(folder, $"{Name}.pfx");
        string? contexts = Password is null ? Path.Combine(folder, $"{Name}.contexts.json") : null;
        if (!Force)
        {
            CertificateFiles.CheckNew(contexts is null ? [pfx] : [pfx, contexts]);
        }

        using X509Certificate2 certificate = NewCertificate(
            AuthorityPath is null ? CertificateFiles.OwnFolder(own, path) : GetUnresolvedProviderPathFromPSPath(AuthorityPath));
        if (Granted(CertificateFiles.Fingerprint(certificate)) is not { } access)
        {
            return;
        }

        try
        {
            CertificateFiles.Write(certificate, Password, pfx, contexts, own);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ClusterErrors.Own(
                EditErrors.FileUnusable, 400, $"'{Name}' has the right now, but the files can't be written into '{folder}': {e.Message}",
                $"Take it back with Revoke-ClusterAccess -Fingerprint {access.Fingerprint}, and try again with another -OutputPath.");
        }

        access.Expires = certificate.NotAfter.ToUniversalTime();
        access.CertificatePath = pfx;
        access.ContextPath = contexts;
        WriteClusterObject(access);
    }

    private ClusterAccess? Granted(string fingerprint)
    {
        var grant = new AccessEdit { Fingerprint = fingerprint, Name = Name, Role = Role };
        if (Edit(Name, $"Granting {Role} to {Name} ({fingerprint.Substring(0, 12)})", new ConfigurationEdit { Access = grant }) is null)
        {
            return null;
        }

        return new ClusterAccess
        {
            Name = Name,
            Role = Role,
            Fingerprint = fingerprint,
            Current = Call((client, cancel) => client.GetIdentityAsync(cancel)).Fingerprint == fingerprint,
        };
    }

    private X509Certificate2 NewCertificate(string folder)
    {
        (string certificate, string key) = CertificateFiles.FindAuthority(folder);
        try
        {
            return (X509Certificate2)CertificateScript.Run(
                "New-Certificate.ps1",
                ("Authority", certificate), ("AuthorityKey", key), ("Name", Name), ("ValidFor", ValidFor ?? TimeSpan.FromDays(1826)));
        }
        catch (RuntimeException e)
        {
            throw CertificateScript.Fault(folder, e);
        }
    }
}

/// <summary>Takes rights away: their certificates are of no use from then on.</summary>
/// <remarks>
/// <para>A person with several certificates loses all of them by name, or one by -Fingerprint. Connections that are open are ended. The
/// cluster keeps its last administrator.</para>
/// </remarks>
/// <example><code>Revoke-ClusterAccess nobody-* -Confirm:$false</code>Takes the rights of all away whose names fit; when none does,
/// nothing happens.</example>
/// <example><code>Get-ClusterAccess | Where-Object Role -eq Operator | Revoke-ClusterAccess -WhatIf</code>Shows what taking the right of
/// every operator away would change.</example>
[Cmdlet(VerbsSecurity.Revoke, "ClusterAccess", 
    SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High, DefaultParameterSetName = ByName)]
[OutputType(typeof(ClusterAccess), typeof(Operation))]
public sealed class RevokeClusterAccessCommand : ClusterConfigurationCmdlet
{
    private const string ByName = "Name";

    /// <summary>Names of people and services; wildcards are allowed.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ByName)]
    [ArgumentCompleter(typeof(AccessCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>Rights, as Get-ClusterAccess gives them.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "InputObject")]
    [Revived(typeof(ClusterAccess), Many = true)]
    [ValidateNotNull]
    public ClusterAccess[] InputObject { get; set; } = [];

    /// <summary>Fingerprints of certificates.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Fingerprint")]
    [ValidateNotNullOrEmpty]
    public string[] Fingerprint { get; set; } = [];

    /// <summary>Give back what was taken away.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Attempt(Name, () =>
    {
        ClusterAccess[] all = ClusterAccess.Of(Configuration(), null);
        IEnumerable<ClusterAccess> chosen = ParameterSetName switch
        {
            ByName => Select("right", all, a => a.Name, Name),
            "Fingerprint" => Select("right", all, a => a.Fingerprint, [.. Fingerprint.Select(ClusterAccess.FingerprintOf)]),
            _ => Select("right", all, a => a.Fingerprint, [.. InputObject.Select(a => a.Fingerprint)]),
        };
        foreach (ClusterAccess access in chosen.ToArray())
        {
            string beginning = access.Fingerprint.Length > 12 ? access.Fingerprint.Substring(0, 12) : access.Fingerprint;
            Remove(
                access.Name, $"Taking the right of {access.Name} ({access.Role}, {beginning}) away", 
                new ConfigurationEdit { Access = new AccessEdit { Fingerprint = access.Fingerprint } }, PassThru ? access : null);
        }
    });
}
