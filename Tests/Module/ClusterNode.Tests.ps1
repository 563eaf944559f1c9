#Requires -Version 7.4
#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    Set-StrictMode -Version 3
    Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Fixture.psm1') -Force
    Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Trouble.psm1') -Force
    Import-TestedModule
}

Describe 'Nodes of the web shop' {
    BeforeAll {
        $lab = Start-TestLab
    }

    AfterAll {
        Stop-TestLab -Lab $lab
    }

    Context 'Get-ClusterNode' {
        It 'lists all nodes as typed objects with a State' {
            $nodes = Get-ClusterNode
            $nodes.Name | Should -Be @('node1', 'node2', 'node3')
            $nodes | Should -BeOfType 'ClusterTools.Contract.NodeStatus'
            $nodes.State | Should -Be @('Online', 'Online', 'Online')
        }

        It 'takes names in any case, wildcards, and names from the pipeline' {
            (Get-ClusterNode -Name NODE2).Groups | Should -Be 'reports'
            (Get-ClusterNode -Name '*[13]').Name | Should -Be @('node1', 'node3')
            ('node3', 'node1' | Get-ClusterNode).Name | Should -Be @('node3', 'node1')
            Get-ClusterNode -Name 'x*' | Should -BeNullOrEmpty
        }

        It 'gives the nodes that own groups' {
            (Get-ClusterGroup | Get-ClusterNode).Name | Should -Be @('node2', 'node1')
        }

        It 'gives the nodes in a state' {
            @(Get-ClusterNode -State Online).Count | Should -Be 3
            Get-ClusterNode -State Down, Lost | Should -BeNullOrEmpty
        }

        It 'says that there is no such node and names like ones' {
            { Get-ClusterNode -Name node4 -ErrorAction Stop } | Should -Throw -ErrorId 'NotFound,*' -ExpectedMessage "*'node4'*"
        }
    }

    Context 'What is done to nodes' {
        AfterEach {
            Reset-TestLab -Lab $lab
        }

        It 'Suspend-ClusterNode empties a node, and Resume-ClusterNode brings back what belongs there' {
            $node = Suspend-ClusterNode -Name node1 -Drain
            $node.Groups | Should -BeNullOrEmpty
            $node.State | Should -BeIn @('Draining', 'Maintenance')
            [void] (Wait-TestGroup -Lab $lab -Group webshop -Node node2)
            (Resume-ClusterNode -Name node1 -Failback Policy).State | Should -Be 'Online'
            [void] (Wait-TestGroup -Lab $lab -Group webshop -Node node1)
        }

        It 'Suspend-ClusterNode without -Drain pauses: the node keeps what it has, is given nothing, and takes part again when resumed' {
            $node = Suspend-ClusterNode node1 -Reason 'a look at its disks'
            $node.State | Should -Be 'Paused'
            $node.Groups | Should -Contain 'webshop'
            { Move-ClusterGroup reports node1 -ErrorAction Stop } | Should -Throw -ErrorId 'Refused,*' -ExpectedMessage '*Paused*'
            (Get-ClusterGroup -Name webshop).Owner | Should -Be 'node1'
            (Restart-ClusterGroup -Name webshop).Owner | Should -Be 'node1'
            (Start-ClusterNode -Name node1).State | Should -Be 'Online'
            (Move-ClusterGroup reports node1).Owner | Should -Be 'node1'
        }

        It 'Suspend-ClusterNode -TargetNode moves groups to the node that is named' {
            [void] (Suspend-ClusterNode -Name node2 -TargetNode NODE1)
            [void] (Wait-TestGroup -Lab $lab -Group reports -Node node1)
        }

        It 'Resume-ClusterNode -Failback Immediate brings back groups that would stay, NoFailback none' {
            [void] (Suspend-ClusterNode -Name node2 -Drain)
            [void] (Wait-TestGroup -Lab $lab -Group reports -Node node3)
            [void] (Resume-ClusterNode -Name node2 -Failback Immediate)
            [void] (Wait-TestGroup -Lab $lab -Group reports -Node node2)
            [void] (Suspend-ClusterNode -Name node1 -Drain)
            [void] (Wait-TestGroup -Lab $lab -Group webshop -Node node2)
            [void] (Resume-ClusterNode -Name node1 -Failback NoFailback)
            (Get-ClusterGroup -Name webshop).Owner | Should -Be 'node2'
        }

        It 'Start-ClusterNode resumes a node that was drained, and leaves one alone that is Online' {
            [void] (Suspend-ClusterNode -Name node3 -Drain)
            (Start-ClusterNode -Name node3).State | Should -Be 'Online'
            $operations = (Get-ClusterOperation).Count
            (Start-ClusterNode -Name node3).State | Should -Be 'Online'
            (Get-ClusterOperation).Count | Should -Be $operations
        }

        It 'Stop-ClusterNode takes a node out of the cluster, and Start-ClusterNode -PowerCycle brings it back' {
            $node = Stop-ClusterNode -Name node3 -Reason 'a test'
            $node.Member | Should -BeFalse
            [void] (Wait-TestCondition -Description 'the daemon of node3 has ended' -Condition {
                    & (Get-TestedDaemon) lab status --folder (Join-Path -Path $lab.Folder -ChildPath 'lab') | Where-Object { $_ -like 'node3*does not run*' }
                })

            # Its machine is on, so that switching it on brings nothing; the error says what does.
            $said = $null
            Start-ClusterNode -Name node3 -Wait 2 -ErrorAction SilentlyContinue -ErrorVariable said
            $said[0].FullyQualifiedErrorId | Should -BeLike 'NodeDidNotJoin,*'
            $said[0].ErrorDetails.RecommendedAction | Should -BeLike '*-PowerCycle*'
            (Start-ClusterNode -Name node3 -PowerCycle).State | Should -Be 'Online'
        }

        It 'Stop-ClusterNode and its -Maintenance ask before the quorum goes, and do nothing where nobody can be asked' {
            Stop-ClusterNode -Name node3 | Out-Null
            foreach ($more in @{}, @{ Maintenance = $true }) {
                $said = $null
                Stop-ClusterNode -Name node2 @more -ErrorAction SilentlyContinue -ErrorVariable said
                $said[0].FullyQualifiedErrorId | Should -BeLike 'ConfirmationNeeded,*'
                $said[0].Exception.Message | Should -BeLike '*costs the quorum*'
            }

            (Get-ClusterNode -Name node2).State | Should -Be 'Online'
            (Get-Cluster).Quorum | Should -Be 'Quorate'
        }

        It 'Suspend-ClusterNode -Drain says which groups would stop, and asks first' {
            Suspend-ClusterNode -Name node1 -Drain | Out-Null
            Suspend-ClusterNode -Name node3 -Drain | Out-Null
            $said = $null
            Suspend-ClusterNode -Name node2 -Drain -ErrorAction SilentlyContinue -ErrorVariable said
            $said[0].FullyQualifiedErrorId | Should -BeLike 'ConfirmationNeeded,*'
            $said[0].Exception.Message | Should -BeLike '*webshop stops: *run nowhere then*'
            (Get-ClusterNode -Name node2).State | Should -Be 'Online'
            (Suspend-ClusterNode -Name node2 -Drain -Force).State | Should -BeIn @('Draining', 'Maintenance')
            (Get-ClusterGroup -Name webshop).State | Should -Be 'Stopped'
        }

        It 'Stop-ClusterNode -Maintenance leaves the groups running' {
            $node = Stop-ClusterNode -Name node1 -Maintenance
            $node.State | Should -Be 'Maintenance'
            (Get-ClusterGroup -Name webshop).Owner | Should -Be 'node1'
        }

        It '-WhatIf says what would happen and does nothing' -ForEach @(
            @{ Command = 'Stop-ClusterNode' }, @{ Command = 'Suspend-ClusterNode' }, @{ Command = 'Resume-ClusterNode' }, @{ Command = 'Confirm-ClusterNodeDown' }
        ) {
            $before = (Get-ClusterOperation).Count
            & $Command -Name node3 -WhatIf | Should -BeNullOrEmpty
            (Get-ClusterOperation).Count | Should -Be $before
        }

        It 'the rules refuse what makes no sense, one node after the other' {
            $said = $null
            Get-ClusterNode -Name node1, node2 | Resume-ClusterNode -ErrorAction SilentlyContinue -ErrorVariable said
            $said.FullyQualifiedErrorId | Should -Be @('Refused,ClusterTools.Cmdlets.ResumeClusterNodeCommand', 'Refused,ClusterTools.Cmdlets.ResumeClusterNodeCommand')
            $said.TargetObject | Should -Be @('node1', 'node2')
            { Confirm-ClusterNodeDown -Name node1 -Confirm:$false -ErrorAction Stop } | Should -Throw -ErrorId 'Refused,*' -ExpectedMessage '*alive*'
        }

        It 'Confirm-ClusterNodeDown is for administrators' {
            { Confirm-ClusterNodeDown -Name node1 -Confirm:$false -Cluster $lab.Operator -ErrorAction Stop } | Should -Throw -ErrorId 'RoleRequired,*'
        }
    }
}

Describe 'Nodes that come and go' {
    BeforeAll {
        $lab = Start-TestLab
    }

    AfterAll {
        Stop-TestLab -Lab $lab
    }

    It 'New-Cluster says what it would do, and refuses a name that is taken' {
        New-Cluster -Name shop -Address 192.0.2.1 -Node n1 -WhatIf | Should -BeNullOrEmpty
        Get-ClusterContext | Where-Object Name -EQ shop | Should -BeNullOrEmpty
        $current = (Get-ClusterContext -Current).Name
        { New-Cluster -Name $current -Address 192.0.2.1 -ErrorAction Stop } | Should -Throw -ErrorId 'ContextExists,*' -ExpectedMessage "*'$current'*"
    }

    It 'Add-ClusterNode is refused where the engine is for one machine, and changes nothing' {
        Add-ClusterNode -Name node4 -Address 192.0.2.4 -WhatIf | Should -BeNullOrEmpty
        { Add-ClusterNode -Name node4 -Address 192.0.2.4 -ErrorAction Stop } | Should -Throw -ErrorId 'CannotJoin,*'
        (Get-ClusterNode).Count | Should -Be 3
    }

    It 'Remove-ClusterNode stops a node, takes it out, and leaves a pair' {
        Remove-ClusterNode -Name node3 -WhatIf
        (Get-ClusterNode).Name | Should -Be @('node1', 'node2', 'node3')
        (Remove-ClusterNode -Name node3 -Confirm:$false -PassThru).Name | Should -BeExactly 'node3'
        (Get-ClusterNode).Name | Should -Be @('node1', 'node2')
        $quorum = Get-ClusterQuorum
        $quorum.VotesNeeded | Should -Be 1
        $quorum.TwoNode | Should -BeTrue
        { Remove-ClusterNode -Name node3 -Confirm:$false -ErrorAction Stop } | Should -Throw -ErrorId 'NotFound,*'
    }
}

Describe 'A cluster without fence devices' {
    BeforeAll {
        $lab = Start-TestLab -Config (New-TroubleConfiguration -Folder $TestDrive)
    }

    AfterAll {
        Stop-TestLab -Lab $lab
    }

    It 'recovers what a dead node owned when somebody vouches for it, by pipeline' {
        Invoke-TestLabFault -Lab $lab -Node node1 -Fault kill
        [void] (Wait-TestCondition -Description 'node1 is lost' -Condition { Get-ClusterNode -Name node1 -State LeftCluster })
        (Get-ClusterGroup -Name calm).Owner | Should -Be 'node1'
        $node = Get-ClusterNode -State Lost, LeftCluster | Confirm-ClusterNodeDown -Confirm:$false -Reason 'the plug is pulled'
        $node.Name | Should -Be 'node1'
        $node.State | Should -Be 'Down'
        [void] (Wait-TestGroup -Lab $lab -Group calm -Node node2)
    }

    It 'is made quorate by force at a node that is named, when somebody gives a reason and vouches for the absent' {
        Invoke-TestLabFault -Lab $lab -Node node2 -Fault kill
        [void] (Wait-TestCondition -Description 'quorum is lost' -Condition { (Get-Cluster).Quorum -eq 'None' })
        { Start-ClusterNode -Name node3 -ForceQuorum -ErrorAction Stop } | Should -Throw -ErrorId 'BadRequest,*' -ExpectedMessage '*-Reason*'
        { Start-ClusterNode -Name node2 -ForceQuorum -Reason 'a test' -Force -ErrorAction Stop } | Should -Throw -ErrorId 'NoServerAnswered,*' -ExpectedMessage '*node2*'
        Start-ClusterNode -Name node3 -ForceQuorum -Reason 'a test' -WhatIf | Should -BeNullOrEmpty
        (Get-Cluster).Quorum | Should -Be 'None'
        (Start-ClusterNode -Name node3 -ForceQuorum -Reason 'a test' -Force).Member | Should -BeTrue
        (Get-Cluster).Quorum | Should -Be 'Quorate'
        # Quorum is one thing; that what the dead owned may be recovered is another.
        (Get-ClusterNode -State Lost, LeftCluster | Confirm-ClusterNodeDown -Confirm:$false).Name | Should -Be 'node2'
        [void] (Wait-TestGroup -Lab $lab -Group calm -Node node3)
    }
}
