#Requires -Version 7.4
BeforeAll {
    Set-StrictMode -Version 3
    Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Fixture.psm1') -Force
    Import-TestedModule
    $lab = Start-TestLab
}

AfterAll {
    Stop-TestLab -Lab $lab
}

Describe 'Stop-Cluster and Start-Cluster' {
    It 'stop every group, then all daemons, without fencing anybody, and start them again' {
        $said = Stop-Cluster -WhatIf *>&1
        $said | Should -BeNullOrEmpty
        { Stop-Cluster -Cluster $lab.Operator -Confirm:$false -ErrorAction Stop } | Should -Throw -ErrorId 'RoleRequired,*'
        [void] (Lock-ClusterGroup webshop)
        { Stop-Cluster -Confirm:$false -ErrorAction Stop } | Should -Throw -ErrorId 'Refused,*' -ExpectedMessage "*'webshop' is frozen*"
        [void] (Unlock-ClusterGroup webshop)
        [void] (Wait-TestGroup -Lab $lab -Group webshop)

        $operation = Stop-Cluster -Reason 'a move of the rack' -Confirm:$false
        $operation.Kind | Should -Be 'cluster.stop'
        $operation.Phase | Should -Be 'Succeeded'
        { Get-ClusterNode -ErrorAction Stop } | Should -Throw -ErrorId 'NoServerAnswered,*'

        $status = Start-Cluster
        $status.Quorum | Should -Be 'Quorate'
        [void] (Wait-TestGroup -Lab $lab -Group webshop)
        @(Get-ClusterNode).State | Should -Be @('Online', 'Online', 'Online')
        Get-ClusterFenceHistory | Should -BeNullOrEmpty
    }

    It 'start what is missing, and leave a whole cluster as it is' {
        $operations = @(Get-ClusterOperation).Count
        (Start-Cluster).Quorum | Should -Be 'Quorate'
        @(Get-ClusterOperation).Count | Should -Be $operations
        [void] (Stop-ClusterNode node3)
        [void] (Wait-TestCondition -Description 'the daemon of node3 has ended' -Condition {
                & (Get-TestedDaemon) lab status --folder (Join-Path -Path $lab.Folder -ChildPath 'lab') | Where-Object { $_ -like 'node3*does not run*' }
            })
        [void] (Start-Cluster)
        (Get-ClusterNode node3).State | Should -Be 'Online'
    }

    It 'say what to type where nothing can be started from here' {
        $context = Join-Path -Path $TestDrive -ChildPath 'contexts.json'
        $far = Get-Content -LiteralPath $lab.Contexts -Raw | ConvertFrom-Json
        $far.contexts[0].servers = @('https://127.0.0.1:1')
        $certificate = [Convert]::ToBase64String([System.IO.File]::ReadAllBytes((Join-Path -Path (Split-Path -Path $lab.Contexts) -ChildPath $far.contexts[0].certificatePath)))
        $far.contexts[0] | Add-Member -NotePropertyName certificatePfx -NotePropertyValue $certificate -Force
        $far.contexts[0].psobject.Properties.Remove('certificatePath')
        $far.contexts = @($far.contexts[0])
        [System.IO.File]::WriteAllText($context, ($far | ConvertTo-Json -Depth 9), [System.Text.UTF8Encoding]::new($false))
        [System.IO.File]::SetUnixFileMode($context, [System.IO.UnixFileMode] 'UserRead, UserWrite')
        $before = $env:CLUSTERTOOLS_CONTEXTS
        $env:CLUSTERTOOLS_CONTEXTS = $context
        try {
            $said = $null
            Start-Cluster -ErrorAction SilentlyContinue -ErrorVariable said
            $said[0].FullyQualifiedErrorId | Should -BeLike 'NoServerAnswered,*'
            $said[0].ErrorDetails.RecommendedAction | Should -BeLike '*systemctl start clusterd*'
        }
        finally {
            $env:CLUSTERTOOLS_CONTEXTS = $before
        }
    }
}

Describe 'Get-ClusterLab' {
    It 'lists the labs, with their process' {
        $found = @(Get-ClusterLab)
        $found[0].Folder | Should -Be (Join-Path -Path $lab.Folder -ChildPath 'lab')
        $found[0].ProcessId | Should -Be $lab.Process.Id
        $found[0].Nodes | Should -Be @('node1', 'node2', 'node3')
        { Get-ClusterLab nothing -ErrorAction Stop } | Should -Throw -ErrorId 'NoLab,*'
    }
}

Describe 'One resource, its group''s failures and its home' {
    AfterEach {
        Reset-TestLab -Lab $lab
    }

    It 'Stop-ClusterResource stops one resource while its group goes on, wherever it goes; Start-ClusterResource starts it' {
        [void] (Add-ClusterResource extra reports -Agent 'exec:/bin/sleep 1000002' -Parameter @{ mode = 'async' } -Parent script:reports)
        Stop-ClusterResource script:reports reports -WhatIf
        (Get-ClusterResource extra -Group reports).State | Should -Be 'Running'
        $resource = Stop-ClusterResource extra reports
        $resource.State | Should -Be 'Disabled'
        $resource.Disabled | Should -BeTrue
        (Get-ClusterGroup reports).State | Should -Be 'Started'
        [void] (Move-ClusterGroup reports node3)
        (Get-ClusterResource extra -Group reports).State | Should -Be 'Disabled'
        (Get-ClusterResource script:reports -Group reports).State | Should -Be 'Running'
        ((Get-ClusterResource extra -Group reports) | Start-ClusterResource).State | Should -Be 'Running'

        # What stands below a disabled one is off, and is started with it.
        (Stop-ClusterResource script:reports reports).State | Should -Be 'Disabled'
        (Get-ClusterResource extra -Group reports).State | Should -Be 'Disabled'
        { Start-ClusterResource extra reports -ErrorAction Stop } | Should -Throw -ErrorId 'Refused,*' -ExpectedMessage '*script:reports*'
        (Start-ClusterResource script:reports reports).State | Should -Be 'Running'
        (Get-ClusterResource extra -Group reports).State | Should -Be 'Running'
    }

    It 'Start-ClusterResource says when the group has to be started' {
        [void] (Stop-ClusterGroup reports)
        $said = $null
        (Start-ClusterResource script:reports reports -WarningVariable said -WarningAction SilentlyContinue).State | Should -Be 'Stopped'
        "$said" | Should -BeLike '*Start-ClusterGroup reports*'
    }

    It 'Move-ClusterResource moves a resource to another group' {
        [void] (Add-ClusterResource movable reports -Agent 'exec:/bin/sleep 1000003' -Parameter @{ mode = 'async' })
        $resource = Move-ClusterResource movable webshop -Confirm:$false
        $resource.Group | Should -Be 'webshop'
        $resource.State | Should -Be 'Running'
        @(Get-ClusterResource movable).Group | Should -Be 'webshop'
        { Move-ClusterResource movable webshop -Confirm:$false -ErrorAction Stop } | Should -Throw -ErrorId 'AlreadyExists,*'
    }

    It 'Move-ClusterGroup -Home sends a group to the best node of its domain' {
        [void] (Move-ClusterGroup webshop node2)
        (Move-ClusterGroup webshop -Home).Owner | Should -Be 'node1'
        (Get-ClusterGroup webshop | Move-ClusterGroup -Home).Owner | Should -Be 'node1'
        { Move-ClusterGroup webshop node2 -Home -ErrorAction Stop } | Should -Throw -ErrorId 'BadRequest,*'
    }

    It 'Clear-ClusterGroup forgets failures' {
        Clear-ClusterGroup webshop -WhatIf
        (Clear-ClusterGroup webshop).Name | Should -Be 'webshop'
        (Get-ClusterOperation | Select-Object -Last 1).Message | Should -BeLike '*no failures to forget*'
    }
}
