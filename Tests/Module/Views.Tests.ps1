#Requires -Version 7.4
#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    Set-StrictMode -Version 3
    Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Fixture.psm1') -Force
    Import-TestedModule
    $lab = Start-TestLab

    # What a terminal of 120 columns would show, without colours.
    function Get-Shown {
        param([Parameter(ValueFromPipeline)] [object] $InputObject)

        begin { $all = [System.Collections.Generic.List[object]]::new() }
        process { $all.Add($InputObject) }
        end { ($all | Out-String -Width 120) -replace '\e\[[0-9;]*m' }
    }
}

AfterAll {
    Stop-TestLab -Lab $lab
}

Describe 'The view of groups' {
    It 'is a table of name, state, owner, domain and reason' {
        $shown = Get-ClusterGroup | Get-Shown
        $shown | Should -Match '(?m)^Name\s+State\s+Owner\s+Domain\s+Why\s*$'
        $shown | Should -Match '(?m)^webshop\s+Started\s+node1\s+shop\s+\S'
        $shown | Should -Match '(?m)^batch\s+Disabled\s+\S'
    }

    It 'says that a group is frozen' {
        Lock-ClusterGroup -Name reports | Get-Shown | Should -Match 'reports\s+Started, frozen\s+node2'
        Unlock-ClusterGroup -Name reports | Get-Shown | Should -Match 'reports\s+Started\s+node2'
    }

    It 'is a list with everything when asked for' {
        $shown = Get-ClusterGroup -Name webshop -Explain | Format-List | Get-Shown
        $shown | Should -Match '(?m)^Restarts\s+: 0 of 3 within 5 min'
        $shown | Should -Match '(?m)^Resources\s+: script:shop-db, script:shop-web'
        $shown | Should -Match '(?m)^Explanation\s+: Group ''webshop'' is Started on node1'
        $shown | Should -Not -Match 'ClusterTools\.'
    }

    It 'is names with their states when it is wide' {
        Get-ClusterGroup | Format-Wide | Get-Shown | Should -Match 'webshop Started'
    }
}

Describe 'The view of the cluster' {
    It 'is one screen: quorum, nodes with their groups, groups with their owners' {
        $shown = Get-Cluster | Get-Shown
        $shown | Should -Match '(?m)^Cluster webshop: Quorate'
        $shown | Should -Match '3 of 3 votes, 2 needed'
        $shown | Should -Match '(?m)^  node1  Online  webshop'
        $shown | Should -Match '(?m)^  webshop  Started   on node1'
        @($shown.Trim().Split("`n")).Count | Should -BeLessThan 24
    }

    It 'shows what is wrong' {
        Invoke-TestLabFault -Lab $lab -Node node3 -Fault kill
        [void] (Wait-TestCondition -Description 'node3 is not online' -Condition { (Get-ClusterNode -Name node3).State -ne 'Online' })
        $shown = Get-Cluster | Get-Shown
        $shown | Should -Match '(?m)^  node3  (Lost|Fencing|Down)\s+\S'
        $shown | Should -Match 'Newest warnings and errors'
        $shown | Should -Match 'Node node3 is lost'
        Reset-TestLab -Lab $lab
    }

    It 'is a table for several clusters' {
        Get-ClusterContext | Get-Cluster | Format-Table | Get-Shown | Should -Match '(?m)^webshop\s+Quorate\s+3 online\s+2 started, 1 disabled\s+0\s+0\s*$'
    }
}

Describe 'Every view of every type' {
    BeforeAll {
        Add-ClusterGroupDependency -Group batch -DependsOn webshop -Require Soft | Out-Null
        Set-ClusterResource -Name shop-db -StartRetries 2 -StatusCheck @{ Depth = 20; Interval = 600 } | Out-Null
        New-ClusterEventScript -Name watch -Command /bin/true -Event user.* | Out-Null
    }

    It 'shows <_> as table, as list and wide, with no type''s name in place of a value' -ForEach @(
        'Get-ClusterNode', 'Get-ClusterGroup', 'Get-ClusterResource', 'Get-ClusterFailoverDomain', 'Get-ClusterFenceDevice', 'Test-ClusterFenceDevice'
        'Get-ClusterOperation', 'Get-ClusterEvent', 'Get-ClusterContext', 'Get-ClusterQuorum', 'Get-ClusterService', 'Get-ClusterResourceType'
        'Get-ClusterFenceAgent', 'Get-ClusterNodeHealth', 'Get-ClusterRunbook', 'Get-ClusterGroupDependency', 'Get-ClusterEventScript'
    ) {
        $found = @(& $_ | Select-Object -First 20)
        $found.Count | Should -BeGreaterThan 0
        $shown = ($found | Format-Table | Get-Shown) + ($found | Format-List | Get-Shown) + ($found | Format-Wide | Get-Shown)
        $shown.Trim() | Should -Not -BeNullOrEmpty
        $shown | Should -Not -Match 'ClusterTools\.(Contract|Client)\.|System\.(Object|String|Collections)'
    }
}

Describe 'Colours' {
    It 'are shown where the host can show them, and not with NO_COLOR' {
        $group = Get-ClusterGroup -Name webshop
        # A host like a terminal's.
        $terminal = [System.Management.Automation.Host.PSHost] $Host
        $coloured = [ClusterTools.Views.ViewText]::State($group.Phase, $terminal)
        if (-not $terminal.UI.SupportsVirtualTerminal) {
            $coloured | Should -Be 'Started'
        }
        else {
            $coloured | Should -Be "`e[32mStarted`e[0m"
        }

        $before = $env:NO_COLOR
        try {
            $env:NO_COLOR = '1'
            [ClusterTools.Views.ViewText]::State($group.Phase, $terminal) | Should -Be 'Started'
        }
        finally {
            $env:NO_COLOR = $before
        }
    }
}

Describe 'Names besides the wire''s' {
    It 'let a pipeline speak of State, OwnerNode and Node' {
        (Get-ClusterGroup | Where-Object State -EQ Started).Name | Should -Be @('reports', 'webshop')
        (Get-ClusterGroup -Name webshop).OwnerNode | Should -Be 'node1'
        (Get-ClusterGroup -Name webshop).RestartWindow | Should -Be ([timespan]::FromMinutes(5))
        (Get-ClusterNode | Where-Object State -EQ Online).Node | Should -Be @('node1', 'node2', 'node3')
        (Get-ClusterResource -Group webshop).Resource | Should -Be @('script:shop-db', 'script:shop-web')
    }

    It 'do not lead a pipeline astray' {
        (Get-ClusterNode -Name node2 | Get-ClusterGroup).Name | Should -Be 'reports'
        (Get-ClusterResource -Group webshop | Get-ClusterGroup).Name | Should -Contain 'webshop'
        (Get-ClusterGroup -Name webshop | Move-ClusterGroup -WhatIf) | Should -BeNullOrEmpty
    }
}

Describe 'Views of a terminal of 80 columns' {
    BeforeAll {
        function Get-Narrow {
            param([Parameter(ValueFromPipeline)] [object] $InputObject)

            begin { $all = [System.Collections.Generic.List[object]]::new() }
            process { $all.Add($InputObject) }
            end { ($all | Out-String -Width 80) -replace '\e\[[0-9;]*m' }
        }
    }

    It 'show the nodes of a fence device, and the name of an agent that is a path' {
        Get-ClusterFenceDevice | Get-Narrow | Should -Match '(?m)^pdu-a\s+node1, node2, node3\s+fence_lab\s*$'
    }

    It 'show what a resource stands below' {
        Get-ClusterResource -Group webshop | Get-Narrow | Should -Match '(?m)^script:shop-web\s+Running\s+node1\s+script:shop-db\s+lsb:web\s*$'
    }

    It 'show a check as a whole, and what it found' {
        $results = foreach ($name in 'The cluster survives the loss of any one node', 'Every resource has the time that its agent asks for') {
            $result = [ClusterTools.Client.CheckResult]::new()
            $result.Tag = 'Configuration'
            $result.Name = $name
            $result.Result = 'Passed'
            $result
        }
        $results[1].Message = 'start of ip:192.0.2.100 in group webshop is ended after 5 s. Give it more.'
        $shown = $results | Get-Narrow
        $shown | Should -Match 'The cluster survives the loss of any one node'
        # A line ends where the column does, in the middle of a word too.
        ($shown -replace '\s') | Should -Match 'Everyresourcehasthetimethatitsagentasksfor:startofip:192\.0\.2\.100ingroupwebshopisendedafter5s\.Giveitmore\.'
    }

    It 'show the error of a fence device first' {
        $test = [ClusterTools.Contract.FenceDeviceTest]::new()
        $test.Node = 'node1'
        $test.Method = 'power'
        $test.Device = 'pdu-a'
        $test.Message = 'status of node1 by pdu-a (/usr/sbin/fence_apc) failed: Unable to connect/login to fencing device.'
        $test | Get-Narrow | Should -Match '(?m)^node1\s+power\s+pdu-a\s+NO\s+Unable to connect/login'
    }

    It 'mark the current context' {
        Get-ClusterContext | Get-Narrow | Should -Match '(?m)^\*\s+webshop\s+webshop'
        Get-ClusterContext webshop-viewer | Get-Narrow | Should -Match '(?m)^ ?\s+webshop-viewer'
    }

    It 'show an agent with its parameters when it is asked for alone, by its short name too' {
        if (-not (Get-ClusterResourceType -Name 'ocf:heartbeat:IPaddr2' -ErrorAction Ignore).Installed) {
            Set-ItResult -Skipped -Because 'ocf:heartbeat:IPaddr2 is not installed (package resource-agents)'
            return
        }

        (Get-ClusterResourceType IPaddr2).Name | Should -Be 'ocf:heartbeat:IPaddr2'
        $shown = Get-ClusterResourceType IPaddr2 | Get-Narrow
        $shown | Should -Match '(?m)ip \(required\): '
        $shown | Should -Match 'cidr_netmask'
    }

    It 'show who may do what' {
        Get-ClusterAccess | Get-Narrow | Should -Match '(?m)^admin\s+Administrator\s+\*\s'
    }
}
