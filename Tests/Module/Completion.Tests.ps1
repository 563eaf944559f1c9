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
        @{ Line = 'Get-ClusterEvent -Kind node.los'; Offered = 'node.lost' }
        @{ Line = 'Start-ClusterRunbook -Name FailoverDrill -Group rep'; Offered = 'reports' }
        @{ Line = 'Start-ClusterRunbook -Name EvacuateNode -Node node2'; Offered = 'node2' }
        @{ Line = 'Revoke-ClusterAccess view'; Offered = 'viewer' }
    ) {
        (Get-Offered -Line $Line).CompletionText | Should -Be $Offered
    }

    It 'offers versions of the configuration, the newest first' {
        $now = (Get-ClusterConfigurationHistory -Newest 1).Version
        (Get-Offered -Line 'Restore-ClusterConfiguration -Version ')[0].CompletionText | Should -Be "$now"
    }

    It 'offers parameters of an agent by the beginning of their names, and knows agents by the last part of theirs' {
        if (-not (Get-ClusterResourceType -Name 'ocf:heartbeat:IPaddr2' -ErrorAction Ignore).Installed) {
            Set-ItResult -Skipped -Because 'ocf:heartbeat:IPaddr2 is not installed (package resource-agents)'
            return
        }

        (Get-Offered -Line 'Add-ClusterResource x reports -Agent IPaddr2 -Parameter cidr').CompletionText | Should -Be "@{ cidr_netmask = '' }"
    }

    It 'has an answer at the first Tab of a session' {
        # On a busy machine one may come too late; without waiting for the first connection none would come in time.
        $answers = foreach ($attempt in 1..5) {
            Remove-Module -Name ClusterTools
            Import-TestedModule
            @((TabExpansion2 -inputScript 'Get-ClusterGroup -Name ' -cursorColumn 23).CompletionMatches | Where-Object ResultType -EQ 'ParameterValue').Count
        }
        $answers | Should -Contain 3
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
