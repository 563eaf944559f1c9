#Requires -Version 7.4
#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    Set-StrictMode -Version 3
    Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Fixture.psm1') -Force
    Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Trouble.psm1') -Force
    Import-TestedModule
}

Describe 'Groups of the web shop' {
    BeforeAll {
        $lab = Start-TestLab
    }

    AfterAll {
        Stop-TestLab -Lab $lab
    }

    Context 'Get-ClusterGroup' {
        It 'lists all groups as typed objects with a State' {
            $groups = Get-ClusterGroup
            $groups.Name | Should -Be @('batch', 'reports', 'webshop')
            $groups | Should -BeOfType 'ClusterTools.Contract.GroupStatus'
            $groups.State | Should -Be @('Disabled', 'Started', 'Started')
        }

        It 'gives one by name in any case, with its resources' {
            $group = Get-ClusterGroup -Name WebShop
            $group.Name | Should -BeExactly 'webshop'
            $group.Resources.Id | Should -Be @('script:shop-db', 'script:shop-web')
        }

        It 'takes wildcards, and names from the pipeline, each group once' {
            (Get-ClusterGroup -Name '*o*').Name | Should -Be @('reports', 'webshop')
            ('webshop', 'batch' | Get-ClusterGroup).Name | Should -Be @('webshop', 'batch')
            @(Get-ClusterGroup -Name webshop, 'web*').Count | Should -Be 1
            Get-ClusterGroup -Name 'nothing*' | Should -BeNullOrEmpty
        }

        It 'says that there is no such group, names like ones, and goes on' {
            $said = $null
            (Get-ClusterGroup -Name websho, batch -ErrorAction SilentlyContinue -ErrorVariable said).Name | Should -Be 'batch'
            $said[0].FullyQualifiedErrorId | Should -BeLike 'NotFound,*'
            $said[0].CategoryInfo.Category | Should -Be 'ObjectNotFound'
            $said[0].TargetObject | Should -Be 'websho'
            $said[0].ErrorDetails.RecommendedAction | Should -BeLike '*webshop*'
        }

        It 'gives the groups that nodes own, by name and from the pipeline' {
            (Get-ClusterGroup -Node node2).Name | Should -Be 'reports'
            (Get-ClusterNode -Name node1, node2 | Get-ClusterGroup).Name | Should -Be @('webshop', 'reports')
            Get-ClusterNode -Name node3 | Get-ClusterGroup | Should -BeNullOrEmpty
        }

        It 'gives the groups in a state' {
            (Get-ClusterGroup -State Disabled).Name | Should -Be 'batch'
            (Get-ClusterGroup | Where-Object State -EQ Started).Name | Should -Be @('reports', 'webshop')
        }

        It 'explains every node' {
            $said = (Get-ClusterGroup -Name webshop -Explain).Explanation
            'node1', 'node2', 'node3' | ForEach-Object { $said | Should -BeLike "*$_*" }
            (Get-ClusterGroup -Name webshop).Explanation | Should -BeNullOrEmpty
        }

        It 'is of the cluster that -Cluster names, and its objects say so' {
            (Get-ClusterGroup -Name webshop -Cluster $lab.Viewer).ClusterContext | Should -Be $lab.Viewer
        }

        It 'ends with an error that names what there is when there is no such context' {
            { Get-ClusterGroup -Cluster nowhere } | Should -Throw -ErrorId 'ContextNotFound,*' -ExpectedMessage '*webshop*'
        }
    }

    Context 'What is done to groups' {
        AfterEach {
            Reset-TestLab -Lab $lab
        }

        It 'Stop-ClusterGroup stops a group until Start-ClusterGroup starts it' {
            $stopped = Stop-ClusterGroup -Name reports
            $stopped.State | Should -Be 'Disabled'
            $stopped.Owner | Should -BeNullOrEmpty
            $started = Start-ClusterGroup -Name reports -Node node3
            $started.State | Should -Be 'Started'
            $started.Owner | Should -Be 'node3'
        }

        It 'Stop-ClusterGroup -Temporary leaves it to the next change of membership' {
            (Stop-ClusterGroup -Name reports -Temporary).State | Should -Be 'Stopped'
            (Start-ClusterGroup -Name reports).State | Should -Be 'Started'
        }

        It 'Restart-ClusterGroup stops and starts a group where it is' {
            $before = @((Get-ClusterEvent -MaxEvents 1000).Kind -eq 'group.started').Count
            $group = Restart-ClusterGroup -Name webshop
            $group.State | Should -Be 'Started'
            $group.Owner | Should -Be 'node1'
            @((Get-ClusterEvent -MaxEvents 1000).Kind -eq 'group.started').Count | Should -Be ($before + 1)
        }

        It 'Move-ClusterGroup moves a group to the best other node, or to the one that is named' {
            (Move-ClusterGroup -Name reports).Owner | Should -Be 'node3'
            (Move-ClusterGroup reports NODE2).Owner | Should -Be 'node2'
        }

        It 'takes groups and nodes themselves where it takes their names' {
            $group = Get-ClusterGroup -Name reports
            (Move-ClusterGroup $group -Node (Get-ClusterNode -Name node3)).Owner | Should -Be 'node3'
            (Move-ClusterGroup -InputObject $group -Node node2).Owner | Should -Be 'node2'
            (Get-ClusterGroup -Node (Get-ClusterNode -Name node1, node2)).Name | Should -Be @('reports', 'webshop')
            (Get-ClusterResource -Name shop-web | Restart-ClusterGroup).Name | Should -Be 'webshop'
        }

        It 'Lock-ClusterGroup freezes a group and Unlock-ClusterGroup ends that' {
            (Lock-ClusterGroup -Name reports).Frozen | Should -BeTrue
            { Stop-ClusterGroup -Name reports -ErrorAction Stop } | Should -Throw -ErrorId 'Refused,*' -ExpectedMessage '*Unlock-ClusterGroup reports*'
            (Unlock-ClusterGroup -Name reports).Frozen | Should -BeFalse
        }

        It 'a pipeline moves everything that a node owns' {
            $moved = Get-ClusterNode -Name node2 | Get-ClusterGroup | Move-ClusterGroup
            $moved.Name | Should -Be 'reports'
            $moved.Owner | Should -Be 'node3'
        }

        It 'one broken item does not end the pipeline' {
            $said = $null
            $done = 'nothere', 'batch', 'reports' | Restart-ClusterGroup -ErrorAction SilentlyContinue -ErrorVariable said
            $done.Name | Should -Be 'reports'
            $said.FullyQualifiedErrorId | Should -Be @('NotFound,ClusterTools.Cmdlets.RestartClusterGroupCommand', 'Refused,ClusterTools.Cmdlets.RestartClusterGroupCommand')
            $said[1].TargetObject | Should -Be 'batch'
        }

        It '-WhatIf says what would happen and does nothing' -ForEach @(
            @{ Command = 'Start-ClusterGroup' }, @{ Command = 'Stop-ClusterGroup' }, @{ Command = 'Restart-ClusterGroup' }, @{ Command = 'Move-ClusterGroup' }
            @{ Command = 'Repair-ClusterGroup' }, @{ Command = 'Lock-ClusterGroup' }, @{ Command = 'Unlock-ClusterGroup' }
        ) {
            $before = (Get-ClusterOperation).Count
            & $Command -Name reports -WhatIf | Should -BeNullOrEmpty
            (Get-ClusterOperation).Count | Should -Be $before
        }

        It '-Wait 0 gives the operation at once' {
            $operation = Restart-ClusterGroup -Name webshop -Wait 0
            $operation | Should -BeOfType 'ClusterTools.Contract.Operation'
            $operation.Kind | Should -Be 'group.restart'
            ($operation | Wait-ClusterOperation).State | Should -Be 'Succeeded'
        }

        It 'is refused to who may only look, and says what is needed' {
            $said = $null
            Stop-ClusterGroup -Name reports -Cluster $lab.Viewer -ErrorAction SilentlyContinue -ErrorVariable said
            $said[0].FullyQualifiedErrorId | Should -BeLike 'RoleRequired,*'
            $said[0].CategoryInfo.Category | Should -Be 'PermissionDenied'
            $said[0].ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
            (Get-ClusterGroup -Name reports).State | Should -Be 'Started'
        }

        It 'runs on the cluster that its object came from' {
            $said = $null
            Get-ClusterGroup -Name reports -Cluster $lab.Viewer | Stop-ClusterGroup -ErrorAction SilentlyContinue -ErrorVariable said
            $said[0].FullyQualifiedErrorId | Should -BeLike 'RoleRequired,*'
        }

        It 'names the nodes when a wildcard means several' {
            { Move-ClusterGroup -Name reports -Node 'node*' -ErrorAction Stop } | Should -Throw -ErrorId 'AmbiguousName,*' -ExpectedMessage '*node1, node2, node3*'
            { Move-ClusterGroup -Name reports -Node nod2 -ErrorAction Stop } | Should -Throw -ErrorId 'NotFound,*'
        }

        It 'says why a group can not go where it may not run' {
            { Move-ClusterGroup -Name webshop -Node node3 -ErrorAction Stop } | Should -Throw -ErrorId 'Refused,*' -ExpectedMessage "*restricted domain 'shop'*"
            { Move-ClusterGroup -Name webshop -Node node3 -WhatIf -ErrorAction Stop } | Should -Throw -ErrorId 'Refused,*' -ExpectedMessage "*restricted domain 'shop'*"
        }

        It 'says since when a group is where it is, and who moved it' {
            $before = [datetimeoffset]::Now.AddSeconds(-1)
            $moved = Move-ClusterGroup -Name reports -Node node3
            $moved.Since | Should -BeGreaterThan $before
            $moved.LastMove.From, $moved.LastMove.To | Should -Be @('node2', 'node3')
            $moved.LastMove.Who | Should -Not -BeNullOrEmpty
            $moved | Format-List | Out-String -Width 200 | Should -BeLike '*Last move*: node2 to node3 at *, asked by *'
        }
    }
}

Describe 'Groups in trouble' {
    BeforeAll {
        $trouble = (New-Item -ItemType Directory -Path (Join-Path -Path $TestDrive -ChildPath 'trouble')).FullName
        $lab = Start-TestLab -Config (New-TroubleConfiguration -Folder $trouble)
    }

    AfterAll {
        Get-ChildItem -LiteralPath $trouble -Include '*.start-waits' -Recurse | Remove-Item
        Stop-TestLab -Lab $lab
    }

    It 'a Failed group is disabled only when somebody says that its resources are released, and a pipeline brings it back' {
        Set-Trouble -Folder $trouble -Name stubborn -Trouble stop-fails
        $said = $null
        Stop-ClusterGroup -Name stubborn -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].FullyQualifiedErrorId | Should -BeLike 'OperationFailed,*'
        $said[0].CategoryInfo.Category | Should -Be 'OperationStopped'
        $said[0].TargetObject | Should -BeOfType 'ClusterTools.Contract.Operation'
        (Get-ClusterGroup -Name stubborn).State | Should -Be 'Failed'
        (Get-Cluster).FailedGroups | Should -Be 'stubborn'

        # Without anybody to ask there must be -Force; -WhatIf asks nothing.
        Get-ClusterGroup | Where-Object State -EQ Failed | Stop-ClusterGroup -WhatIf | Should -BeNullOrEmpty
        $shell = & pwsh -NoProfile -NonInteractive -Command "
            Import-Module '$(Get-TestedManifest)'
            Stop-ClusterGroup -Name stubborn -ErrorAction SilentlyContinue -ErrorVariable said
            `$said[0].FullyQualifiedErrorId
            `$said[0].Exception.Message"
        $shell[0] | Should -BeLike 'ConfirmationNeeded,*'
        $shell[1] | Should -BeLike '*-Force*'
        (Get-ClusterGroup -Name stubborn).State | Should -Be 'Failed'

        Set-Trouble -Folder $trouble -Name stubborn -Trouble stop-fails -End
        $back = Get-ClusterGroup | Where-Object State -EQ Failed | Stop-ClusterGroup -Confirm:$false | Start-ClusterGroup
        $back.Name | Should -Be 'stubborn'
        $back.State | Should -Be 'Started'
    }

    It 'a group that fails on every node says so in the words of its program, and starts at once when a changed parameter has mended it' {
        Set-Trouble -Folder $trouble -Name wrong -Trouble is-ill
        $said = $null
        Set-ClusterResource -Name exec:calm -Group calm -Parameter @{ name = 'wrong' } -Confirm:$false -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].Exception.Message | Should -BeLike "*group 'calm' is Stopped: *start of exec:calm failed on node*"
        $down = Get-ClusterGroup -Name calm -Explain
        $down.Why | Should -BeLike '*start of exec:calm failed on node*: *'
        $down.LastFailure.What, $down.LastFailure.Resource | Should -Be @('start of exec:calm failed', 'exec:calm')
        $down.Explanation | Should -BeLike '*Last failure at * UTC: start of exec:calm failed on *'

        Set-ClusterResource -Name exec:calm -Group calm -Parameter @{ name = 'calm' } -Confirm:$false | Should -Not -BeNullOrEmpty
        [void] (Wait-TestGroup -Lab $lab -Group calm)
        $back = Get-ClusterGroup -Name calm
        $back.State | Should -Be 'Started'
        $back.LastFailure | Should -BeNullOrEmpty
        (Get-ClusterEvent -Group calm -MaxEvents 50).Message | Should -Contain "Group 'calm', which had failed, is tried anew: its configuration changed."
    }

    It '-Wait bounds the wait; the error has the operation, which goes on' {
        Set-Trouble -Folder $trouble -Name slow -Trouble start-waits
        $said = $null
        Restart-ClusterGroup -Name slow -Wait 1 -ErrorAction SilentlyContinue -ErrorVariable said | Should -BeNullOrEmpty
        $said[0].FullyQualifiedErrorId | Should -BeLike 'OperationTimedOut,*'
        $said[0].CategoryInfo.Category | Should -Be 'OperationTimeout'
        $said[0].TargetObject.Kind | Should -Be 'group.restart'
        $said[0].ErrorDetails.RecommendedAction | Should -BeLike "*Wait-ClusterOperation $($said[0].TargetObject.Id)*"
        Set-Trouble -Folder $trouble -Name slow -Trouble start-waits -End
        ($said[0].TargetObject | Wait-ClusterOperation).State | Should -Be 'Succeeded'
    }

    It 'the progress bar says which resource is being started where' {
        Set-Trouble -Folder $trouble -Name slow -Trouble start-waits
        $shell = [powershell]::Create([System.Management.Automation.RunspaceMode]::NewRunspace)
        try {
            [void] $shell.AddScript("Import-Module '$(Get-TestedManifest)'; Restart-ClusterGroup -Name slow")
            $running = $shell.BeginInvoke()
            [void] (Wait-TestCondition -Description 'the progress bar tells of the start' -Condition {
                    # To enumerate it would wait until the command ends.
                    $last = $shell.Streams.Progress.Count - 1
                    $last -ge 0 -and $shell.Streams.Progress[$last].Activity -like '*slow*' -and $shell.Streams.Progress[$last].StatusDescription -like '*start of exec:slow on node1*'
                })
            Set-Trouble -Folder $trouble -Name slow -Trouble start-waits -End
            $shell.EndInvoke($running).Name | Should -Be 'slow'
            $shell.Streams.Progress[$shell.Streams.Progress.Count - 1].RecordType | Should -Be 'Completed'
        }
        finally {
            $shell.Dispose()
        }
    }

    It 'stopping the pipeline ends a wait at once; the operation goes on' {
        Set-Trouble -Folder $trouble -Name slow -Trouble start-waits
        $shell = [powershell]::Create([System.Management.Automation.RunspaceMode]::NewRunspace)
        try {
            [void] $shell.AddScript("Import-Module '$(Get-TestedManifest)'; Restart-ClusterGroup -Name slow")
            $running = $shell.BeginInvoke()
            $operation = Wait-TestCondition -Description 'the operation runs' -Condition { Get-ClusterOperation -State Running -Target slow }
            $shell.Stop()
            $running.IsCompleted | Should -BeTrue
            $shell.InvocationStateInfo.State | Should -Be 'Stopped'
            (Get-ClusterOperation -Id $operation.Id).State | Should -Be 'Running'
            Set-Trouble -Folder $trouble -Name slow -Trouble start-waits -End
            ($operation | Wait-ClusterOperation).State | Should -Be 'Succeeded'
        }
        finally {
            $shell.Dispose()
        }
    }

    It 'Repair-ClusterGroup starts what was given up' {
        Set-Trouble -Folder $trouble -Name extra -Trouble is-ill
        [void] (Wait-TestCondition -Description 'extra is given up' -Condition { (Get-ClusterGroup -Name partly).Abandoned -contains 'exec:extra' })
        Set-Trouble -Folder $trouble -Name extra -Trouble is-ill -End
        $group = Get-ClusterGroup | Where-Object Abandoned | Repair-ClusterGroup
        $group.Name | Should -Be 'partly'
        $group.Abandoned | Should -BeNullOrEmpty
        (Get-ClusterResource -Name extra -Group partly).State | Should -Be 'Running'
    }

    It 'is refused without quorum, and says what can be done' {
        Invoke-TestLabFault -Lab $lab -Node node2 -Fault kill
        Invoke-TestLabFault -Lab $lab -Node node3 -Fault kill
        [void] (Wait-TestCondition -Description 'quorum is lost' -Condition { (Get-Cluster).Quorum -eq 'None' })
        $said = $null
        Restart-ClusterGroup -Name calm -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].FullyQualifiedErrorId | Should -BeLike 'NotQuorate,*'
        $said[0].CategoryInfo.Category | Should -Be 'ResourceUnavailable'
        $said[0].ErrorDetails.RecommendedAction | Should -BeLike '*Confirm-ClusterNodeDown*'
    }
}
