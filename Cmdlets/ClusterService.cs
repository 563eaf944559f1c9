namespace ClusterTools.Cmdlets;

/// <summary>Gets services (groups) as they are configured.</summary>
/// <remarks>
/// <para>A service is a failover unit: a name, the rules by which it finds its node, and a tree of resources that all run on that node.
/// This command shows what is configured; Get-ClusterGroup shows how it runs.</para>
/// <para>The objects can be piped into Set-ClusterService, Remove-ClusterService, Get-ClusterGroup and, for another cluster, into
/// New-ClusterService. Secret parameters of resources are shown as (secret).</para>
/// </remarks>
/// <example><code>Get-ClusterService</code>Lists all services with their rules.</example>
/// <example><code>Get-ClusterService webshop | ForEach-Object Resources</code>Shows the resources at the top of the service
/// webshop.</example>
/// <example><code>Get-ClusterFailoverDomain shop | Get-ClusterService</code>Shows the services that use the failover domain shop.</example>
[Cmdlet(VerbsCommon.Get, "ClusterService", DefaultParameterSetName = "Name")]
[OutputType(typeof(ServiceConfiguration))]
public sealed class GetClusterServiceCommand : ClusterCmdlet
{
    /// <summary>Names of services; wildcards are allowed.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ParameterSetName = "Name")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(GroupCompleter))]
    [ValidateNotNullOrEmpty]
    [GroupName(Many = true)]
    public string[]? Name { get; set; }

    /// <summary>A failover domain from Get-ClusterFailoverDomain: the services that use it.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "FailoverDomain")]
    [Revived(typeof(FailoverDomain))]
    public FailoverDomain? InputObject { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Attempt(Name, () =>
    {
        IEnumerable<ServiceConfiguration> chosen = Select(Noun.Service, Name);
        WriteClusterObjects(InputObject is { } domain ? chosen.Where(s => s.Domain == domain.Name) : chosen);
    });
}

/// <summary>Base of the cmdlets that change and remove services: which.</summary>
public abstract class ClusterServiceChangeCmdlet : ClusterConfigurationCmdlet
{
    /// <summary>Names of services; wildcards are allowed.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(GroupCompleter))]
    [ValidateNotNullOrEmpty]
    [GroupName(Many = true)]
    public string[] Name { get; set; } = [];
}

/// <summary>Adds a service (a group with resources) to the cluster and starts it.</summary>
/// <remarks>
/// <para>The service is added to the configuration, its nodes are asked whether something of it runs already, and it is started by the
/// rules of its failover domain, unless Autostart is false. The command waits until it has started or failed; several services from the
/// pipeline start at the same time.</para>
/// <para>Simple services need no more than -Script (an init script by its path), -Unit (a unit of systemd) or -Address (an IP address), so
/// that a CSV file with columns of these names describes them. Everything else is given with -Resource, or added later with
/// Add-ClusterResource. Resources of one service start in the order address, script, unit, then those of -Resource.</para>
/// <para>A resource for -Resource is a hashtable with Agent and, where wanted, Name or Id, Type, Parameter (a hashtable),
/// StartTimeout, StopTimeout, MonitorTimeout and MonitorInterval (seconds or TimeSpan), EnforceTimeouts, IndependentSubtree, NonCritical,
/// StartLevel, StopLevel, StatusCheck, StartRetries, StopRetries, Failovers, StartFinalAction, StopFinalAction, FinalScript,
/// FinalScriptTimeout (as Add-ClusterResource has them) and Children (resources that need it). Objects from Get-ClusterService have such
/// resources in the property Resources.</para>
/// </remarks>
/// <example><code>New-ClusterService mail -FailoverDomain anywhere-but-stay -Resource @{ Name = 'mail'; Agent = 'exec:/bin/sleep 1000000'; Parameter = @{ mode = 'async' } }</code>Adds a service that runs one
/// program, prefers the nodes of a failover domain, and waits until it has started.</example>
/// <example><code>'Name,FailoverDomain,RecoveryPolicy,Script', 'clock,shop,relocate,/bin/true' | ConvertFrom-Csv | New-ClusterService -WhatIf</code>Shows what adding the services of a table would do; Import-Csv reads such a table from a
/// file.</example>
/// <example><code>New-ClusterService cache -Resource @{ Agent = 'exec:/bin/sleep 1000003'; Parameter = @{ mode = 'async' }; StartRetries = 2 } -Dependency @{ Group = 'webshop'; Require = 'Hard'; Colocation =
/// 'Same' }</code>Adds a service that runs only where and while webshop runs, and whose start is tried three times on a node.</example>
/// <example><code>New-ClusterService night -Autostart $false -RecoveryPolicy Disable -Reason 'batch at night, started by hand'</code>Adds
/// a service without resources that is not started; Add-ClusterResource gives it some.</example>
[Cmdlet(VerbsCommon.New, "ClusterService", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(ServiceConfiguration), typeof(Operation))]
public sealed class NewClusterServiceCommand : ClusterConfigurationCmdlet
{
    /// <summary>
    /// Goes on with a warning when an agent is not installed on the node that answers, or would not take its parameters by what it says of
    /// itself.
    /// </summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    private protected override bool GoesOn => Force;

    private readonly List<(string Name, ConfigurationOutcome Outcome)> begun = [];

    /// <summary>The service's name.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = "";

    /// <summary>The failover domain that says where it may and should run; left out: any node.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("Domain")]
    [ArgumentCompleter(typeof(FailoverDomainCompleter))]
    public string? FailoverDomain { get; set; }

    /// <summary>Whether it is started, now and whenever the cluster gains quorum. Default: true.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [YesNo]
    public bool? Autostart { get; set; }

    /// <summary>
    /// What is done when it fails: Restart in place and relocate if that fails, Relocate, Disable, or RestartDisable. Default: Restart.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("Recovery")]
    [Cell(IsWord = true)]
    public RecoveryPolicy? RecoveryPolicy { get; set; }

    /// <summary>It runs alone on its node.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [YesNo]
    public bool? Exclusive { get; set; }

    /// <summary>Restarts allowed within RestartExpireTime; one more, and it is relocated. 0: no limit.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Cell]
    public int? MaxRestarts { get; set; }

    /// <summary>Length of the window in which restarts are counted, in seconds or as a TimeSpan.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Duration]
    public TimeSpan? RestartExpireTime { get; set; }

    /// <summary>
    /// Failures, without FailureQuietTime between them and on whatever node, after which it is given up for a while; 0: no limit. Default:
    /// 10.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Cell]
    [ValidateRange(0, 100_000)]
    public int? MaxFailures { get; set; }

    /// <summary>How long it must run so that earlier failures count no more, in seconds or as a TimeSpan. Default: five minutes.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Duration]
    public TimeSpan? FailureQuietTime { get; set; }

    /// <summary>What it needs of other groups: hashtables with Group, Require (None, Soft or Hard) and Colocation (Any, Same or Never), or
    /// names of groups without which it does not run.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("Dependencies")]
    [ArgumentCompleter(typeof(GroupCompleter))]
    public object[]? Dependency { get; set; }

    /// <summary>An IP address that the service brings along, such as 192.0.2.100/24.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string? Address { get; set; }

    /// <summary>Path of an init script (start, stop, status) on the nodes.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string? Script { get; set; }

    /// <summary>A unit of systemd.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string? Unit { get; set; }

    /// <summary>Resources: hashtables, objects with such properties, names of agents, or configured resources.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("Resources")]
    public object[]? Resource { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        ConfigurationOutcome? outcome = null;
        Attempt(Name, () =>
        {
            var group = new GroupEdit
            {
                Name = Name,
                Domain = FailoverDomain is { Length: > 0 } ? FailoverDomain : null,
                Autostart = Autostart,
                Recovery = RecoveryPolicy,
                Exclusive = Exclusive,
                MaxRestarts = MaxRestarts,
                RestartExpireTime = RestartExpireTime,
                MaxFailures = MaxFailures,
                FailureQuietTime = FailureQuietTime,
                Dependencies = Arguments.Dependencies(Dependency) ?? [],
                Resources = [.. Resources()],
            };
            outcome = Edit(Name, $"Adding service {Name}", new ConfigurationEdit { Action = EditAction.Add, Group = group });
        });
        if (outcome is { } done)
        {
            begun.Add((Name, done));
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (begun.Count == 0)
        {
            return;
        }

        Settle(begun.Count == 1
            ? $"Starting service {begun[0].Name}"
            : $"Starting {begun.Count} services", [.. begun.Select(b => b.Outcome)]);
        foreach ((string name, ConfigurationOutcome _) in begun)
        {
            WriteNow(Noun.Service, name);
        }
    }

    private IEnumerable<ResourceDefinition> Resources()
    {
        if (Address is { Length: > 0 } address)
        {
            yield return ResourceForms.OfAddress(address);
        }

        if (Script is { Length: > 0 } script)
        {
            yield return ResourceForms.OfScript(script);
        }

        if (Unit is { Length: > 0 } unit)
        {
            yield return ResourceForms.OfUnit(unit);
        }

        foreach (object resource in Resource ?? [])
        {
            if (resource is not null and not string { Length: 0 })
            {
                yield return Arguments.Resource(resource);
            }
        }
    }
}

/// <summary>Changes the rules of services: failover domain, autostart, recovery, restarts, exclusiveness.</summary>
/// <remarks>
/// <para>Only what is given changes. None of these settings restarts a running service; another failover domain may move it. Its resources
/// are changed with Add-, Set- and Remove-ClusterResource.</para>
/// </remarks>
/// <example><code>Set-ClusterService reports -RecoveryPolicy Restart -MaxRestarts 3 -RestartExpireTime 600</code>From now on reports is
/// restarted in place when it fails, at most three times within ten minutes.</example>
/// <example><code>Get-ClusterService | Where-Object Recovery -eq Relocate | Set-ClusterService -RecoveryPolicy Restart -Reason 'all alike' -WhatIf</code>Shows what one recovery policy for several services would change.</example>
[Cmdlet(VerbsCommon.Set, "ClusterService", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(ServiceConfiguration), typeof(Operation))]
public sealed class SetClusterServiceCommand : ClusterServiceChangeCmdlet
{
    /// <summary>The failover domain that says where it may and should run; empty: any node.</summary>
    [Parameter]
    [Alias("Domain")]
    [AllowEmptyString]
    [AllowNull]
    [ArgumentCompleter(typeof(FailoverDomainCompleter))]
    public string? FailoverDomain { get; set; }

    /// <summary>Whether it is started when the cluster gains quorum; it is not started or stopped now.</summary>
    [Parameter]
    [YesNo]
    public bool? Autostart { get; set; }

    /// <summary>What is done when it fails: Restart in place and relocate if that fails, Relocate, Disable, or RestartDisable.</summary>
    [Parameter]
    [Alias("Recovery")]
    [Cell(IsWord = true)]
    public RecoveryPolicy? RecoveryPolicy { get; set; }

    /// <summary>It runs alone on its node.</summary>
    [Parameter]
    [YesNo]
    public bool? Exclusive { get; set; }

    /// <summary>What it adds to the weight of the node that runs it, which decides a fence race of two nodes. Default: 0.</summary>
    [Parameter]
    [ValidateRange(0, 1_000_000)]
    public int? Weight { get; set; }

    /// <summary>Restarts allowed within RestartExpireTime; one more, and it is relocated. 0: no limit.</summary>
    [Parameter]
    public int? MaxRestarts { get; set; }

    /// <summary>Length of the window in which restarts are counted, in seconds or as a TimeSpan.</summary>
    [Parameter]
    [Duration]
    public TimeSpan? RestartExpireTime { get; set; }

    /// <summary>
    /// Failures, without FailureQuietTime between them and on whatever node, after which it is given up for a while; 0: no limit. Default:
    /// 10.
    /// </summary>
    [Parameter]
    [ValidateRange(0, 100_000)]
    public int? MaxFailures { get; set; }

    /// <summary>How long it must run so that earlier failures count no more, in seconds or as a TimeSpan. Default: five minutes.</summary>
    [Parameter]
    [Duration]
    public TimeSpan? FailureQuietTime { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Set(Noun.Service, Name, service => new ConfigurationEdit
    {
        Group = new GroupEdit
        {
            Name = service.Name,
            Domain = IsGiven(nameof(FailoverDomain)) ? FailoverDomain ?? "" : null,
            Autostart = Autostart,
            Recovery = RecoveryPolicy,
            Exclusive = Exclusive,
            Weight = Weight,
            MaxRestarts = MaxRestarts,
            RestartExpireTime = RestartExpireTime,
            MaxFailures = MaxFailures,
            FailureQuietTime = FailureQuietTime,
        },
    });
}

/// <summary>Removes services from the cluster; what runs of them is stopped.</summary>
/// <remarks>
/// <para>The service is taken out of the configuration, its resources are stopped where they run, and the command waits until that is done.
/// It can be brought back with Restore-ClusterConfiguration.</para>
/// </remarks>
/// <example><code>New-ClusterService old -Autostart $false; Remove-ClusterService old -Confirm:$false</code>Adds a service and removes it
/// again without asking.</example>
/// <example><code>Get-ClusterService rep* | Remove-ClusterService -WhatIf</code>Shows which services would be stopped, where, and
/// removed.</example>
[Cmdlet(VerbsCommon.Remove, "ClusterService", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(ServiceConfiguration), typeof(Operation))]
public sealed class RemoveClusterServiceCommand : ClusterServiceChangeCmdlet
{
    /// <summary>Give the service back as it was configured.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Remove(
        Noun.Service, Name, PassThru, service => new ConfigurationEdit { Group = new GroupEdit { Name = service.Name } }, "Stopping");
}
