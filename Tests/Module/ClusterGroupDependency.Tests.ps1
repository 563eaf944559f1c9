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

Describe 'Add-ClusterGroupDependency' {
    It 'says with -WhatIf what it would mean, and changes nothing' {
        $said = pwsh -NoProfile -Command "Import-Module -Name '$(Get-TestedManifest)'; Add-ClusterGroupDependency reports webshop -Colocation Same -WhatIf"
        $said -join ' ' | Should -BeLike '*group reports is changed: dependencies/webshop added; where what it needs is not so, it moves, stops or waits*'
        Get-ClusterGroupDependency | Should -BeNullOrEmpty
    }

    It 'requires the other group unless something else is said' {
        $dependency = Add-ClusterGroupDependency -Group REPORTS -DependsOn Webshop -Reason 'a test'
        $dependency | Should -BeOfType 'ClusterTools.Contract.GroupDependency'
        $dependency.Group | Should -Be 'reports'
        $dependency.DependsOn | Should -Be 'webshop'
        $dependency.Require | Should -Be 'Hard'
        $dependency.Colocation | Should -Be 'Any'
        $dependency.Met | Should -BeTrue
        $dependency.Why | Should -Be "'webshop' is Started on node1"
        (Get-ClusterGroup -Name reports).Owner | Should -Be 'node2'
    }

    It 'refuses a second one on the same group, a group that is not there, and a circle' {
        $said = $null
        Add-ClusterGroupDependency -Group reports -DependsOn webshop -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].FullyQualifiedErrorId | Should -BeLike 'AlreadyExists,*'
        Add-ClusterGroupDependency -Group reports -DependsOn webshops -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].FullyQualifiedErrorId | Should -BeLike 'NotFound,*'
        $said[0].Exception.Message | Should -BeLike '*webshop*'
        Add-ClusterGroupDependency -Group webshop -DependsOn reports -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].FullyQualifiedErrorId | Should -BeLike 'InvalidConfiguration,*'
        @(Get-ClusterGroupDependency).Count | Should -Be 1
    }

    It 'takes the rows of a table, and a place alone requires nothing' {
        'Group,DependsOn,Require,Colocation', 'batch,webshop,,never' | ConvertFrom-Csv | Add-ClusterGroupDependency | Out-Null
        $dependency = Get-ClusterGroupDependency -Group batch
        $dependency.Require | Should -Be 'None'
        $dependency.Colocation | Should -Be 'Never'
    }
}

Describe 'Get-ClusterGroupDependency' {
    It 'gives those of groups from the pipeline, and those on a group' {
        (Get-ClusterGroup -Name reports | Get-ClusterGroupDependency).DependsOn | Should -Be 'webshop'
        (Get-ClusterGroupDependency -DependsOn 'web*').Group | Should -Be @('batch', 'reports')
        Get-ClusterGroupDependency -DependsOn reports | Should -BeNullOrEmpty
        (Get-ClusterGroup -Name webshop).Dependents | Should -Be @('batch', 'reports')
    }

    It 'says what is not met, and why the group waits' {
        $said = $null
        Stop-ClusterGroup -Name webshop -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].FullyQualifiedErrorId | Should -BeLike 'ConfirmationNeeded,*' -Because 'nobody can be asked here, and reports would stop, too'
        $said[0].Exception.Message | Should -BeLike "*reports stops: *'webshop'*Group 'reports' runs nowhere then*"
        (Get-ClusterGroup -Name webshop).State | Should -Be 'Started'
        Stop-ClusterGroup -Name webshop -Confirm:$false | Out-Null
        $waiting = Wait-TestCondition -Description 'reports has stopped with webshop' -Condition { Get-ClusterGroup -Name reports | Where-Object State -EQ Stopped }
        $waiting.Why | Should -BeLike "*'webshop'*"
        $dependency = Get-ClusterGroupDependency -Group reports
        $dependency.Met | Should -BeFalse
        $dependency.Why | Should -Be "'webshop' is Disabled"
        $shown = Get-ClusterGroup -Name reports | Format-List | Out-String -Width 120
        $shown -replace '\e\[[0-9;]*m' | Should -BeLike "*Depends on*: webshop (Hard): not met, 'webshop' is Disabled*"
        Start-ClusterGroup -Name webshop | Out-Null
        [void] (Wait-TestGroup -Lab $lab -Group reports)
    }

    It 'says that there is no such group' {
        $said = $null
        Get-ClusterGroupDependency -Group report -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].FullyQualifiedErrorId | Should -BeLike 'NotFound,*'
    }
}

Describe 'Set-ClusterGroupDependency' {
    It 'moves the group where it must run from now on, and waits for it' {
        $dependency = Get-ClusterGroupDependency -Group reports | Set-ClusterGroupDependency -Colocation Same
        $dependency.Require | Should -Be 'Hard'
        $dependency.Colocation | Should -Be 'Same'
        $dependency.Met | Should -BeTrue
        (Get-ClusterGroup -Name reports).Owner | Should -Be 'node1'
        (Get-ClusterGroup -Name reports).State | Should -Be 'Started'
    }

    It 'says that there is no such dependency' {
        $said = $null
        Set-ClusterGroupDependency -Group webshop -DependsOn reports -Require Soft -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].FullyQualifiedErrorId | Should -BeLike 'NotFound,*'
        $said[0].TargetObject | Should -Be 'reports'
    }
}

Describe 'A group that requires another on the same node' {
    It 'fails over together with it when the plug of their node is pulled' {
        $began = Get-Date
        Invoke-TestLabFault -Lab $lab -Node node1 -Fault kill
        [void] (Wait-TestGroup -Lab $lab -Group webshop -Node node2)
        [void] (Wait-TestGroup -Lab $lab -Group reports -Node node2)
        $started = @(Get-ClusterEvent -Since $began | Where-Object Kind -EQ 'group.started')
        $started.Group | Should -Be @('webshop', 'reports')
        $started.Node | Should -Be @('node2', 'node2')
        (Get-ClusterGroupDependency -Group reports).Met | Should -BeTrue
    }

    It 'goes back with it when the node returns' {
        Invoke-TestLabFault -Lab $lab -Node node1 -Fault revive
        [void] (Wait-TestGroup -Lab $lab -Group webshop -Node node1)
        [void] (Wait-TestGroup -Lab $lab -Group reports -Node node1)
    }
}

Describe 'The configuration''s history and comparison' {
    It 'show dependencies' {
        $last = (Get-ClusterConfigurationHistory)[-1]
        $last.Changes.Groups.Changed | Should -Be 'reports'
        $changes = Compare-ClusterConfiguration -ReferenceVersion ($last.Version - 1)
        $changes.Path | Should -Be 'groups/reports/dependencies/webshop/colocation'
        $changes.Old | Should -Be 'any'
        $changes.New | Should -Be 'same'
    }
}

Describe 'Services' {
    It 'are copied with what they need of others' {
        Get-ClusterService -Name reports | Select-Object -Property Dependencies, @{ Name = 'Name'; Expression = { 'copy' } }, @{ Name = 'Autostart'; Expression = { $false } } |
            New-ClusterService -WarningAction SilentlyContinue | Out-Null
        $copied = (Get-ClusterService -Name copy).Dependencies
        $copied.Group | Should -Be 'webshop'
        $copied.Require | Should -Be 'Hard'
        $copied.Colocation | Should -Be 'Same'
    }

    It 'are added with dependencies as names and hashtables' {
        New-ClusterService -Name added -Autostart $false -Dependency webshop, @{ Group = 'reports'; Colocation = 'never' } -WarningAction SilentlyContinue | Out-Null
        $added = Get-ClusterGroupDependency -Group added
        $added.DependsOn | Should -Be @('webshop', 'reports')
        $added.Require | Should -Be @('Hard', 'None')
        $added.Colocation | Should -Be @('Any', 'Never')
    }

    It 'refuse a dependency that is not understood' {
        $said = $null
        New-ClusterService -Name wrong -Dependency @{ Group = 'webshop'; Need = 1 } -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].Exception.Message | Should -BeLike "*no 'Need'*"
        New-ClusterService -Name wrong -Dependency @{ Group = 'webshop'; Require = 'very' } -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].Exception.Message | Should -BeLike "*'very'*"
        Get-ClusterService -Name wron* | Should -BeNullOrEmpty
    }
}

Describe 'Remove-ClusterGroupDependency' {
    It 'removes dependencies from the pipeline, and gives them back with -PassThru' {
        $removed = Get-ClusterGroupDependency -Group added | Remove-ClusterGroupDependency -PassThru -WarningAction SilentlyContinue
        $removed.DependsOn | Should -Be @('webshop', 'reports')
        Get-ClusterGroupDependency -Group added | Should -BeNullOrEmpty
    }

    It 'takes wildcards, and says that there is no such dependency' {
        Remove-ClusterGroupDependency -Group '*' -DependsOn 'web*' -WarningAction SilentlyContinue
        Get-ClusterGroupDependency | Should -BeNullOrEmpty
        (Get-ClusterGroup -Name reports).State | Should -Be 'Started'
        $said = $null
        Remove-ClusterGroupDependency -Group reports -DependsOn webshop -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].FullyQualifiedErrorId | Should -BeLike 'NotFound,*'
    }
}
