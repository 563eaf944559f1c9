#Requires -Version 7.4
#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeDiscovery {
    Set-StrictMode -Version 3
    Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Fixture.psm1') -Force
    $commands = (Import-PowerShellDataFile -LiteralPath (Get-TestedManifest)).CmdletsToExport
    $topics = 'about_ClusterTools', 'about_Cluster_Groups', 'about_Cluster_Fencing', 'about_Cluster_Quorum', 'about_Cluster_Runbooks', 'about_Cluster_Lab'
}

BeforeAll {
    Set-StrictMode -Version 3
    Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Fixture.psm1') -Force
    Import-TestedModule
}

AfterAll {
    Remove-Module -Name ClusterTools -ErrorAction Ignore
}

Describe 'Get-Help' {
    It 'shows synopsis, description and examples of <_>' -ForEach $commands {
        $help = Get-Help -Name "ClusterTools\$_" -Full
        $help.Name | Should -Be $_
        $help.Synopsis.Trim() | Should -Match '[.?]$'
        ($help.description | Out-String).Trim().Length | Should -BeGreaterThan 60
        @($help.examples.example).Count | Should -BeGreaterOrEqual 2
    }

    It 'describes every parameter of <_>' -ForEach $commands {
        $common = [System.Management.Automation.Cmdlet]::CommonParameters
        $help = Get-Help -Name "ClusterTools\$_" -Full
        $described = @($help.parameters.parameter | Where-Object { ($_.description | Out-String).Trim().Length -ge 10 } | ForEach-Object Name)
        $dynamic = @((Get-Command -Name "ClusterTools\$_").Parameters.Values | Where-Object IsDynamic | ForEach-Object Name)
        $wanted = @((Get-Command -Name "ClusterTools\$_").Parameters.Keys | Where-Object { $_ -notin $common -and $_ -notin $dynamic })
        @($wanted | Where-Object { $_ -notin $described }) | Should -BeNullOrEmpty
    }

    It 'has the topic <_>' -ForEach $topics {
        $text = Get-Help -Name $_ | Out-String
        $text | Should -Match "(?m)^TOPIC"
        $text.Length | Should -BeGreaterThan 1000
    }
}
