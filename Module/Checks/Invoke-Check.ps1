# Runs the checks of this folder with Pester; Test-Cluster calls it in a session of its own.
[CmdletBinding()]
param(
    [Parameter(Mandatory)] [string] $ModulePath,
    [string[]] $Tag = @(),
    [string[]] $ExcludeTag = @(),
    [string] $OutputPath,
    [Parameter(Mandatory)] [string] $Cluster,
    [Parameter(Mandatory)] [int] $CertificateDays,
    [Parameter(Mandatory)] [int] $ClockTolerance,
    [Parameter(Mandatory)] [DateTimeOffset] $OwnCertificateExpires
)

Set-StrictMode -Version 3
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
Import-Module -Name Pester -MinimumVersion 5.0
Import-Module -Name $ModulePath

$data = @{ Cluster = $Cluster; CertificateDays = $CertificateDays; ClockTolerance = $ClockTolerance; OwnCertificateExpires = $OwnCertificateExpires }
$configuration = New-PesterConfiguration
$configuration.Run.Container = @(Get-ChildItem -LiteralPath $PSScriptRoot -Filter '*.Tests.ps1' | ForEach-Object { New-PesterContainer -Path $_.FullName -Data $data })
$configuration.Run.PassThru = $true
$configuration.Output.Verbosity = 'None'
if ($Tag) { $configuration.Filter.Tag = $Tag }
if ($ExcludeTag) { $configuration.Filter.ExcludeTag = $ExcludeTag }
if ($OutputPath) {
    $configuration.TestResult.Enabled = $true
    $configuration.TestResult.OutputFormat = 'NUnitXml'
    $configuration.TestResult.OutputPath = $OutputPath
}

$run = Invoke-Pester -Configuration $configuration
foreach ($container in $run.Containers) {
    if ($container.ErrorRecord) { Write-Error -ErrorRecord $container.ErrorRecord[0] -ErrorAction Continue }
}

foreach ($test in $run.Tests) {
    if ($test.Result -eq 'NotRun') { continue }
    $result = [ClusterTools.Client.CheckResult]::new()
    $result.Name = $test.ExpandedName
    $result.Tag = $test.Block.Tag[0]
    $result.Duration = $test.Duration
    # What the asker may not know is not wrong.
    $barred = $test.ErrorRecord -and @($test.ErrorRecord | Where-Object -Property FullyQualifiedErrorId -Like -Value 'RoleRequired,*')
    $result.Result = if ($barred) { 'Skipped' } else { switch ($test.Result) { 'Passed' { 'Passed' } 'Skipped' { 'Skipped' } default { 'Failed' } } }
    $result.Message = if ($test.ErrorRecord) {
        # Of a skipped check Pester says 'is skipped, because WHY'.
        $test.ErrorRecord[0].Exception.Message -replace '(?s)^is skipped, because ', ''
    }
    elseif ($test.Result -eq 'Failed') {
        'It could not be run; the error says why.'
    }
    else {
        "$($test.StandardOutput)".Trim()
    }

    $result
}
