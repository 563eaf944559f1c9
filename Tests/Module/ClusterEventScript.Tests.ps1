#Requires -Version 7.4
#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    Set-StrictMode -Version 3
    Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Fixture.psm1') -Force
    Import-TestedModule
    $lab = Start-TestLab

    # The example in docs/event-scripts.md, as a file.
    function New-ExampleScript {
        [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '', Justification = 'A file in the folder of the test.')]
        param([string] $Heading, [string] $FileName)

        $document = [System.IO.File]::ReadAllText((Resolve-Path -LiteralPath (Join-Path -Path $PSScriptRoot -ChildPath '../../docs/event-scripts.md')))
        if ($document -notmatch "(?ms)^## $Heading`n.*?^``````\w+`n(.*?)^``````") {
            throw "docs/event-scripts.md has no example under '$Heading'."
        }

        New-Script -FileName $FileName -Content $Matches[1]
    }

    function New-Script {
        [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '', Justification = 'A file in the folder of the test.')]
        param([string] $FileName, [string] $Content)

        $path = Join-Path -Path $TestDrive -ChildPath $FileName
        [System.IO.File]::WriteAllText($path, $Content)
        [System.IO.File]::SetUnixFileMode($path, 'UserRead, UserWrite, UserExecute')
        $path
    }

    # Made here, so that they outlast the blocks below.
    $night = New-ExampleScript -Heading 'In sh' -FileName night.sh
    $place = New-ExampleScript -Heading 'In PowerShell' -FileName place.ps1

    function Wait-Entry {
        [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSReviewUnusedParameter', '', Justification = 'Used in the block, which the rule does not see.')]
        param([string] $Kind, [datetime] $Since)

        Wait-TestCondition -Description "$Kind is in the journal" -Condition { Get-ClusterEvent -Since $Since | Where-Object Kind -EQ $Kind | Select-Object -Last 1 }
    }
}

AfterAll {
    Stop-TestLab -Lab $lab
}

Describe 'New-ClusterEventScript' {
    It 'says with -WhatIf what it would change' {
        $said = pwsh -NoProfile -Command "Import-Module -Name '$(Get-TestedManifest)'; New-ClusterEventScript night /etc/night.sh -Event user.* -WhatIf"
        $said -join ' ' | Should -BeLike '*event script night is added*'
        Get-ClusterEventScript | Should -BeNullOrEmpty
    }

    It 'adds a script; a path alone is a program' {
        $script = New-ClusterEventScript -Name night -Command $night -Event user.night, user.day -Timeout 60
        $script | Should -BeOfType 'ClusterTools.Contract.EventScript'
        $script.Command | Should -Be "exec:$night"
        $script.Events | Should -Be @('user.night', 'user.day')
        $script.Placement | Should -BeFalse
        $script.Timeout | Should -Be ([timespan]::FromSeconds(60))
    }

    It 'adds the rows of a table' {
        'Name,Command,Event', 'row,powershell:/etc/row.ps1,node.*' | ConvertFrom-Csv | New-ClusterEventScript | Out-Null
        (Get-ClusterEventScript -Name row).Events | Should -Be 'node.*'
    }

    It 'refuses a name that is taken, what is no script, and no kind of event' {
        $said = $null
        New-ClusterEventScript -Name night -Command /etc/other -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].FullyQualifiedErrorId | Should -BeLike 'AlreadyExists,*'
        New-ClusterEventScript -Name none -Command systemd:cron -Event node.lost -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].FullyQualifiedErrorId | Should -BeLike 'InvalidConfiguration,*'
        New-ClusterEventScript -Name none -Command /etc/none -Event 'node lost' -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].FullyQualifiedErrorId | Should -BeLike 'InvalidConfiguration,*'
        Get-ClusterEventScript -Name none* | Should -BeNullOrEmpty
    }
}

Describe 'Get-ClusterEventScript' {
    It 'lists them, takes wildcards, and says that there is none of this name' {
        (Get-ClusterEventScript).Name | Should -Be @('night', 'row')
        (Get-ClusterEventScript -Name 'N*').Name | Should -Be 'night'
        $said = $null
        Get-ClusterEventScript -Name nigth -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].FullyQualifiedErrorId | Should -BeLike 'NotFound,*'
        $said[0].TargetObject | Should -Be 'nigth'
    }

    It 'is shown as table, as list and wide' {
        foreach ($view in 'Format-Table', 'Format-List', 'Format-Wide') {
            $shown = Get-ClusterEventScript -Name night | & $view | Out-String -Width 120
            $shown | Should -BeLike '*night*'
            $shown | Should -Not -Match 'ClusterTools\.Contract'
        }
    }
}

Describe 'Send-ClusterUserEvent' {
    It 'has the example in sh, which asks for it, start and stop a group' {
        $began = Get-Date
        $entry = Send-ClusterUserEvent -Name day -Data 'good morning' -PassThru
        $entry.Kind | Should -Be 'user.day'
        $entry.Message | Should -Be 'good morning'
        $entry.Who | Should -BeLike 'admin*'
        [void] (Wait-TestGroup -Lab $lab -Group batch)
        Get-ClusterEvent -Since $began | Where-Object Kind -EQ request | Select-Object -Last 1 -ExpandProperty Who | Should -Be "event script 'night'"
        Send-ClusterUserEvent -Name night
        [void] (Wait-TestGroup -Lab $lab -Group batch -Phase disabled)
    }

    It 'takes data from the pipeline, is refused to viewers and refuses a name that is none' {
        ('a', 'b' | Send-ClusterUserEvent -Name piped -PassThru).Message | Should -Be @('a', 'b')
        $said = $null
        Send-ClusterUserEvent -Name night -Cluster $lab.Viewer -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].FullyQualifiedErrorId | Should -BeLike 'RoleRequired,*'
        Send-ClusterUserEvent -Name 'at night' -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].FullyQualifiedErrorId | Should -BeLike 'BadRequest,*'
        Send-ClusterUserEvent -Name night -WhatIf | Should -BeNullOrEmpty
    }
}

Describe 'Set-ClusterEventScript' {
    It 'changes what is given and nothing else' {
        $script = Set-ClusterEventScript -Name night -Event user.* -Reason 'a test'
        $script.Events | Should -Be 'user.*'
        $script.Timeout | Should -Be ([timespan]::FromSeconds(60))
        (Get-ClusterConfigurationHistory)[-1].Changes.EventScripts.Changed | Should -Be 'night'
        (Compare-ClusterConfiguration -ReferenceVersion ((Get-Cluster).ConfigurationVersion - 1)).Path | Should -BeLike 'eventScripts/night/events*'
    }

    It 'lets no two scripts decide where groups go' {
        (Get-ClusterEventScript -Name row | Set-ClusterEventScript -Placement).Placement | Should -BeTrue
        $said = $null
        Set-ClusterEventScript -Name night -Placement -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].FullyQualifiedErrorId | Should -BeLike 'InvalidConfiguration,*'
        (Set-ClusterEventScript -Name row -Placement:$false).Placement | Should -BeFalse
    }
}

Describe 'An event script that decides where groups go' {
    It 'is the example in PowerShell: it keeps the node of the web shop free' {
        # By the rules reports would go to node1, which its domain does not name, only when nothing else is left.
        Set-ClusterFailoverDomain -Name anywhere-but-stay -Member node1, node2, node3 | Out-Null
        Stop-ClusterGroup -Name reports | Out-Null
        New-ClusterEventScript -Name place -Command $place -Placement -Timeout 60 | Out-Null
        (Get-ClusterEventScript -Name place).Command | Should -Be "powershell:$place"
        $began = Get-Date
        $group = Start-ClusterGroup -Name reports
        $group.Owner | Should -Be 'node2'
        (Wait-Entry -Kind script.answered -Since $began).Message | Should -BeLike "*'place' on node1 decides: reports to node2*"
    }

    It 'is asked again when the node of a group loses its power' {
        Invoke-TestLabFault -Lab $lab -Node node2 -Fault kill
        [void] (Wait-TestGroup -Lab $lab -Group reports -Node node3)
        (Get-ClusterGroup -Name reports).Why | Should -BeLike "*event script 'place'*"
        Invoke-TestLabFault -Lab $lab -Node node2 -Fault revive
        [void] (Wait-TestCondition -Description 'node2 is back' -Condition { (Get-ClusterNode -Name node2).State -eq 'Online' })
    }

    It 'can be seen at its work, and a group that waits for it says so' {
        $gate = Join-Path -Path $TestDrive -ChildPath 'gate'
        & mkfifo $gate
        Stop-ClusterGroup -Name reports | Out-Null
        Set-ClusterEventScript -Name place -Command (New-Script -FileName slow.sh -Content "#!/bin/sh`ncat '$gate'`n") | Out-Null
        $operation = Start-ClusterGroup -Name reports -Wait 0
        $asking = Wait-TestCondition -Description 'the script runs' -Condition { Get-ClusterEventScript -Name place | Where-Object Call }
        $asking.Call.Placing | Should -Be 'reports'
        $asking.Placing | Should -Be 'reports'
        $asking | Format-List | Out-String -Width 120 | Should -BeLike '*on node*, with 0 events and asked about reports*'
        $group = Get-ClusterGroup -Name reports
        $group.AwaitsScript | Should -BeTrue
        $group.Why | Should -BeLike "*event script*"
        '{"decisions":[{"group":"reports","node":"node2"}]}' | & tee $gate | Should -Not -BeNullOrEmpty
        [void] ($operation | Wait-ClusterOperation)
        (Get-ClusterGroup -Name reports).Owner | Should -Be 'node2'
        (Get-ClusterEventScript -Name place).Call | Should -BeNullOrEmpty
    }

    It 'falls back to the rules when it fails, and the journal has what it said' {
        Stop-ClusterGroup -Name reports | Out-Null
        Set-ClusterEventScript -Name place -Command (New-Script -FileName wrong.ps1 -Content "throw 'no idea'`n") | Out-Null
        $began = Get-Date
        (Start-ClusterGroup -Name reports).Owner | Should -Be 'node1'
        $said = Wait-Entry -Kind script.failed -Since $began
        $said.Message | Should -BeLike '*no idea*'
        $said.Message | Should -Not -Match '\e'
    }
}

Describe 'Completion of kinds of events' {
    It 'offers each kind, several at once, and the administrators'' own' {
        $line = 'Set-ClusterEventScript night -Event node.'
        $offered = Wait-TestCondition -Description 'kinds are offered' -Condition { (TabExpansion2 -inputScript $line -cursorColumn $line.Length).CompletionMatches }
        $offered.ListItemText | Should -Contain 'node.*'
        $offered.ListItemText | Should -Contain 'node.lost'
        ($offered | Where-Object ListItemText -EQ 'node.lost').ToolTip | Should -Be 'a node is silent and counts as lost'
        $line = 'Remove-ClusterEventScript nig'
        (Wait-TestCondition -Description 'names are offered' -Condition { (TabExpansion2 -inputScript $line -cursorColumn $line.Length).CompletionMatches }).CompletionText | Should -Be 'night'
    }
}

Describe 'Remove-ClusterEventScript' {
    It 'removes them, and gives them back with -PassThru' {
        (Remove-ClusterEventScript -Name 'row' -PassThru).Name | Should -Be 'row'
        Get-ClusterEventScript | Remove-ClusterEventScript
        Get-ClusterEventScript | Should -BeNullOrEmpty
        $said = $null
        Remove-ClusterEventScript -Name row -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].FullyQualifiedErrorId | Should -BeLike 'NotFound,*'
    }
}
