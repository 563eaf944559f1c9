#Requires -Version 7.4
#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    Set-StrictMode -Version 3
    Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Fixture.psm1') -Force
    Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Trouble.psm1') -Force
    Import-TestedModule
    $trouble = (New-Item -ItemType Directory -Path (Join-Path -Path $TestDrive -ChildPath 'trouble')).FullName
    $lab = Start-TestLab -Config (New-TroubleConfiguration -Folder $trouble)
    $ended = Restart-ClusterGroup -Name calm -Wait 0 | Wait-ClusterOperation
}

AfterAll {
    Set-Trouble -Folder $trouble -Name slow -Trouble start-waits -End
    Stop-TestLab -Lab $lab
}

Describe 'Get-ClusterOperation' {
    It 'lists what was asked, oldest first, as typed objects with a State' {
        $operations = @(Get-ClusterOperation)
        $operations | Should -BeOfType 'ClusterTools.Contract.Operation'
        $operations[-1].Id | Should -Be $ended.Id
        $operations[-1].State | Should -Be 'Succeeded'
        $operations[-1].Who | Should -BeLike 'admin*'
    }

    It 'gives those of an id, of targets and in states' {
        (Get-ClusterOperation -Id $ended.Id).Kind | Should -Be 'group.restart'
        ($ended.Id | Get-ClusterOperation).Id | Should -Be $ended.Id
        (Get-ClusterOperation -Target 'ca*').Target | Sort-Object -Unique | Should -Be 'calm'
        Get-ClusterOperation -State Running | Should -BeNullOrEmpty
        Get-ClusterOperation -Id 'x*' | Should -BeNullOrEmpty
    }

    It 'says that there is no such operation' {
        { Get-ClusterOperation -Id nothing -ErrorAction Stop } | Should -Throw -ErrorId 'NotFound,*'
    }
}

Describe 'Wait-ClusterOperation' {
    It 'gives an operation that has ended at once, by id and from the pipeline' {
        (Wait-ClusterOperation -Id $ended.Id).Id | Should -Be $ended.Id
        ($ended, $ended | Wait-ClusterOperation).Count | Should -Be 2
    }

    It 'writes an error for one that has failed, with the operation and what it says' {
        Set-Trouble -Folder $trouble -Name stubborn -Trouble stop-fails
        $said = $null
        Restart-ClusterGroup -Name stubborn -Wait 0 | Wait-ClusterOperation -ErrorAction SilentlyContinue -ErrorVariable said | Should -BeNullOrEmpty
        $said[0].FullyQualifiedErrorId | Should -BeLike 'OperationFailed,*'
        $said[0].TargetObject.Target | Should -Be 'stubborn'
        $said[0].Exception.Message | Should -BeLike '*stubborn*'
        Set-Trouble -Folder $trouble -Name stubborn -Trouble stop-fails -End
    }

    It 'writes an error for one that takes longer than -Timeout, and goes on with the next' {
        Set-Trouble -Folder $trouble -Name slow -Trouble start-waits
        $said = $null
        $operation = Restart-ClusterGroup -Name slow -Wait 0
        ($operation, $ended | Wait-ClusterOperation -Timeout 1 -ErrorAction SilentlyContinue -ErrorVariable said).Id | Should -Be $ended.Id
        $said[0].FullyQualifiedErrorId | Should -BeLike 'OperationTimedOut,*'
        $said[0].TargetObject.Id | Should -Be $operation.Id
        Set-Trouble -Folder $trouble -Name slow -Trouble start-waits -End
        (Wait-ClusterOperation -Id $operation.Id).State | Should -Be 'Succeeded'
    }

    It 'says that there is no such operation' {
        { Wait-ClusterOperation -Id nothing -ErrorAction Stop } | Should -Throw -ErrorId 'NotFound,*'
    }
}

Describe 'Stop-ClusterOperation' {
    It 'ends an operation that runs; who waits for it hears of it' {
        [void] (Stop-ClusterGroup -Name slow)
        Set-Trouble -Folder $trouble -Name slow -Trouble start-waits
        $operation = Start-ClusterGroup -Name slow -Wait 0
        Get-ClusterOperation -State Running | Stop-ClusterOperation -WhatIf | Should -BeNullOrEmpty
        (Get-ClusterOperation -Id $operation.Id).State | Should -Be 'Running'
        $stopped = Get-ClusterOperation -State Running -Target slow | Stop-ClusterOperation
        $stopped.Id | Should -Be $operation.Id
        $stopped.State | Should -Be 'Failed'
        { $operation | Wait-ClusterOperation -ErrorAction Stop } | Should -Throw -ErrorId 'OperationFailed,*' -ExpectedMessage '*cancel*'
        Set-Trouble -Folder $trouble -Name slow -Trouble start-waits -End
    }

    It 'is refused for what can not be taken back' {
        Set-Trouble -Folder $trouble -Name slow -Trouble start-waits
        [void] (Start-ClusterGroup -Name slow -Wait 0)
        Set-Trouble -Folder $trouble -Name slow -Trouble start-waits -End
        [void] (Wait-TestGroup -Lab $lab -Group slow)
        Set-Trouble -Folder $trouble -Name slow -Trouble start-waits
        $operation = Restart-ClusterGroup -Name slow -Wait 0
        { $operation | Stop-ClusterOperation -ErrorAction Stop } | Should -Throw -ErrorId 'Refused,*' -ExpectedMessage '*Restarting*'
        Set-Trouble -Folder $trouble -Name slow -Trouble start-waits -End
        ($operation | Wait-ClusterOperation).State | Should -Be 'Succeeded'
    }

    It 'is refused for one that has ended, for none, and to who may only look' {
        { Stop-ClusterOperation -Id $ended.Id -ErrorAction Stop } | Should -Throw -ErrorId 'Refused,*'
        { Stop-ClusterOperation -Id nothing -ErrorAction Stop } | Should -Throw -ErrorId 'NotFound,*'
        { Stop-ClusterOperation -Id $ended.Id -Cluster $lab.Viewer -ErrorAction Stop } | Should -Throw -ErrorId 'RoleRequired,*'
    }
}
