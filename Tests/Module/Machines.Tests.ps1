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
    $demo = Invoke-ChapterDemo -Name machines

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
