#Requires -Version 7.4
<#
A cluster whose services do what files beside them say: for tests of what goes wrong or takes its time. It has no fence devices.
#>
Set-StrictMode -Version 3
$ErrorActionPreference = 'Stop'

<#
.SYNOPSIS
Writes the configuration and the service's program into a folder; gives the configuration's path, for Start-TestLab -Config.
.DESCRIPTION
Groups: stubborn, slow and calm, each with one resource, and partly, whose resource extra is not critical. A file NAME.stop-fails beside the
program makes the stop of resource NAME fail, NAME.start-waits makes its start wait while it is there, NAME.is-ill makes its status fail.
#>
function New-TroubleConfiguration {
    [CmdletBinding(SupportsShouldProcess)]
    [OutputType([string])]
    param(
        [Parameter(Mandatory)]
        [string] $Folder,

        # How many nodes.
        [int] $Nodes = 3
    )

    $service = Join-Path -Path $Folder -ChildPath 'service'
    if (-not $PSCmdlet.ShouldProcess($Folder, 'Write a configuration')) {
        return
    }

    [System.IO.File]::WriteAllText($service, @'
#!/bin/sh
name=$CLUSTER_PARAM_name
told=${0%/*}/$name
up=$CLUSTERTOOLS_STATE/$name.up
case ${1:-} in
  start)
    while [ -e "$told.start-waits" ]; do sleep 0.05; done
    [ ! -e "$told.is-ill" ] && : > "$up"
    ;;
  stop)
    if [ -e "$told.stop-fails" ]; then
      echo 'told to fail' >&2
      exit 1
    fi
    rm -f "$up"
    ;;
  status)
    [ ! -e "$up" ] && exit 3
    [ ! -e "$told.is-ill" ]
    ;;
  *) exit 2 ;;
esac
'@)
    [System.IO.File]::SetUnixFileMode($service, [System.IO.UnixFileMode] 'UserRead, UserWrite, UserExecute')
    $configuration = @{
        name            = 'trouble'
        timing          = @{ postJoinDelay = 60000; quorumLossDeadline = 20000 }
        nodes           = @{}
        failoverDomains = @{ home = @{ name = 'home'; ordered = $true; noFailback = $true; members = @{ node1 = 1; node2 = 2 } } }
        groups          = @{ partly = @{ name = 'partly'; domain = 'home'; resources = @((New-TroubleResource -Service $service -Name main), (New-TroubleResource -Service $service -Name extra)) } }
    }
    $configuration.groups.partly.resources[1].nonCritical = $true
    foreach ($group in 'stubborn', 'slow', 'calm') {
        $configuration.groups[$group] = @{ name = $group; domain = 'home'; resources = @(, (New-TroubleResource -Service $service -Name $group)) }
    }

    foreach ($id in 1..$Nodes) {
        $configuration.nodes["node$id"] = @{ name = "node$id"; id = $id }
    }

    $path = Join-Path -Path $Folder -ChildPath 'trouble.json'
    [System.IO.File]::WriteAllText($path, (ConvertTo-Json -InputObject $configuration -Depth 10))
    $path
}

function New-TroubleResource {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '', Justification = 'It only makes an object.')]
    param($Service, $Name)

    @{ id = "exec:$Name"; type = 'exec'; agent = "exec:$($Service.Replace(' ', '\ '))"; parameters = @{ name = $Name }; monitorInterval = 500 }
}

<#
.SYNOPSIS
Tells a resource how to behave from now on: stop-fails, start-waits, is-ill; with -End no longer.
#>
function Set-Trouble {
    [CmdletBinding(SupportsShouldProcess)]
    param(
        [Parameter(Mandatory)]
        [string] $Folder,

        [Parameter(Mandatory)]
        [string] $Name,

        [Parameter(Mandatory)]
        [ValidateSet('stop-fails', 'start-waits', 'is-ill')]
        [string] $Trouble,

        [switch] $End
    )

    $file = Join-Path -Path $Folder -ChildPath "$Name.$Trouble"
    if (-not $PSCmdlet.ShouldProcess($file)) {
        return
    }

    if ($End) {
        [System.IO.File]::Delete($file)
    }
    else {
        [System.IO.File]::WriteAllText($file, '')
    }
}

Export-ModuleMember -Function New-TroubleConfiguration, Set-Trouble
