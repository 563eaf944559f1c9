<#
.SYNOPSIS
Empties one node, waits until the work on it is done, and brings it and its groups back.
.DESCRIPTION
Without -Action the run waits for a person when the node is empty; -Resume brings it back.
.PARAMETER Node
Name of the node.
.PARAMETER TargetNode
Where its groups go, as far as their rules allow it. Left out: by the rules.
.PARAMETER Action
What is done while the node is empty; gets the node's name. Its output is kept in the report.
.PARAMETER Failback
What moves back when it returns: NoFailback, Immediate or Policy.
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
    [string] $Node,
    [string] $TargetNode,
    [scriptblock] $Action,
    [ValidateSet('NoFailback', 'Immediate', 'Policy')] [string] $Failback = 'Immediate',
    [ValidateRange(1, 86400)] [int] $Limit = 600,
    [string] $Cluster,
    [switch] $Resume,
    [switch] $Restart,
    [string] $TranscriptPath
)

# Sets $plan and $context too.
. "$PSScriptRoot/runbook.ps1" -Cluster $Cluster
if (-not $Resume) {
    if (-not $Node) { throw 'Say which node is to be evacuated: -Node NAME.' }
    $null = ClusterTools\Get-ClusterNode -Name $Node @context
}

$data = [ordered]@{ Node = $Node; TargetNode = $TargetNode; Groups = @(Get-StartedGroup $context); Failback = $Failback; Limit = $Limit }
if (-not $plan -and -not $Resume -and -not $PSCmdlet.ShouldProcess("node $Node", 'Empty and bring back')) { return }

$run = Open-RunbookRun -Name EvacuateNode -Data $data -Context $context -Given $PSBoundParameters -Resume:$Resume -Restart:$Restart -TranscriptPath $TranscriptPath -Plan:$plan
$name = $run.Data.Node
try {
    Invoke-RunbookStep $run check "Make sure that the cluster is well and quorate without $name" {
        Assert-SafeWithout $context $name
    }
    Invoke-RunbookStep $run drain "Move all groups away from $name$(if ($run.Data.TargetNode) { " to $($run.Data.TargetNode)" })" {
        $to = if ($run.Data.TargetNode) { @{ TargetNode = $run.Data.TargetNode } } else { @{} }
        $null = ClusterTools\Suspend-ClusterNode -Name $name -Drain @to -Wait $run.Data.Limit -Confirm:$false @context
    }
    if ($Action) {
        Invoke-RunbookStep $run work "Work on $name" { & $Action $name }
    }
    else {
        Invoke-RunbookStep $run pause "Wait for a person to work on $name" {
            "WAIT: Node $name is empty. Do the work on it, then go on: Start-ClusterRunbook EvacuateNode -Resume"
        }
    }

    Invoke-RunbookStep $run return "Bring $name back (failback: $($run.Data.Failback))" {
        $null = ClusterTools\Resume-ClusterNode -Name $name -Failback $run.Data.Failback -Wait $run.Data.Limit -Confirm:$false @context
    }
    Invoke-RunbookStep $run settle 'Wait until every group that was started is started again' {
        Wait-StartedGroup $context @($run.Data.Groups) $run.Data.Limit
    }
}
finally {
    Close-RunbookRun $run
}
