#Requires -Version 7.4
#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    Set-StrictMode -Version 3
    Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Fixture.psm1') -Force
    $manifest = Get-TestedManifest
    Import-TestedModule
}

AfterAll {
    Remove-Module -Name ClusterTools -ErrorAction Ignore
}

Describe 'The module' {
    It 'has a manifest without faults' {
        Test-ModuleManifest -Path $manifest -ErrorAction Stop | Should -Not -BeNullOrEmpty
    }

    It 'exports what its manifest names, and nothing by wildcard' {
        $named = (Import-PowerShellDataFile -LiteralPath $manifest).CmdletsToExport
        $named | Should -Not -Contain '*'
        @((Get-Module -Name ClusterTools).ExportedCommands.Keys | Sort-Object) | Should -Be @($named | Sort-Object)
    }

    It 'can be imported twice' {
        { Import-Module -Name $manifest -ErrorAction Stop } | Should -Not -Throw
    }
}

Describe 'Get-ClusterContext' {
    BeforeAll {
        $file = Join-Path -Path $TestDrive -ChildPath 'contexts.json'
        @{
            current  = 'shop'
            contexts = @(
                @{ name = 'shop'; cluster = 'webshop'; servers = @('https://192.0.2.1:7450', 'https://192.0.2.2:7450'); authority = 'x'; certificatePath = 'admin.pfx' }
                @{ name = 'lab'; cluster = 'lab'; servers = @('https://127.0.0.1:7450'); authority = 'y'; certificatePath = 'admin.pfx' }
            )
        } | ConvertTo-Json -Depth 4 | Set-Content -LiteralPath $file
        if (-not $IsWindows) { chmod 600 $file }
    }

    It 'lists every context of the file' {
        (Get-ClusterContext -Path $file).Name | Should -Be @('shop', 'lab')
    }

    It 'gives typed objects with all servers' {
        $context = Get-ClusterContext -Name shop -Path $file
        $context | Should -BeOfType 'ClusterTools.Contract.ClientContext'
        $context.Servers.Count | Should -Be 2
    }

    It 'takes wildcards and names from the pipeline' {
        (Get-ClusterContext -Name 'l*' -Path $file).Cluster | Should -Be 'lab'
        ('shop', 'lab' | Get-ClusterContext -Path $file).Count | Should -Be 2
    }

    It 'gives the current context alone when asked' {
        (Get-ClusterContext -Current -Path $file).Name | Should -Be 'shop'
    }

    It 'says that there is no such context, with the name as target' {
        $said = $null
        Get-ClusterContext -Name none -Path $file -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].FullyQualifiedErrorId | Should -BeLike 'ContextNotFound,*'
        $said[0].CategoryInfo.Category | Should -Be 'ObjectNotFound'
        $said[0].TargetObject | Should -Be 'none'
    }

    It 'says which file it can not read' {
        $junk = Join-Path -Path $TestDrive -ChildPath 'junk.json'
        Set-Content -LiteralPath $junk -Value '{ "contexts": '
        if (-not $IsWindows) { chmod 600 $junk }
        $said = $null
        Get-ClusterContext -Path $junk -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].Exception.Message | Should -BeLike "*$junk*"
        $said[0].FullyQualifiedErrorId | Should -BeLike 'ContextFileUnreadable,*'
    }
}
