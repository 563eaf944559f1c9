#Requires -Version 7.4
BeforeAll {
    Set-StrictMode -Version 3
    Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Fixture.psm1') -Force
    Import-TestedModule
    $names = 'app1', 'app[1]', 'what?', 'a*b', 'aXb', 'my group', "it's ``x```$y"
    $configuration = @{ name = 'odd'; twoNode = $true; timing = @{ postJoinDelay = 60000 }; nodes = @{}; groups = @{} }
    foreach ($id in 1..2) {
        $configuration.nodes["node$id"] = @{ name = "node$id"; id = $id }
    }

    foreach ($name in $names) {
        $configuration.groups[$name] = @{ name = $name; resources = @(@{ id = "exec:$name"; type = 'exec'; agent = 'exec:/bin/sleep 1000000'; parameters = @{ mode = 'async' } }) }
    }

    $file = Join-Path -Path $TestDrive -ChildPath 'odd.json'
    ConvertTo-Json -InputObject $configuration -Depth 9 | Set-Content -LiteralPath $file
    $lab = Start-TestLab -Config $file

    function Get-Down {
        @(Get-ClusterGroup | Where-Object -Property State -NE -Value 'Started' | ForEach-Object -MemberName Name)
    }

    function Copy-Object {
        param([Parameter(ValueFromPipeline)] $InputObject)

        process { [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($InputObject)) }
    }
}

AfterAll {
    Stop-TestLab -Lab $lab
}

Describe 'A name' {
    It 'that is there means itself before it is a wildcard' {
        (Get-ClusterGroup 'app[1]').Name | Should -Be 'app[1]'
        (Get-ClusterGroup 'a*b').Name | Should -Be 'a*b'
        (Get-ClusterService 'app[1]').Name | Should -Be 'app[1]'
        (Get-ClusterResource 'app[1]').Id | Should -Be 'exec:app[1]'
        (Get-ClusterEvent 'app[1]' -Kind group.started).Group | Should -Be 'app[1]'
    }

    It 'may be escaped by backticks, and is a wildcard where nothing is called so' {
        (Get-ClusterGroup 'app`[1`]').Name | Should -Be 'app[1]'
        (Get-ClusterGroup 'what`?').Name | Should -Be 'what?'
        (Get-ClusterGroup 'a`*b').Name | Should -Be 'a*b'
        (Get-ClusterGroup 'app[12]').Name | Should -Be 'app1'
        @(Get-ClusterGroup 'app*').Name | Should -Be @('app1', 'app[1]')
        { Get-ClusterGroup 'app`[2`]' -ErrorAction Stop } | Should -Throw -ErrorId 'NotFound,*'
    }

    It 'is completed so that it means what was chosen' -ForEach @(
        @{ Word = 'app'; Group = 'app[1]' }, @{ Word = 'my'; Group = 'my group' }, @{ Word = 'it'; Group = "it's ``x```$y" }
    ) {
        # The first Tab may come before the cluster's answer.
        $completed = Wait-TestCondition -Description "'$Word' is completed" -Condition {
            (TabExpansion2 -inputScript "Get-ClusterGroup $Word").CompletionMatches | Where-Object -Property ListItemText -EQ -Value $Group
        }
        ([scriptblock]::Create("Get-ClusterGroup $($completed.CompletionText)").InvokeReturnAsIs()).Name | Should -Be $Group
    }

    It 'with wildcard characters is warned of when it is new' {
        New-ClusterService -Name 'new[1]' -Autostart $false -Confirm:$false -WarningVariable said -WarningAction SilentlyContinue | Out-Null
        "$said" | Should -BeLike '*wildcard characters*'
        Remove-ClusterService -Name 'new[1]' -Confirm:$false
    }
}

Describe 'An object from the pipeline' {
    AfterEach {
        Get-ClusterGroup | Where-Object -Property State -NE -Value 'Started' | Start-ClusterGroup | Out-Null
    }

    It 'is that object, whatever its name' {
        foreach ($name in $names) {
            $group = Get-ClusterGroup | Where-Object -Property Name -CEQ -Value $name
            (Stop-ClusterGroup $group).Name | Should -Be $name
            Get-Down | Should -Be $name
            ($group | Start-ClusterGroup).Name | Should -Be $name
        }
    }

    It 'is that object when it comes from <From>' -ForEach @(
        @{ From = 'another session'; Bring = { $args[0] | Copy-Object } }
        @{ From = 'an XML file'; Bring = { $args[0] | Export-Clixml -LiteralPath TestDrive:/group.xml; Import-Clixml -LiteralPath TestDrive:/group.xml } }
        @{ From = 'a CSV file'; Bring = { $args[0] | ConvertTo-Csv | ConvertFrom-Csv } }
        @{ From = 'a job'; Bring = { Start-ThreadJob -ScriptBlock { $args[0] } -ArgumentList (, ($args[0] | Copy-Object)) | Receive-Job -Wait -AutoRemoveJob } }
        @{ From = 'a selection'; Bring = { $args[0] | Select-Object -Property Name, Owner } }
        @{ From = 'hand'; Bring = { [pscustomobject] @{ Group = $args[0].Name } } }
    ) {
        $brought = & $Bring (Get-ClusterGroup | Where-Object -Property Name -CEQ -Value 'app[1]')
        $brought | Stop-ClusterGroup | Out-Null
        Get-Down | Should -Be 'app[1]'
    }

    It 'that is gone is an error and no other' {
        $gone = Get-ClusterGroup 'app[1]' | Copy-Object
        $gone.Name = 'a[pX]p1'
        $said = $null
        $gone | Stop-ClusterGroup -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].FullyQualifiedErrorId | Should -BeLike 'NotFound,*'
        Get-Down | Should -BeNullOrEmpty
    }

    It 'brings what it is along to commands for something else' {
        $node = Get-ClusterGroup 'app[1]' | Copy-Object | Get-ClusterNode
        $node.Name | Should -Be (Get-ClusterGroup 'app[1]').Owner
        ($node | Copy-Object | Get-ClusterGroup).Owner | Sort-Object -Unique | Should -Be $node.Name
        (Get-ClusterGroup 'a*b' | Copy-Object | Get-ClusterResource).Group | Should -Be 'a*b'
        (Get-ClusterResource 'a*b' | Copy-Object | Get-ClusterGroup).Name | Should -Be 'a*b'
        (Get-ClusterResource 'a*b' | Copy-Object | Set-ClusterResource -MonitorTimeout 25).Id | Should -Be 'exec:a*b'
        (Get-ClusterResource 'aXb').MonitorTimeout | Should -Be ([timespan]::FromSeconds(20))
        (Get-ClusterOperation | Select-Object -Last 1 | Copy-Object | Wait-ClusterOperation).Phase | Should -Be 'Succeeded'
        (Get-ClusterContext -Current | Copy-Object | Get-Cluster).Name | Should -Be 'odd'
        @(Get-ClusterGroup 'my group' | Copy-Object | Get-ClusterEvent -Kind 'group.*').Group | Sort-Object -Unique | Should -Be 'my group'
    }

    It 'that can not be worked on is an error, and the list goes on' {
        $said = $null
        $stopped = @([pscustomobject] @{ Name = 'nobody' }), (Get-ClusterGroup 'aXb'), 'nothing', 'a*b' | ForEach-Object { $_ } |
            Stop-ClusterGroup -ErrorAction SilentlyContinue -ErrorVariable said
        $stopped.Name | Should -Be @('aXb', 'a*b')
        @($said).Count | Should -Be 2
    }
}
