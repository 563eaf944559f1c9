#Requires -Version 7.4
#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    Set-StrictMode -Version 3
    Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Fixture.psm1') -Force
    Import-TestedModule
    $lab = Start-TestLab
    $async = @{ mode = 'async' }
}

AfterAll {
    Stop-TestLab -Lab $lab
}

Describe 'Add-ClusterResource' {
    It 'refuses what the agent would not take before anything is changed, with near names, and goes on with -Force' {
        $version = (Get-Cluster).ConfigurationVersion
        $said = { Add-ClusterResource -Group batch -Name typo -Agent ocf:heartbeat:Dummy -Parameter @{ stat = '/run/x' } -ErrorAction Stop } |
            Should -Throw -ErrorId 'InvalidConfiguration,*' -ExpectedMessage "*has no parameter 'stat'; near it: state*" -PassThru
        $said.ErrorDetails.RecommendedAction | Should -BeLike '*-Force*'
        { Add-ClusterResource -Group batch -Name typo -Agent ocf:heartbeat:Dumy -ErrorAction Stop } | Should -Throw -ErrorId 'AgentNotInstalled,*' -ExpectedMessage '*not installed*near it: ocf:heartbeat:Dummy*It is the same on node*'
        { New-ClusterFenceDevice -Name wrong -Agent fence_nosuch -ErrorAction Stop } | Should -Throw -ErrorId 'AgentNotInstalled,*' -ExpectedMessage "*'fence_nosuch' is not installed*"
        (Get-Cluster).ConfigurationVersion | Should -Be $version
        Add-ClusterResource -Group batch -Name typo -Agent ocf:heartbeat:Dumy -Force -WarningAction SilentlyContinue -WarningVariable warned | Out-Null
        "$warned" | Should -BeLike '*not installed*'
        Remove-ClusterResource -Group batch -Name typo -Confirm:$false
    }

    It 'adds a resource below another and starts it, without touching the rest' {
        $before = (Invoke-TestRequest -Lab $lab -Path /v1/journal).last
        $resource = Add-ClusterResource -Group reports -Name helper -Agent 'exec:/bin/sleep 1000000' -Parameter $async -Parent script:reports -MonitorInterval 7 -NonCritical
        $resource | Should -BeOfType 'ClusterTools.Contract.ResourceStatus'
        $resource.Id | Should -Be 'exec:helper'
        $resource.Parent | Should -Be 'script:reports'
        $resource.MonitorInterval | Should -Be ([timespan]::FromSeconds(7))
        $resource.NonCritical | Should -BeTrue
        $resource.Phase | Should -Be 'Running'
        (Invoke-TestRequest -Lab $lab -Path "/v1/journal?after=$before&group=reports").entries | Where-Object message -Like '*must be stopped*' | Should -BeNullOrEmpty
    }

    It 'puts resources before and after others' {
        Add-ClusterResource -Group batch -Name one -Agent 'exec:/bin/sleep 1' | Out-Null
        Get-ClusterGroup -Name batch | Add-ClusterResource -Name two -Agent 'exec:/bin/sleep 2' -Before exec:one | Out-Null
        Add-ClusterResource -Group batch -Name exec:three -Agent 'exec:/bin/sleep 3' -After two | Out-Null
        (Get-ClusterService -Name batch).Resources.Id | Should -Be @('script:batch', 'exec:two', 'exec:three', 'exec:one')
    }

    It 'refuses an id that is taken, and a parent or group that is not there' {
        $said = $null
        Add-ClusterResource -Group batch -Name one -Agent 'exec:/bin/sleep 1' -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].FullyQualifiedErrorId | Should -BeLike 'AlreadyExists,*'
        Add-ClusterResource -Group batch -Name four -Agent 'exec:/bin/sleep 1' -Parent exec:five -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].FullyQualifiedErrorId | Should -BeLike 'NotFound,*'
        Add-ClusterResource -Group batches -Agent 'exec:/bin/sleep 1' -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].FullyQualifiedErrorId | Should -BeLike 'NotFound,*'
        Add-ClusterResource -Group batch -Name four -Agent 'nothing:x' -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].FullyQualifiedErrorId | Should -BeLike 'BadRequest,*'
        Add-ClusterResource -Group batch -Name four -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].FullyQualifiedErrorId | Should -BeLike 'BadRequest,*'
    }

    It 'says with -WhatIf what would be' {
        $said = pwsh -NoProfile -Command "Import-Module -Name '$(Get-TestedManifest)'; Add-ClusterResource -Group reports -Agent systemd:x.service -Force -WhatIf"
        $said -join ' ' | Should -BeLike '*group reports is changed: systemd:reports added; nothing is restarted*'
    }
}

Describe 'Set-ClusterResource' {
    It 'changes limits and parameters, restarts what must be, and waits for it' {
        $before = (Invoke-TestRequest -Lab $lab -Path /v1/journal).last
        $resource = Set-ClusterResource -Name exec:helper -Group reports -StartTimeout 00:00:30 -Parameter @{ settle = 50 } -NonCritical:$false
        $resource.StartTimeout | Should -Be ([timespan]::FromSeconds(30))
        $resource.Parameters['settle'] | Should -Be '50'
        $resource.Parameters['mode'] | Should -Be 'async'
        $resource.NonCritical | Should -BeFalse
        $resource.Phase | Should -Be 'Running'
        (Invoke-TestRequest -Lab $lab -Path "/v1/journal?after=$before&group=reports").entries | Where-Object message -Like '*exec:helper must be stopped*' | Should -Not -BeNullOrEmpty
    }

    It 'takes a parameter out' {
        (Set-ClusterResource -Name helper -Parameter @{ settle = $null }).Parameters.Keys | Should -Not -Contain 'settle'
    }

    It 'moves a resource within its group' {
        Set-ClusterResource -Name exec:three -Group batch -Before script:batch | Out-Null
        (Get-ClusterService -Name batch).Resources.Id | Should -Be @('exec:three', 'script:batch', 'exec:two', 'exec:one')
        (Set-ClusterResource -Name exec:one -Group batch -Parent exec:two).Parent | Should -Be 'exec:two'
        (Set-ClusterResource -Name exec:one -Group batch -Parent '').Parent | Should -BeNullOrEmpty
        Set-ClusterResource -Name exec:one -Group batch -Parent exec:two | Out-Null
        $said = $null
        Set-ClusterResource -Name exec:two -Group batch -Parent exec:one -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].FullyQualifiedErrorId | Should -BeLike 'BadRequest,*'
    }

    It 'takes resources from the pipeline' {
        $resources = Get-ClusterResource -Group batch | Set-ClusterResource -MonitorTimeout 33
        $resources.Count | Should -Be 4
        $resources.MonitorTimeout | Sort-Object -Unique | Should -Be ([timespan]::FromSeconds(33))
    }

    It 'says when a name means several, or none' {
        $said = $null
        Add-ClusterResource -Group webshop -Name exec:two -Agent 'exec:/bin/sleep 1000002' -Parameter $async | Out-Null
        Set-ClusterResource -Name two -MonitorTimeout 30 -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].FullyQualifiedErrorId | Should -BeLike 'AmbiguousName,*'
        Set-ClusterResource -Name nothing -MonitorTimeout 30 -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].FullyQualifiedErrorId | Should -BeLike 'NotFound,*'
    }

    It 'says with -WhatIf what would be restarted, and where' {
        $said = pwsh -NoProfile -Command "Import-Module -Name '$(Get-TestedManifest)'; Set-ClusterResource -Name shop-db -Parameter @{ settle = 50 } -WhatIf; Set-ClusterResource -Name shop-db -MonitorInterval 5 -WhatIf"
        $said[0] | Should -BeLike '*script:shop-db/*settle*; stopped or restarted on node1: script:shop-db, script:shop-web*'
        $said[-1] | Should -BeLike '*script:shop-db/monitorInterval 10000 -> 5000; nothing is restarted*'
    }

    It 'restarts nothing when only how it is watched and treated changes, and says so with -WhatIf' {
        $settings = "-MonitorInterval 5 -StartTimeout 90 -StopLevel 3 -StartRetries 2"
        $said = pwsh -NoProfile -Command "Import-Module -Name '$(Get-TestedManifest)'; Set-ClusterResource -Name shop-db $settings -WhatIf"
        $said -join ' ' | Should -BeLike '*script:shop-db/monitorInterval 10000 -> 5000*script:shop-db/limits/startRetries = 2; nothing is restarted*'
        $before = (Invoke-TestRequest -Lab $lab -Path /v1/journal).last
        $resource = Set-ClusterResource -Name shop-db -MonitorInterval 5 -StartTimeout 90 -StopLevel 3 -StartRetries 2
        $resource.MonitorInterval | Should -Be ([timespan]::FromSeconds(5))
        $resource.Phase | Should -Be 'Running'
        (Invoke-TestRequest -Lab $lab -Path "/v1/journal?after=$before&group=webshop").entries | Should -BeNullOrEmpty
    }

    It 'sets limits and final actions one by one, and takes them back' {
        $limits = (Set-ClusterResource -Name shop-web -Failovers 1 -StopRetries 3 -StartFinalAction continue -StopFinalAction power-off -FinalScript exec:/bin/true -FinalScriptTimeout 5).Limits
        $limits.Failovers | Should -Be 1
        $limits.StopRetries | Should -Be 3
        $limits.StartRetries | Should -Be 0
        $limits.StartFinal | Should -Be 'Continue'
        $limits.StopFinal | Should -Be 'PowerOff'
        $limits.FinalScript | Should -Be 'exec:/bin/true'
        $limits.FinalScriptTimeout | Should -Be ([timespan]::FromSeconds(5))
        $shown = Get-ClusterResource -Name shop-web | Format-List | Out-String -Width 200
        $shown | Should -BeLike '*stop retries 3, failovers 1, after a failed start Continue, after a failed stop PowerOff, first exec:/bin/true (limit 5 s)*'
        $limits = (Set-ClusterResource -Name shop-web -Failovers -1 -FinalScript '' -StartFinalAction Default).Limits
        $limits.Failovers | Should -BeNullOrEmpty
        $limits.FinalScript | Should -BeNullOrEmpty
        $limits.StartFinal | Should -Be 'Default'
        $limits.StopFinal | Should -Be 'PowerOff'
        (Set-ClusterResource -Name shop-web -StopFinalAction Default).Limits.StopRetries | Should -Be 3
    }

    It 'refuses a final action that there is not for a stop, and a script that is none' {
        $said = $null
        Set-ClusterResource -Name shop-web -StopFinalAction StopDaemon -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].FullyQualifiedErrorId | Should -BeLike 'InvalidConfiguration,*'
        Set-ClusterResource -Name shop-web -FinalScript /bin/true -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].FullyQualifiedErrorId | Should -BeLike 'InvalidConfiguration,*'
    }

    It 'sets deeper status checks, all of them, and takes them out' {
        $checks = (Set-ClusterResource -Name shop-web -StatusCheck @{ Depth = 10; Interval = 30 }, @{ Depth = 20; Interval = '00:05:00'; Timeout = 45 }).StatusChecks
        $checks.Depth | Should -Be @(10, 20)
        $checks.Interval | Should -Be @([timespan] '00:00:30', [timespan] '00:05:00')
        $checks.Timeout | Should -Be @([timespan] '00:00:20', [timespan] '00:00:45')
        (Get-ClusterResource -Name shop-web | Format-List | Out-String -Width 200) | Should -BeLike '*depth 10 every 30 s (limit 20 s), depth 20 every 5 min (limit 45 s)*'
        (Set-ClusterResource -Name shop-web -StatusCheck @()).StatusChecks | Should -BeNullOrEmpty
        $said = $null
        Set-ClusterResource -Name shop-web -StatusCheck @{ Interval = 30 } -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].Exception.Message | Should -BeLike '*no depth*'
        Set-ClusterResource -Name shop-web -StatusCheck @{ Depth = 200; Interval = 30 } -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].FullyQualifiedErrorId | Should -BeLike 'InvalidConfiguration,*'
    }

    It 'copies limits and checks with a service' {
        Set-ClusterResource -Name script:batch -Group batch -StartRetries 4 -StatusCheck @{ Depth = 20; Interval = 60 } | Out-Null
        Get-ClusterService -Name batch | Select-Object -Property Autostart, Resources, @{ Name = 'Name'; Expression = { 'again' } } | New-ClusterService | Out-Null
        $copied = Get-ClusterResource -Group again -Name script:batch
        $copied.Limits.StartRetries | Should -Be 4
        $copied.StatusChecks.Depth | Should -Be 20
        New-ClusterService -Name made -Autostart $false -Resource @{
            Agent = 'exec:/bin/sleep 1'; StartRetries = 1; Failovers = 0; StartFinalAction = 'Hold'; FinalScript = 'exec:/bin/true'; FinalScriptTimeout = 7
            StatusCheck = @{ Depth = 10; Interval = 60 }, @{ Depth = 20; Interval = 600 }
        } | Out-Null
        $made = Get-ClusterResource -Group made
        $made.Limits.Failovers | Should -Be 0
        $made.Limits.StartFinal | Should -Be 'Hold'
        $made.Limits.FinalScriptTimeout | Should -Be ([timespan]::FromSeconds(7))
        $made.StatusChecks.Depth | Should -Be @(10, 20)
    }

    It 'does not change a frozen group, and says what to do' {
        Lock-ClusterGroup -Name webshop | Out-Null
        try {
            $said = $null
            Set-ClusterResource -Name shop-web -MonitorInterval 5 -ErrorAction SilentlyContinue -ErrorVariable said
            $said[0].FullyQualifiedErrorId | Should -BeLike 'Refused,*'
            $said[0].Exception.Message | Should -BeLike '*frozen*'
        }
        finally {
            Unlock-ClusterGroup -Name webshop | Out-Null
        }
    }
}

Describe 'Remove-ClusterResource' {
    It 'stops and removes a resource, and gives it back with -PassThru' {
        (Remove-ClusterResource -Name exec:helper -Group reports -Confirm:$false -PassThru).Id | Should -Be 'exec:helper'
        (Get-ClusterResource -Group reports).Id | Should -Be 'script:reports'
        (Get-ClusterGroup -Name reports).Phase | Should -Be 'Started'
    }

    It 'keeps what stands below when asked to' {
        Remove-ClusterResource -Name exec:two -Group batch -KeepChildren -Confirm:$false
        (Get-ClusterService -Name batch).Resources.Id | Should -Be @('exec:three', 'script:batch', 'exec:one')
    }

    It 'says that there is none' {
        $said = $null
        Remove-ClusterResource -Name helper -Confirm:$false -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].FullyQualifiedErrorId | Should -BeLike 'NotFound,*'
    }
}

Describe 'Get-ClusterResourceType' {
    It 'lists agents by name' {
        $types = Get-ClusterResourceType -Name 'ocf:heartbeat:D*'
        $types | Should -BeOfType 'ClusterTools.Contract.ResourceType'
        $types.Name | Should -Contain 'ocf:heartbeat:Dummy'
    }

    It 'says all of one, and of those in the pipeline' {
        $type = Get-ClusterResourceType -Name ocf:heartbeat:Dummy
        $type.Parameters.Name | Should -Contain 'state'
        $type.LongDescription | Should -Not -BeNullOrEmpty
        (Get-ClusterResource -Group reports | Get-ClusterResourceType).Name | Should -BeLike 'lsb:*reports'
    }

    It 'says that there is none' {
        $said = $null
        Get-ClusterResourceType -Name ocf:heartbeat:Dummi -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].FullyQualifiedErrorId | Should -BeLike 'NotFound,*'
    }
}

Describe 'Completion of agents' {
    It 'completes names of agents and their parameters' {
        $line = 'Add-ClusterResource -Group batch -Agent ocf:heartbeat:Dum'
        # What comes too late for one Tab serves the next.
        $names = Wait-TestCondition -Description 'agents are completed' -Condition { (TabExpansion2 -inputScript $line -cursorColumn $line.Length).CompletionMatches.CompletionText }
        $names | Should -Contain 'ocf:heartbeat:Dummy'
        Get-ClusterResourceType -Name ocf:heartbeat:IPaddr2 | Out-Null
        $line = 'Add-ClusterResource -Group batch -Agent ocf:heartbeat:IPaddr2 -Parameter '
        $names = @(Wait-TestCondition -Description 'parameters are completed' -Condition {
                (TabExpansion2 -inputScript $line -cursorColumn $line.Length).CompletionMatches.CompletionText | Where-Object { $_ -like '@{*' }
            })
        $names[0] | Should -Be "@{ ip = '' }"
    }
}
