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

Describe 'Get-ClusterResourcePlan' {
    It 'gives the order of a start and of a stop' {
        $start = @(Get-ClusterResourcePlan -Group webshop)
        $start[0] | Should -BeOfType 'ClusterTools.Contract.PlanStep'
        $start.Order | Should -Be @(1, 2, 3)
        $start.Resource | Should -Be @($null, 'script:shop-db', 'script:shop-web')
        $start.Action | Select-Object -Unique | Should -Be 'Start'
        $start.Node | Select-Object -Unique | Should -Be 'node1'
        $stop = Get-ClusterGroup -Name webshop | Get-ClusterResourcePlan -Operation Stop
        $stop.Resource | Should -Be @('script:shop-web', 'script:shop-db', $null)
        $stop.Action | Select-Object -Unique | Should -Be 'Stop'
        (Get-ClusterResourcePlan -Group rep*).Group | Select-Object -Unique | Should -Be 'reports'
    }

    It 'says what a file would stop and start, and of an unchanged one nothing' {
        $file = Join-Path -Path $TestDrive -ChildPath 'next.json'
        Export-ClusterConfiguration -Path $file
        Get-ClusterResourcePlan -Path $file | Should -BeNullOrEmpty
        $text = [System.IO.File]::ReadAllText($file)
        $database = [regex]::Match($text, 'lsb:[^"]*db[^"]*').Value
        $database | Should -Not -BeNullOrEmpty
        [System.IO.File]::WriteAllText($file, $text.Replace($database, "$database-2"))
        $steps = @(Get-ClusterResourcePlan -Path $file)
        $steps.ForEach({ "$($_.Action) $($_.Resource): $($_.Why)" }) | Should -Be @(
            'Stop script:shop-web: what it stands under is changed'
            'Stop script:shop-db: it is changed'
            'Start script:shop-db: it is changed'
            'Start script:shop-web: what it stands under is changed'
        )
        $steps.Node | Select-Object -Unique | Should -Be 'node1'
        Get-ClusterResourcePlan -Path $file -Group reports | Should -BeNullOrEmpty
        (Get-ClusterResourcePlan -Path $file -Group web*).Count | Should -Be 4
    }

    It 'says of a limit that is changed that nothing is restarted' {
        $said = pwsh -NoProfile -Command "Import-Module -Name '$(Get-TestedManifest)'; Set-ClusterResource -Group webshop -Name script:shop-db -StopTimeout 00:00:33 -WhatIf"
        $said -join ' ' | Should -BeLike '*nothing is restarted*'
    }

    It 'says that there is no such group or file, and what is wrong with one' {
        $said = $null
        Get-ClusterResourcePlan -Group webshops -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].FullyQualifiedErrorId | Should -BeLike 'NotFound,*'
        Get-ClusterResourcePlan -Path (Join-Path -Path $TestDrive -ChildPath 'none.conf') -ErrorAction SilentlyContinue -ErrorVariable said
        $said.Count | Should -BeGreaterThan 0
        $bad = Join-Path -Path $TestDrive -ChildPath 'bad.conf'
        [System.IO.File]::WriteAllText($bad, '<cluster name="x" config_version="2"/>')
        Get-ClusterResourcePlan -Path $bad -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].FullyQualifiedErrorId | Should -BeLike 'InvalidConfiguration,*'
    }

    It 'is shown as table, list and wide' {
        $steps = Get-ClusterResourcePlan -Group webshop
        ($steps | Format-Table | Out-String) -replace '\e\[[0-9;]*m' | Should -Match '(?m)^\s*2\s+Start\s+webshop\s+script:shop-db\s+node1\s+\S'
        $steps | Format-List | Out-String | Should -Match 'script:shop-web'
        $steps | Format-Wide | Out-String | Should -Match 'Start webshop'
    }

    It 'offers names of groups' {
        $offered = Wait-TestCondition -Description 'names are offered' -Condition {
            (TabExpansion2 -inputScript 'Get-ClusterResourcePlan rep' -cursorColumn 27).CompletionMatches | Where-Object ResultType -EQ 'ParameterValue'
        }
        $offered.CompletionText | Should -Be 'reports'
    }
}
