# What all runbooks have in common; each one dot-sources this. In lower case: not a runbook itself.
param(
    # Name of the client context; empty: the current one.
    [string] $Cluster
)

Set-StrictMode -Version 3
$ErrorActionPreference = 'Stop'

# In the runbook's own scope. Whether only the plan is wanted is asked once here; what only reads would ask again.
$plan = [bool]$WhatIfPreference
$WhatIfPreference = $false
$context = @{}
if ($Cluster) { $context.Cluster = $Cluster }

function Open-RunbookRun {
    <#
    .SYNOPSIS
    Begins a run, or goes on with the one that the cluster remembers.
    .OUTPUTS
    A hashtable that the other functions take.
    #>
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [string] $Name,
        # What a resumed run must know again: anything that ConvertTo-Json writes.
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Data,
        # Which cluster, as parameters of the cmdlets.
        [Parameter(Mandatory)] [hashtable] $Context,
        # What the caller has given as parameters: it is never replaced by what is remembered.
        [hashtable] $Given = @{},
        [switch] $Resume,
        [switch] $Restart,
        [string] $TranscriptPath,
        [switch] $Plan
    )

    $run = @{
        Name = $Name; Context = $Context; Plan = [bool]$Plan; Began = [DateTimeOffset]::Now; State = 'Running'; Message = ''
        Steps = [System.Collections.Generic.List[object]]::new(); Data = $Data; Known = $null; Transcript = $null; Resumed = $false
    }
    $known = ClusterTools\Get-ClusterRunbook -Name $Name @context
    if ($Resume) {
        if ($known.State -in 'NotBegun', 'Done') {
            throw "There is nothing to go on with: runbook $Name is $($known.State). Begin it without -Resume."
        }

        $run.Resumed = $true
        Restore-RunbookData $run ($known.Data | ConvertFrom-Json) $Given
    }
    elseif ($known.State -notin 'NotBegun', 'Done' -and -not $Restart -and -not $Plan) {
        throw "Run $($known.Run) of runbook $Name, begun $($known.Began.LocalDateTime.ToString('s')), is $($known.State) at step '$($known.Step)' (last by $($known.Who)). Go on with it: -Resume. Or forget it and begin anew: -Restart."
    }

    $run.Known = $known
    if ($Plan) { return $run }

    if ($Resume) {
        $run.Known = $known | ClusterTools\Set-ClusterRunbook -State Running -Message '' -Confirm:$false -WhatIf:$false @context
    }
    else {
        $run.Known = $known | ClusterTools\Set-ClusterRunbook -Run ([DateTime]::UtcNow.ToString('yyyyMMdd-HHmmss')) -State Running `
            -Data ($run.Data | ConvertTo-Json -Depth 5 -Compress) -Confirm:$false -WhatIf:$false @context
    }

    if (-not $TranscriptPath) {
        $folder = Join-Path -Path ([Environment]::GetFolderPath('LocalApplicationData', 'DoNotVerify')) -ChildPath 'clustertools/runbooks'
        $null = New-Item -ItemType Directory -Path $folder -Force -WhatIf:$false -Confirm:$false
        $TranscriptPath = Join-Path -Path $folder -ChildPath "$Name-$($run.Known.Run).txt"
    }

    $null = Start-Transcript -LiteralPath $TranscriptPath -Append -WhatIf:$false -Confirm:$false
    $run.Transcript = $TranscriptPath
    $run
}

function Restore-RunbookData {
    <#
    .SYNOPSIS
    Takes what the cluster remembers of a run, as far as the runbook knows it and it is of the right kind. Every operator can write such a
    document, so that nothing in it counts for more than a parameter, and its names are of something that there is.
    #>
    [CmdletBinding()]
    param(
        [Parameter(Mandatory, Position = 0)] [hashtable] $Run,
        [Parameter(Mandatory, Position = 1)] [AllowNull()] [object] $Kept,
        [Parameter(Mandatory, Position = 2)] [hashtable] $Given
    )

    $context = $Run.Context
    $anew = "Begin anew: -Restart."
    foreach ($key in @($Run.Data.Keys)) {
        $stored = if ($Kept -is [pscustomobject]) { $Kept.PSObject.Properties[$key] }
        if (-not $stored) { continue }

        $value = $stored.Value
        $fresh = $Run.Data[$key]
        $fits = if ($fresh -is [bool]) { $value -is [bool] }
        elseif ($fresh -is [int]) { $value -is [long] -and $value -ge 1 -and $value -le 86400 }
        elseif ($fresh -is [array]) { @($value | Where-Object { $_ -isnot [string] }).Count -eq 0 }
        else { $null -eq $value -or $value -is [string] }
        if (-not $fits) { throw "What the cluster remembers of runbook $($Run.Name) does not fit: '$key'. $anew" }

        $gone = @(if ($key -in 'Node', 'Nodes', 'TargetNode', 'Owner') {
            $there = @(ClusterTools\Get-ClusterNode @context | ForEach-Object -Process { $_.Name })
            $value | Where-Object { $_ -and $_ -notin $there }
        }
        elseif ($key -eq 'Group') {
            $there = @(ClusterTools\Get-ClusterGroup @context | ForEach-Object -Process { $_.Name })
            $value | Where-Object { $_ -notin $there }
        })
        if ($gone) { throw "The run of runbook $($Run.Name) that the cluster remembers is for '$($gone -join "', '")', which is not in this cluster. $anew" }

        $parameter = if ($key -eq 'Nodes') { 'Node' } else { $key }
        if (-not $Given.ContainsKey($parameter)) {
            $Run.Data[$key] = $value
        }
        elseif ($parameter -in 'Node', 'Group', 'PowerOff' -and (@($Run.Data[$key]) -join "`n") -ne (@($value) -join "`n")) {
            # Steps that are done were done for that one.
            throw "The run of runbook $($Run.Name) is for -$parameter $(@($value) -join ', '), not $(@($Run.Data[$key]) -join ', '). Go on with it without -$parameter. Or forget it: -Restart."
        }
    }
}

function Invoke-RunbookStep {
    <#
    .SYNOPSIS
    Runs a step unless it is done already, and writes down on the cluster that it is. In a plan it only says what it would do.
    After one that failed or waits, nothing more is run.
    #>
    # The names are long because a step's script block, and a person's in it, sees them.
    [CmdletBinding()]
    param(
        [Parameter(Mandatory, Position = 0)] [hashtable] $RunbookRun,
        [Parameter(Mandatory, Position = 1)] [string] $StepId,
        [Parameter(Mandatory, Position = 2)] [string] $StepTitle,
        # May write one string: what came of it. 'WAIT: ...' makes the run wait for a person; resumed, it goes on after this step.
        [Parameter(Mandatory, Position = 3)] [scriptblock] $StepAction
    )

    if ($RunbookRun.State -ne 'Running') { return }
    $context = $RunbookRun.Context
    $step = [pscustomobject]@{
        PSTypeName = 'ClusterTools.RunbookStep'; Runbook = $RunbookRun.Name; Order = $RunbookRun.Steps.Count + 1; Step = $StepId; Title = $StepTitle
        State = 'WouldRun'; Duration = [TimeSpan]::Zero; Message = ''
    }
    $RunbookRun.Steps.Add($step)
    if ($RunbookRun.Resumed -and $RunbookRun.Known.Done -contains $StepId) {
        $step.State = 'DoneBefore'
        return
    }

    if ($RunbookRun.Plan) { return }

    Write-Verbose -Message "$($RunbookRun.Name): $StepTitle"
    Write-Progress -Id 7 -Activity "Runbook $($RunbookRun.Name)" -Status $StepTitle
    $watch = [Diagnostics.Stopwatch]::StartNew()
    $RunbookRun.Known = $RunbookRun.Known | ClusterTools\Set-ClusterRunbook -Step $StepId -Confirm:$false -WhatIf:$false @context
    $step.State = 'Interrupted'
    try {
        $said = & $StepAction | Out-String
        $step.State = 'Done'
        $step.Message = $said.Trim()
        if ($step.Message -clike 'WAIT: *') {
            $RunbookRun.State = $step.State = 'Waiting'
            $RunbookRun.Message = $step.Message = $step.Message.Substring(6)
        }
    }
    catch {
        $RunbookRun.State = $step.State = 'Failed'
        $RunbookRun.Message = $step.Message = "$StepTitle`: $($_.Exception.Message)"
    }
    finally {
        $step.Duration = $watch.Elapsed
    }

    $now = @{ State = $RunbookRun.State; Message = $RunbookRun.Message.Substring(0, [Math]::Min(500, $RunbookRun.Message.Length)) }
    if ($step.State -ne 'Failed') { $now.Done = $StepId }
    $RunbookRun.Known = $RunbookRun.Known | ClusterTools\Set-ClusterRunbook @now -Confirm:$false -WhatIf:$false @context
}

function Close-RunbookRun {
    <#
    .SYNOPSIS
    Ends a run's transcript, and gives the steps of a plan or the report of a run.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory, Position = 0)] [hashtable] $Run)

    if ($Run.Plan) { return $Run.Steps }

    $context = $Run.Context
    Write-Progress -Id 7 -Activity "Runbook $($Run.Name)" -Completed
    try {
        if ($Run.State -eq 'Running') {
            $interrupted = @($Run.Steps | Where-Object -Property State -EQ -Value 'Interrupted')
            $Run.State = if ($interrupted) { 'Failed' } else { 'Done' }
            if ($interrupted) { $Run.Message = "Interrupted in step '$($interrupted[0].Step)'." }
            $Run.Known = $Run.Known | ClusterTools\Set-ClusterRunbook -State $Run.State -Message $Run.Message -Confirm:$false -WhatIf:$false @context
        }
    }
    finally {
        [pscustomobject]@{
            PSTypeName = 'ClusterTools.RunbookReport'; Runbook = $Run.Name; Run = $Run.Known.Run; State = $Run.State; Message = $Run.Message
            Began = $Run.Began; Duration = [DateTimeOffset]::Now - $Run.Began; Steps = $Run.Steps.ToArray(); Transcript = $Run.Transcript
        } | Tee-Object -Variable report
        # The transcript ends with the report.
        $report.Steps | Format-Table -Property Order, Step, State, Duration, Message | Out-String | Write-Verbose
        $null = Stop-Transcript
    }
}

function Get-StartedGroup {
    <#
    .SYNOPSIS
    Names of the groups that are started now.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory, Position = 0)] [hashtable] $Context)

    @(ClusterTools\Get-ClusterGroup @Context | Where-Object -Property Phase -EQ -Value 'Started' | ForEach-Object -Process { $_.Name })
}

function Wait-StartedGroup {
    <#
    .SYNOPSIS
    Waits until groups are started; throws, naming those that are not and why, when the time is over or one has failed.
    #>
    [CmdletBinding()]
    param(
        [Parameter(Mandatory, Position = 0)] [hashtable] $Context,
        [Parameter(Mandatory, Position = 1)] [AllowEmptyCollection()] [string[]] $Group,
        [Parameter(Mandatory, Position = 2)] [int] $Seconds
    )

    $watch = [Diagnostics.Stopwatch]::StartNew()
    while ($true) {
        $missing = @(ClusterTools\Get-ClusterGroup @Context | Where-Object { $_.Name -in $Group -and $_.Phase -ne 'Started' })
        if (-not $missing) { return }
        $failed = @($missing | Where-Object { $_.Phase -in 'Failed', 'Disabled' })
        if ($failed -or $watch.Elapsed.TotalSeconds -ge $Seconds) {
            throw "not started $(if ($failed) { 'and will not be' } else { "after $Seconds s" }): $(($missing | ForEach-Object { "$($_.Name) is $($_.Phase) ($($_.Why))" }) -join '; '). Get-ClusterGroup -Explain says what each one waits for."
        }

        Start-Sleep -Milliseconds 250
    }
}

function Assert-SafeWithout {
    <#
    .SYNOPSIS
    Throws unless the cluster is well, and stays quorate without a node.
    #>
    [CmdletBinding()]
    param(
        [Parameter(Mandatory, Position = 0)] [hashtable] $Context,
        [Parameter(Mandatory, Position = 1)] [string] $Node
    )

    $cluster = ClusterTools\Get-Cluster @Context
    if ($cluster.Quorum -ne 'Quorate') { throw "the cluster has no quorum: $($cluster.QuorumDescription)" }
    if ($cluster.FailedGroups) { throw "failed groups: $($cluster.FailedGroups -join ', '). Repair them first (Get-ClusterGroup -Explain)." }
    if ($cluster.Fencing) { throw "nodes are being fenced: $($cluster.Fencing.Target -join ', '). Wait for the end of it." }
    $all = @(ClusterTools\Get-ClusterNode @Context)
    $away = @($all | Where-Object { $_.Name -ne $Node -and $_.Phase -ne 'Online' })
    if ($away) { throw "other nodes are not Online: $(($away | ForEach-Object { "$($_.Name) is $($_.Phase)" }) -join '; '). One node at a time." }
    $left = ($all | Where-Object -Property Name -NE -Value $Node | Measure-Object -Property Votes -Sum).Sum
    $total = ($all | Measure-Object -Property Votes -Sum).Sum
    if ($all.Count -gt 2 -and $left * 2 -le $total) { throw "without $Node only $left of $total votes would be left: the cluster would stop. Give other nodes votes first (Set-ClusterQuorum)." }
}
