#Requires -Version 7.4
#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

# The README's chapter about guests, as ./build.sh demo guests types it: each command must show what stands below it.
BeforeDiscovery {
    Set-StrictMode -Version 3
    Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Fixture.psm1') -Force
    $steps = @(Get-ReadmeTour -Chapter 'Guests' -Prompt '(PS )?n\d[>#] ')
}

BeforeAll {
    Set-StrictMode -Version 3
    Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Fixture.psm1') -Force
    $demo = Invoke-ChapterDemo -Name guests

    function ConvertTo-ChapterShape {
        param([string] $Text)

        ConvertTo-Shape -Text ($Text -replace 'All of it happened\.' -replace '\([0-9A-F]{12}\)', '(ADMIN)')
    }
}

Describe 'The chapter about guests in the README' {
    It 'happens as a whole' {
        $demo.Output[-1] | Should -BeExactly 'All of it happened.' -Because ($demo.Output -join [Environment]::NewLine)
        $demo.Ended | Should -Be 0
    }

    It 'shows what is written: <Typed>' -ForEach $steps {
        ConvertTo-ChapterShape -Text $demo.Said[$Index] | Should -BeExactly (ConvertTo-ChapterShape -Text $Shown)
    }

    It 'is long enough to be one' {
        $demo.Said.Count | Should -BeGreaterThan 10
    }
}
