#Requires -Version 7.4
<#
.SYNOPSIS
Measures the module in one warm shell against a lab; writes milliseconds by name as JSON. Called by the benchmarks.
#>
[CmdletBinding()]
param(
    # File that gets the result.
    [Parameter(Mandatory)]
    [string] $ResultPath,

    # Calls of each kind.
    [int] $Count = 200
)

Set-StrictMode -Version 3
$ErrorActionPreference = 'Stop'

function Measure-Call {
    param([int] $Times, [scriptblock] $Action, [scriptblock] $Before = {})

    $watch = [System.Diagnostics.Stopwatch]::new()
    for ($i = 0; $i -lt $Times; $i++) {
        & $Before
        $watch.Restart()
        $null = & $Action
        $watch.Elapsed.TotalMilliseconds
    }
}

Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath '../Module/Fixture.psm1')
Import-TestedModule
$lab = Start-TestLab
try {
    $result = [ordered] @{}
    $result.first = @(Measure-Call -Times 1 -Action { Get-ClusterGroup })
    $null = Measure-Call -Times 20 -Action { Get-ClusterGroup }
    $result.groups = @(Measure-Call -Times $Count -Action { Get-ClusterGroup })
    $result.shown = @(Measure-Call -Times $Count -Action { Get-ClusterGroup | Out-String })
    $result.cluster = @(Measure-Call -Times $Count -Action { Get-Cluster })
    $result.change = @(Measure-Call -Times 50 -Action { Write-ClusterLog -Message 'measured' })
    $line = 'Get-ClusterGroup '
    $null = TabExpansion2 -inputScript $line -cursorColumn $line.Length
    # What is known of names is kept for two seconds: the first asks the cluster, the others do not.
    $result.tabAsked = @(Measure-Call -Times 15 -Before { Start-Sleep -Milliseconds 2100 } -Action { TabExpansion2 -inputScript $line -cursorColumn $line.Length })
    $result.tabKept = @(Measure-Call -Times $Count -Action { TabExpansion2 -inputScript $line -cursorColumn $line.Length })
    $result | ConvertTo-Json | Set-Content -LiteralPath $ResultPath
}
finally {
    Stop-TestLab -Lab $lab
}
