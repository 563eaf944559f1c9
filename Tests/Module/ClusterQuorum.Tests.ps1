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

Describe 'Get-ClusterQuorum' {
    It 'gives the arithmetic and who votes' {
        $quorum = Get-ClusterQuorum
        $quorum | Should -BeOfType 'ClusterTools.Contract.QuorumStatus'
        $quorum.Quorum | Should -Be 'Quorate'
        $quorum.Votes, $quorum.VotesExpected, $quorum.VotesNeeded, $quorum.LossesSurvived | Should -Be @(3, 3, 2, 1)
        $quorum.TwoNode | Should -BeFalse
        $quorum.Nodes.Node | Should -Be @('node1', 'node2', 'node3')
        $quorum.Nodes.Votes | Should -Be @(1, 1, 1)
        $quorum.Nodes.Member | Should -Be @($true, $true, $true)
    }
}

Describe 'Set-ClusterQuorum' {
    It 'changes the votes of a node, with a reason, and gives the quorum as it is then' {
        $quorum = Set-ClusterQuorum -Node NODE3 -Votes 2 -Reason 'a test' -Confirm:$false
        $quorum.Votes | Should -Be 4
        $quorum.VotesNeeded | Should -Be 3
        (Get-ClusterEvent -MaxEvents 20).Message -like '*a test*' | Should -Not -BeNullOrEmpty
        (Set-ClusterQuorum -Node node3 -Votes 1 -Confirm:$false).Votes | Should -Be 3
    }

    It 'changes the expected votes, and goes back to the sum of all' {
        (Set-ClusterQuorum -ExpectedVotes 4 -Confirm:$false).VotesNeeded | Should -Be 3
        (Set-ClusterQuorum -ExpectedVotes 0 -Confirm:$false).VotesExpected | Should -Be 3
    }

    It 'does nothing by -WhatIf' {
        $version = (Get-Cluster).ConfigurationVersion
        Set-ClusterQuorum -Node node3 -Votes 2 -WhatIf
        Set-ClusterQuorum -ForceQuorum -Reason 'a test' -WhatIf
        (Get-Cluster).ConfigurationVersion | Should -Be $version
    }

    It 'says what is wrong with a change' {
        { Set-ClusterQuorum -TwoNode $true -Confirm:$false -ErrorAction Stop } | Should -Throw -ErrorId 'InvalidConfiguration,*' -ExpectedMessage '*twoNode*'
        { Set-ClusterQuorum -Node node9 -Votes 1 -Confirm:$false -ErrorAction Stop } | Should -Throw -ErrorId 'NotFound,*'
        { Set-ClusterQuorum -Confirm:$false -Reason x -Node node1 -Votes 300 } | Should -Throw -ErrorId 'ParameterArgumentValidationError,*'
        { Set-ClusterQuorum -Node node1 -Votes 2 -Confirm:$false -Cluster $lab.Operator -ErrorAction Stop } | Should -Throw -ErrorId 'RoleRequired,*'
    }

    It 'makes what is left quorate' {
        Invoke-TestLabFault -Lab $lab -Node node2 -Fault kill
        [void] (Wait-TestCondition -Description 'node2 is missed' -Condition { -not (Get-ClusterNode -Name node2).Member })
        { Set-ClusterQuorum -Node node2 -Votes 5 -WhatIf -ErrorAction Stop } | Should -Throw -ErrorId 'Refused,*' -ExpectedMessage '*votes can*changed now*'
        Invoke-TestLabFault -Lab $lab -Node node3 -Fault kill
        [void] (Wait-TestCondition -Description 'quorum is lost' -Condition { (Get-ClusterQuorum).Quorum -eq 'None' })
        (Get-ClusterQuorum).LossesSurvived | Should -Be 0
        (Set-ClusterQuorum -ForceQuorum -Reason 'a test' -Force -Confirm:$false).Quorum | Should -Be 'Quorate'
    }
}
