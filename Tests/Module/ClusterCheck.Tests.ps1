#Requires -Version 7.4
#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    Set-StrictMode -Version 3
    Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Fixture.psm1') -Force
    Import-TestedModule
    $lab = Start-TestLab
}

AfterAll {
    Stop-TestLab -Lab $lab
}

Describe 'Test-Cluster' {
    It 'finds nothing wrong with a cluster that is well, and says so as objects' {
        $results = @(Test-Cluster)
        $results[0] | Should -BeOfType 'ClusterTools.Client.CheckResult'
        $results | Where-Object Result -EQ Failed | ForEach-Object { "$($_.Name): $($_.Message)" } | Should -BeNullOrEmpty
        $results.Tag | Select-Object -Unique | Sort-Object | Should -Be @('Certificate', 'Clock', 'Configuration', 'Domain', 'Fencing', 'Group', 'History', 'Quorum')
    }

    It 'runs the checks of a tag alone, or all but those' {
        Test-Cluster -Tag Quorum | ForEach-Object Tag | Select-Object -Unique | Should -Be 'Quorum'
        Test-Cluster -Tag Quorum, Clock -ExcludeTag Quorum | ForEach-Object Tag | Select-Object -Unique | Should -Be 'Clock'
    }

    It 'writes NUnit XML when asked' {
        $file = Join-Path -Path $TestDrive -ChildPath 'checks.xml'
        $results = @(Test-Cluster -Tag Quorum -OutputPath $file)
        ([xml](Get-Content -LiteralPath $file -Raw)).'test-results'.total | Should -Be $results.Count
    }

    It 'needs no more than a viewer; what a viewer may not ask is skipped, with the reason' {
        $results = @(Test-Cluster -Cluster $lab.Viewer)
        $results | Where-Object Result -EQ Failed | ForEach-Object { "$($_.Name): $($_.Message)" } | Should -BeNullOrEmpty
        $devices = $results | Where-Object Name -EQ 'Every fence device answers'
        $devices.Result | Should -Be 'Skipped'
        $devices.Message | Should -BeLike '*operator*'
    }

    It 'leaves no module and no variable in the session' {
        $modules = @(Get-Module | ForEach-Object Name)
        $null = Test-Cluster -Tag Clock
        @(Get-Module | ForEach-Object Name) | Should -Be $modules
    }

    It 'names a frozen group and the remedy' {
        $null = Lock-ClusterGroup -Name webshop
        try {
            $result = Test-Cluster -Tag Group | Where-Object Name -EQ 'No group is frozen'
            $result.Result | Should -Be 'Failed'
            $result.Message | Should -BeLike '*webshop*Unlock-ClusterGroup*'
        }
        finally {
            Reset-TestLab -Lab $lab
        }
    }

    It 'names a resource that has less time than its agent asks for' {
        if (-not (Get-ClusterResourceType -Name 'ocf:heartbeat:Dummy' -ErrorAction Ignore).Installed) {
            Set-ItResult -Skipped -Because 'ocf:heartbeat:Dummy is not installed (package resource-agents)'
            return
        }

        $null = New-ClusterService -Name hasty -Autostart $false -Resource @{ Name = 'one'; Agent = 'ocf:heartbeat:Dummy'; StartTimeout = 5 }
        try {
            $result = Test-Cluster -Tag Configuration | Where-Object Name -EQ 'Every resource has the time that its agent asks for'
            $result.Result | Should -Be 'Failed'
            $result.Message | Should -BeLike 'start of Dummy:one in group hasty is ended after 5 s, but ocf:heartbeat:Dummy asks for 20 s. *Set-ClusterResource*'
        }
        finally {
            Remove-ClusterService -Name hasty -Confirm:$false
        }
    }

    It 'names a certificate that is about to expire' {
        $failed = @(Test-Cluster -Tag Certificate -CertificateDays 3650 | Where-Object Result -EQ Failed)
        $failed.Count | Should -BeGreaterThan 0
        $failed[0].Message | Should -BeLike '*expires on*'
    }

    It 'names a node whose disk can not be written' {
        $inTheWay = Join-Path -Path $lab.Folder -ChildPath 'lab/node2/disk.probe'
        $null = New-Item -ItemType Directory -Path $inTheWay
        try {
            Wait-TestCondition -Description 'node2 has noticed' -Condition { (Get-ClusterNodeHealth -Name node2).Message -like '*can''t be written*' }
            (Test-Cluster -Tag Configuration | Where-Object Name -EQ 'Every daemon can write').Message | Should -BeLike '*node2*can''t be written*'
        }
        finally {
            Remove-Item -LiteralPath $inTheWay
        }

        Wait-TestCondition -Description 'node2 has noticed that again' -Condition { (Get-ClusterNodeHealth -Name node2).Message -eq '' }
    }

    It 'names the node that was lost, and afterwards the failover and its cause' {
        Invoke-TestLabFault -Lab $lab -Node node1 -Fault kill
        try {
            Wait-TestCondition -Description 'node1 is down' -Condition { (Invoke-TestRequest -Lab $lab -Path '/v1/nodes/node1').phase -eq 'down' }
            $failed = @(Test-Cluster -Tag Quorum, Configuration | Where-Object Result -EQ Failed)
            $failed.Name | Should -Contain 'All nodes are in the cluster'
            $failed.Name | Should -Contain 'The cluster survives the loss of any one node'
            $failed.Name | Should -Contain 'All daemons answer'
            ($failed | Where-Object Name -EQ 'All nodes are in the cluster').Message | Should -BeLike '*node1*'
            (Test-Cluster -Tag History).Message | Should -BeLike '*node1*'
        }
        finally {
            Reset-TestLab -Lab $lab
        }
    }

    It 'ends with one error when there is no cluster' {
        { Test-Cluster -Cluster nowhere -ErrorAction Stop } | Should -Throw -ErrorId 'ContextNotFound,*'
    }
}

Describe 'Test-Cluster of two nodes without two_node' {
    BeforeAll {
        Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Trouble.psm1') -Force
        $folder = (New-Item -ItemType Directory -Path (Join-Path -Path $TestDrive -ChildPath 'pair')).FullName
        $file = New-TroubleConfiguration -Folder $folder -Nodes 2
        $configuration = Get-Content -LiteralPath $file -Raw | ConvertFrom-Json -AsHashtable
        $configuration.groups.gone = @{
            name = 'gone'; autostart = $false; resources = @(@{ id = 'nothing:here'; type = 'nothing'; agent = 'ocf:heartbeat:NothingHere' })
        }
        [System.IO.File]::WriteAllText($file, (ConvertTo-Json -InputObject $configuration -Depth 10))
        $pair = Start-TestLab -Config $file
    }

    AfterAll {
        Stop-TestLab -Lab $pair
    }

    It 'does not say that it survives a loss' {
        $result = Test-Cluster -Tag Quorum | Where-Object Name -EQ 'The cluster survives the loss of any one node'
        $result.Result | Should -Be 'Failed'
        $result.Message | Should -BeLike '*without node1 only 1 of 2 votes are left, and 2 are needed*two_node*'
    }

    It 'goes on where an agent is not installed' {
        $said = $null
        $result = Test-Cluster -Tag Configuration -ErrorVariable said -ErrorAction SilentlyContinue | Where-Object Name -EQ 'Every resource has the time that its agent asks for'
        $result.Result | Should -Be 'Passed'
        $said | Should -BeNullOrEmpty
    }
}
