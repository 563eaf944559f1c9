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

Describe 'Set-ClusterNode' {
    It 'gives a node a shutdown policy of its own, and takes it back' {
        (Get-ClusterNode node1).ShutdownPolicy | Should -Be 'Move'
        (Set-ClusterTiming -ShutdownPolicy Stop -KeepLimit 00:05:00).ShutdownPolicy | Should -Be 'Stop'
        (Get-ClusterNode).ShutdownPolicy | Should -Be 'Stop', 'Stop', 'Stop'
        (Set-ClusterNode node1 -ShutdownPolicy Keep).ShutdownPolicy | Should -Be 'Keep'
        (Get-ClusterNode).ShutdownPolicy | Should -Be 'Keep', 'Stop', 'Stop'
        (Get-ClusterNode node1 | Format-List | Out-String) | Should -BeLike '*Shutdown*: Keep*'
        (Get-ClusterNode node1 | Set-ClusterNode -UseClusterShutdownPolicy).ShutdownPolicy | Should -Be 'Stop'
        { Set-ClusterNode node1 -UseClusterShutdownPolicy -ShutdownPolicy Keep -ErrorAction Stop } | Should -Throw
    }

    It 'gives weights and delays, and the weight of what runs there counts' {
        $node = Set-ClusterNode node1 -Weight 3 -FenceDelay 5 -FenceDelayMax 00:00:15
        $node.Weight | Should -Be 3
        $node.FenceDelay | Should -Be ([timespan]::FromSeconds(5))
        $node.FenceDelayMax | Should -Be ([timespan]::FromSeconds(15))
        (Set-ClusterService reports -Weight 4).Weight | Should -Be 4
        $owner = (Get-ClusterGroup reports).Owner
        $at = Get-ClusterNode $owner
        $at.CurrentWeight | Should -Be ($at.Weight + 4)
    }

    It 'says what is wrong' {
        { Set-ClusterNode node1 -ErrorAction Stop } | Should -Throw -ErrorId 'BadRequest,*'
        { Set-ClusterNode nobody -Weight 1 -ErrorAction Stop } | Should -Throw -ErrorId 'NotFound,*'
        { Set-ClusterNode node2 -FenceDelay 9 -FenceDelayMax 8 -ErrorAction Stop } |
            Should -Throw -ErrorId 'InvalidConfiguration,*' -ExpectedMessage '*fenceDelayMax*'
    }
}
