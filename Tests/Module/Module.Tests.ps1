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

    It 'says for which editions it is, and all that it brings along is there' {
        $data = Import-PowerShellDataFile -LiteralPath $manifest
        $data.CompatiblePSEditions | Should -Be @('Core', 'Desktop')
        foreach ($file in @($data.RootModule) + @($data.FormatsToProcess) + @($data.TypesToProcess)) {
            Join-Path -Path (Split-Path -Path $manifest -Parent) -ChildPath $file | Should -Exist
        }
    }

    It 'uses approved verbs and singular nouns' {
        $approved = (Get-Verb).Verb
        foreach ($command in Get-Command -Module ClusterTools) {
            $command.Verb | Should -BeIn $approved
            $command.Noun | Should -Not -Match '[^s]s$'
        }
    }

    It 'warns of nothing when it is imported, in strict mode too' {
        $said = & pwsh -NoProfile -NonInteractive -Command "Set-StrictMode -Version 3; `$ErrorActionPreference = 'Stop'; Import-Module -Name '$manifest'; Remove-Module -Name ClusterTools" 2>&1 3>&1
        $LASTEXITCODE | Should -Be 0
        $said | Should -BeNullOrEmpty
    }

    It 'leaves nothing in the session when it is removed' {
        $script = @"
            Set-StrictMode -Version 3
            `$functions = (Get-ChildItem -Path Function:).Name
            `$variables = (Get-Variable).Name
            `$aliases = (Get-Alias).Name
            Import-Module -Name '$manifest'
            Remove-Module -Name ClusterTools
            Compare-Object -ReferenceObject `$functions -DifferenceObject (Get-ChildItem -Path Function:).Name | ForEach-Object InputObject
            Compare-Object -ReferenceObject `$aliases -DifferenceObject (Get-Alias).Name | ForEach-Object InputObject
            (Get-Variable).Name | Where-Object { `$_ -notin `$variables -and `$_ -notin 'aliases', 'variables', '_', 'PSItem', 'foreach' }
            Get-TypeData -TypeName ClusterTools.* | ForEach-Object TypeName
            Get-FormatData -TypeName ClusterTools.* | ForEach-Object TypeNames
"@
        & pwsh -NoProfile -NonInteractive -Command $script 2>&1 | Should -BeNullOrEmpty
    }

    It 'has no exported command that no test runs' {
        $run = [System.Collections.Generic.HashSet[string]]::new([System.StringComparer]::OrdinalIgnoreCase)
        foreach ($file in Get-ChildItem -Path $PSScriptRoot -Filter *.Tests.ps1) {
            $ast = [System.Management.Automation.Language.Parser]::ParseFile($file.FullName, [ref] $null, [ref] $null)
            $its = $ast.FindAll({ $args[0] -is [System.Management.Automation.Language.CommandAst] -and $args[0].GetCommandName() -eq 'It' }, $true)
            $within = $its | ForEach-Object { $_.FindAll({ $args[0] -is [System.Management.Automation.Language.CommandAst] }, $true) }
            foreach ($command in $within) {
                [void] $run.Add(([string] $command.GetCommandName()).Split('\')[-1])
            }
        }

        @((Get-Module -Name ClusterTools).ExportedCommands.Keys | Where-Object { -not $run.Contains($_) }) | Should -BeNullOrEmpty
    }
}

Describe 'The scripts' {
    BeforeAll {
        $root = Resolve-Path -LiteralPath (Join-Path -Path $PSScriptRoot -ChildPath '../..')
    }

    It 'are read without an error, are strict, and call commands by their own names' {
        $files = Get-ChildItem -Path (Join-Path -Path $root -ChildPath 'Module'), (Join-Path -Path $root -ChildPath 'Tests/Module'), (Join-Path -Path $root -ChildPath 'build') -Recurse -Include *.ps1, *.psm1
        $found = foreach ($file in $files) {
            $errors = $null
            $ast = [System.Management.Automation.Language.Parser]::ParseFile($file.FullName, [ref] $null, [ref] $errors)
            $errors | ForEach-Object { "$($file.Name), line $($_.Extent.StartLineNumber): $($_.Message)" }
            $commands = $ast.FindAll({ $args[0] -is [System.Management.Automation.Language.CommandAst] }, $true)
            # By itself, or by the script that it takes in.
            if (-not ($commands | Where-Object { $_.GetCommandName() -eq 'Set-StrictMode' -or $_.InvocationOperator -eq 'Dot' })) {
                "$($file.Name): no Set-StrictMode"
            }

            # Where-Object and ForEach-Object are what ? and % would be; a program may be called like an alias.
            $commands | Where-Object { $_.GetCommandName() -and (Test-Path -LiteralPath "Alias:$($_.GetCommandName())") } |
                ForEach-Object { "$($file.Name), line $($_.Extent.StartLineNumber): the alias $($_.GetCommandName())" }
        }

        @($files).Count | Should -BeGreaterThan 30
        @($found) | Should -BeNullOrEmpty
    }

    # No registry that the tests' set-up may rely on has it.
    if (Get-Module -ListAvailable -Name PSScriptAnalyzer) {
        It 'have nothing that PSScriptAnalyzer finds fault with' {
            $found = foreach ($folder in 'Module', 'Tests/Module', 'build') {
                Invoke-ScriptAnalyzer -Path (Join-Path -Path $root -ChildPath $folder) -Recurse -Settings (Join-Path -Path $root -ChildPath 'build/PSScriptAnalyzerSettings.psd1')
            }

            # Tests make secrets of what is none.
            $found = @($found | Where-Object { $_.RuleName -ne 'PSAvoidUsingConvertToSecureStringWithPlainText' -or $_.ScriptName -notlike '*.Tests.ps1' })
            @($found | ForEach-Object { "$($_.ScriptName), line $($_.Line): $($_.RuleName): $($_.Message)" }) | Should -BeNullOrEmpty
        }
    }

    It 'call the module''s own commands by its name' {
        $names = (Get-Module -Name ClusterTools).ExportedCommands.Keys
        $unqualified = foreach ($file in Get-ChildItem -Path (Join-Path -Path (Split-Path -Path $manifest -Parent) -ChildPath 'Module') -Recurse -Filter *.ps1) {
            $ast = [System.Management.Automation.Language.Parser]::ParseFile($file.FullName, [ref] $null, [ref] $null)
            $ast.FindAll({ $args[0] -is [System.Management.Automation.Language.CommandAst] }, $true) |
                Where-Object { $_.GetCommandName() -in $names } |
                ForEach-Object { "$($file.Name), line $($_.Extent.StartLineNumber): $($_.GetCommandName())" }
        }

        @($unqualified) | Should -BeNullOrEmpty
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
