#Requires -Version 7.4
<#
A lab of real daemons for the tests of the module. In a test file:

    BeforeAll {
        Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Fixture.psm1') -Force
        Import-TestedModule
        $lab = Start-TestLab
    }

    AfterAll {
        Stop-TestLab -Lab $lab
    }

The daemon and the module are those that $env:CLUSTERTOOLS_DAEMON and $env:CLUSTERTOOLS_MODULE name, else those in out/.
#>
Set-StrictMode -Version 3
$ErrorActionPreference = 'Stop'

$sharedName = 'ClusterTools.SharedTestLab'
$repository = (Resolve-Path -LiteralPath (Join-Path -Path $PSScriptRoot -ChildPath '../..')).Path

<#
.SYNOPSIS
Path of the module's manifest as built.
#>
function Get-TestedManifest {
    [CmdletBinding()]
    [OutputType([string])]
    param()

    if ($env:CLUSTERTOOLS_MODULE) { $env:CLUSTERTOOLS_MODULE } else { Join-Path -Path $repository -ChildPath 'out/ClusterTools/ClusterTools.psd1' }
}

<#
.SYNOPSIS
Path of the daemon as built.
#>
function Get-TestedDaemon {
    [CmdletBinding()]
    [OutputType([string])]
    param()

    $daemon = if ($env:CLUSTERTOOLS_DAEMON) { $env:CLUSTERTOOLS_DAEMON } else { Join-Path -Path $repository -ChildPath 'out/clusterd/clusterd' }
    if (-not (Test-Path -LiteralPath $daemon)) {
        throw "There is no daemon '$daemon'. Run ./build.sh build, or set CLUSTERTOOLS_DAEMON."
    }

    (Resolve-Path -LiteralPath $daemon).Path
}

<#
.SYNOPSIS
Imports the module as built into the session.
#>
function Import-TestedModule {
    [CmdletBinding()]
    param()

    Import-Module -Name (Get-TestedManifest) -Force -Global
}

<#
.SYNOPSIS
Starts a lab and waits until its nodes are online and its groups have started. Its context file is the session's until Stop-TestLab.
.OUTPUTS
An object with Cluster, Contexts (path of the context file), Folder, Process, Nodes (names), Addresses (of the nodes' API by name),
Authority (PEM file), WebAddress (of the web shop's page), and Administrator, Operator and Viewer: names of contexts with these roles.
#>
function Start-TestLab {
    [CmdletBinding(SupportsShouldProcess)]
    param(
        # A cluster.conf, or a configuration in JSON; left out: the web shop's.
        [string] $Config,

        # For files of tests that change nothing in it: where CLUSTERTOOLS_SHARED_LAB is set, all of them in one process get the same web shop,
        # which Stop-SharedTestLab ends.
        [switch] $Shared,

        # How many nodes; left out: as many as are configured.
        [int] $Nodes,

        # Token time in milliseconds; patient, because tests share their machine with others.
        [int] $Token = 3000,

        # Seconds that it may take.
        [int] $Limit = 120
    )

    $Shared = $Shared -and $env:CLUSTERTOOLS_SHARED_LAB
    if ($Shared -and [System.AppDomain]::CurrentDomain.GetData($sharedName)) {
        $lab = [System.AppDomain]::CurrentDomain.GetData($sharedName)
        $lab.ContextsBefore = $env:CLUSTERTOOLS_CONTEXTS
        $env:CLUSTERTOOLS_CONTEXTS = $lab.Contexts
        return $lab
    }

    $folder = (New-Item -ItemType Directory -Path (Join-Path -Path ([System.IO.Path]::GetTempPath()) -ChildPath "clustertools-test-$([guid]::NewGuid().ToString('N'))")).FullName
    if (-not $PSCmdlet.ShouldProcess($folder, 'Start a lab')) {
        return
    }

    try {
        if (-not $Config) {
            # The same, but nobody is given up for starting slowly on a busy machine.
            $Config = Join-Path -Path $folder -ChildPath 'cluster.conf'
            $webshop = [System.IO.File]::ReadAllText((Join-Path -Path $repository -ChildPath 'examples/webshop/cluster.conf'))
            $patient = $webshop.Replace('<cman expected_votes="3"/>', '<cman expected_votes="3"/><fence_daemon post_join_delay="60"/>')
            if ($patient -eq $webshop) {
                throw 'The web shop has another cman element than the fixture knows.'
            }

            [System.IO.File]::WriteAllText($Config, $patient)
        }

        $port = Get-FreePort
        $start = [System.Diagnostics.ProcessStartInfo]::new((Get-TestedDaemon))
        $arguments = @(
            'lab', '--end-with-input', '--remove', '--folder', (Join-Path -Path $folder -ChildPath 'lab'), '--config', $Config
            '--root', (Join-Path -Path $repository -ChildPath 'examples/webshop/root')
            '--token', $Token, '--base-port', 0, '--env', "WEBSHOP_PORT=$port"
        )
        if ($Nodes) {
            $arguments += @('--nodes', $Nodes)
        }

        foreach ($argument in $arguments) {
            $start.ArgumentList.Add([string] $argument)
        }

        # The lab ends when this pipe does, however this process ends.
        $start.RedirectStandardInput = $true
        $start.RedirectStandardOutput = $true
        $process = [System.Diagnostics.Process]::Start($start)
        try {
            Wait-Ready -Process $process -Folder $folder -Limit $Limit
            $lab = New-LabObject -Folder $folder -Process $process -Port $port
        }
        catch {
            $process.StandardInput.Close()
            [void] $process.WaitForExit(60000)
            throw
        }
    }
    catch {
        Remove-Item -LiteralPath $folder -Recurse -Force
        throw
    }

    if ($Shared) {
        # Every file imports this module anew.
        [System.AppDomain]::CurrentDomain.SetData($sharedName, $lab)
    }

    $env:CLUSTERTOOLS_CONTEXTS = $lab.Contexts
    $lab
}

<#
.SYNOPSIS
Ends the lab that files of tests have shared, if there is one.
#>
function Stop-SharedTestLab {
    [CmdletBinding()]
    param()

    $lab = [System.AppDomain]::CurrentDomain.GetData($sharedName)
    [System.AppDomain]::CurrentDomain.SetData($sharedName, $null)
    Stop-TestLab -Lab $lab
}

<#
.SYNOPSIS
Ends a lab; fails when anything of it is left. $null is ignored, so that it can stand in AfterAll.
#>
function Stop-TestLab {
    [CmdletBinding(SupportsShouldProcess)]
    param(
        [Parameter(Mandatory)]
        [AllowNull()]
        [object] $Lab
    )

    if ($null -eq $Lab -or -not $PSCmdlet.ShouldProcess($Lab.Folder, 'End the lab')) {
        return
    }

    $env:CLUSTERTOOLS_CONTEXTS = $Lab.ContextsBefore
    if ([object]::ReferenceEquals($Lab, [System.AppDomain]::CurrentDomain.GetData($sharedName))) {
        return
    }

    if (-not $Lab.Process.HasExited) {
        $Lab.Process.StandardInput.Close()
        if (-not $Lab.Process.WaitForExit(60000)) {
            $Lab.Process.Kill($true)
            throw "The lab (process $($Lab.Process.Id)) did not end within a minute and was killed."
        }
    }

    $code = $Lab.Process.ExitCode
    $Lab.Process.Dispose()
    $left = @(Get-LabProcess -Folder $Lab.Folder)
    Remove-Item -LiteralPath $Lab.Folder -Recurse -Force
    if ($left.Count -gt 0) {
        throw "The lab left processes behind: $($left -join '; ')"
    }

    if ($code -ne 0) {
        throw "The lab ended with exit code $code."
    }
}

<#
.SYNOPSIS
Does something to a node from outside: kill (pulls its plug), stall (SIGSTOP to its daemon), resume (SIGCONT), revive (plug in, start).
#>
function Invoke-TestLabFault {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)]
        [object] $Lab,

        [Parameter(Mandatory)]
        [string] $Node,

        [Parameter(Mandatory)]
        [ValidateSet('kill', 'stall', 'resume', 'revive')]
        [string] $Fault,

        # With kill: the daemon alone, as a crash would.
        [switch] $DaemonOnly
    )

    $more = if ($DaemonOnly) { @('--daemon-only') } else { @() }
    $said = & (Get-TestedDaemon) lab $Fault $Node --folder (Join-Path -Path $Lab.Folder -ChildPath 'lab') @more 2>&1
    if ($LASTEXITCODE -ne 0) {
        throw "clusterd lab $Fault $Node failed: $said"
    }
}

<#
.SYNOPSIS
Asks the API itself, for what a test needs to arrange or to see without the cmdlet that it tests. Gives the answer as objects.
#>
function Invoke-TestRequest {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)]
        [object] $Lab,

        # Such as /v1/groups/webshop.
        [Parameter(Mandatory)]
        [string] $Path,

        [ValidateSet('Get', 'Post', 'Put', 'Delete')]
        [string] $Method = 'Get',

        # Sent as JSON.
        [object] $Body,

        # The node that is asked; left out: the first that answers.
        [string] $Node,

        # Added to the request.
        [hashtable] $Header = @{}
    )

    $servers = @(if ($Node) { $Lab.Addresses[$Node] } else { $Lab.Addresses.Values })
    for ($at = 0; $at -lt $servers.Count; $at++) {
        $request = @{
            Uri                  = $servers[$at] + $Path
            Method               = $Method
            Certificate          = $Lab.Certificate
            SkipCertificateCheck = $true
            Headers              = $Header
            TimeoutSec           = 60
            NoProxy              = $true
        }
        if ($null -ne $Body) {
            $request.Body = if ($Body -is [string]) { $Body } else { ConvertTo-Json -InputObject $Body -Depth 50 }
            $request.ContentType = 'application/json'
        }

        try {
            # An array comes as one object without this.
            Invoke-RestMethod @request | Write-Output
            return
        }
        catch [System.Net.Http.HttpRequestException] {
            $answered = $_.Exception -is [Microsoft.PowerShell.Commands.HttpResponseException]
            $again = -not $answered -or [int] $_.Exception.Response.StatusCode -in 503, 504
            if (-not $again -or $at -eq $servers.Count - 1) {
                throw "$Method $Path`: $($_.Exception.Message) $($_.ErrorDetails)"
            }
        }
        catch [System.OperationCanceledException] {
            if ($at -eq $servers.Count - 1) {
                throw
            }
        }
    }
}

<#
.SYNOPSIS
Waits until a script block gives something true, and gives that back; fails with the description after the limit.
#>
function Wait-TestCondition {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)]
        [scriptblock] $Condition,

        # What is waited for, for the error.
        [Parameter(Mandatory)]
        [string] $Description,

        # Seconds: a guard against hanging, not a measure.
        [int] $Limit = 60
    )

    $clock = [System.Diagnostics.Stopwatch]::StartNew()
    $last = $null
    while ($clock.Elapsed.TotalSeconds -lt $Limit) {
        try {
            $found = & $Condition
            if ($found) {
                return $found
            }
        }
        catch {
            # A cluster that changes does not answer everything at once.
            $last = $_
        }

        Start-Sleep -Milliseconds 50
    }

    throw "Waited $Limit seconds in vain: $Description. $last"
}

<#
.SYNOPSIS
Waits until a group is in a phase, on a node if given; gives the group as the API shows it.
#>
function Wait-TestGroup {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSReviewUnusedParameter', '', Justification = 'Used in the block, which the rule does not see.')]
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)]
        [object] $Lab,

        [Parameter(Mandatory)]
        [string] $Group,

        # As the API writes it: started, stopped, disabled, failed ...
        [string] $Phase = 'started',

        [string] $Node
    )

    Wait-TestCondition -Description "group $Group is $Phase $Node" -Condition {
        Invoke-TestRequest -Lab $Lab -Path "/v1/groups/$([uri]::EscapeDataString($Group))" |
            Where-Object { $_.phase -eq $Phase -and (-not $Node -or $_.owner -eq $Node) }
    }
}

<#
.SYNOPSIS
Brings a lab back to how it began: the first configuration, every node online, every group as it starts by itself, at home.
#>
function Reset-TestLab {
    [CmdletBinding(SupportsShouldProcess)]
    param(
        [Parameter(Mandatory)]
        [object] $Lab
    )

    if (-not $PSCmdlet.ShouldProcess($Lab.Folder, 'Mend the lab')) {
        return
    }

    $env:CLUSTERTOOLS_CONTEXTS = $Lab.Contexts
    [System.IO.File]::WriteAllText($Lab.Contexts, $Lab.ContextsText)
    foreach ($line in & (Get-TestedDaemon) lab status --folder (Join-Path -Path $Lab.Folder -ChildPath 'lab')) {
        $node = $line.Split(':')[0]
        if ($line -match 'stalled') {
            Invoke-TestLabFault -Lab $Lab -Node $node -Fault resume
        }

        if ($line -match 'plug pulled|power off|does not run') {
            Invoke-TestLabFault -Lab $Lab -Node $node -Fault revive
        }
    }

    Wait-TestCondition -Description 'all nodes are members' -Limit 90 -Condition {
        $nodes = @(Invoke-TestRequest -Lab $Lab -Path '/v1/nodes')
        foreach ($node in $nodes | Where-Object phase -in 'maintenance', 'draining', 'paused') {
            [void] (Invoke-TestRequest -Lab $Lab -Method Post -Path "/v1/nodes/$($node.name)/resume?wait=10" -Body @{ failback = $false })
        }

        # Who left comes back as one that is started anew.
        foreach ($node in $nodes | Where-Object phase -in 'down', 'leftCluster') {
            Invoke-TestLabFault -Lab $Lab -Node $node.name -Fault revive
        }

        @($nodes | Where-Object phase -ne 'online').Count -eq 0
    } | Out-Null

    $now = Invoke-TestRequest -Lab $Lab -Path '/v1/configuration'
    if ((Get-ComparableText -Configuration $now) -ne (Get-ComparableText -Configuration $Lab.Configuration)) {
        [void] (Invoke-TestRequest -Lab $Lab -Method Post -Path '/v1/configuration/import?wait=30&reason=reset' -Body $Lab.Configuration)
    }

    Wait-TestCondition -Description 'all groups are as they began' -Limit 90 -Condition {
        $wrong = @(
            foreach ($group in Invoke-TestRequest -Lab $Lab -Path '/v1/groups') {
                $began = $Lab.Groups[$group.name]
                $path = "/v1/groups/$($group.name)"
                if ($group.frozen) {
                    [void] (Invoke-TestRequest -Lab $Lab -Method Post -Path "$path/unfreeze?wait=20")
                    $group.name
                }
                elseif ($group.phase -eq 'failed') {
                    [void] (Invoke-TestRequest -Lab $Lab -Method Post -Path "$path/disable?wait=20" -Body @{ confirmReleased = $true })
                    $group.name
                }
                elseif ($began.phase -eq 'started' -and $group.phase -in 'stopped', 'disabled') {
                    [void] (Invoke-TestRequest -Lab $Lab -Method Post -Path "$path/enable?wait=20" -Body @{ node = $began.owner })
                    $group.name
                }
                elseif ($began.phase -eq 'started' -and $group.phase -eq 'started' -and $group.owner -ne $began.owner) {
                    [void] (Invoke-TestRequest -Lab $Lab -Method Post -Path "$path/relocate?wait=20" -Body @{ node = $began.owner })
                    $group.name
                }
                elseif ($began.phase -ne 'started' -and $group.phase -eq 'started') {
                    [void] (Invoke-TestRequest -Lab $Lab -Method Post -Path "$path/disable?wait=20")
                    $group.name
                }
                elseif ($group.phase -notin 'started', 'stopped', 'disabled') {
                    $group.name
                }
            }
        )
        $wrong.Count -eq 0
    } | Out-Null
}

<#
.SYNOPSIS
The tour in README.md: each command with its place, and what the README shows below it.
#>
function Get-ReadmeTour {
    [CmdletBinding()]
    [OutputType([hashtable])]
    param(
        # The heading.
        [string] $Chapter = 'A tour of the module',
        # What a line begins with that is typed; the command is what follows.
        [string] $Prompt = 'PS> '
    )

    $steps = [System.Collections.Generic.List[hashtable]]::new()
    $inTour = $false
    $inBlock = $false
    foreach ($line in [System.IO.File]::ReadAllLines((Join-Path -Path $repository -ChildPath 'README.md'))) {
        if ($line -match '^## ') {
            $inTour = $line -eq "## $Chapter"
        }
        elseif ($line -match '^```') {
            $inBlock = $inTour -and $line -eq '```powershell'
        }
        elseif ($inBlock -and $line -match "^$Prompt") {
            $steps.Add(@{ Index = $steps.Count; Command = $line -replace "^$Prompt"; Typed = $line; Shown = '' })
        }
        elseif ($inBlock -and $steps.Count -gt 0) {
            $steps[-1].Shown += $line + "`n"
        }
    }

    $steps
}

# What is the same in every run of what a command showed: no numbers, no spans of time, no widths of columns, nothing that is cut.
function ConvertTo-Shape {
    [CmdletBinding()]
    [OutputType([string])]
    param([string] $Text)

    $shape = $Text -replace '\e\[[0-9;]*m' -replace '\d+(\.\d+)? (ms|s|min)\b', 'SPAN' -replace '(?<!node|\bn)\d+', '0' -replace '-{3,}' -replace "\S*$([char] 0x2026)", '~'
    ($shape -replace '\s+', ' ').Trim()
}

function Wait-Ready {
    param($Process, $Folder, $Limit)

    $clock = [System.Diagnostics.Stopwatch]::StartNew()
    $said = [System.Collections.Generic.List[string]]::new()
    while ($true) {
        $line = $Process.StandardOutput.ReadLineAsync()
        $remaining = $Limit - $clock.Elapsed.TotalSeconds
        if ($remaining -le 0 -or -not $line.Wait([timespan]::FromSeconds($remaining))) {
            $context = Join-Path -Path $Folder -ChildPath 'lab/context.json'
            $status = & (Get-TestedDaemon) status --context $context 2>&1
            throw "The lab was not ready within $Limit seconds. It said: $($said -join [Environment]::NewLine) Its status: $($status -join [Environment]::NewLine)"
        }

        if ($null -eq $line.Result) {
            throw "The lab ended before it was ready. It said: $($said -join [Environment]::NewLine)"
        }

        $said.Add($line.Result)
        if ($line.Result.StartsWith('lab: ready', [System.StringComparison]::Ordinal)) {
            # A full pipe would stop the lab.
            $null = $Process.StandardOutput.ReadToEndAsync()
            return
        }
    }
}

function New-LabObject {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '', Justification = 'It only makes an object.')]
    param($Folder, $Process, $Port)

    $labFolder = Join-Path -Path $Folder -ChildPath 'lab'
    $contexts = Join-Path -Path $labFolder -ChildPath 'context.json'
    $text = [System.IO.File]::ReadAllText($contexts)
    $known = ConvertFrom-Json -InputObject $text
    $own = Join-Path -Path $labFolder -ChildPath '.lab'
    $addresses = [ordered] @{}
    foreach ($node in (ConvertFrom-Json -InputObject ([System.IO.File]::ReadAllText((Join-Path -Path $own -ChildPath 'lab.json')))).nodes) {
        $addresses[$node.name] = $node.address
    }

    $lab = [pscustomobject] @{
        PSTypeName     = 'ClusterTools.TestLab'
        Cluster        = $known.current
        Contexts       = $contexts
        ContextsText   = $text
        ContextsBefore = $env:CLUSTERTOOLS_CONTEXTS
        Folder         = $Folder
        Process        = $Process
        Nodes          = @($addresses.Keys)
        Addresses      = $addresses
        Authority      = Join-Path -Path $own -ChildPath 'ca.pem'
        Certificate    = [System.Security.Cryptography.X509Certificates.X509Certificate2]::new((Join-Path -Path $own -ChildPath 'admin.pfx'))
        WebAddress     = "http://127.0.0.1:$Port/"
        Administrator  = $known.current
        Operator       = "$($known.current)-operator"
        Viewer         = "$($known.current)-viewer"
        Configuration  = $null
        Groups         = @{}
    }
    $lab.Configuration = Invoke-TestRequest -Lab $lab -Path '/v1/configuration'
    foreach ($group in Invoke-TestRequest -Lab $lab -Path '/v1/groups') {
        $lab.Groups[$group.name] = $group
    }

    $lab
}

# Below the ports that the system gives to clients' connections: one of those might be taken before the service has started.
function Get-FreePort {
    while ($true) {
        $listener = [System.Net.Sockets.TcpListener]::new([System.Net.IPAddress]::Loopback, (Get-Random -Minimum 20000 -Maximum 32000))
        try {
            $listener.Start()
            return $listener.LocalEndpoint.Port
        }
        catch [System.Net.Sockets.SocketException] {
            # Somebody has it.
            continue
        }
        finally {
            $listener.Stop()
        }
    }
}

# Processes that were started for a folder have it in their command line or environment.
function Get-LabProcess {
    param($Folder)

    foreach ($process in [System.IO.Directory]::GetDirectories('/proc')) {
        $id = [System.IO.Path]::GetFileName($process)
        if ($id -notmatch '^\d+$' -or [int] $id -eq $PID) {
            continue
        }

        try {
            $line = [System.IO.File]::ReadAllText("$process/cmdline")
            if ($line.Contains($Folder) -or [System.IO.File]::ReadAllText("$process/environ").Contains("=$Folder/lab")) {
                # What runs the tests may have the folder in its environment: it is not the lab's.
                "$id $($line.Replace([char] 0, ' '))"
            }
        }
        catch [System.IO.IOException], [System.UnauthorizedAccessException] {
            # It has ended, or is somebody else's.
            continue
        }
    }
}

# A demo by a chapter of the README: all that it wrote, its exit code, and what each typed command showed, by its place.
function Invoke-ChapterDemo {
    param([string] $Name)

    $repository = (Resolve-Path -LiteralPath (Join-Path -Path $PSScriptRoot -ChildPath '../..')).Path
    $demo = Join-Path -Path $repository -ChildPath 'Tests/Demos/bin/Release/net10.0/ClusterTools.Demos.dll'
    $module = Split-Path -Path (Get-TestedManifest) -Parent
    $shell = (Get-Command -Name pwsh -CommandType Application)[0].Source
    $output = @(dotnet $demo $Name (Join-Path -Path $repository -ChildPath 'README.md') (Get-TestedDaemon) $module $shell 2>&1 | ForEach-Object { "$_" })
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

    [pscustomobject] @{ Output = $output; Ended = $ended; Said = $said }
}

function Get-ComparableText {
    param($Configuration)

    ($Configuration | Select-Object -Property * -ExcludeProperty version | ConvertTo-Json -Depth 50 -Compress)
}

Export-ModuleMember -Function Get-TestedManifest, Get-TestedDaemon, Import-TestedModule, Start-TestLab, Stop-TestLab, Stop-SharedTestLab, Invoke-TestLabFault,
Invoke-TestRequest, Wait-TestCondition, Wait-TestGroup, Reset-TestLab, Get-ReadmeTour, ConvertTo-Shape, Invoke-ChapterDemo
