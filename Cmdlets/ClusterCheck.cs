using System.Collections;
using System.Management.Automation.Runspaces;

namespace ClusterTools.Cmdlets;

/// <summary>Runs the operational checks of the module against a cluster: is it ready for the next failure?</summary>
/// <remarks>
/// <para>
/// The checks are Pester tests in the module's folder Module/Checks; they change nothing. They ask whether the cluster has quorum and how
/// many losses it survives (tag Quorum), whether the fence devices answer (Fencing), whether a group is Failed (Group), whether every group
/// is where its domain allows it and has a second home (Domain), whether all nodes have the same configuration and every resource the time
/// that its agent asks for (Configuration), whether certificates are about to
/// expire (Certificate), whether clocks agree (Clock), and what the last failover was and why (History).
/// </para>
/// <para>They run in a session of their own with Pester 5, which must be installed; nothing is left in yours.</para>
/// </remarks>
/// <example>
/// <code>Test-Cluster</code>
/// All checks of the current cluster.
/// </example>
/// <example>
/// <code>Test-Cluster -Tag Quorum, Fencing | Where-Object Result -eq Failed</code>
/// What is wrong with quorum and fencing.
/// </example>
/// <example>
/// <code>Test-Cluster -ExcludeTag Fencing -OutputPath ./cluster-checks.xml</code>
/// All but the fence devices; the result is also written as NUnit XML, for a job that reads such.
/// </example>
[Cmdlet(VerbsDiagnostic.Test, "Cluster")]
[OutputType(typeof(CheckResult))]
public sealed class TestClusterCommand : ClusterCmdlet
{
    private PowerShell? shell;

    /// <summary>Only checks with one of these tags: Quorum, Fencing, Group, Domain, Configuration, Certificate, Clock, History.</summary>
    [Parameter(Position = 0)]
    [ValidateSet("Quorum", "Fencing", "Group", "Domain", "Configuration", "Certificate", "Clock", "History")]
    public string[]? Tag { get; set; }

    /// <summary>No checks with one of these tags.</summary>
    [Parameter]
    [ValidateSet("Quorum", "Fencing", "Group", "Domain", "Configuration", "Certificate", "Clock", "History")]
    public string[]? ExcludeTag { get; set; }

    /// <summary>File that the result is written to as NUnit XML, too.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? OutputPath { get; set; }

    /// <summary>A certificate that expires within so many days is about to. 30 unless given.</summary>
    [Parameter]
    [ValidateRange(1, 3650)]
    public int CertificateDays { get; set; } = 30;

    /// <summary>Milliseconds by which clocks of two nodes may differ. 1000 unless given.</summary>
    [Parameter]
    [ValidateRange(1, 3_600_000)]
    public int ClockTolerance { get; set; } = 1000;

    /// <summary>Seconds that all checks together may take. 300 unless given.</summary>
    [Parameter]
    [ValidateRange(1, 86_400)]
    public int Limit { get; set; } = 300;

    /// <inheritdoc/>
    protected override void ProcessRecord() => Attempt(Cluster, () =>
    {
        // Unreachable or without a context: one error now instead of one in every check.
        Identity me = Call((client, cancel) => client.GetIdentityAsync(cancel));
        string module = Path.GetDirectoryName(Path.GetDirectoryName(typeof(TestClusterCommand).Assembly.Location))!;
        using Runspace runspace = RunspaceFactory.CreateRunspace();
        runspace.Open();
        using (shell = PowerShell.Create())
        {
            shell.Runspace = runspace;
            shell.AddCommand(Path.Combine(module, "Module", "Checks", "Invoke-Check.ps1")).AddParameters(new Hashtable
            {
                ["ModulePath"] = Path.Combine(module, "ClusterTools.psd1"),
                ["Tag"] = Tag ?? [],
                ["ExcludeTag"] = ExcludeTag ?? [],
                ["OutputPath"] = OutputPath is null ? "" : GetUnresolvedProviderPathFromPSPath(OutputPath),
                ["Cluster"] = ClusterConnections.NameOf(Cluster),
                ["CertificateDays"] = CertificateDays,
                ["ClockTolerance"] = ClockTolerance,
                ["OwnCertificateExpires"] = me.Expires,
            });
            Run(shell);
        }
    });

    /// <inheritdoc/>
    protected override void StopProcessing()
    {
        base.StopProcessing();
        shell?.Stop();
    }

    private void Run(PowerShell checks)
    {
        var progress = new ProgressRecord(1, "Checking the cluster", "The checks run");
        WriteProgress(progress);
        IAsyncResult running = checks.BeginInvoke();
        bool ended = WaitHandle.WaitAny([running.AsyncWaitHandle, Stopped.WaitHandle], TimeSpan.FromSeconds(Limit)) == 0;
        progress.RecordType = ProgressRecordType.Completed;
        if (Stopped.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }

        WriteProgress(progress);
        if (!ended)
        {
            checks.Stop();
            throw ClusterErrors.Own(
                ProblemCodes.TimedOut, 504, $"The checks did not end within {Limit} s.",
                "Choose some with -Tag, or give them more time with -Limit.");
        }

        try
        {
            foreach (PSObject result in checks.EndInvoke(running))
            {
                WriteClusterObject(result.BaseObject);
            }
        }
        catch (RuntimeException e)
        {
            throw ClusterErrors.Own(
                "checks-not-run", 500, $"The checks could not be run: {e.Message}",
                "Install Pester 5 or newer: Install-Module Pester -MinimumVersion 5.0.");
        }

        foreach (ErrorRecord error in checks.Streams.Error)
        {
            WriteError(error);
        }
    }
}
