<#
.SYNOPSIS
Runs files of Pester tests and writes their counts and failures as JSON. Called by the verb test.
#>
[CmdletBinding()]
param(
    # File that gets the counts.
    [Parameter(Mandatory)]
    [string] $ResultPath,

    # The files, separated as folders are on PATH; left out: all under Tests.
    [string] $Path
)

Set-StrictMode -Version 3
$ErrorActionPreference = 'Stop'
Import-Module -Name Pester -MinimumVersion 5.0
$configuration = New-PesterConfiguration
$configuration.Run.Path = if ($Path) { $Path.Split([System.IO.Path]::PathSeparator) } else { Join-Path -Path $PSScriptRoot -ChildPath '../Tests' }
$configuration.Run.PassThru = $true
$configuration.Output.Verbosity = 'Detailed'
# Kept and shown when all of it is there.
$configuration.Output.RenderMode = 'Plaintext'
$env:CLUSTERTOOLS_SHARED_LAB = '1'
$fixture = Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath '../Tests/Module/Fixture.psm1') -PassThru
try {
    $result = Invoke-Pester -Configuration $configuration
}
finally {
    # The files' own imports have replaced the fixture.
    Import-Module -Name $fixture.Path -Force
    Stop-SharedTestLab
}

# A file that cannot be read, or a block that fails, has failed as well, though no test in it has.
$failed = $result.FailedCount + $result.FailedBlocksCount + $result.FailedContainersCount
@{
    passed  = $result.PassedCount
    failed  = $failed
    skipped = $result.SkippedCount + $result.InconclusiveCount + $result.NotRunCount
    failures = @(
        foreach ($one in @($result.Failed) + @($result.FailedBlocks) + @($result.FailedContainers)) {
            if ($one) { "$(if ($one.PSObject.Properties['ExpandedPath']) { $one.ExpandedPath } else { $one })`n$($one.ErrorRecord | Out-String)" }
        }
    )
} | ConvertTo-Json | Set-Content -LiteralPath $ResultPath
exit [int]($failed -gt 0)
