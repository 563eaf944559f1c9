#Requires -Version 7.4
#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

# The examples of docs/exclusive-disks.md, as they stand there: the disks they name are nowhere, so that they are tried and not done.
BeforeDiscovery {
    Set-StrictMode -Version 3
    $text = Get-Content -Raw -LiteralPath (Join-Path -Path $PSScriptRoot -ChildPath '../../docs/exclusive-disks.md')
    $commands = @([regex]::Matches($text, '(?ms)^```powershell\n(.*?)^```') | ForEach-Object { @{ Command = $_.Groups[1].Value; Service = ($_.Groups[1].Value -split ' ')[1] } })
    $trees = @([regex]::Matches($text, '(?ms)^```xml\n(.*?)^```') | ForEach-Object { @{ Tree = $_.Groups[1].Value } })
}

BeforeAll {
    Set-StrictMode -Version 3
    Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Fixture.psm1') -Force
    Import-TestedModule
    $lab = Start-TestLab -Shared
}

AfterAll {
    Stop-TestLab -Lab $lab
}

Describe 'docs/exclusive-disks.md' {
    It 'has examples' -TestCases @{ Commands = $commands.Count; Trees = $trees.Count } {
        param([int] $Commands, [int] $Trees)

        $Commands | Should -Be 2
        $Trees | Should -Be 1
    }

    It 'has a valid example of the service <Service>' -TestCases $commands {
        param([string] $Command, [string] $Service)

        $Command | Should -BeLike "New-ClusterService $Service *"
        # Not every machine has a system of units, so that an agent that is not installed is no fault of the example.
        $said = @(& ([scriptblock]::Create($Command.TrimEnd() + ' -Force -WhatIf -WarningVariable warnings -ErrorAction Stop; $warnings')) 3>&1)
        $said | Where-Object { "$_" -notlike '*is not installed on*' } | Should -BeNullOrEmpty -Because 'the times of an example must fit'
        Get-ClusterService -Name $Service -ErrorAction Ignore | Should -BeNullOrEmpty
    }

    It 'warns of the first example when its start may not take as long as the lease' -TestCases $commands[0] {
        param([string] $Command, [string] $Service)

        $hasty = $Command -replace 'StartTimeout = 60', 'StartTimeout = 30'
        $hasty | Should -Not -Be $Command
        $said = @(& ([scriptblock]::Create($hasty.TrimEnd() + ' -Force -WhatIf -ErrorAction Stop')) 3>&1)
        "$said" | Should -BeLike "*$Service*may never fail over*"
    }

    It 'has a tree that cluster.conf takes' -TestCases $trees {
        param([string] $Tree)

        if (-not (Get-ClusterResourceType -Name 'ocf:heartbeat:sfex' -ErrorAction Ignore).Installed) {
            Set-ItResult -Skipped -Because 'THE TREE OF docs/exclusive-disks.md IS NOT TESTED: ocf:heartbeat:sfex is not installed (package resource-agents)'
            return
        }

        $example = Get-Content -Raw -LiteralPath (Join-Path -Path $PSScriptRoot -ChildPath '../../examples/webshop/cluster.conf')
        $file = Join-Path -Path $TestDrive -ChildPath 'cluster.conf'
        $example.Replace('</rm>', "$Tree</rm>") | Set-Content -LiteralPath $file
        $result = & (Get-TestedDaemon) check --json $file | ConvertFrom-Json
        $result.usable | Should -BeTrue
        $result.problems | Where-Object { "$($_.path) $($_.message)" -match 'files' } | ForEach-Object { "line $($_.line): $($_.message) $($_.remedy)" } | Should -BeNullOrEmpty
        & (Get-TestedDaemon) plan start files --config $file 2> (Join-Path -Path $TestDrive -ChildPath 'warnings') | Should -Be @('start service:files', 'start sfex:disk', 'start fs:data')
        # And what is warned of is seen here too.
        $example.Replace('</rm>', "$($Tree.Replace('timeout="60"', 'timeout="30"'))</rm>") | Set-Content -LiteralPath $file
        (& (Get-TestedDaemon) check --json $file | ConvertFrom-Json).problems.message -join ' ' | Should -BeLike '*may never fail over*'
    }
}
