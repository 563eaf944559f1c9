#!/usr/bin/env pwsh
<#
.SYNOPSIS
Builds, tries out, tests and packs ClusterTools. Same verbs as build.sh; the one implementation is in build/.
.EXAMPLE
./build.ps1 demo
#>
[CmdletBinding()]
param(
    # setup, build, demo, lab, test, mutate, bench or pack; without one, what they do is listed.
    [Parameter(Position = 0)]
    [string] $Verb = 'help',

    # Passed on to the verb.
    [Parameter(ValueFromRemainingArguments)]
    [string[]] $Rest = @()
)

Set-StrictMode -Version 3
$ErrorActionPreference = 'Stop'
$env:DOTNET_NOLOGO = '1'
$env:DOTNET_CLI_TELEMETRY_OPTOUT = '1'
if (-not (Get-Command -Name dotnet -CommandType Application -ErrorAction Ignore)) {
    throw 'The .NET SDK is not on PATH. Install .NET SDK 10 (https://dot.net), then run this again.'
}

Push-Location -LiteralPath $PSScriptRoot
try {
    $said = dotnet build build/Build.csproj -c Release -v q --nologo
    if ($LASTEXITCODE -eq 0) {
        dotnet out/build/Build.dll $Verb @Rest
    }
    else {
        $said
    }

    exit $LASTEXITCODE
}
finally {
    Pop-Location
}
