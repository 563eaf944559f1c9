#Requires -Version 7.4
#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    Set-StrictMode -Version 3
    Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Fixture.psm1') -Force
    Import-TestedModule
    $lab = Start-TestLab
    $quiet = @{ Confirm = $false; TranscriptPath = Join-Path -Path $TestDrive -ChildPath 'transcript.txt' }
}

AfterAll {
    Stop-TestLab -Lab $lab
}

Describe 'Get-ClusterRunbook' {
    It 'lists the runbooks of the module with what they do' {
        $all = @(Get-ClusterRunbook)
        $all.Name | Should -Be @('EvacuateNode', 'FailoverDrill', 'RollingMaintenance')
        $all | ForEach-Object { $_.Synopsis | Should -Not -BeNullOrEmpty }
        $all.State | Select-Object -Unique | Should -Be 'NotBegun'
    }

    It 'says that there is no such runbook' {
        Get-ClusterRunbook -Name RollingMaintenence -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].FullyQualifiedErrorId | Should -BeLike 'NotFound,*'
    }
}

Describe 'Start-ClusterRunbook' {
    AfterEach {
        Get-ClusterRunbook | Remove-ClusterRunbook
        Reset-TestLab -Lab $lab
    }

    It 'prints the plan with -WhatIf and changes nothing' {
        $before = (Invoke-TestRequest -Lab $lab -Path '/v1/cluster').index
        $steps = @(Start-ClusterRunbook -Name RollingMaintenance -WhatIf)
        $steps.Step | Should -Be @(foreach ($node in 'node1', 'node2', 'node3') { foreach ($step in 'check', 'drain', 'return', 'settle') { "$node/$step" } })
        $steps.State | Select-Object -Unique | Should -Be 'WouldRun'
        (Get-ClusterRunbook -Name RollingMaintenance).State | Should -Be 'NotBegun'
        @(Get-ClusterNode | Where-Object Phase -NE Online) | Should -BeNullOrEmpty
        Get-ClusterEvent -MaxEvents 50 | Where-Object Index -GT $before | Where-Object Kind -Like 'node.*' | Should -BeNullOrEmpty
    }

    It 'prints the plan of <Name> with -WhatIf: <Steps>' -ForEach @(
        @{ Name = 'EvacuateNode'; About = @{ Node = 'node1' }; Steps = 'check', 'drain', 'pause', 'return', 'settle' }
        @{ Name = 'FailoverDrill'; About = @{ Group = 'webshop' }; Steps = 'check', 'move', 'return', 'settle' }
        @{ Name = 'FailoverDrill'; About = @{ Group = 'webshop'; PowerOff = $true }; Steps = 'check', 'fail', 'power', 'return', 'settle' }
    ) {
        $planned = @(Start-ClusterRunbook -Name $Name @About -WhatIf)
        $planned.Step | Should -Be $Steps
        $planned.State | Select-Object -Unique | Should -Be 'WouldRun'
        (Get-ClusterRunbook -Name $Name).State | Should -Be 'NotBegun'
    }

    It 'maintains all nodes in turn, with the work done on each while it is empty, and reports' {
        $seen = [System.Collections.Generic.List[string]]::new()
        $report = Start-ClusterRunbook -Name RollingMaintenance -Action {
            param($Node)
            $seen.Add("$Node $((Get-ClusterNode -Name $Node).Phase) $(@(Get-ClusterNode -Name $Node | Get-ClusterGroup).Count)")
            "worked on $Node"
        } @quiet
        $report.State | Should -Be 'Done' -Because $report.Message
        $seen | Should -Be @('node1 Maintenance 0', 'node2 Maintenance 0', 'node3 Maintenance 0')
        ($report.Steps | Where-Object Step -EQ 'node2/work').Message | Should -Be 'worked on node2'
        @(Get-ClusterNode | Where-Object Phase -NE Online) | Should -BeNullOrEmpty
        Get-Content -LiteralPath $report.Transcript -Raw | Should -BeLike '*transcript*'
    }

    It 'waits for a person with -Pause, and is resumed in another shell' {
        $report = Start-ClusterRunbook -Name RollingMaintenance -Node node2 -Pause @quiet
        $report.State | Should -Be 'Waiting'
        (Get-ClusterNode -Name node2).Phase | Should -Be 'Maintenance'
        { Start-ClusterRunbook -Name RollingMaintenance -ErrorAction Stop @quiet } | Should -Throw '*-Resume*-Restart*'

        $other = Join-Path -Path $TestDrive -ChildPath 'other.txt'
        $state = pwsh -NoProfile -NonInteractive -Command "Import-Module -Name '$(Get-TestedManifest)'; (Start-ClusterRunbook RollingMaintenance -Resume -TranscriptPath '$other' -Confirm:`$false).State"
        $state | Should -Be 'Done'
        (Get-ClusterNode -Name node2).Phase | Should -Be 'Online'
        (Get-ClusterRunbook -Name RollingMaintenance).State | Should -Be 'Done'
    }

    It 'stops at a step that fails, and tries it again when resumed' {
        $report = Start-ClusterRunbook -Name EvacuateNode -Node node1 -Action { throw 'no spare part' } @quiet
        $report.State | Should -Be 'Failed'
        $report.Message | Should -BeLike '*no spare part*'
        (Get-ClusterRunbook -Name EvacuateNode).Step | Should -Be 'work'

        $report = Start-ClusterRunbook -Name EvacuateNode -Resume -Action { param($Node) "part exchanged in $Node" } @quiet
        $report.State | Should -Be 'Done' -Because $report.Message
        ($report.Steps | Where-Object Step -EQ drain).State | Should -Be 'DoneBefore'
        ($report.Steps | Where-Object Step -EQ work).Message | Should -Be 'part exchanged in node1'
        (Get-ClusterNode -Name node1).Phase | Should -Be 'Online'
    }

    It 'does not let what is remembered stand for a parameter, or name what is not there' {
        $report = Start-ClusterRunbook -Name EvacuateNode -Node node1 -Limit 300 -Action { throw 'no spare part' } @quiet
        $report.State | Should -Be 'Failed'
        $known = Get-ClusterRunbook -Name EvacuateNode
        $data = $known.Data | ConvertFrom-Json -AsHashtable
        { Start-ClusterRunbook -Name EvacuateNode -Resume -Node node2 -Action { 'never' } -ErrorAction Stop @quiet } | Should -Throw '*for -Node node1, not node2*-Restart*'
        foreach ($bad in @{ Node = '*' }, @{ Node = 'node9' }, @{ Node = @('node2') }, @{ Limit = '600' }, @{ Limit = 0 }, @{ TargetNode = 'node[23]' }) {
            $changed = $data.Clone()
            $bad.Keys | ForEach-Object { $changed[$_] = $bad[$_] }
            $known = $known | Set-ClusterRunbook -Data ($changed | ConvertTo-Json -Compress) -Confirm:$false
            { Start-ClusterRunbook -Name EvacuateNode -Resume -Action { 'never' } -ErrorAction Stop @quiet } | Should -Throw '*-Restart*'
        }

        # What the runbook does not know is passed over, and a parameter goes before what is remembered of it.
        $data.Limit = 1
        $data.Action = 'Remove-Item'
        $data.Context = @{ Cluster = 'elsewhere' }
        $null = $known | Set-ClusterRunbook -Data ($data | ConvertTo-Json -Compress) -Confirm:$false
        $report = Start-ClusterRunbook -Name EvacuateNode -Resume -Node node1 -Limit 600 -Action { param($Node) "part exchanged in $Node" } @quiet
        $report.State | Should -Be 'Done' -Because $report.Message
        (Get-ClusterNode -Name node1).Phase | Should -Be 'Online'
    }

    It 'moves a group away and back in a drill' {
        $owner = (Get-ClusterGroup -Name webshop).Owner
        $report = Start-ClusterRunbook -Name FailoverDrill -Group webshop @quiet
        $report.State | Should -Be 'Done' -Because $report.Message
        ($report.Steps | Where-Object Step -EQ move).Message | Should -BeLike 'started on node*after * ms'
        (Get-ClusterGroup -Name webshop).Owner | Should -Be $owner
    }

    It 'cuts the owner off in a drill with -PowerOff, and brings it back' {
        $owner = (Get-ClusterGroup -Name webshop).Owner
        $report = Start-ClusterRunbook -Name FailoverDrill -Group webshop -PowerOff @quiet
        $report.State | Should -Be 'Done' -Because $report.Message
        ($report.Steps | Where-Object Step -EQ fail).Message | Should -BeLike 'fenced after * ms, everything started after * ms on node*'
        (Get-ClusterFenceHistory | Select-Object -Last 1).Target | Should -Be $owner
        (Get-ClusterGroup -Name webshop).Owner | Should -Be $owner
        @(Get-ClusterNode | Where-Object Phase -NE Online) | Should -BeNullOrEmpty
    }

    It 'will not begin while the cluster could not bear it' {
        $null = Suspend-ClusterNode -Name node3 -Drain -Confirm:$false
        $report = Start-ClusterRunbook -Name RollingMaintenance -Node node1 @quiet
        $report.State | Should -Be 'Failed'
        $report.Message | Should -BeLike '*node3 is Maintenance*'
        (Get-ClusterNode -Name node1).Phase | Should -Be 'Online'
    }

    It 'says that there is no such runbook, node or right' {
        { Start-ClusterRunbook -Name Nothing -ErrorAction Stop } | Should -Throw -ErrorId 'NotFound,*'
        { Start-ClusterRunbook -Name RollingMaintenance -Node nodeX -ErrorAction Stop @quiet } | Should -Throw '*nodeX*'
        { Start-ClusterRunbook -Name EvacuateNode -Node node1 -Cluster $lab.Viewer -ErrorAction Stop @quiet } | Should -Throw -ErrorId 'RoleRequired*'
    }
}

Describe 'Set-ClusterRunbook and Remove-ClusterRunbook' {
    AfterEach {
        Get-ClusterRunbook | Remove-ClusterRunbook
    }

    It 'remembers a run on the cluster, and forgets it' {
        $run = Get-ClusterRunbook -Name EvacuateNode | Set-ClusterRunbook -Run r1 -State Waiting -Step drain -Done check -Message 'a person' -Data '{"node":"node1"}'
        $run.Version | Should -BeGreaterThan 0
        $run.Who | Should -BeLike 'admin*'
        $kept = Get-ClusterRunbook -Name EvacuateNode
        $kept.State | Should -Be 'Waiting'
        $kept.Done | Should -Be @('check')
        ($kept.Data | ConvertFrom-Json).node | Should -Be 'node1'
        Remove-ClusterRunbook -Name Evacuate*
        (Get-ClusterRunbook -Name EvacuateNode).State | Should -Be 'NotBegun'
    }

    It 'refuses to write over what another shell has written' {
        $mine = Get-ClusterRunbook -Name EvacuateNode | Set-ClusterRunbook -Run r1 -State Running
        $theirs = Get-ClusterRunbook -Name EvacuateNode
        $null = $theirs | Set-ClusterRunbook -Step work
        $mine | Set-ClusterRunbook -Step other -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].FullyQualifiedErrorId | Should -BeLike 'VersionConflict,*'
        (Get-ClusterRunbook -Name EvacuateNode).Step | Should -Be 'work'
    }

    It 'changes nothing with -WhatIf' {
        Get-ClusterRunbook -Name EvacuateNode | Set-ClusterRunbook -Run r1 -WhatIf
        (Get-ClusterRunbook -Name EvacuateNode).State | Should -Be 'NotBegun'
    }

    It 'says what is wrong with data that is not JSON' {
        Get-ClusterRunbook -Name EvacuateNode | Set-ClusterRunbook -Run r1 -Data '{' -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].FullyQualifiedErrorId | Should -BeLike 'BadRequest,*'
    }
}
