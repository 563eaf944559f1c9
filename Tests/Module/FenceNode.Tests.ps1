#Requires -Version 7.4
#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    Set-StrictMode -Version 3
    Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Fixture.psm1') -Force
    Import-TestedModule
    $lab = Start-TestLab
}

AfterAll {
    Stop-TestLab -Lab $lab
}

Describe 'Invoke-FenceNode' {
    It 'cuts a node off and leaves it off; Start-ClusterNode switches it on and waits for it' {
        $node = Invoke-FenceNode -Name node3 -Action Off -Reason 'a test' -Confirm:$false
        $node.State | Should -Be 'Down'
        (Start-ClusterNode -Name node3).State | Should -Be 'Online'
    }

    It 'reboots a node from the pipeline, and its groups are recovered' {
        (Get-ClusterNode -Name node2 | Invoke-FenceNode -Confirm:$false).Name | Should -Be 'node2'
        [void] (Wait-TestGroup -Lab $lab -Group reports -Node node3)
        [void] (Wait-TestCondition -Description 'node2 is back' -Condition { (Get-ClusterNode -Name node2).State -eq 'Online' })
    }

    It 'switches on a node that is on already' {
        (Invoke-FenceNode -Name node1 -Action On -Confirm:$false).State | Should -Be 'Online'
    }

    It 'tells by -WhatIf what would happen and does nothing' {
        $before = (Get-ClusterOperation).Count
        Invoke-FenceNode -Name node1 -WhatIf | Should -BeNullOrEmpty
        (Get-ClusterOperation).Count | Should -Be $before
    }

    It 'asks before it does anything' {
        (Get-Command -Name Invoke-FenceNode, Confirm-ClusterNodeDown, Set-ClusterQuorum).ForEach{
            $_.ImplementingType.GetCustomAttributes([System.Management.Automation.CmdletAttribute], $false).ConfirmImpact
        } | Should -Be @('High', 'High', 'High')
    }

    It 'says that there is no such node' {
        { Invoke-FenceNode -Name node9 -Confirm:$false -ErrorAction Stop } | Should -Throw -ErrorId 'NotFound,*'
    }
}

Describe 'Get-ClusterFenceHistory' {
    It 'gives what was fenced, why, by whom and how long it took, oldest first' {
        $history = @(Get-ClusterFenceHistory)
        $history | Should -BeOfType 'ClusterTools.Contract.FenceRecord'
        $history.Target | Should -Contain 'node2'
        $history[0].Target | Should -Be 'node3'
        $history[0].Success | Should -BeTrue
        $history[0].Why | Should -Be 'a test'
        $history[0].Who | Should -BeLike 'admin*'
        $history[0].Duration | Should -BeGreaterThan ([timespan]::Zero)
    }

    It 'gives that of nodes, by wildcard and from the pipeline, and the last ones' {
        (Get-ClusterFenceHistory -Node node2).Target | Sort-Object -Unique | Should -Be 'node2'
        (Get-ClusterNode -Name node2, node3 | Get-ClusterFenceHistory).Target | Sort-Object -Unique | Should -Be @('node2', 'node3')
        @(Get-ClusterFenceHistory -Last 1).Count | Should -Be 1
        Get-ClusterFenceHistory -Node 'x*' | Should -BeNullOrEmpty
        Get-ClusterNode -Name 'x*' | Get-ClusterFenceHistory | Should -BeNullOrEmpty
    }

    It 'says that there is no such node' {
        { Get-ClusterFenceHistory -Node node9 -ErrorAction Stop } | Should -Throw -ErrorId 'NotFound,*'
    }
}
