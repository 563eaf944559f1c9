#Requires -Version 7.4
#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

# The tour in README.md, typed line by line into a fresh shell: each command must show what stands below it.
BeforeDiscovery {
    Set-StrictMode -Version 3
    Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Fixture.psm1') -Force
    $steps = @(Get-ReadmeTour)
}

BeforeAll {
    Set-StrictMode -Version 3
    Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Fixture.psm1') -Force

    # What differs from run to run besides: which of the others fences and answers; and a busy machine has warnings of its own.
    function ConvertTo-TourShape {
        param([string] $Text)

        $shape = ConvertTo-Shape -Text $Text
        $shape -replace 'power node[23]', 'power ANOTHER' -replace 'Told by node\d', 'Told by ONE' -replace '(Newest warnings and errors) .* (Told by)', '$1 $2'
    }

    $repository = (Resolve-Path -LiteralPath (Join-Path -Path $PSScriptRoot -ChildPath '../..')).Path
    $folder = (New-Item -ItemType Directory -Path (Join-Path -Path ([System.IO.Path]::GetTempPath()) -ChildPath "clustertools-test-$([guid]::NewGuid().ToString('N'))")).FullName
    $start = [System.Diagnostics.ProcessStartInfo]::new('pwsh')
    foreach ($argument in '-NoProfile', '-NonInteractive', '-Command', '-') {
        $start.ArgumentList.Add($argument)
    }

    $start.WorkingDirectory = $repository
    $start.RedirectStandardInput = $true
    $start.RedirectStandardOutput = $true
    $start.RedirectStandardError = $true
    $start.Environment['CLUSTERTOOLS_CONTEXTS'] = Join-Path -Path $folder -ChildPath 'contexts.json'
    $start.Environment['CLUSTERTOOLS_DAEMON'] = Get-TestedDaemon
    $start.Environment['NO_COLOR'] = '1'
    $shell = [System.Diagnostics.Process]::Start($start)
    try {
        $output = $shell.StandardOutput.ReadToEndAsync()
        $errors = $shell.StandardError.ReadToEndAsync()
        foreach ($step in Get-ReadmeTour) {
            $shell.StandardInput.WriteLine("'#### $($step.Index)'")
            $shell.StandardInput.WriteLine($step.Command)
        }

        $shell.StandardInput.Close()
        if (-not $shell.WaitForExit(240000)) {
            $shell.Kill($true)
            throw "The tour did not end within four minutes. It showed: $($output.GetAwaiter().GetResult()) $($errors.GetAwaiter().GetResult())"
        }

        $parts = $output.GetAwaiter().GetResult() -split '(?m)^#### (\d+)\r?$'
        $said = @{}
        for ($i = 1; $i -lt $parts.Count; $i += 2) {
            $said[[int] $parts[$i]] = $parts[$i + 1]
        }

        $complaints = $errors.GetAwaiter().GetResult()
    }
    finally {
        $shell.Dispose()
        Remove-Item -LiteralPath $folder -Recurse -Force
    }
}

Describe 'The tour in the README' {
    It 'shows what is written: <Command>' -ForEach $steps {
        ConvertTo-TourShape -Text $said[$Index] | Should -BeExactly (ConvertTo-TourShape -Text $Shown)
    }

    It 'is long enough to be one, and writes no errors' {
        $said.Count | Should -BeGreaterThan 8
        $complaints | Should -BeNullOrEmpty
    }
}
