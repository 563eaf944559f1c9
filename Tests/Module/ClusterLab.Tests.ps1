#Requires -Version 7.4
#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    Set-StrictMode -Version 3
    Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Fixture.psm1') -Force
    Import-TestedModule
    $before = $env:CLUSTERTOOLS_CONTEXTS
    $daemonBefore = $env:CLUSTERTOOLS_DAEMON
    $env:CLUSTERTOOLS_DAEMON = Get-TestedDaemon
    $folder = (New-Item -ItemType Directory -Path (Join-Path -Path ([System.IO.Path]::GetTempPath()) -ChildPath "clustertools-test-$([guid]::NewGuid().ToString('N'))")).FullName
    $env:CLUSTERTOOLS_CONTEXTS = Join-Path -Path $folder -ChildPath 'contexts.json'
}

AfterAll {
    Stop-ClusterLab -Name '*' -Confirm:$false
    $env:CLUSTERTOOLS_CONTEXTS = $before
    $env:CLUSTERTOOLS_DAEMON = $daemonBefore
    Remove-Item -LiteralPath $folder -Recurse -Force
}

Describe 'Start-ClusterLab' {
    It 'starts the web shop, waits until it serves, and makes it the current context' {
        $lab = Start-ClusterLab -Token 3000
        $lab | Should -BeOfType 'ClusterTools.Client.ClusterLab'
        $lab.Name | Should -Be 'lab'
        $lab.Cluster | Should -Be 'webshop'
        $lab.Nodes | Should -Be @('node1', 'node2', 'node3')
        $lab.Addresses.Count | Should -Be 3
        (Get-Process -Id $lab.ProcessId).ProcessName | Should -Be 'clusterd'
        Test-Path -LiteralPath $lab.Folder | Should -BeTrue
        (Get-ClusterContext -Current).Name | Should -Be 'lab'
        (Get-ClusterGroup -Name webshop, reports).Phase | Should -Be @('Started', 'Started')
        Invoke-RestMethod -Uri $lab.WebAddress -NoProxy | Should -Match 'node1'
    }

    It 'starts a second one beside it, by a configuration of its own' {
        $conf = Join-Path -Path $folder -ChildPath 'small.conf'
        Set-Content -LiteralPath $conf -Value '<cluster name="small" config_version="1"><clusternodes><clusternode name="alone" nodeid="1"/></clusternodes></cluster>'
        $lab = Start-ClusterLab -Name second -Config $conf
        $lab.Cluster | Should -Be 'small'
        $lab.WebAddress | Should -BeNullOrEmpty
        (Get-ClusterContext -Current).Name | Should -Be 'second'
        (Get-ClusterGroup -Cluster lab).Count | Should -Be 3
        Get-ClusterGroup | Should -BeNullOrEmpty
        $lab | Stop-ClusterLab
        (Get-ClusterContext -Current).Name | Should -Be 'lab'
        (Get-ClusterContext).Name | Should -Be 'lab'
        Test-Path -LiteralPath $lab.Folder | Should -BeFalse
    }

    It 'refuses a name that is taken, a configuration that can not be used, and a program that is not there' {
        { Start-ClusterLab -ErrorAction Stop } | Should -Throw -ErrorId 'AlreadyExists,*'
        { Start-ClusterLab -Name other -Config (Join-Path -Path $folder -ChildPath 'none.conf') -ErrorAction Stop } | Should -Throw -ErrorId 'LabFailed,*'
        { Start-ClusterLab -Name other -Daemon (Join-Path -Path $folder -ChildPath 'clusterd') -ErrorAction Stop } | Should -Throw -ErrorId 'DaemonNotFound,*'
        (Get-ClusterContext).Name | Should -Be 'lab'
        Start-ClusterLab -Name other -WhatIf
        (Get-ClusterContext).Name | Should -Be 'lab'
    }

    It 'ends with its shell, and leaves nothing' {
        $said = pwsh -NoProfile -Command "Import-Module -Name '$(Get-TestedManifest)'; `$lab = Start-ClusterLab -Name brief -Nodes 1; `$lab.Folder; `$lab.ProcessId"
        $said.Count | Should -Be 2
        $process = Get-Process -Id $said[1] -ErrorAction Ignore
        if ($process) {
            $process.WaitForExit(60000) | Should -BeTrue
        }

        Test-Path -LiteralPath $said[0] | Should -BeFalse
        (Get-ClusterContext).Name | Should -Be 'lab'
        (Get-ClusterContext -Current).Name | Should -Be 'lab'
    }

    It 'goes on after its shell with -KeepRunning, until another one ends it' {
        $said = pwsh -NoProfile -Command "Import-Module -Name '$(Get-TestedManifest)'; `$lab = Start-ClusterLab -Name long -Nodes 1 -KeepRunning; `$lab.Folder; `$lab.ProcessId"
        (Get-ClusterNode -Cluster long).Phase | Should -Be 'Online'
        $ended = Stop-ClusterLab -Name long -PassThru
        $ended.Folder | Should -Be $said[0]
        # Ended, though nobody may have asked for its exit code yet.
        Get-Content -Raw -LiteralPath "/proc/$($said[1])/cmdline" -ErrorAction Ignore | Should -BeNullOrEmpty
        Test-Path -LiteralPath $said[0] | Should -BeFalse
        (Get-ClusterContext -Current).Name | Should -Be 'lab'
    }

    It 'cleans up after a lab that was killed' {
        $lab = Start-ClusterLab -Name killed -Nodes 1
        (Get-Process -Id $lab.ProcessId).Kill()
        Stop-ClusterLab -Name killed
        Test-Path -LiteralPath $lab.Folder | Should -BeFalse
        (Get-ClusterContext).Name | Should -Be 'lab'
    }
}

Describe 'Invoke-ClusterLabFault' {
    BeforeAll {
        Set-ClusterContext -Name lab
    }

    It 'cuts the power of a node, whose groups come up elsewhere, and brings it back' {
        $node = Invoke-ClusterLabFault -Node node1 -Fault PowerCut
        $node | Should -BeOfType 'ClusterTools.Client.ClusterLabNode'
        $node.Power | Should -BeLike 'plug pulled*'
        $node.Lab | Should -Be 'lab'
        [void] (Wait-TestCondition -Description 'webshop has started on node2' -Condition {
                Get-ClusterGroup -Name webshop | Where-Object { $_.Owner -eq 'node2' -and $_.Phase -eq 'Started' }
            })
        $node = Get-ClusterNode -Name node1 | Invoke-ClusterLabFault -Fault Revive -Wait 120
        $node.Power | Should -Be 'power on'
        (Get-ClusterNode -Name node1).Phase | Should -Be 'Online'
    }

    It 'stalls a daemon and wakes it' {
        (Invoke-ClusterLabFault -Node node3 -Fault Stall).Daemon | Should -BeLike '*stalled'
        (Invoke-ClusterLabFault -Node node3 -Fault Wake -Wait 0).Daemon | Should -Not -BeLike '*stalled'
    }

    It 'says that there is no such node, and that there is no such lab' {
        $said = $null
        Invoke-ClusterLabFault -Node node9 -Fault Stall -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].FullyQualifiedErrorId | Should -BeLike 'LabFailed,*'
        $said[0].Exception.Message | Should -BeLike '*node9*'
        $said[0].TargetObject | Should -Be 'node9'
    }
}

Describe 'Stop-ClusterLab' {
    It 'says that there is no such lab' {
        $said = $null
        Stop-ClusterLab -Name none -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].FullyQualifiedErrorId | Should -BeLike 'NoLab,*'
        $said[0].CategoryInfo.Category | Should -Be 'ObjectNotFound'
        Stop-ClusterLab -Name 'none*'
    }

    It 'ends the lab of the current context, and leaves nothing' {
        $lab = Stop-ClusterLab -PassThru
        $lab.Name | Should -Be 'lab'
        Test-Path -LiteralPath $lab.Folder | Should -BeFalse
        Get-ClusterContext | Should -BeNullOrEmpty
    }
}
