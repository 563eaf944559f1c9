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

Describe 'Get-ClusterNodeHealth' {
    It 'asks every daemon itself' {
        $health = @(Get-ClusterNodeHealth)
        $health.Node | Sort-Object | Should -Be @('node1', 'node2', 'node3')
        $health.Answers | Should -Not -Contain $false
        @($health.ConfigurationHash | Select-Object -Unique).Count | Should -Be 1
        $health[0].Version | Should -Not -BeNullOrEmpty
        $health[0].CertificateExpires | Should -BeGreaterThan ([DateTimeOffset]::Now)
    }

    It 'tells how far a clock is ahead; on one machine not at all' {
        foreach ($one in Get-ClusterNodeHealth) {
            [Math]::Abs($one.ClockOffset.TotalMilliseconds) | Should -BeLessThan ($one.RoundTrip.TotalMilliseconds + 50)
        }
    }

    It 'takes names, wildcards and nodes from the pipeline' {
        (Get-ClusterNodeHealth -Name node2).Node | Should -Be 'node2'
        @(Get-ClusterNodeHealth -Name node*).Count | Should -Be 3
        (Get-ClusterNode -Name node3 | Get-ClusterNodeHealth).Node | Should -Be 'node3'
    }

    It 'says that there is no such node' {
        Get-ClusterNodeHealth -Name nodeX -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].FullyQualifiedErrorId | Should -BeLike 'NotFound,*'
        $said[0].TargetObject | Should -Be 'nodeX'
    }

    It 'tells of a daemon that does not answer, which is no error' {
        Invoke-TestLabFault -Lab $lab -Node node3 -Fault kill
        try {
            $health = @(Get-ClusterNodeHealth -ErrorAction Stop)
            $silent = @($health | Where-Object Answers -EQ $false)
            $silent.Count | Should -Be 1
            $silent[0].Server | Should -Be $lab.Addresses['node3']
            $silent[0].Message | Should -Not -BeNullOrEmpty
        }
        finally {
            Reset-TestLab -Lab $lab
        }
    }
}
