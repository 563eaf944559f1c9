using System.Collections;

namespace ClusterTools.Cmdlets;

/// <summary>Gets the resources of groups, in the order in which they start.</summary>
/// <remarks>
/// <para>A resource is named <c>type:name</c> within its group; the name without the type will do. Groups from the pipeline give their
/// resources.</para>
/// </remarks>
/// <example><code>Get-ClusterResource</code>Lists the resources of all groups.</example>
/// <example><code>Get-ClusterGroup webshop | Get-ClusterResource</code>Gets the resources of one group.</example>
/// <example><code>Get-ClusterResource shop-* -Group webshop</code>Gets those whose names fit.</example>
[Cmdlet(VerbsCommon.Get, "ClusterResource", DefaultParameterSetName = ByName)]
[OutputType(typeof(ResourceStatus))]
public sealed class GetClusterResourceCommand : ClusterCmdlet
{
    private const string ByName = "Name";

    private const string ByObject = "InputObject";

    /// <summary>Names of resources, with or without their type; wildcards are allowed. All when left out.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ParameterSetName = ByName)]
    [Parameter(Position = 0, ParameterSetName = ByObject)]
    [Alias("Id", "Resource")]
    [ArgumentCompleter(typeof(ResourceCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [NameOf(typeof(ResourceStatus), nameof(ResourceStatus.Id), "Resource", Many = true)]
    public string[]? Name { get; set; }

    /// <summary>Only resources of these groups; wildcards are allowed.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, ParameterSetName = ByName)]
    [ArgumentCompleter(typeof(GroupCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Group { get; set; }

    /// <summary>Groups, as Get-ClusterGroup gives them.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = ByObject)]
    [ValidateNotNull]
    [Revived(typeof(GroupStatus), Many = true)]
    public GroupStatus[] InputObject { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        List<ResourceStatus> all = [];
        foreach (GroupStatus group in ParameterSetName == ByObject ? InputObject : FindGroups(Group))
        {
            Attempt(group.Name, () => all.AddRange(Call((client, cancel) => client.GetResourcesAsync(group.Name, cancel))));
        }

        WriteClusterObjects(Select(all));
    }

    private IEnumerable<ResourceStatus> Select(List<ResourceStatus> all)
    {
        if (Name is null)
        {
            return all;
        }

        // The same name in several groups means all of them.
        var chosen = new HashSet<ResourceStatus>();
        foreach (string name in Name)
        {
            ResourceStatus[] found = ObjectNames.Find(all, r => r.Id, name);
            found = ObjectNames.Has(found, r => r.Id, name) ? found : [.. found.Union(ObjectNames.Find(all, r => ShortName(r.Id), name))];
            if (found.Length == 0 && !ObjectNames.IsWildcard(name))
            {
                WriteProblem(
                    ClusterErrors.NotFound("resource", name, all.SelectMany(r => new[] { r.Id, ShortName(r.Id) }).Distinct()), name);
            }

            chosen.UnionWith(found);
        }

        return all.Where(chosen.Contains);
    }

    private static string ShortName(string id) => id.Substring(id.IndexOf(':') + 1);
}

/// <summary>Parameters that Add-ClusterResource and Set-ClusterResource have in common.</summary>
public abstract class ClusterResourceSettingsCmdlet : ClusterConfigurationCmdlet
{
    /// <summary>
    /// Goes on with a warning when no node that is asked has all the agents, or an agent would not take its parameters by what it says of
    /// itself.
    /// </summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    private protected override bool GoesOn => Force;

    /// <summary>
    /// What does the work, such as ocf:heartbeat:IPaddr2, lsb:/etc/init.d/web, systemd:nginx or exec:/path/to/program; of an OCF agent the
    /// last part is enough. Get-ClusterResourceType lists agents.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(ResourceAgentCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Agent { get; set; }

    /// <summary>
    /// The agent's parameters as a hashtable of names and values; a null value takes one out. Secrets may be given as SecureString.
    /// </summary>
    [Parameter]
    [Alias("Parameters")]
    [ArgumentCompleter(typeof(ResourceParameterCompleter))]
    [ValidateNotNull]
    public IDictionary? Parameter { get; set; }

    /// <summary>The resource that it stands below and needs; empty: none, it stands at the top of its group.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ResourceCompleter))]
    [AllowEmptyString]
    public string? Parent { get; set; }

    /// <summary>The resource beside it that it starts before.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ResourceCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Before { get; set; }

    /// <summary>The resource beside it that it starts after.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ResourceCompleter))]
    [ValidateNotNullOrEmpty]
    public string? After { get; set; }

    /// <summary>Limit of a start, in seconds or as a TimeSpan. Default: 60 seconds.</summary>
    [Parameter]
    [Duration]
    public TimeSpan? StartTimeout { get; set; }

    /// <summary>Limit of a stop, in seconds or as a TimeSpan. Default: 60 seconds.</summary>
    [Parameter]
    [Duration]
    public TimeSpan? StopTimeout { get; set; }

    /// <summary>Limit of a status check, in seconds or as a TimeSpan. Default: 20 seconds.</summary>
    [Parameter]
    [Duration]
    public TimeSpan? MonitorTimeout { get; set; }

    /// <summary>Time between status checks, in seconds or as a TimeSpan; 0: none. Default: 10 seconds.</summary>
    [Parameter]
    [Duration]
    public TimeSpan? MonitorInterval { get; set; }

    /// <summary>Status checks that look deeper, all of them, as hashtables with Depth, Interval and, where wanted, Timeout (seconds or
    /// TimeSpan); an empty list takes them out. Which depths an agent has is shown by Get-ClusterResourceType.</summary>
    [Parameter]
    [Alias("StatusChecks")]
    [AllowEmptyCollection]
    public object[]? StatusCheck { get; set; }

    /// <summary>Whether status checks and stops that take too long count as failures. Default: true.</summary>
    [Parameter]
    [YesNo]
    public bool? EnforceTimeouts { get; set; }

    /// <summary>A failure restarts this resource and what stands below it, and nothing else of the group.</summary>
    [Parameter]
    public SwitchParameter IndependentSubtree { get; set; }

    /// <summary>A failure stops this resource and what stands below it and leaves the group running without them.</summary>
    [Parameter]
    public SwitchParameter NonCritical { get; set; }

    /// <summary>Place among its siblings on start, 1 first; 0: after those that have one.</summary>
    [Parameter]
    [ValidateRange(0, 100)]
    public int? StartLevel { get; set; }

    /// <summary>Place among its siblings on stop, 1 first; 0: before those that have one.</summary>
    [Parameter]
    [ValidateRange(0, 100)]
    public int? StopLevel { get; set; }

    /// <summary>How often a failed start is tried again on the same node, each time after a stop. Default: 0.</summary>
    [Parameter]
    [ValidateRange(0, 99)]
    public int? StartRetries { get; set; }

    /// <summary>How often a failed stop is tried again. Default: 0.</summary>
    [Parameter]
    [ValidateRange(0, 99)]
    public int? StopRetries { get; set; }

    /// <summary>
    /// How many other nodes are tried when its start fails for good on one; -1: every node that its group may run on. Default: -1.
    /// </summary>
    [Parameter]
    [ValidateRange(-1, 1024)]
    public int? Failovers { get; set; }

    /// <summary>What is done when its start has failed for good, on the last node: Default (the group stops until it is tried again),
    /// Continue (go on without it), Hold (do not start what comes after it), StopDaemon, ShutDown, Reboot or PowerOff (the node leaves the
    /// cluster and does that).</summary>
    [Parameter]
    [Cell(IsWord = true)]
    public FinalAction? StartFinalAction { get; set; }

    /// <summary>What is done when its stop has failed for good: Default (the group is Failed), Continue (stop the others, then Failed),
    /// Hold (Failed, the others stay), ShutDown or PowerOff (the node is fenced off), or Reboot (the node is fenced and switched on
    /// again).</summary>
    [Parameter]
    [Cell(IsWord = true)]
    public FinalAction? StopFinalAction { get; set; }

    /// <summary>Run on the node before the final action: exec:/path or powershell:/path.ps1; empty: none.</summary>
    [Parameter]
    [AllowEmptyString]
    public string? FinalScript { get; set; }

    /// <summary>Limit of the script before the final action, in seconds or as a TimeSpan. Default: 60 seconds.</summary>
    [Parameter]
    [Duration]
    public TimeSpan? FinalScriptTimeout { get; set; }

    /// <summary>What the parameters say.</summary>
    private protected ResourceDefinition Definition() => new()
    {
        Agent = Agent is null ? null : FullAgentName(Agent),
        Parameters = Arguments.Parameters(Parameter),
        StartTimeout = StartTimeout,
        StopTimeout = StopTimeout,
        MonitorTimeout = MonitorTimeout,
        MonitorInterval = MonitorInterval,
        EnforceTimeouts = EnforceTimeouts,
        IndependentSubtree = Given(nameof(IndependentSubtree), IndependentSubtree),
        NonCritical = Given(nameof(NonCritical), NonCritical),
        StartLevel = StartLevel,
        StopLevel = StopLevel,
        StatusChecks = Arguments.StatusChecks(StatusCheck),
        StartRetries = StartRetries,
        StopRetries = StopRetries,
        Failovers = Failovers,
        StartFinal = StartFinalAction,
        StopFinal = StopFinalAction,
        FinalScript = FinalScript,
        FinalScriptTimeout = FinalScriptTimeout,
    };

    /// <summary>Where it is to stand.</summary>
    private protected ResourcePlace? Place() =>
        Parent is null && Before is null && After is null ? null : new ResourcePlace { Parent = Parent, Before = Before, After = After };
}

/// <summary>Adds a resource to a group; where the group runs, it is started.</summary>
/// <remarks>
/// <para>A resource has an id of the form type:name, unique in its group. The type follows from the agent when it is not given; the name is
/// the group's when it is not given.</para>
/// <para>A resource below another one (-Parent) starts after it and stops before it. Siblings start in their order, which -Before and
/// -After choose. Nothing that runs is restarted.</para>
/// </remarks>
/// <example><code>Add-ClusterResource helper reports -Agent 'exec:/bin/sleep 1000000' -Parameter @{ mode = 'async' } -Parent script:reports</code>Adds a program to the group reports that starts after the script and is checked
/// every ten seconds.</example>
/// <example><code>Add-ClusterResource -Group batch -Agent ocf:heartbeat:Dummy -Name probe -NonCritical -StartTimeout 30 -WhatIf</code>
/// Shows what adding a resource would do.</example>
[Cmdlet(VerbsCommon.Add, "ClusterResource", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(ResourceStatus), typeof(Operation))]
public sealed class AddClusterResourceCommand : ClusterResourceSettingsCmdlet
{
    /// <summary>The resource's name, or its whole id of the form type:name; the group's name when left out.</summary>
    [Parameter(Position = 0)]
    [Alias("Id")]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>The group.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(GroupCompleter))]
    [GroupName]
    [ValidateNotNullOrEmpty]
    public string Group { get; set; } = "";

    /// <summary>Its type, the first part of its id, such as ip, fs or script; it follows from the agent when left out.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Type { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Attempt(Group, () =>
    {
        ResourceDefinition definition = Definition();
        definition.Type = Type;
        if (Name is { } name && name.IndexOf(':') > 0 && (Type is null || name.StartsWith(Type + ":", StringComparison.Ordinal)))
        {
            definition.Id = name;
        }
        else
        {
            definition.Name = Name;
        }

        EditAndWrite(
            Name ?? Group,
            $"Adding resource {Name ?? Agent} to group {Group}",
            new ConfigurationEdit
            {
                Action = EditAction.Add,
                Resource = new ResourceEdit { Group = Group, Definition = definition, Place = Place() },
            },
            outcome =>
            {
                (string group, string id) = outcome.AddedPart;
                WriteNow(Noun.ResourceOf(group), id);
            });
    });
}

/// <summary>Changes resources: agent, parameters, limits, place in the group.</summary>
/// <remarks>
/// <para>Only what is given changes. A resource whose agent, parameters or parent change is restarted where it runs, and everything below
/// it; -WhatIf says what. What only says how it is watched and treated (times, checks, levels, retries, final actions) restarts nothing. A
/// frozen group is not changed.</para>
/// <para>A start that fails is tried again -StartRetries times on the same node, then on -Failovers other nodes; then comes
/// -StartFinalAction. A stop that fails is tried again
/// -StopRetries times; then comes -StopFinalAction. -FinalScript is run before either. about_Cluster_Groups says more.</para>
/// </remarks>
/// <example><code>Set-ClusterResource script:reports -Group reports -MonitorInterval 5 -StartTimeout 00:02:00</code>Checks a resource
/// every five seconds and gives its start two minutes.</example>
/// <example><code>Get-ClusterResource -Group webshop | Set-ClusterResource -MonitorTimeout 30 -WhatIf</code>Shows what longer status
/// checks for all resources of a group would change and restart.</example>
/// <example><code>Set-ClusterResource shop-db -StartRetries 2 -Failovers 1 -StopFinalAction Reboot</code>Tries a start three times on a
/// node and then on one other, and has a node fenced and
/// switched on again on which the resource does not stop.</example>
/// <example><code>Set-ClusterResource shop-db -StatusCheck @{ Depth = 20; Interval = 60 } -WhatIf</code>Shows what a deeper status check
/// every minute would change; nothing is restarted for it.</example>
/// <example><code>Set-ClusterResource shop-web -Parameter @{ greeting = 'hello' }</code>Sets a parameter of the resource of this name;
/// with a null value it would be taken out.</example>
[Cmdlet(VerbsCommon.Set, "ClusterResource", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(ResourceStatus), typeof(Operation))]
public sealed class SetClusterResourceCommand : ClusterResourceSettingsCmdlet
{
    /// <summary>Ids of resources, or their names; wildcards are allowed.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [Alias("Id", "Resource")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ResourceCompleter))]
    [ValidateNotNullOrEmpty]
    [NameOf(typeof(ResourceStatus), nameof(ResourceStatus.Id), "Name", "Resource", Many = true)]
    public string[] Name { get; set; } = [];

    /// <summary>The group; it may be left out where only one group has a resource of this name.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(GroupCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Group { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Attempt(Name, () =>
    {
        foreach ((string group, string id) in FindConfigured(Group, Name))
        {
            var resource = new ResourceEdit { Group = group, Id = id, Definition = Definition(), Place = Place() };
            EditAndWrite(
                id, $"Changing resource {id} of group {group}", new ConfigurationEdit { Resource = resource },
                () => WriteNow(Noun.ResourceOf(group), id));
        }
    });
}

/// <summary>Base of what is done to resources of groups: which.</summary>
public abstract class ClusterResourceNamesCmdlet : ClusterConfigurationCmdlet
{
    /// <summary>Ids of resources, or their names; wildcards are allowed.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [Alias("Id", "Resource")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ResourceCompleter))]
    [ValidateNotNullOrEmpty]
    [NameOf(typeof(ResourceStatus), nameof(ResourceStatus.Id), "Name", "Resource", Many = true)]
    public string[] Name { get; set; } = [];
}

/// <summary>Removes resources from their groups; where they run, they are stopped.</summary>
/// <remarks>
/// <para>What stands below a resource goes with it; with -KeepChildren it takes the resource's place, and is restarted.</para>
/// </remarks>
/// <example><code>Add-ClusterResource -Group reports -Agent 'exec:/bin/sleep 1000001' -Name extra -Parameter @{ mode = 'async' }; Remove-ClusterResource exec:extra -Group reports -Confirm:$false</code>Adds a resource to the group
/// reports and removes it again; the rest of the group goes on running.</example>
/// <example><code>Get-ClusterResource -Group webshop | Where-Object Type -eq script | Remove-ClusterResource -WhatIf</code>Shows what
/// would be stopped and removed.</example>
[Cmdlet(VerbsCommon.Remove, "ClusterResource", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(ResourceStatus), typeof(Operation))]
public sealed class RemoveClusterResourceCommand : ClusterResourceNamesCmdlet
{
    /// <summary>The group; it may be left out where only one group has a resource of this name.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(GroupCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Group { get; set; }

    /// <summary>What stands below the resource stays and takes its place.</summary>
    [Parameter]
    public SwitchParameter KeepChildren { get; set; }

    /// <summary>Give the resource back as it was.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Attempt(Name, () =>
    {
        foreach ((string group, string id) in FindConfigured(Group, Name))
        {
            ResourceStatus? before = PassThru
                ? Call((client, cancel) => client.GetResourcesAsync(group, cancel)).FirstOrDefault(r => r.Id == id)
                : null;
            var resource = new ResourceEdit { Group = group, Id = id, KeepChildren = KeepChildren };
            Remove(id, $"Removing resource {id} from group {group}", new ConfigurationEdit { Resource = resource }, before);
        }
    });
}

/// <summary>Base of what is done to one resource of a group while the rest goes on.</summary>
public abstract class ClusterResourceChangeCmdlet : ClusterResourceNamesCmdlet
{
    /// <summary>The group; it may be left out where only one group has a resource of this name.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(GroupCompleter))]
    [GroupName]
    [ValidateNotNullOrEmpty]
    public string? Group { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Attempt(Name, () =>
    {
        foreach ((string group, string id) in FindConfigured(Group, Name))
        {
            Attempt(id, () => Process(group, Now(group, id)));
        }
    });

    /// <summary>Does it to one.</summary>
    private protected abstract void Process(string group, ResourceStatus resource);

    private protected static ConfigurationEdit Disabling(string group, ResourceStatus resource, bool disabled) =>
        new() { Resource = new ResourceEdit { Group = group, Id = resource.Id, Disabled = disabled } };

    /// <summary>The resource as it is now.</summary>
    private protected ResourceStatus Now(string group, string id) =>
        SelectOne(Noun.ResourceOf(group), ObjectNames.Remember(id, anyCase: false));
}

/// <summary>Stops resources, each with what stands below it, while the rest of their groups goes on.</summary>
/// <remarks>
/// <para>A resource is part of a group, and a group runs as a whole. To stop one resource is therefore to disable it in the configuration:
/// it is stopped, with what stands below it and needs it, and stays off, wherever its group runs, until Start-ClusterResource enables it.
/// Stop-ClusterGroup stops the whole group.</para>
/// </remarks>
/// <example><code>Stop-ClusterResource shop-web -Confirm:$false; Start-ClusterResource shop-web</code>Stops one resource of its group,
/// with what stands below it, and starts it again.</example>
/// <example><code>Get-ClusterResource -Group webshop | Where-Object Type -eq script | Stop-ClusterResource -WhatIf</code>Shows what would
/// be stopped.</example>
[Cmdlet(VerbsLifecycle.Stop, "ClusterResource", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(ResourceStatus), typeof(Operation))]
public sealed class StopClusterResourceCommand : ClusterResourceChangeCmdlet
{
    /// <inheritdoc/>
    private protected override void Process(string group, ResourceStatus resource)
    {
        if (resource.Phase == ResourcePhase.Disabled)
        {
            WriteVerbose($"Resource '{resource.Id}' of group '{group}' is disabled already.");
            WriteClusterObject(resource);
            return;
        }

        EditAndWrite(
            resource.Id, $"Disabling resource {resource.Id} of group {group}", Disabling(group, resource, true),
            () => WriteClusterObject(Now(group, resource.Id)));
    }
}

/// <summary>Starts resources that were stopped, given up or disabled, where their groups run.</summary>
/// <remarks>
/// <para>A resource that Stop-ClusterResource has disabled is enabled and started, with what stands below it. One that was given up,
/// because it is not critical and has failed, is tried again, as Repair-ClusterGroup does for all of its group. One whose group does not
/// run starts with its group: Start-ClusterGroup.</para>
/// </remarks>
/// <example><code>Start-ClusterResource shop-web</code>Starts a resource; one that runs stays as it is.</example>
/// <example><code>Get-ClusterResource | Where-Object State -in Disabled, Abandoned | Start-ClusterResource</code>Starts everything that is
/// off while its group runs.</example>
[Cmdlet(VerbsLifecycle.Start, "ClusterResource", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(ResourceStatus), typeof(Operation))]
public sealed class StartClusterResourceCommand : ClusterResourceChangeCmdlet
{
    /// <inheritdoc/>
    private protected override void Process(string group, ResourceStatus resource)
    {
        switch (resource.Phase)
        {
            case ResourcePhase.Disabled when resource.Disabled:
                EditAndWrite(
                    resource.Id, $"Enabling resource {resource.Id} of group {group}", Disabling(group, resource, false),
                    () => WriteStarted(group, resource.Id));
                break;
            case ResourcePhase.Disabled:
                throw ClusterErrors.Own(
                    ProblemCodes.Refused, 409,
                    $"Resource '{resource.Id}' of group '{group}' is off because what it stands below ({resource.Parent}) is.",
                    $"Start that: Start-ClusterResource {resource.Parent} -Group {group}.");
            case ResourcePhase.Abandoned:
                string happens = $"What was given up of group '{group}', {resource.Id} among it, is started again.";
                if (ShouldProcess(happens, $"{happens} Go on?", "Start-ClusterResource")
                    && Change(
                        resource.Id, $"Repairing group {group}", (client, cancel) => client.GroupAsync(group, "convalesce", null, cancel)))
                {
                    WriteStarted(group, resource.Id);
                }

                break;
            default:
                WriteStarted(group, resource.Id);
                break;
        }
    }

    private void WriteStarted(string group, string id)
    {
        ResourceStatus now = Now(group, id);
        if (now.Phase == ResourcePhase.Stopped)
        {
            WriteWarning(
                $"Resource '{id}' starts with its group '{group}', which is "
                    + $"{Call((client, cancel) => client.GetGroupAsync(group, false, cancel)).Phase}. "
                        + $"Start-ClusterGroup {group} starts both.");
        }

        WriteClusterObject(now);
    }
}

/// <summary>Moves resources, each with what stands below it, to another group.</summary>
/// <remarks>
/// <para>The resource is stopped where its old group runs, then started where the new one runs; the rest of both groups goes on. To move a
/// resource to another node, move its group there: Move-ClusterGroup.</para>
/// </remarks>
/// <example><code>Move-ClusterResource shop-web reports -WhatIf</code>Shows what moving a resource to the group reports would stop and
/// start.</example>
/// <example><code>Add-ClusterResource movable reports -Agent 'exec:/bin/sleep 1000003' -Parameter @{ mode = 'async' }
/// Move-ClusterResource movable batch -Confirm:$false
/// Remove-ClusterResource movable -Confirm:$false</code>Adds a resource to one group and moves it to another.</example>
[Cmdlet(VerbsCommon.Move, "ClusterResource", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(ResourceStatus), typeof(Operation))]
public sealed class MoveClusterResourceCommand : ClusterResourceNamesCmdlet
{
    /// <summary>The group that it goes to.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [Alias("ToGroup")]
    [ArgumentCompleter(typeof(GroupCompleter))]
    [GroupName]
    [ValidateNotNullOrEmpty]
    public string To { get; set; } = "";

    /// <summary>The group that it is in; it may be left out where only one group has a resource of this name.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(GroupCompleter))]
    [GroupName]
    [ValidateNotNullOrEmpty]
    public string? Group { get; set; }

    /// <summary>The resource of the new group that it stands below; none when left out.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ResourceCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Parent { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Attempt(Name, () =>
    {
        foreach ((string group, string id) in FindConfigured(Group, Name))
        {
            var resource = new ResourceEdit { Group = group, Id = id, To = To, Place = new ResourcePlace { Parent = Parent } };
            EditAndWrite(
                id, $"Moving resource {id} of group {group} to group {To}", new ConfigurationEdit { Resource = resource },
                () => WriteNow(Noun.ResourceOf(To), id));
        }
    });
}
