<#
.SYNOPSIS
Maintains all nodes in turn: empties one, does the work on it, brings it back, goes on when all is well.
.DESCRIPTION
Before each node it makes sure that the cluster is well and stays quorate without it. A group that was started at the beginning must be
started again after each node; otherwise the run stops there.
.PARAMETER Node
Names of the nodes, in this order. Left out: all, by name.
.PARAMETER Action
What is done on each node while it is empty; gets the node's name. Its output is kept in the report.
.PARAMETER Pause
Waits for a person at each empty node: the run ends there, and -Resume goes on.
.PARAMETER Failback
What moves back when a node returns: NoFailback, Immediate or Policy.
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
[CmdletBinding(SupportsShouldProcess)]
param(
    [string[]] $Node,
    [scriptblock] $Action,
    [switch] $Pause,
    [ValidateSet('NoFailback', 'Immediate', 'Policy')] [string] $Failback = 'Policy',
    [ValidateRange(1, 86400)] [int] $Limit = 600,
    [string] $Cluster,
    [switch] $Resume,
    [switch] $Restart,
    [string] $TranscriptPath
)

# Sets $plan and $context too.
. "$PSScriptRoot/runbook.ps1" -Cluster $Cluster
$nodes = @(ClusterTools\Get-ClusterNode @context | Where-Object { -not $Node -or $_.Name -in $Node } | ForEach-Object -Process { $_.Name })
$unknown = @($Node | Where-Object { $_ -and $_ -notin $nodes })
if ($unknown) { throw "There is no node $($unknown -join ', ') in this cluster. Get-ClusterNode lists them." }
if ($Node) { $nodes = @($Node) }
$data = [ordered]@{ Nodes = $nodes; Groups = @(Get-StartedGroup $context); Pause = [bool]$Pause; Failback = $Failback; Limit = $Limit }
if (-not $plan -and -not $Resume -and -not $PSCmdlet.ShouldProcess("nodes $($nodes -join ', ')", 'Empty, maintain and bring back in turn')) { return }

$run = Open-RunbookRun -Name RollingMaintenance -Data $data -Context $context -Given $PSBoundParameters -Resume:$Resume -Restart:$Restart -TranscriptPath $TranscriptPath -Plan:$plan
try {
    foreach ($name in $run.Data.Nodes) {
        Invoke-RunbookStep $run "$name/check" "Make sure that the cluster is well and quorate without $name" {
            Assert-SafeWithout $context $name
        }
        Invoke-RunbookStep $run "$name/drain" "Move all groups away from $name" {
            $null = ClusterTools\Suspend-ClusterNode -Name $name -Drain -Wait $run.Data.Limit -Confirm:$false @context
        }
        if ($run.Data.Pause) {
            Invoke-RunbookStep $run "$name/pause" "Wait for a person to work on $name" {
                "WAIT: Node $name is empty. Do the work on it, then go on: Start-ClusterRunbook RollingMaintenance -Resume"
            }
        }

        if ($Action) {
            Invoke-RunbookStep $run "$name/work" "Work on $name" { & $Action $name }
        }

        Invoke-RunbookStep $run "$name/return" "Bring $name back (failback: $($run.Data.Failback))" {
            $null = ClusterTools\Resume-ClusterNode -Name $name -Failback $run.Data.Failback -Wait $run.Data.Limit -Confirm:$false @context
        }
        Invoke-RunbookStep $run "$name/settle" "Wait until every group that was started is started again" {
            Wait-StartedGroup $context @($run.Data.Groups) $run.Data.Limit
        }
    }
}
finally {
    Close-RunbookRun $run
}
