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

Describe 'Test-ClusterQuorum' {
    It 'tells of every loss of one node and of two, and what then stops' {
        $losses = Test-ClusterQuorum
        $losses | Should -BeOfType 'ClusterTools.Contract.QuorumLoss'
        $losses.ForEach{ $_.Lost -join ' ' } | Should -Be @('node1', 'node2', 'node3', 'node1 node2', 'node1 node3', 'node2 node3')
        $losses.Survives | Should -Be @($true, $true, $true, $false, $false, $false)
        $losses[0].Votes, $losses[0].VotesNeeded | Should -Be @(2, 2)
        $losses[3].Stops | Should -Contain (Get-ClusterGroup | Where-Object -Property Owner)[0].Name
        Test-ClusterQuorum -Quiet | Should -BeTrue
    }
}

Describe 'Set-ClusterQuorum' {
    It 'gives the cluster a quorum disk, changes it, says that this engine has none, and takes it out' {
        $version = (Get-Cluster).ConfigurationVersion
        Set-ClusterQuorum -DiskDevice /dev/quorum -WhatIf
        (Get-Cluster).ConfigurationVersion | Should -Be $version
        $disk = (Set-ClusterQuorum -DiskDevice /dev/quorum -DiskHeuristic @{ Program = 'true'; Score = 2 } -Confirm:$false).Disk
        $disk.Device, $disk.Votes, $disk.Counted | Should -Be @('/dev/quorum', 2, $false)
        $disk.Trouble | Should -BeLike '*engine has no quorum disk*'
        (Set-ClusterQuorum -DiskVotes 1 -DiskTko 20 -Confirm:$false).Disk.Votes | Should -Be 1
        { Set-ClusterQuorum -DiskVotes 3 -Confirm:$false -ErrorAction Stop } | Should -Throw -ErrorId 'InvalidConfiguration,*' -ExpectedMessage '*loss of the disk alone*'
        (Set-ClusterQuorum -RemoveDisk -Confirm:$false).Disk | Should -BeNullOrEmpty
    }

    It 'gives the cluster an arbiter, changes it, says that it does nothing for three nodes, and takes it out' {
        $arbiter = (Set-ClusterQuorum -ArbiterHost arbiter.example.com -Confirm:$false).Arbiter
        $arbiter.Host, $arbiter.Tls, $arbiter.Votes | Should -Be @('arbiter.example.com', $true, $false)
        $arbiter.Trouble | Should -BeLike '*two_node*'
        Get-ClusterQuorum | Format-List | Out-String | Should -Match 'Arbiter\s*: arbiter\.example\.com, which does not'
        (Set-ClusterQuorum -ArbiterTls $false -Confirm:$false).Arbiter.Tls | Should -BeFalse
        { Set-ClusterQuorum -ArbiterHost node1 -Confirm:$false -ErrorAction Stop } |
            Should -Throw -ErrorId 'InvalidConfiguration,*' -ExpectedMessage '*is node*itself*'
        (Set-ClusterQuorum -RemoveArbiter -Confirm:$false).Arbiter | Should -BeNullOrEmpty
    }

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

    It 'lets the last man stand, shows it, and says what it does not go together with' {
        $quorum = Set-ClusterQuorum -LastManStanding $true -LastManStandingWindow 1 -Confirm:$false
        $quorum.LastManStandingWindow | Should -Be ([timespan]::FromSeconds(1))
        $quorum | Format-List | Out-String | Should -Match 'Last man standing\s*: after 1'
        { Set-ClusterQuorum -ExpectedVotes 4 -Confirm:$false -ErrorAction Stop } |
            Should -Throw -ErrorId 'InvalidConfiguration,*' -ExpectedMessage '*Last man standing*'
        { Set-ClusterQuorum -DiskDevice /dev/quorum -Confirm:$false -ErrorAction Stop } |
            Should -Throw -ErrorId 'InvalidConfiguration,*' -ExpectedMessage '*Last man standing*'
    }

    It 'does not count the vote of a node that stays down, and counts it again when the node is back' {
        Stop-ClusterNode -Name node3 -Confirm:$false
        [void] (Wait-TestCondition -Description 'the vote of node3 is not counted' -Condition { (Get-ClusterQuorum).VotesExpected -eq 2 })
        $quorum = Get-ClusterQuorum
        $quorum.Votes, $quorum.VotesNeeded | Should -Be @(2, 2)
        $quorum.Nodes.Where{ $_.Uncounted }.Node | Should -Be 'node3'
        @($quorum.Nodes)[2].ToString() | Should -Be 'node3 (1, not counted)'
        $quorum.Description | Should -BeLike '*node3 are not counted until it takes part again*'
        Invoke-TestLabFault -Lab $lab -Node node3 -Fault revive
        [void] (Wait-TestCondition -Description 'node3 counts again' -Condition { (Get-ClusterQuorum).VotesExpected -eq 3 })
        (Get-ClusterQuorum).Nodes.Uncounted | Should -Not -Contain $true
        (Set-ClusterQuorum -LastManStanding $false -Confirm:$false).LastManStandingWindow | Should -BeNullOrEmpty
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
