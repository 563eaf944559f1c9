#Requires -Version 7.4
#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    Set-StrictMode -Version 3
    Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Fixture.psm1') -Force
    Import-TestedModule
    $lab = Start-TestLab
    $conf = Join-Path -Path $lab.Folder -ChildPath 'cluster.conf'
    function Get-InForce { Invoke-TestRequest -Lab $lab -Path /v1/configuration | ConvertTo-Json -Depth 50 }
    function Get-Version { (Invoke-TestRequest -Lab $lab -Path /v1/cluster).configurationVersion }
}

AfterAll {
    Stop-TestLab -Lab $lab
}

Describe 'Export-ClusterConfiguration' {
    It 'writes what imports back to the same' {
        $file = Join-Path -Path $TestDrive -ChildPath 'export.json'
        (Export-ClusterConfiguration -Path $file -PassThru).FullName | Should -Be $file
        (Get-Content -Raw -LiteralPath $file | ConvertFrom-Json).groups.webshop.domain | Should -Be 'shop'
        $before = Get-Version
        # It is the same already: no version is made of it.
        Import-ClusterConfiguration -Path $file -Confirm:$false | Out-Null
        Get-Version | Should -Be $before
        Compare-ClusterConfiguration -DifferencePath $file | Should -BeNullOrEmpty
    }

    It 'replaces no file unless it is told to' {
        $file = Join-Path -Path $TestDrive -ChildPath 'there.json'
        Set-Content -LiteralPath $file -Value 'mine'
        $said = $null
        Export-ClusterConfiguration -Path $file -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].FullyQualifiedErrorId | Should -BeLike 'FileUnusable,*'
        Get-Content -LiteralPath $file | Should -Be 'mine'
        Export-ClusterConfiguration -Path $file -Force
        Get-Content -Raw -LiteralPath $file | Should -BeLike '{*'
    }
}

Describe 'Import-ClusterConfiguration' {
    It 'imports an edited file, keeps secrets and grants, and gives the version back' {
        New-ClusterFenceDevice -Name bmc -Agent fence_ipmilan -Parameter @{ ip = '192.0.2.9'; username = 'admin'; password = 'stays-hidden' } | Out-Null
        $file = Join-Path -Path $TestDrive -ChildPath 'edited.json'
        Export-ClusterConfiguration -Path $file
        $document = Get-Content -Raw -LiteralPath $file | ConvertFrom-Json -AsHashtable
        $document.fenceDevices.bmc.parameters.password | Should -Be '(secret)'
        $document.groups.reports.maxRestarts = 4
        $document.groups.reports.restartExpireTime = 60
        $document.Remove('access')
        $document | ConvertTo-Json -Depth 50 | Set-Content -LiteralPath $file
        $version = Import-ClusterConfiguration -Path $file -Reason 'by file' -Confirm:$false
        $version | Should -BeOfType 'ClusterTools.Contract.ConfigurationVersion'
        $version.Version | Should -Be (Get-Version)
        $version.Reason | Should -Be 'by file'
        $version.Origin | Should -Be 'Import'
        (Get-ClusterService -Name reports).MaxRestarts | Should -Be 4
        (Invoke-TestRequest -Lab $lab -Path /v1/me).role | Should -Be 'administrator'
        # The secret is still the one that went in, not its placeholder: the configuration can be changed further.
        (Set-ClusterFenceDevice -Name bmc -Parameter @{ ip = '192.0.2.10' }).Parameters['password'] | Should -Be '(secret)'
    }

    It 'says with -WhatIf what would be added, changed, removed and restarted, of a cluster.conf too' {
        $file = Join-Path -Path $TestDrive -ChildPath 'edited.json'
        Export-ClusterConfiguration -Path $file -Force
        $document = Get-Content -Raw -LiteralPath $file | ConvertFrom-Json -AsHashtable
        $document.groups.Remove('batch')
        $document.groups.webshop.resources[0].parameters = @{ settle = '50' }
        $document.groups.reports.resources[0].monitorInterval = 5000
        $document | ConvertTo-Json -Depth 50 | Set-Content -LiteralPath $file
        $before = Get-InForce
        $said = pwsh -NoProfile -Command "Import-Module -Name '$(Get-TestedManifest)'; Import-ClusterConfiguration -Path '$file' -WhatIf"
        $said -join ' ' | Should -BeLike '*group batch is removed*group reports is changed: script:reports/monitorInterval 10000 -> 5000; nothing is restarted*group webshop is changed: script:shop-db/*settle*; stopped or restarted on node1: script:shop-db, script:shop-web*'
        $said = pwsh -NoProfile -Command "Import-Module -Name '$(Get-TestedManifest)'; Import-ClusterConfiguration -Path '$conf' -Force -WhatIf"
        $said -join ' ' | Should -BeLike '*group reports is changed: *maxRestarts 4 -> 0*'
        $said -join ' ' | Should -BeLike '*fence device bmc is removed*'
        Get-InForce | Should -Be $before
    }

    It 'refuses a file with errors, and one that is not there' {
        $file = Join-Path -Path $TestDrive -ChildPath 'bad.conf'
        Set-Content -LiteralPath $file -Value '<cluster name="webshop" config_version="1"><rm><service name="s" domain="none"/></rm></cluster>'
        $said = $null
        Import-ClusterConfiguration -Path $file -Confirm:$false -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].FullyQualifiedErrorId | Should -BeLike 'InvalidConfiguration,*'
        $said[0].TargetObject | Should -Be $file
        Import-ClusterConfiguration -Path (Join-Path -Path $TestDrive -ChildPath 'none.conf') -Confirm:$false -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].FullyQualifiedErrorId | Should -BeLike 'FileUnusable,*'
    }
}

Describe 'Test-ClusterConfiguration' {
    It 'finds nothing wrong with the configuration in force' {
        Test-ClusterConfiguration -Quiet | Should -BeTrue
        Test-ClusterConfiguration | Where-Object Severity -EQ Error | Should -BeNullOrEmpty
    }

    It 'lists what is wrong with a file, with line and remedy' {
        $file = Join-Path -Path $TestDrive -ChildPath 'wrong.conf'
        Set-Content -LiteralPath $file -Value "<cluster name=`"webshop`" config_version=`"1`">`n<clusternodes>`n<clusternode name=`"node1`" nodeid=`"1`"/>`n</clusternodes>`n<rm>`n<service name=`"s`" recovery=`"never`"/>`n</rm>`n</cluster>"
        $problems = Get-Item -LiteralPath $file | Test-ClusterConfiguration
        $problems | Should -BeOfType 'ClusterTools.Contract.ConfigurationProblem'
        $wrong = $problems | Where-Object Path -EQ 'groups/s/recovery'
        $wrong.Severity | Should -Be 'Error'
        $wrong.Line | Should -Be 6
        $wrong.Remedy | Should -Not -BeNullOrEmpty
        $wrong.File | Should -Be $file
        Test-ClusterConfiguration -Path $file -Quiet | Should -BeFalse
        Test-ClusterConfiguration -Content '{ "name": "webshop", }' | Should -Not -BeNullOrEmpty
    }

    It 'says that a file is not there' {
        $said = $null
        Test-ClusterConfiguration -Path (Join-Path -Path $TestDrive -ChildPath 'none') -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].FullyQualifiedErrorId | Should -BeLike 'FileUnusable,*'
    }
}

Describe 'Compare-ClusterConfiguration' {
    It 'tells versions, files and the one in force apart, thing by thing' {
        $before = Get-Version
        Set-ClusterResource -Name shop-web -Parameter @{ color = 'blue' } | Out-Null
        New-ClusterFailoverDomain -Name compared -Member node1 | Out-Null
        $differences = Compare-ClusterConfiguration -ReferenceVersion $before
        $differences | Should -BeOfType 'ClusterTools.Client.ConfigurationDifference'
        ($differences | Where-Object Path -EQ 'groups/webshop/resources/script:shop-web/parameters/color').New | Should -Be 'blue'
        ($differences | Where-Object Path -EQ 'failoverDomains/compared').Change | Should -Be 'Added'
        $differences.Count | Should -Be 2
        (Compare-ClusterConfiguration -DifferenceVersion $before | Where-Object Path -EQ 'failoverDomains/compared').Change | Should -Be 'Removed'
        Compare-ClusterConfiguration -DifferencePath $conf | Where-Object Path -EQ 'failoverDomains/compared' | Should -Not -BeNullOrEmpty
    }

    It 'shows no secrets' {
        $one = Join-Path -Path $TestDrive -ChildPath 'one.json'
        $two = Join-Path -Path $TestDrive -ChildPath 'two.json'
        Set-Content -LiteralPath $one -Value '{ "fenceDevices": { "d": { "agent": "a", "parameters": { "passwd": "hidden-one", "ip": "x" } } } }'
        Set-Content -LiteralPath $two -Value '{ "fenceDevices": { "d": { "agent": "a", "parameters": { "passwd": "hidden-two", "ip": "y" } } } }'
        $differences = Compare-ClusterConfiguration -ReferencePath $one -DifferencePath $two
        ($differences | Where-Object Path -EQ 'fenceDevices/d/parameters/ip').New | Should -Be 'y'
        $differences | ConvertTo-Json -Depth 5 | Should -Not -BeLike '*hidden*'
    }

    It 'says that there is no such version' {
        $said = $null
        Compare-ClusterConfiguration -ReferenceVersion 999 -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].FullyQualifiedErrorId | Should -BeLike 'NotFound,*'
    }
}

Describe 'Get-ClusterConfigurationHistory' {
    It 'lists the versions, with who and why' {
        $versions = Get-ClusterConfigurationHistory
        $versions[0].Version | Should -Be 1
        $versions[-1].Version | Should -Be (Get-Version)
        $versions[-1].InForce | Should -BeTrue
        ($versions | Where-Object Reason -EQ 'by file').Changes.Groups.Changed | Should -Be 'reports'
        (Get-ClusterConfigurationHistory -Newest 2).Count | Should -Be 2
        (Get-ClusterConfigurationHistory -Version 1).Origin | Should -Be 'Init'
    }

    It 'says that there is no such version' {
        $said = $null
        Get-ClusterConfigurationHistory -Version 999 -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].FullyQualifiedErrorId | Should -BeLike 'NotFound,*'
    }

    It 'asks the other nodes for what one lacks' {
        Invoke-TestLabFault -Lab $lab -Node node3 -Fault kill
        Set-ClusterService -Name batch -Exclusive $false -Reason 'while one was away' | Out-Null
        Invoke-TestLabFault -Lab $lab -Node node3 -Fault revive
        [void] (Wait-TestCondition -Description 'node3 is back' -Condition { (Invoke-TestRequest -Lab $lab -Path /v1/nodes/node3 -Node node1).phase -eq 'online' })
        (Get-ClusterConfigurationHistory | Where-Object Reason -EQ 'while one was away').Version | Should -Be (Get-Version)
    }
}

Describe 'Restore-ClusterConfiguration' {
    It 'says with -WhatIf what bringing a version back would do' {
        $said = pwsh -NoProfile -Command "Import-Module -Name '$(Get-TestedManifest)'; Restore-ClusterConfiguration -Version 1 -WhatIf"
        $said -join ' ' | Should -BeLike '*Restoring version 1 of the configuration*failover domain compared is removed*'
    }

    It 'brings a version back as the next one' {
        $before = Get-Version
        $version = Restore-ClusterConfiguration -Version 1 -Reason 'back to the beginning' -Confirm:$false
        $version.Version | Should -Be ($before + 1)
        $version.Origin | Should -Be 'Restore'
        Compare-ClusterConfiguration -ReferenceVersion 1 | Should -BeNullOrEmpty
        (Get-ClusterGroup -Name webshop, reports).Phase | Should -Be @('Started', 'Started')
    }

    It 'says that there is no such version' {
        $said = $null
        Restore-ClusterConfiguration -Version 999 -Confirm:$false -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].FullyQualifiedErrorId | Should -BeLike 'NotFound,*'
    }
}
