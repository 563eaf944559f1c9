#Requires -Version 7.4
#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    Set-StrictMode -Version 3
    Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Fixture.psm1') -Force
    Import-TestedModule
    $lab = Start-TestLab
    # None is what is given when nothing is said.
    $resource = @{
        Group = 'batch'; Name = 'one'; Agent = 'exec:/bin/sleep 1'; StartTimeout = 61; StopTimeout = '00:01:02.5'; MonitorTimeout = [timespan]::FromSeconds(23); MonitorInterval = 14
        StatusCheck = @{ Depth = 20; Interval = 65; Timeout = '00:00:26' }; FinalScript = 'exec:/bin/true'; FinalScriptTimeout = 67
    }
    $null = Add-ClusterResource @resource
    $null = New-ClusterService -Name timed -Autostart $false -MaxRestarts 3 -RestartExpireTime 68 -Resource @{ Name = 'x'; Agent = 'exec:/bin/sleep 1'; StartTimeout = 69 }
    $null = New-ClusterEventScript -Name timed -Command 'exec:/bin/true' -Event 'user.*' -Timeout 70

    $null = New-ClusterGuest -Name timedguest -MigrationLimit 80 -ShutdownWait 81 -StopTimeout 00:03:02

    $null = Set-ClusterTiming -Token 15 -WarningAction SilentlyContinue -TwoNodeDelay 71 -PostFailDelay 72 -PostJoinDelay 73 -QuorumLossDeadline 74 -RetryDelay 75 -FenceTimeout 76 -MaintenanceLimit 00:01:17 -FlapLimit 4 -FlapWindow 3601 -FlapRelease 3602 -KeepLimit 3603 -ShutdownWait 79 -ShutdownPolicy Move
    $null = Set-ClusterNode -Name node2 -FenceDelay 23 -FenceDelayMax 00:00:24

    # What a cmdlet with such a parameter is given, and what of it that is of.
    function Get-Made([string] $Command) {
        switch -Wildcard ($Command) {
            '*-ClusterResource' { Get-ClusterResource -Name one -Group batch }
            '*-ClusterService' { Get-ClusterService -Name timed }
            '*-ClusterGuest' { Get-ClusterGuest -Name timedguest }
            '*-ClusterNode' { Get-ClusterNode -Name node2 }
            '*-ClusterTiming' { Get-ClusterTiming }
            '*-ClusterEventScript' { Get-ClusterEventScript -Name timed }
            default { throw "$Command takes a duration, and nothing here tries whether what comes out goes in." }
        }
    }

    function Get-Duration($Made, [string] $Parameter) {
        $(if ($Parameter -eq 'FinalScriptTimeout') { $Made.Limits } else { $Made }).$Parameter
    }

    # Without its version, which every change has anew.
    function Get-Told {
        (Invoke-TestRequest -Lab $lab -Path /v1/configuration) | Select-Object -Property * -ExcludeProperty version | ConvertTo-Json -Depth 20
    }

    function Copy-Object([Parameter(ValueFromPipeline)] $InputObject, [string] $By) {
        process {
            switch ($By) {
                'themselves' { $InputObject }
                'CLIXML' { [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($InputObject)) }
                'CSV' { $InputObject | ConvertTo-Csv | ConvertFrom-Csv }
                'JSON' { $InputObject | ConvertTo-Json -Depth 6 | ConvertFrom-Json }
            }
        }
    }

}

AfterAll {
    Stop-TestLab -Lab $lab
}

Describe 'A duration that comes out goes in' {
    BeforeDiscovery {
        Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Fixture.psm1') -Force
        Import-TestedModule
        # The validity of a certificate or a token that is made is told as a date; no lab has a quorum disk, and here the last man does not stand.
        $others = 'Grant-ClusterAccess -ValidFor', 'Add-ClusterNode -ValidFor', 'Set-ClusterQuorum -DiskInterval', 'Set-ClusterQuorum -LastManStandingWindow'
        $parameters = foreach ($command in Get-Command -Module ClusterTools -CommandType Cmdlet) {
            foreach ($parameter in $command.Parameters.Values | Where-Object { [timespan] -in $_.ParameterType, [Nullable]::GetUnderlyingType($_.ParameterType) }) {
                if ("$($command.Name) -$($parameter.Name)" -notin $others) { @{ Command = $command.Name; Parameter = $parameter.Name } }
            }
        }

        $ways = foreach ($way in 'themselves', 'CLIXML', 'CSV', 'JSON') { foreach ($one in $parameters) { $one + @{ By = $way } } }
        $changes = $ways | Where-Object { $_.Command -like 'Set-*' -and -not ($_.Parameter -eq 'FinalScriptTimeout' -and $_.By -eq 'CSV') }
    }

    It '<Command> takes its -<Parameter> as a duration, not as a number alone' -ForEach $parameters {
        (Get-Command -Name $Command).Parameters[$Parameter].Attributes | Where-Object { $_ -is [ClusterTools.Cmdlets.DurationAttribute] } | Should -Not -BeNullOrEmpty
        Get-Duration (Get-Made $Command) $Parameter | Should -BeOfType ([timespan])
        Get-Duration (Get-Made $Command) $Parameter | Should -BeGreaterThan ([timespan]::FromSeconds(13))
    }

    It '<Command> -<Parameter>, of objects as <By>, changes nothing' -ForEach $changes {
        $made = Get-Made $Command
        $before = Get-Told
        $given = @{ $Parameter = Get-Duration ($made | Copy-Object -By $By) $Parameter }
        $made | & $Command @given | Out-Null
        Get-Told | Should -Be $before
    }

    It 'Add-ClusterResource, from one that there is, as <_>' -ForEach 'themselves', 'CLIXML' {
        $one = Get-Made Add-ClusterResource | Copy-Object -By $_
        $times = @{}
        foreach ($name in 'StartTimeout', 'StopTimeout', 'MonitorTimeout', 'MonitorInterval') { $times[$name] = $one.$name }
        $made = Add-ClusterResource -Group batch -Name "copy$_" -Agent $one.Agent @times -StatusCheck $one.StatusChecks -FinalScript $one.Limits.FinalScript -FinalScriptTimeout $one.Limits.FinalScriptTimeout
        foreach ($name in $times.Keys) { $made.$name | Should -Be (Get-Made Add-ClusterResource).$name }
        $made.StatusChecks[0].Interval | Should -Be ([timespan]::FromSeconds(65))
        $made.StatusChecks[0].Timeout | Should -Be ([timespan]::FromSeconds(26))
        $made.Limits.FinalScriptTimeout | Should -Be ([timespan]::FromSeconds(67))
    }

    It 'New-ClusterService and New-ClusterEventScript, from the pipeline by name, as <_>' -ForEach 'themselves', 'CLIXML', 'CSV' {
        $by = $_
        $service = Get-Made New-ClusterService | Select-Object -Property *, @{ Name = 'Name'; Expression = { "like$by" } } -ExcludeProperty Name, Resources, Dependencies | Copy-Object -By $by
        ($service | New-ClusterService).RestartExpireTime | Should -Be ([timespan]::FromSeconds(68))
        $script = Get-Made New-ClusterEventScript | Select-Object -Property Command, Timeout, @{ Name = 'Name'; Expression = { "like$by" } } | Copy-Object -By $by
        ($script | New-ClusterEventScript).Timeout | Should -Be ([timespan]::FromSeconds(70))
    }

    It 'New-ClusterService -Resource, as <_>' -ForEach 'themselves', 'CLIXML' {
        $resource = (Get-Made New-ClusterService).Resources | Copy-Object -By $_
        (New-ClusterService -Name "with$_" -Autostart $false -Resource $resource).Resources[0].StartTimeout | Should -Be ([timespan]::FromSeconds(69))
    }
}

Describe 'What comes out' {
    It 'has durations as such and times on the clock of this machine' {
        $null = Stop-ClusterGroup -Name reports
        (Get-ClusterOperation | Select-Object -First 1).BeganAt.Offset | Should -Be ([DateTimeOffset]::Now.Offset)
        (Get-ClusterEvent -MaxEvents 1).At.Offset | Should -Be ([DateTimeOffset]::Now.Offset)
        (Get-ClusterConfigurationHistory -Newest 1).At.Offset | Should -Be ([DateTimeOffset]::Now.Offset)
        (Get-Cluster).Time | Should -BeOfType ([timespan])
        (Get-ClusterEvent -Since (Get-ClusterEvent -MaxEvents 1).At).Count | Should -BeGreaterOrEqual 1
    }
}
