<#
.SYNOPSIS
Proves that a group can run elsewhere: moves it, or cuts its node off, and measures how long it was away; then puts all back.
.DESCRIPTION
Without -PowerOff the group is moved to another node and back. With it its owner is fenced, as if it had died: everything on that node fails
over, and the node is switched on again and waited for.
.PARAMETER Group
Name of the group.
.PARAMETER PowerOff
Cuts the owner off by its fence devices instead of moving the group.
.PARAMETER Limit
Seconds that one step may wait for the cluster.
.PARAMETER Cluster
Name of the client context; the current one when left out.
.PARAMETER Resume
Goes on with the run that the cluster remembers.
.PARAMETER Restart
Forgets the run that the cluster remembers, and begins anew.
.PARAMETER TranscriptPath
File for the transcript.
#>
[CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'High')]
param(
    [string] $Group,
    [switch] $PowerOff,
    [ValidateRange(1, 86400)] [int] $Limit = 300,
    [string] $Cluster,
    [switch] $Resume,
    [switch] $Restart,
    [string] $TranscriptPath
)

# Sets $plan and $context too.
. "$PSScriptRoot/runbook.ps1" -Cluster $Cluster
$owner = $null
if (-not $Resume) {
    if (-not $Group) { throw 'Say which group the drill is for: -Group NAME.' }
    $now = ClusterTools\Get-ClusterGroup -Name $Group @context
    if ($now.Phase -ne 'Started') { throw "Group $Group is $($now.Phase), not Started: there is nothing to prove with it. $($now.Why)" }
    $Group = $now.Name
    $owner = $now.Owner
}

$data = [ordered]@{ Group = $Group; Owner = $owner; PowerOff = [bool]$PowerOff; Groups = @(Get-StartedGroup $context); Limit = $Limit }
$what = if ($PowerOff) { "Cut its owner $owner off by fencing; everything on it fails over" } else { 'Move it to another node and back' }
if (-not $plan -and -not $Resume -and -not $PSCmdlet.ShouldProcess("group $Group", $what)) { return }

$run = Open-RunbookRun -Name FailoverDrill -Data $data -Context $context -Given $PSBoundParameters -Resume:$Resume -Restart:$Restart -TranscriptPath $TranscriptPath -Plan:$plan
$name = $run.Data.Group
$home1 = $run.Data.Owner
$limit = $run.Data.Limit
try {
    Invoke-RunbookStep $run check "Make sure that the cluster is well and quorate without $home1" {
        Assert-SafeWithout $context $home1
    }
    if ($run.Data.PowerOff) {
        Invoke-RunbookStep $run fail "Cut $home1 off, and wait until its groups run elsewhere" {
            $watch = [Diagnostics.Stopwatch]::StartNew()
            $null = ClusterTools\Invoke-FenceNode -Name $home1 -Action Off -Wait $limit -Confirm:$false @context
            $fenced = $watch.ElapsedMilliseconds
            Wait-StartedGroup $context @($run.Data.Groups) $limit
            "fenced after $fenced ms, everything started after $($watch.ElapsedMilliseconds) ms on $((ClusterTools\Get-ClusterGroup -Name $name @context).Owner)"
        }
        Invoke-RunbookStep $run power "Switch $home1 on, and wait until it is Online" {
            $watch = [Diagnostics.Stopwatch]::StartNew()
            $null = ClusterTools\Invoke-FenceNode -Name $home1 -Action On -Wait $limit -Confirm:$false @context
            while ((ClusterTools\Get-ClusterNode -Name $home1 @context).Phase -ne 'Online') {
                if ($watch.Elapsed.TotalSeconds -ge $limit) {
                    throw "node $home1 is $((ClusterTools\Get-ClusterNode -Name $home1 @context).Phase) $limit s after it was switched on. Start its daemon, then go on with -Resume."
                }

                Start-Sleep -Milliseconds 250
            }

            "Online after $($watch.ElapsedMilliseconds) ms"
        }
    }
    else {
        Invoke-RunbookStep $run move "Move group $name away from $home1" {
            $watch = [Diagnostics.Stopwatch]::StartNew()
            $null = ClusterTools\Move-ClusterGroup -Name $name -Wait $limit -Confirm:$false @context
            Wait-StartedGroup $context @($name) $limit
            $there = (ClusterTools\Get-ClusterGroup -Name $name @context).Owner
            if ($there -eq $home1) { throw "group $name is on $home1 still: no other node may run it. Get-ClusterGroup $name -Explain says why." }
            "started on $there after $($watch.ElapsedMilliseconds) ms"
        }
    }

    Invoke-RunbookStep $run return "Bring group $name back to $home1" {
        Wait-StartedGroup $context @($name) $limit
        if ((ClusterTools\Get-ClusterGroup -Name $name @context).Owner -ne $home1) {
            try {
                $null = ClusterTools\Move-ClusterGroup -Name $name -Node $home1 -Wait $limit -Confirm:$false @context
            }
            catch {
                # By its failover domain it may go back by itself, and have begun to before it was asked.
                Wait-StartedGroup $context @($name) $limit
                if ((ClusterTools\Get-ClusterGroup -Name $name @context).Owner -ne $home1) { throw }
            }
        }
    }
    Invoke-RunbookStep $run settle 'Wait until every group that was started is started again' {
        Wait-StartedGroup $context @($run.Data.Groups) $limit
    }
}
finally {
    Close-RunbookRun $run
}
