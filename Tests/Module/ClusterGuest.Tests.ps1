#Requires -Version 7.4
#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

# What goes for guests without a hypervisor that answers; with real ones: Guests.Tests.ps1.
BeforeAll {
    Set-StrictMode -Version 3
    Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Fixture.psm1') -Force
    Import-TestedModule
    $lab = Start-TestLab
    $parameters = @{ Definition = '/srv/guests/mail.xml'; Migrate = 'pause'; FailoverDomain = 'shop'; Parameter = @{ on_io_error = 'resume'; uri = 'qemu:///nobody' } }
    $null = New-ClusterGuest -Name mail @parameters
}

AfterAll {
    Stop-TestLab -Lab $lab
}

Describe 'Guests as they are configured' {
    It 'are not started by being added, and are groups, too' {
        $guest = Get-ClusterGuest -Name mail
        $guest.Phase, $guest.Host, $guest.Migrates, $guest.Definition, $guest.FailoverDomain | Should -Be @('Disabled', $null, 'Suspended', '/srv/guests/mail.xml', 'shop')
        $guest.MigrationLimit, $guest.StopTimeout | Should -Be @([timespan]::FromMinutes(10), [timespan]::FromMinutes(3))
        (Get-ClusterGroup -Name mail).Phase | Should -Be 'Disabled'
        (Get-ClusterResource -Group mail).Agent | Should -BeExactly 'guest:libvirt'
    }

    It 'are no services' {
        (Get-ClusterGuest).Name | Should -Be 'mail'
        { Get-ClusterGuest -Name webshop -ErrorAction Stop } | Should -Throw -ErrorId 'NotFound,*'
    }

    It 'are changed without being made anew' {
        $guest = Set-ClusterGuest -Name mail -Migrate live -MigrationLimit 00:02:00 -Parameter @{ on_io_error = $null; auto_converge = $false } -Autostart $false
        $guest.Migrates, $guest.MigrationLimit, $guest.Autostart | Should -Be @('Live', [timespan]::FromMinutes(2), $false)
        $said = (Get-ClusterResource -Group mail).Parameters
        $said['auto_converge'], $said.ContainsKey('on_io_error'), $said['uri'] | Should -Be @('false', $false, 'qemu:///nobody')
    }

    It 'refuse <Named> = <Value>, and say what would do' -ForEach @(
        @{ Named = 'migration_uri'; Value = 'qemu+tls://host/system'; Remedy = '{node}' }
        @{ Named = 'migration_limit'; Value = 'soon'; Remedy = 'seconds' }
        @{ Named = 'definition'; Value = 'mail.xml'; Remedy = 'absolute path' }
        @{ Named = 'colour'; Value = 'red'; Remedy = 'auto_converge' }
    ) {
        $wrong = $null
        New-ClusterGuest -Name other -Parameter @{ $Named = $Value } -ErrorVariable wrong -ErrorAction SilentlyContinue
        "$wrong" | Should -Match ([regex]::Escape($Named))
        $wrong[0].ErrorDetails.RecommendedAction + "$wrong" | Should -Match ([regex]::Escape($Remedy))
        Get-ClusterGuest -Name other* | Should -BeNullOrEmpty
    }

    It 'say what would be, and do not do it' {
        New-ClusterGuest -Name other -WhatIf
        Remove-ClusterGuest -Name mail -WhatIf
        Set-ClusterGuest -Name mail -Migrate no -WhatIf
        Start-ClusterGuest -Name mail -WhatIf
        (Get-ClusterGuest).Name, (Get-ClusterGuest).Migrates, (Get-ClusterGuest).Phase | Should -Be @('mail', 'Live', 'Disabled')
    }
}

Describe 'Guests that nobody can tell of' {
    It 'are not started' {
        { Start-ClusterGuest -Name mail -ErrorAction Stop } | Should -Throw '*is not known*' -Because 'no hypervisor answers on any node'
        $guest = Stop-ClusterGuest -Name mail -Force
        $guest.Phase, $guest.Host | Should -Be @('Disabled', $null)
    }

    It 'are not migrated' {
        { Start-GuestMigration -Name mail -Destination node2 -ErrorAction Stop } | Should -Throw '*not Started*'
        { Start-GuestMigration -Name mail -Live -Offline -ErrorAction Stop } | Should -Throw '*-Live and -Offline*'
        { Stop-GuestMigration -Name mail -ErrorAction Stop } | Should -Throw '*is not migrating*'
        Get-GuestMigration | Should -BeNullOrEmpty
    }

    It 'are known to completion, and shown' {
        (TabExpansion2 -inputScript 'Get-ClusterGuest ma' -cursorColumn 19).CompletionMatches.CompletionText | Should -Contain 'mail'
        Get-ClusterGuest | Out-String | Should -Match 'Name\s+State\s+Host\s+Memory\s+vCPUs\s+Moves\s+Why'
        Get-ClusterGuest | Format-List | Out-String | Should -Match 'Migration limit\s*: 2 min'
        Get-ClusterGuest | Where-Object Memory -GT 8GB | Start-GuestMigration -Destination node2 -WhatIf
    }

    It 'are taken out, and given back as they were' {
        (Remove-ClusterGuest -Name mail -Confirm:$false -PassThru).Definition | Should -BeExactly '/srv/guests/mail.xml'
        Get-ClusterGuest | Should -BeNullOrEmpty
    }
}
