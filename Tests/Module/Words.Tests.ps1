#Requires -Version 7.4
#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

# What people read at the prompt and on the command line: no words of the machinery, no paths of the API, no names of values within sentences.
BeforeDiscovery {
    Set-StrictMode -Version 3
    Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Fixture.psm1') -Force
    $root = Split-Path -Path $PSScriptRoot | Split-Path
    $sources = 'Cmdlets', 'Daemon/Host', 'Daemon/Node', 'Daemon/Core', 'Daemon/Api', 'Daemon/Lab', 'Daemon/Engines' | ForEach-Object {
        Get-ChildItem -LiteralPath (Join-Path -Path $root -ChildPath $_) -Filter *.cs -Recurse | Where-Object FullName -NotMatch '[\\/]obj[\\/]'
    } | ForEach-Object { @{ File = $_.FullName; Short = [IO.Path]::GetRelativePath($root, $_.FullName) } }
    $commands = (Import-PowerShellDataFile -LiteralPath (Get-TestedManifest)).CmdletsToExport
    $texts = Get-ChildItem -Path (Join-Path -Path (Split-Path -Path (Get-TestedManifest)) -ChildPath 'en-US') -Filter *.txt | ForEach-Object { @{ File = $_.FullName; Short = $_.Name } }
}

BeforeAll {
    Set-StrictMode -Version 3
    Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Fixture.psm1') -Force
    Import-TestedModule
    $jargon = '(?i)\b(incarnation|doomed|epoch|fence(Off|On|Reboot)|probe demand|the view|present view)\b|\b(GET|POST|PUT|DELETE) /|/v1/|\} ms\b'

    function Get-Jargon([string] $Text) {
        [regex]::Matches($Text, ".{0,40}$jargon.{0,20}") | ForEach-Object { $_.Value }
    }
}

AfterAll {
    Remove-Module -Name ClusterTools -ErrorAction Ignore
}

Describe 'Words for people' {
    It 'know what is none' {
        Get-Jargon 'GET /v1/groups lists all.' | Should -Not -BeNullOrEmpty
        Get-Jargon 'Under way: FenceOff of n1.' | Should -Not -BeNullOrEmpty
        Get-Jargon 'last heard {now - heard} ms ago' | Should -Not -BeNullOrEmpty
        Get-Jargon 'Node n1 is lost.' | Should -BeNullOrEmpty
    }

    # A sentence is a literal with a blank between two words. Statements of SQL, patterns and comments are none.
    It 'are all that is said in <Short>' -ForEach $sources {
        $said = foreach ($line in Get-Content -LiteralPath $File) {
            if ($line -match '^\s*//|SELECT|INSERT|UPDATE |DELETE FROM|Gauge\(|NodeMetric\(|nameof\(TimeSpan|<c>|GetAsync<|GetAllAsync<|PostAsync<|\$"/v1/') { continue }
            [regex]::Matches($line, '"((?:[^"\\]|\\.)*)"').ForEach{ $_.Groups[1].Value } | Where-Object { $_ -match '\w \w|\w\. ' } | ForEach-Object { Get-Jargon $_ }
        }

        $said | Should -BeNullOrEmpty
    }

    It 'are all that the help of <_> says' -ForEach $commands {
        Get-Jargon (Get-Help -Name "ClusterTools\$_" -Full | Out-String -Width 400) | Should -BeNullOrEmpty
    }

    It 'are all that <Short> says' -ForEach $texts {
        Get-Jargon (Get-Content -Raw -LiteralPath $File) | Should -BeNullOrEmpty
    }
}
