namespace ClusterTools.Cmdlets;

/// <summary>Gets event scripts: what they are told of, and what they are doing now.</summary>
/// <remarks>
/// <para>An event script is a program or PowerShell script of the administrator's on the nodes. It is told of events, and may be asked
/// where groups start; what it answers is done. EventsWaiting says how many events it has still to be told, Placing which groups wait for
/// its word, Call where it runs just now. about_Cluster_EventScripts says how to write one.</para>
/// </remarks>
/// <example><code>Get-ClusterEventScript</code>Lists the event scripts.</example>
/// <example><code>Get-ClusterEventScript | Where-Object Call | Format-List</code>Shows those that run just now.</example>
[Cmdlet(VerbsCommon.Get, "ClusterEventScript")]
[OutputType(typeof(EventScript))]
public sealed class GetClusterEventScriptCommand : ClusterCmdlet
{
    /// <summary>Names of event scripts; wildcards are allowed. All when left out.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(EventScriptCompleter))]
    [ValidateNotNullOrEmpty]
    [NameOf(typeof(EventScript), nameof(EventScript.Name), Many = true)]
    public string[]? Name { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Attempt(Name, () => WriteClusterObjects(Select(Noun.EventScript, Name)));
}

/// <summary>Base of the cmdlets that change and remove event scripts: which.</summary>
public abstract class ClusterEventScriptChangeCmdlet : ClusterConfigurationCmdlet
{
    /// <summary>Names of event scripts; wildcards are allowed.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(EventScriptCompleter))]
    [ValidateNotNullOrEmpty]
    [NameOf(typeof(EventScript), nameof(EventScript.Name), Many = true)]
    public string[] Name { get; set; } = [];
}

/// <summary>Adds an event script: it is told of events, and may decide where groups go.</summary>
/// <remarks>
/// <para>The script must be there on every node. It reads a JSON document on standard input (events, groups to be placed, the state of the
/// cluster) and may answer with decisions on standard output. A crash, an answer that is not understood, or none in time: then the default
/// counts, and the journal says so.</para>
/// <para>-Event takes kinds of the journal (Tab completes them), with * at the end for several: node.*, group.started, user.NAME for what
/// Send-ClusterUserEvent sends. With -Placement the script is asked where a group starts, in place of the rules; one script only.</para>
/// <para>about_Cluster_EventScripts has the documents and examples.</para>
/// </remarks>
/// <example><code>New-ClusterEventScript pager exec:/usr/local/sbin/pager -Event node.lost, group.failed</code>Has a program told when a
/// node is lost or a group has failed.</example>
/// <example><code>New-ClusterEventScript place powershell:/etc/clustertools/place.ps1 -Placement -Timeout 5 -WhatIf</code>Shows what it
/// would change to have a PowerShell script decide where groups start, within five seconds.</example>
[Cmdlet(VerbsCommon.New, "ClusterEventScript", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(EventScript), typeof(Operation))]
public sealed class NewClusterEventScriptCommand : ClusterConfigurationCmdlet
{
    /// <summary>The event script's name.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = "";

    /// <summary>What is run: exec:/path with arguments, or powershell:/path.ps1; a path alone is one of the two.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string Command { get; set; } = "";

    /// <summary>Kinds of events that it is told of, with * at the end for several.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("Events")]
    [ArgumentCompleter(typeof(EventKindCompleter))]
    public string[]? Event { get; set; }

    /// <summary>It is asked where groups start, in place of the rules.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [YesNo]
    public SwitchParameter Placement { get; set; }

    /// <summary>Its limit, in seconds or as a TimeSpan; then it is ended, and the default counts. Default: 10 seconds.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Duration]
    public TimeSpan? Timeout { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Add(Noun.EventScript, Name, () => new ConfigurationEdit
    {
        EventScript = new EventScriptEdit
        {
            Name = Name,
            Command = Command,
            Events = Event ?? [],
            Placement = Placement.IsPresent,
            Timeout = Timeout,
        },
    });
}

/// <summary>Changes event scripts.</summary>
/// <remarks>
/// <para>Only what is given changes; -Event replaces all kinds. Nothing is restarted. A group that waits for the word of a script which is
/// not asked any more is placed by the rules.</para>
/// </remarks>
/// <example><code>New-ClusterEventScript pager exec:/usr/local/sbin/pager -Event node.lost
/// Set-ClusterEventScript pager -Event node.*, group.failed -Timeout 30</code>Has a program told of more, and gives it half a
/// minute.</example>
/// <example><code>Get-ClusterEventScript | Set-ClusterEventScript -Placement:$false -Reason 'by the rules again' -WhatIf</code>Shows what
/// it would change to have no script decide where groups start.</example>
[Cmdlet(VerbsCommon.Set, "ClusterEventScript", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(EventScript), typeof(Operation))]
public sealed class SetClusterEventScriptCommand : ClusterEventScriptChangeCmdlet
{
    /// <summary>What is run: exec:/path with arguments, or powershell:/path.ps1; a path alone is one of the two.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    public string? Command { get; set; }

    /// <summary>All kinds of events that it is told of, with * at the end for several; an empty list: none.</summary>
    [Parameter]
    [Alias("Events")]
    [AllowEmptyCollection]
    [ArgumentCompleter(typeof(EventKindCompleter))]
    public string[]? Event { get; set; }

    /// <summary>It is asked where groups start, in place of the rules.</summary>
    [Parameter]
    public SwitchParameter Placement { get; set; }

    /// <summary>Its limit, in seconds or as a TimeSpan; then it is ended, and the default counts.</summary>
    [Parameter]
    [Duration]
    public TimeSpan? Timeout { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Set(Noun.EventScript, Name, script => new ConfigurationEdit
    {
        EventScript = new EventScriptEdit
        {
            Name = script.Name,
            Command = Command,
            Events = Event,
            Placement = Given(nameof(Placement), Placement),
            Timeout = Timeout,
        },
    });
}

/// <summary>Removes event scripts: they are told and asked nothing any more.</summary>
/// <remarks>
/// <para>A call that is under way ends, and its answer does not count. Groups that wait for the script's word are placed by the
/// rules.</para>
/// </remarks>
/// <example><code>New-ClusterEventScript old exec:/usr/local/sbin/old -Event user.*; Remove-ClusterEventScript old</code>Adds an event
/// script and removes it again.</example>
/// <example><code>Get-ClusterEventScript | Remove-ClusterEventScript -WhatIf</code>Shows which event scripts would go.</example>
[Cmdlet(VerbsCommon.Remove, "ClusterEventScript", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(EventScript), typeof(Operation))]
public sealed class RemoveClusterEventScriptCommand : ClusterEventScriptChangeCmdlet
{
    /// <summary>Give the event script back as it was.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Remove(
        Noun.EventScript, Name, PassThru, script => new ConfigurationEdit { EventScript = new EventScriptEdit { Name = script.Name } });
}
