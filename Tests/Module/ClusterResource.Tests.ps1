#Requires -Version 7.4
#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    Set-StrictMode -Version 3
    Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Fixture.psm1') -Force
    Import-TestedModule
    $lab = Start-TestLab -Shared
}

AfterAll {
    Stop-TestLab -Lab $lab
}

Describe 'Get-ClusterResource' {
    It 'lists all resources as typed objects, in the order of start' {
        $resources = Get-ClusterResource
        $resources | Should -BeOfType 'ClusterTools.Contract.ResourceStatus'
        $resources.Id | Should -Be @('script:batch', 'script:reports', 'script:shop-db', 'script:shop-web')
        $resources.State | Should -Be @('Stopped', 'Running', 'Running', 'Running')
    }

    It 'gives those of groups, by name and from the pipeline' {
        (Get-ClusterResource -Group WEB*).Id | Should -Be @('script:shop-db', 'script:shop-web')
        (Get-ClusterGroup -Name reports, webshop | Get-ClusterResource).Group | Should -Be @('reports', 'webshop', 'webshop')
    }

    It 'takes names with and without their type, in any case, and wildcards' {
        (Get-ClusterResource -Name shop-DB).Id | Should -Be 'script:shop-db'
        (Get-ClusterResource script:reports).Group | Should -Be 'reports'
        (Get-ClusterResource -Name 'shop-*').Count | Should -Be 2
        (Get-ClusterGroup -Name webshop | Get-ClusterResource -Name '*web').Parent | Should -Be 'script:shop-db'
        Get-ClusterResource -Name 'x*' | Should -BeNullOrEmpty
    }

    It 'gives itself again from the pipeline' {
        (Get-ClusterResource -Name shop-web | Get-ClusterResource).Id | Should -Be 'script:shop-web'
    }

    It 'says that there is no such resource and no such group' {
        $said = { Get-ClusterResource -Name shop-dp -ErrorAction Stop } | Should -Throw -ErrorId 'NotFound,*' -PassThru
        $said.ErrorDetails.RecommendedAction | Should -BeLike '*shop-db*'
        { Get-ClusterResource -Group nogroup -ErrorAction Stop } | Should -Throw -ErrorId 'NotFound,*'
    }
}
