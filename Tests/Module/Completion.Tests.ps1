#Requires -Version 7.4
#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    Set-StrictMode -Version 3
    Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Fixture.psm1') -Force
    Import-TestedModule
    $lab = Start-TestLab -Shared

    # What Tab offers at the end of a line. An answer that comes too late for one Tab serves the next.
    function Get-Offered {
        param([string] $Line)

        $clock = [System.Diagnostics.Stopwatch]::StartNew()
        do {
            $offered = @((TabExpansion2 -inputScript $Line -cursorColumn $Line.Length).CompletionMatches | Where-Object ResultType -EQ 'ParameterValue')
        } while ($offered.Count -eq 0 -and $clock.Elapsed.TotalSeconds -lt 10)

        $offered
    }
}

AfterAll {
    Stop-TestLab -Lab $lab
}

Describe 'Completion' {
    It 'offers names from the live cluster: <Line>' -ForEach @(
        @{ Line = 'Get-ClusterGroup w'; Offered = 'webshop' }
        @{ Line = 'Stop-ClusterGroup -Name '; Offered = 'batch', 'reports', 'webshop' }
        @{ Line = 'Move-ClusterGroup webshop -Node '; Offered = 'node1', 'node2', 'node3' }
        @{ Line = 'Get-ClusterNode NODE2'; Offered = 'node2' }
        @{ Line = 'Suspend-ClusterNode node1 -TargetNode n'; Offered = 'node1', 'node2', 'node3' }
        @{ Line = 'Get-ClusterResource -Group webshop -Name '; Offered = 'script:shop-db', 'script:shop-web' }
        @{ Line = 'Get-ClusterResource web'; Offered = 'script:shop-web' }
        @{ Line = 'Get-ClusterEvent -Group rep'; Offered = 'reports' }
        @{ Line = 'Get-ClusterGroup -Cluster webshop-v'; Offered = 'webshop-viewer' }
        @{ Line = 'Connect-Cluster webshop-o'; Offered = 'webshop-operator' }
    ) {
        (Get-Offered -Line $Line).CompletionText | Should -Be $Offered
    }

    It 'says about a name what it is now' {
        (Get-Offered -Line 'Get-ClusterGroup web').ToolTip | Should -Be 'webshop is Started on node1'
    }

    It 'offers ids of operations, the newest first' {
        $operation = Restart-ClusterGroup -Name reports -Wait 0
        [void] ($operation | Wait-ClusterOperation)
        [void] (Wait-TestCondition -Description 'the newest is offered' -Condition { (Get-Offered -Line 'Get-ClusterOperation ')[0].CompletionText -eq $operation.Id })
    }

    It 'offers words that are fixed' {
        (Get-Offered -Line 'Resume-ClusterNode node1 -Failback ').CompletionText | Should -Be @('Immediate', 'NoFailback', 'Policy')
        (Get-Offered -Line 'Invoke-FenceNode node1 -Action ').CompletionText | Should -Be @('Off', 'On', 'Reboot')
    }

    It 'is silent when there is no cluster' {
        $env:CLUSTERTOOLS_CONTEXTS = Join-Path -Path $TestDrive -ChildPath 'none.json'
        $Error.Clear()
        try {
            @((TabExpansion2 -inputScript 'Get-ClusterGroup -Name ' -cursorColumn 23).CompletionMatches | Where-Object ResultType -EQ 'ParameterValue').Count | Should -Be 0
            $Error.Count | Should -Be 0
        }
        finally {
            $env:CLUSTERTOOLS_CONTEXTS = $lab.Contexts
        }
    }
}
