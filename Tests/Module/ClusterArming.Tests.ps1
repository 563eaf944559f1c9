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

Describe 'Update-ClusterFunctionalLevel' {
    It 'raises nothing where no daemon knows a higher level, and asks an administrator' {
        $cluster = Get-Cluster
        $cluster.FunctionalLevelAvailable | Should -Be $cluster.FunctionalLevel
        Update-ClusterFunctionalLevel -WhatIf *>&1 | Should -BeNullOrEmpty
        { Update-ClusterFunctionalLevel -Cluster $lab.Operator -Confirm:$false -ErrorAction Stop } | Should -Throw -ErrorId 'RoleRequired,*'
        { Update-ClusterFunctionalLevel -Reason 'all are upgraded' -Confirm:$false -ErrorAction Stop } |
            Should -Throw -ErrorId 'Refused,*' -ExpectedMessage '*already*'
    }
}

Describe 'Suspend-Cluster and Resume-Cluster' {
    AfterEach {
        [void] (Resume-Cluster -Confirm:$false)
    }

    It 'disarm the cluster and arm it again, and every status says so first' {
        Suspend-Cluster -WhatIf *>&1 | Should -BeNullOrEmpty
        (Get-Cluster).Disarmed | Should -BeNullOrEmpty
        { Suspend-Cluster -Cluster $lab.Operator -Confirm:$false -ErrorAction Stop } | Should -Throw -ErrorId 'RoleRequired,*'

        $status = Suspend-Cluster -Reason 'a new switch' -Confirm:$false
        $status.Disarmed.Reason | Should -Be 'a new switch'
        $status.Disarmed.Since | Should -BeGreaterThan ([DateTimeOffset]::Now.AddMinutes(-5))
        (Get-Cluster | Out-String).TrimStart() | Should -BeLike 'DISARMED by * (a new switch)*'
        (Get-ClusterQuorum).Description | Should -BeLike 'DISARMED by * (a new switch)*'
        { Suspend-Cluster -Confirm:$false -ErrorAction Stop } | Should -Throw -ErrorId 'Refused,*' -ExpectedMessage '*disarmed already*'

        (Resume-Cluster -Confirm:$false).Disarmed | Should -BeNullOrEmpty
        (Get-ClusterQuorum).Description | Should -Not -BeLike 'DISARMED*'
    }

    It 'let people move groups by hand, and refuse what would happen by itself' {
        [void] (Suspend-Cluster -Confirm:$false)
        (Move-ClusterGroup reports node3).Owner | Should -Be 'node3'
        { Suspend-ClusterNode node3 -Drain -Force -ErrorAction Stop } | Should -Throw -ErrorId 'Refused,*' -ExpectedMessage '*reports*'
        { Stop-Cluster -Confirm:$false -ErrorAction Stop } | Should -Throw -ErrorId 'Refused,*' -ExpectedMessage '*disarmed*'
    }

    It 'leave a lost node alone until the cluster is armed, and fence it then' {
        [void] (Suspend-Cluster -Confirm:$false)
        Invoke-TestLabFault -Lab $lab -Node node3 -Fault kill
        [void] (Wait-TestCondition -Description 'node3 is lost' -Condition { (Get-ClusterNode node3).State -eq 'Lost' })
        (Get-ClusterNode node3).Why | Should -BeLike '*disarmed*'
        Get-ClusterFenceHistory | Should -BeNullOrEmpty
        [void] (Resume-Cluster -Confirm:$false)
        [void] (Wait-TestCondition -Description 'node3 was fenced' -Condition { @(Get-ClusterFenceHistory).Target -contains 'node3' })
    }
}

Describe 'Set-ClusterTiming' {
    It 'sets how often a node may be lost' {
        (Get-ClusterTiming).FlapLimit | Should -Be 3
        (Get-ClusterTiming).FlapWindow | Should -Be ([timespan]::FromHours(1))
        $timing = Set-ClusterTiming -FlapLimit 0 -FlapRelease 00:10:00
        $timing.FlapLimit | Should -Be 0
        $timing.FlapRelease | Should -Be ([timespan]::FromMinutes(10))
        { Set-ClusterTiming -FlapWindow 0 -ErrorAction Stop } | Should -Throw -ErrorId 'InvalidConfiguration,*' -ExpectedMessage '*flapWindow*'
    }
}
