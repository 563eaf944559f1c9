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

Describe 'Set-ClusterTiming' {
    It 'changes what is given and nothing else' {
        $before = Get-ClusterTiming
        $after = Set-ClusterTiming -TwoNodeDelay 20 -RetryDelay 00:02:00
        $after.TwoNodeDelay | Should -Be ([timespan]::FromSeconds(20))
        $after.RetryDelay | Should -Be ([timespan]::FromMinutes(2))
        $after.FenceTimeout | Should -Be $before.FenceTimeout
        $after.Token | Should -Be $before.Token
        (Invoke-TestRequest -Lab $lab -Path /v1/configuration).timing.twoNodeDelay | Should -Be 20000
    }

    It 'takes what Get-ClusterTiming gives' {
        (Get-ClusterTiming | Set-ClusterTiming).TwoNodeDelay | Should -Be (Get-ClusterTiming).TwoNodeDelay
    }

    It 'changes the token time, and says where the daemons do not go by it' {
        $before = (Get-ClusterTiming).Token
        $after = Set-ClusterTiming -Token 00:00:01.5 -WarningVariable warned -WarningAction SilentlyContinue
        $after.Token | Should -Be ([timespan]::FromMilliseconds(1500))
        "$warned" | Should -Match 'no effect on daemons that run'
        { Set-ClusterTiming -Token 0.1 -ErrorAction Stop } | Should -Throw -ErrorId 'InvalidConfiguration,*' -ExpectedMessage '*token*'
        (Set-ClusterTiming -Token $before -WarningAction SilentlyContinue).Token | Should -Be $before
    }

    It 'says that nothing is given, and refuses what is out of range' {
        { Set-ClusterTiming -ErrorAction Stop } | Should -Throw -ErrorId 'BadRequest,*'
        { Set-ClusterTiming -TwoNodeDelay 3000 -ErrorAction Stop } | Should -Throw -ErrorId 'InvalidConfiguration,*' -ExpectedMessage '*twoNodeDelay*'
    }
}

Describe 'Set-ClusterService' {
    It 'sets after how many failures a service is given up, and what ends a run of them' {
        $service = Set-ClusterService -Name reports -MaxFailures 4 -FailureQuietTime 00:01:30
        $service.MaxFailures | Should -Be 4
        $service.FailureQuietTime | Should -Be ([timespan]::FromSeconds(90))
        (Get-ClusterGroup -Name reports).MaxFailures | Should -Be 4
        $made = New-ClusterService -Name brittle -Autostart $false -MaxFailures 0 -FailureQuietTime 60
        $made.MaxFailures | Should -Be 0
        $made.FailureQuietTime | Should -Be ([timespan]::FromMinutes(1))
        (Get-ClusterService -Name brittle | Format-List | Out-String) | Should -Match 'Failures\s*: no limit'
        (Get-ClusterGroup -Name reports | Format-List | Out-String) | Should -Match 'Failures\s*: none'
    }
}

Describe 'What a node without quorum tells' {
    BeforeAll {
        Invoke-TestLabFault -Lab $lab -Node node2 -Fault kill
        Invoke-TestLabFault -Lab $lab -Node node3 -Fault kill
    }

    It 'carries one warning a command' {
        [void] (Wait-TestCondition -Description 'node1 is without quorum' -Condition { (Get-Cluster -WarningAction SilentlyContinue).Quorum -eq 'None' })
        foreach ($command in 'Get-Cluster', 'Get-ClusterNode', 'Get-ClusterGroup', 'Get-ClusterResource', 'Get-ClusterQuorum', 'Get-ClusterEvent') {
            $warned = $null
            & $command -WarningVariable warned -WarningAction SilentlyContinue | Out-Null
            @($warned).Count | Should -Be 1 -Because $command
            "$warned" | Should -Be 'node1 has no quorum: what it tells of other nodes and groups is what was known last.'
        }
    }

    It 'shows absent nodes as what was known last' {
        $nodes = Get-ClusterNode -WarningAction SilentlyContinue
        ($nodes | Where-Object -Property Name -NE -Value 'node1').Phase | Should -Not -Contain 'Online'
        $nodes | Format-Table | Out-String | Should -Match 'node2\s+\w+ \(last known\)'
    }
}
