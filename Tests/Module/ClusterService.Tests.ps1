#Requires -Version 7.4
#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    Set-StrictMode -Version 3
    Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Fixture.psm1') -Force
    Import-TestedModule
    $lab = Start-TestLab
    # A program that is the resource: it runs anywhere and needs nothing.
    $sleep = @{ Agent = 'exec:/bin/sleep 1000000'; Parameter = @{ mode = 'async' } }
}

AfterAll {
    Stop-TestLab -Lab $lab
}

Describe 'Get-ClusterService' {
    It 'lists the services as configured' {
        (Get-ClusterService).Name | Should -Be @('batch', 'reports', 'webshop')
        Get-ClusterService | Should -BeOfType 'ClusterTools.Contract.ServiceConfiguration'
    }

    It 'gives rules and resources' {
        $service = Get-ClusterService -Name webshop
        $service.Domain | Should -Be 'shop'
        $service.Recovery | Should -Be 'Restart'
        $service.MaxRestarts | Should -Be 3
        $service.Resources[0].Id | Should -Be 'script:shop-db'
        $service.Resources[0].Children[0].Id | Should -Be 'script:shop-web'
    }

    It 'takes wildcards, any case, names and groups from the pipeline' {
        (Get-ClusterService -Name 'W*').Name | Should -Be 'webshop'
        ('Reports', 'batch' | Get-ClusterService).Name | Should -Be @('reports', 'batch')
        (Get-ClusterGroup -Name webshop | Get-ClusterService).Name | Should -Be 'webshop'
    }

    It 'says that there is no such service, and goes on with the next' {
        $said = $null
        $found = 'websho', 'batch' | Get-ClusterService -ErrorAction SilentlyContinue -ErrorVariable said
        $found.Name | Should -Be 'batch'
        $said[0].FullyQualifiedErrorId | Should -BeLike 'NotFound,*'
        $said[0].CategoryInfo.Category | Should -Be 'ObjectNotFound'
        $said[0].ErrorDetails.RecommendedAction | Should -BeLike '*webshop*'
        Get-ClusterService -Name 'nothing*' | Should -BeNullOrEmpty
    }
}

Describe 'New-ClusterService' {
    It 'adds a service, waits until it has started, and gives it back' {
        $service = New-ClusterService -Name mail -FailoverDomain anywhere-but-stay -Resource $sleep -Reason 'a test'
        $service.Name | Should -Be 'mail'
        $service.Domain | Should -Be 'anywhere-but-stay'
        $service.Resources[0].Id | Should -Be 'exec:mail'
        (Get-ClusterGroup -Name mail).Phase | Should -Be 'Started'
        (Get-ClusterGroup -Name mail).Owner | Should -Be 'node2'
        (Invoke-TestRequest -Lab $lab -Path '/v1/journal?limit=1000').entries.message -like '*a test*' | Should -Not -BeNullOrEmpty
    }

    It 'adds the rows of a table, empty cells as if they were not there' {
        $rows = 'Name,FailoverDomain,RecoveryPolicy,Autostart,Exclusive,MaxRestarts,RestartExpireTime,Script', 'one,shop,relocate,no,,,,/bin/true', 'two,,restart-disable,false,yes,2,600,/bin/true'
        $services = $rows | ConvertFrom-Csv | New-ClusterService
        $services.Name | Should -Be @('one', 'two')
        $services[0].Recovery | Should -Be 'Relocate'
        $services[0].Autostart | Should -BeFalse
        $services[0].MaxRestarts | Should -Be 0
        $services[1].Domain | Should -BeNullOrEmpty
        $services[1].Recovery | Should -Be 'RestartDisable'
        $services[1].Exclusive | Should -BeTrue
        $services[1].RestartExpireTime | Should -Be ([timespan]::FromMinutes(10))
        $services[1].Resources[0].Agent | Should -Be 'lsb:/bin/true'
        $services[1].Resources[0].Id | Should -Be 'script:true'
    }

    It 'adds a tree of resources with their limits' {
        $tree = @{
            Name         = 'base'; Agent = 'exec:/bin/sleep 1000001'; Parameter = @{ mode = 'async' }; StartTimeout = 30; MonitorInterval = [timespan] '00:00:05'
            NonCritical  = $true
            Children     = @{ Id = 'exec:top'; Agent = 'exec:/bin/sleep 1000002'; Parameter = @{ mode = 'async' }; IndependentSubtree = $true }
        }
        $service = New-ClusterService -Name tree -Autostart $false -Resource $tree
        $service.Resources[0].Id | Should -Be 'exec:base'
        $service.Resources[0].StartTimeout | Should -Be ([timespan]::FromSeconds(30))
        $service.Resources[0].MonitorInterval | Should -Be ([timespan]::FromSeconds(5))
        $service.Resources[0].NonCritical | Should -BeTrue
        $service.Resources[0].Parameters['mode'] | Should -Be 'async'
        $service.Resources[0].Children[0].Id | Should -Be 'exec:top'
        $service.Resources[0].Children[0].IndependentSubtree | Should -BeTrue
        (Get-ClusterGroup -Name tree).Phase | Should -Be 'Disabled'
    }

    It 'makes an address of one' {
        $service = New-ClusterService -Name address -Autostart $false -Address 192.0.2.100/24
        $service.Resources[0].Id | Should -Be 'ip:192.0.2.100/24'
        $service.Resources[0].Agent | Should -Be 'ocf:heartbeat:IPaddr2'
        $service.Resources[0].Parameters['cidr_netmask'] | Should -Be '24'
        $said = $null
        New-ClusterService -Name bad -Address nowhere -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].FullyQualifiedErrorId | Should -BeLike 'BadRequest,*'
        $said[0].TargetObject | Should -Be 'bad'
    }

    It 'copies a service under another name' {
        Get-ClusterService -Name tree | Select-Object -Property * -ExcludeProperty Name | New-ClusterService -Name tree2
        (Get-ClusterService -Name tree2).Resources[0].Children[0].Id | Should -Be 'exec:top'
        (Get-ClusterService -Name tree2).Resources[0].StartTimeout | Should -Be ([timespan]::FromSeconds(30))
    }

    It 'says with -WhatIf what would be, and does nothing' {
        $before = (Get-Content -Raw -LiteralPath $lab.Contexts).Length
        $said = pwsh -NoProfile -Command "Import-Module -Name '$(Get-TestedManifest)'; New-ClusterService -Name ghost -Autostart `$false -Resource 'systemd:ghost' -Force -WhatIf"
        $said -join ' ' | Should -BeLike '*Adding service ghost: group ghost is added with systemd:ghost, and not started*'
        Get-ClusterService -Name 'ghost*' | Should -BeNullOrEmpty
        (Get-Content -Raw -LiteralPath $lab.Contexts).Length | Should -Be $before
    }

    It 'says when a service did not start, and where to look' {
        $said = $null
        $service = New-ClusterService -Name broken -Resource @{ Agent = 'exec:/nowhere/program' } -Force -WarningAction SilentlyContinue -ErrorAction SilentlyContinue -ErrorVariable said
        $service | Should -Not -BeNullOrEmpty -Because "it is made all the same: $said"
        $service.Name | Should -Be 'broken'
        $said[0].FullyQualifiedErrorId | Should -BeLike 'OperationFailed,*'
        $said[0].TargetObject | Should -Be 'broken'
        $said[0].ErrorDetails.RecommendedAction | Should -BeLike '*Get-ClusterGroup broken -Explain*'
    }

    It 'refuses a name that is taken, and what has no agent' {
        $said = $null
        New-ClusterService -Name webshop -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].FullyQualifiedErrorId | Should -BeLike 'AlreadyExists,*'
        $said[0].CategoryInfo.Category | Should -Be 'ResourceExists'
        New-ClusterService -Name none -Resource @{ Id = 'fs:data' } -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].Exception.Message | Should -BeLike "*'fs:data' has no agent*"
        New-ClusterService -Name none -Resource @{ Agents = 'systemd:x' } -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].Exception.Message | Should -BeLike "*no 'Agents'*"
        New-ClusterService -Name none -FailoverDomain nowhere -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].FullyQualifiedErrorId | Should -BeLike 'NotFound,*'
    }

    It 'passes on what the cluster finds wrong' {
        $said = $null
        New-ClusterService -Name wrong -MaxRestarts 3 -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].FullyQualifiedErrorId | Should -BeLike 'InvalidConfiguration,*'
        $said[0].Exception.Message | Should -BeLike '*restart_expire_time*'
    }

    It 'is for administrators' {
        $said = $null
        New-ClusterService -Name mine -Cluster $lab.Operator -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].FullyQualifiedErrorId | Should -BeLike 'RoleRequired,*'
        $said[0].CategoryInfo.Category | Should -Be 'PermissionDenied'
    }

    It 'gives the operation at once with -Wait 0' {
        $operation = New-ClusterService -Name quick -Resource $sleep -Wait 0
        $operation | Should -BeOfType 'ClusterTools.Contract.Operation'
        $operation.Kind | Should -Be 'configuration.set'
    }

    It 'says when the time is over, and that it goes on' {
        $slow = Join-Path -Path $TestDrive -ChildPath 'slow'
        Set-Content -LiteralPath $slow -Value "#!/bin/sh`ncase `$1 in start) sleep 600;; status) exit 3;; esac"
        chmod +x $slow
        $said = $null
        New-ClusterService -Name slow -Resource @{ Agent = "exec:$slow"; StartTimeout = 1000 } -Wait 1 -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].FullyQualifiedErrorId | Should -BeLike 'OperationTimedOut,*'
        $said[0].TargetObject | Should -BeOfType 'ClusterTools.Contract.Operation'
        (Get-ClusterGroup -Name slow).Phase | Should -Be 'Starting'
    }
}

Describe 'Set-ClusterService' {
    It 'changes what is given and nothing else' {
        $service = Set-ClusterService -Name reports -RecoveryPolicy Restart -MaxRestarts 5 -RestartExpireTime 300
        $service.Recovery | Should -Be 'Restart'
        $service.MaxRestarts | Should -Be 5
        $service.Domain | Should -Be 'anywhere-but-stay'
        (Get-ClusterGroup -Name reports).Phase | Should -Be 'Started'
    }

    It 'takes the failover domain away and gives it back' {
        (Set-ClusterService -Name reports -FailoverDomain '').Domain | Should -BeNullOrEmpty
        (Set-ClusterService -Name reports -FailoverDomain ANYWHERE-but-stay).Domain | Should -Be 'anywhere-but-stay'
    }

    It 'takes services and groups from the pipeline; one that is not there does not stop it' {
        $said = $null
        $changed = 'nobody', 'batch' | Set-ClusterService -Exclusive $false -ErrorAction SilentlyContinue -ErrorVariable said
        $changed.Name | Should -Be 'batch'
        $changed.Exclusive | Should -BeFalse
        $said.Count | Should -Be 1
        (Get-ClusterService -Name batch | Set-ClusterService -Exclusive $true).Exclusive | Should -BeTrue
        (Get-ClusterGroup -Name batch | Set-ClusterService -Exclusive $true).Name | Should -Be 'batch'
    }

    It 'keeps what another administrator changed meanwhile, and members that it does not know' {
        1..4 | ForEach-Object -ThrottleLimit 4 -Parallel {
            Import-Module -Name (Join-Path -Path $using:PSScriptRoot -ChildPath 'Fixture.psm1')
            Import-TestedModule

            New-ClusterService -Name "together$_" -Autostart $false | Out-Null
        }
        (Get-ClusterService -Name 'together*').Name | Should -Be @('together1', 'together2', 'together3', 'together4')
    }
}

Describe 'Remove-ClusterService' {
    It 'stops and removes a service, and gives it back with -PassThru' {
        $service = Remove-ClusterService -Name mail -Confirm:$false -PassThru
        $service.Name | Should -Be 'mail'
        Get-ClusterGroup -Name 'mail*' | Should -BeNullOrEmpty
    }

    It 'removes those of the pipeline' {
        Get-ClusterService -Name 'tree*' | Remove-ClusterService -Confirm:$false
        Get-ClusterService -Name 'tree*' | Should -BeNullOrEmpty
    }

    It 'says with -WhatIf where it would be stopped' {
        $said = pwsh -NoProfile -Command "Import-Module -Name '$(Get-TestedManifest)'; Remove-ClusterService -Name webshop -WhatIf"
        $said -join ' ' | Should -BeLike '*Removing service webshop: group webshop is stopped on node1 and removed*'
        (Get-ClusterGroup -Name webshop).Phase | Should -Be 'Started'
    }

    It 'says that there is none' {
        $said = $null
        Remove-ClusterService -Name nobody -Confirm:$false -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].FullyQualifiedErrorId | Should -BeLike 'NotFound,*'
    }
}
