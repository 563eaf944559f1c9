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

Describe 'Get-ClusterFailoverDomain' {
    It 'lists the domains with members, best first, and groups' {
        (Get-ClusterFailoverDomain).Name | Should -Be @('anywhere-but-stay', 'shop')
        $domain = Get-ClusterFailoverDomain -Name shop
        $domain | Should -BeOfType 'ClusterTools.Contract.FailoverDomain'
        $domain.Restricted | Should -BeTrue
        $domain.Members.Node | Should -Be @('node1', 'node2')
        $domain.Groups | Should -Be 'webshop'
    }

    It 'gives the domain of groups and services, and those of nodes' {
        (Get-ClusterGroup -Name webshop | Get-ClusterFailoverDomain).Name | Should -Be 'shop'
        (Get-ClusterService -Name reports | Get-ClusterFailoverDomain).Name | Should -Be 'anywhere-but-stay'
        (Invoke-TestRequest -Lab $lab -Path /v1/nodes/node3).name | Should -Be 'node3'
        (Get-ClusterFailoverDomain -Name '*but*').Name | Should -Be 'anywhere-but-stay'
        (Get-ClusterFailoverDomain -Name shop | Get-ClusterService).Name | Should -Be 'webshop'
    }

    It 'says that there is none of this name' {
        $said = $null
        Get-ClusterFailoverDomain -Name shops -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].FullyQualifiedErrorId | Should -BeLike 'NotFound,*'
        $said[0].Exception.Message | Should -BeLike '*shop*'
    }
}

Describe 'New-ClusterFailoverDomain' {
    It 'adds a domain with members in their order' {
        $domain = New-ClusterFailoverDomain -Name east -Member node3, node1 -Ordered -NoFailback -Reason 'a test'
        $domain.Members.Node | Should -Be @('node3', 'node1')
        $domain.Members.Priority | Should -Be @(1, 2)
        $domain.NoFailback | Should -BeTrue
        $domain.Restricted | Should -BeFalse
    }

    It 'adds a domain with priorities' {
        $domain = New-ClusterFailoverDomain -Name pair -Member @{ node1 = 5; node2 = 5 } -Ordered -Restricted
        $domain.Members.Priority | Should -Be @(5, 5)
        $domain.Restricted | Should -BeTrue
    }

    It 'adds the rows of a table and copies a domain' {
        'Name,Member,Ordered,Restricted', 'row,node2 node3,yes,no' | ConvertFrom-Csv | New-ClusterFailoverDomain | Out-Null
        (Get-ClusterFailoverDomain -Name row).Members.Node | Should -Be @('node2', 'node3')
        (Get-ClusterFailoverDomain -Name row).Ordered | Should -BeTrue
        Get-ClusterFailoverDomain -Name row | Select-Object -Property Members, Ordered, @{ Name = 'Name'; Expression = { 'row2' } } | New-ClusterFailoverDomain | Out-Null
        (Get-ClusterFailoverDomain -Name row2).Members.Priority | Should -Be @(1, 2)
    }

    It 'refuses a node that is not there, a name that is taken, and a restricted domain without members' {
        $said = $null
        New-ClusterFailoverDomain -Name none -Member node9 -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].FullyQualifiedErrorId | Should -BeLike 'NotFound,*'
        $said[0].TargetObject | Should -Be 'none'
        New-ClusterFailoverDomain -Name shop -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].FullyQualifiedErrorId | Should -BeLike 'AlreadyExists,*'
        New-ClusterFailoverDomain -Name none -Restricted -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].FullyQualifiedErrorId | Should -BeLike 'InvalidConfiguration,*'
        Get-ClusterFailoverDomain -Name 'none*' | Should -BeNullOrEmpty
    }
}

Describe 'Set-ClusterFailoverDomain' {
    It 'changes what is given and nothing else' {
        $domain = Set-ClusterFailoverDomain -Name east -NoFailback:$false
        $domain.NoFailback | Should -BeFalse
        $domain.Ordered | Should -BeTrue
        $domain.Members.Node | Should -Be @('node3', 'node1')
    }

    It 'moves the groups of a domain whose best node changes, and waits for them' {
        Set-ClusterFailoverDomain -Name anywhere-but-stay -NoFailback:$false | Out-Null
        (Get-ClusterGroup -Name reports).Owner | Should -Be 'node2'
        $domain = Set-ClusterFailoverDomain -Name anywhere-but-stay -Member node3, node2
        $domain.Members.Node | Should -Be @('node3', 'node2')
        (Get-ClusterGroup -Name reports).Phase | Should -Be 'Started'
        (Get-ClusterGroup -Name reports).Owner | Should -Be 'node3'
    }

    It 'says with -WhatIf what would change' {
        $said = pwsh -NoProfile -Command "Import-Module -Name '$(Get-TestedManifest)'; Set-ClusterFailoverDomain -Name shop -NoFailback -WhatIf"
        $said -join ' ' | Should -BeLike '*failover domain shop is changed: noFailback False -> True*'
        (Get-ClusterFailoverDomain -Name shop).NoFailback | Should -BeFalse
    }
}

Describe 'Remove-ClusterFailoverDomain' {
    It 'removes domains, and gives them back with -PassThru' {
        (Get-ClusterFailoverDomain -Name 'row*' | Remove-ClusterFailoverDomain -PassThru).Name | Should -Be @('row', 'row2')
        Get-ClusterFailoverDomain -Name 'row*' | Should -BeNullOrEmpty
    }

    It 'refuses one that groups use, unless it is forced' {
        $said = $null
        Remove-ClusterFailoverDomain -Name shop -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].FullyQualifiedErrorId | Should -BeLike 'InUse,*'
        $said[0].CategoryInfo.Category | Should -Be 'ResourceBusy'
        $said[0].Exception.Message | Should -BeLike '*webshop*'
        Remove-ClusterFailoverDomain -Name shop -Force
        Get-ClusterFailoverDomain -Name 'shop*' | Should -BeNullOrEmpty
        (Get-ClusterService -Name webshop).Domain | Should -BeNullOrEmpty
        (Get-ClusterGroup -Name webshop).Phase | Should -Be 'Started'
    }
}
