#Requires -Version 7.4
#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

# Every example of the help, run as written against a lab of the web shop, each in a shell of its own as far as the session's state goes.
BeforeDiscovery {
    Set-StrictMode -Version 3
    Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Fixture.psm1') -Force
    $help = Join-Path -Path (Split-Path -Path (Get-TestedManifest) -Parent) -ChildPath 'en-US/ClusterTools.Cmdlets.dll-Help.xml'
    $examples = foreach ($command in ([xml] (Get-Content -LiteralPath $help -Raw)).helpItems.command) {
        $number = 0
        foreach ($example in $command.SelectNodes('*[local-name()="examples"]/*[local-name()="example"]')) {
            $number++
            @{
                Command = $command.details.name
                Number  = $number
                Code    = $example.SelectSingleNode('*[local-name()="code"]').InnerText
            }
        }
    }
}

BeforeAll {
    Set-StrictMode -Version 3
    Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Fixture.psm1') -Force
    Import-TestedModule
    $lab = Start-TestLab

    # Runs a script as a person would type it: in a runspace with the module and nothing else, in an empty folder.
    function Invoke-Example {
        param([string] $Code)

        $folder = (New-Item -ItemType Directory -Path (Join-Path -Path $TestDrive -ChildPath ([guid]::NewGuid().ToString('N')))).FullName
        $state = [System.Management.Automation.Runspaces.InitialSessionState]::CreateDefault2()
        $state.ImportPSModule(@(Get-TestedManifest))
        $runspace = [runspacefactory]::CreateRunspace($state)
        $runspace.Open()
        $shell = [powershell]::Create($runspace)
        try {
            $runspace.SessionStateProxy.Path.SetLocation($folder) | Out-Null
            # As a prompt does: what is written is shown, which runs the views as well.
            $running = $shell.AddScript($Code).AddCommand('Out-String').BeginInvoke()
            if (-not $running.AsyncWaitHandle.WaitOne([timespan]::FromMinutes(3))) {
                $shell.Stop()
                throw 'It did not end within three minutes.'
            }

            $shown = $shell.EndInvoke($running) -join ''
            $wrong = @($shell.Streams.Error | ForEach-Object { $_.ToString() })
            if ($wrong.Count -gt 0) {
                throw "It wrote errors: $($wrong -join [Environment]::NewLine)"
            }

            $shown
        }
        finally {
            $shell.Dispose()
            $runspace.Dispose()
        }
    }
}

AfterAll {
    Stop-TestLab -Lab $lab
}

Describe 'An example of the help' {
    AfterEach {
        Reset-TestLab -Lab $lab
    }

    It 'runs as written: <Command>, example <Number>' -ForEach $examples {
        { Invoke-Example -Code $Code } | Should -Not -Throw -Because $Code
    }
}
