#Requires -Version 7.4
#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

# The README's chapter about three machines, as ./build.sh demo machines types it: each command must show what stands below it.
BeforeDiscovery {
    Set-StrictMode -Version 3
    Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Fixture.psm1') -Force
    $steps = @(Get-ReadmeTour -Chapter 'Three machines' -Prompt '(PS )?n\d[>#] ')
}

BeforeAll {
    Set-StrictMode -Version 3
    Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Fixture.psm1') -Force
    $repository = (Resolve-Path -LiteralPath (Join-Path -Path $PSScriptRoot -ChildPath '../..')).Path
    $demo = Join-Path -Path $repository -ChildPath 'Tests/Demos/bin/Release/net10.0/ClusterTools.Demos.dll'
    $module = Split-Path -Path (Get-TestedManifest) -Parent
    $output = @(dotnet $demo (Join-Path -Path $repository -ChildPath 'README.md') (Get-TestedDaemon) $module (Get-Command -Name pwsh -CommandType Application)[0].Source 2>&1 | ForEach-Object { "$_" })
    $ended = $LASTEXITCODE

    # Lines with a time of their own are a command, or what the demo says between two of them.
    $said = @{}
    $step = -1
    $isStep = $false
    foreach ($line in $output) {
        if ($line -match '^\[ *[\d.]+ s\] (?<said>.*)$') {
            $isStep = $Matches.said -match '^(PS )?n\d[>#] '
            if ($isStep) {
                $said[++$step] = ''
            }
        }
        elseif ($isStep) {
            $said[$step] += $line + "`n"
        }
    }

    # Which of the two others takes over and fences differs, and so does whose certificate it is.
    function ConvertTo-ChapterShape {
        param([string] $Text)

        $alike = $Text -replace 'All of it happened\.' -replace '\([0-9A-F]{12}\)', '(ADMIN)' -replace '(power +|Started +)n[13]', '$1ANOTHER' -replace '(n[13] +Online +1) shop', '$1'
        # A busy machine has warnings of its own.
        (ConvertTo-Shape -Text $alike) -replace 'Newest warnings and errors .*(?=Told by)'
    }
}

Describe 'The chapter about three machines in the README' {
    It 'happens as a whole' {
        $output[-1] | Should -BeExactly 'All of it happened.' -Because ($output -join [Environment]::NewLine)
        $ended | Should -Be 0
    }

    It 'shows what is written: <Typed>' -ForEach $steps {
        ConvertTo-ChapterShape -Text $said[$Index] | Should -BeExactly (ConvertTo-ChapterShape -Text $Shown)
    }

    It 'is long enough to be one' {
        $said.Count | Should -BeGreaterThan 10
    }
}
