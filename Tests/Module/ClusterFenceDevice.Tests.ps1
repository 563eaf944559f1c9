#Requires -Version 7.4
#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    Set-StrictMode -Version 3
    Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Fixture.psm1') -Force
    Import-TestedModule
    $lab = Start-TestLab
    $agent = (Invoke-TestRequest -Lab $lab -Path /v1/fence-devices/pdu-a).agent
    $own = @{ lab = Join-Path -Path $lab.Folder -ChildPath lab }
    function Get-Method([string] $Node) { (Invoke-TestRequest -Lab $lab -Path /v1/configuration).nodes.$Node.fenceMethods }
}

AfterAll {
    Stop-TestLab -Lab $lab
}

Describe 'Get-ClusterFenceDevice' {
    It 'lists the devices and the nodes that they cut off' {
        (Get-ClusterFenceDevice).Name | Should -Be @('bmc-node3', 'pdu-a', 'pdu-b')
        (Get-ClusterFenceDevice -Name pdu-a).Nodes | Should -Be @('node1', 'node2', 'node3')
        (Get-ClusterFenceDevice -Node node3).Name | Should -Be @('bmc-node3', 'pdu-a')
        (Get-ClusterFenceDevice -Name 'P*').Count | Should -Be 2
    }

    It 'says that there is none of this name' {
        $said = $null
        Get-ClusterFenceDevice -Name pdu-x -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].FullyQualifiedErrorId | Should -BeLike 'NotFound,*'
    }
}

Describe 'New-ClusterFenceDevice' {
    It 'adds a device with secrets that never come out' {
        $secret = [securestring]::new()
        'very-hidden'.ToCharArray() | ForEach-Object { $secret.AppendChar($_) }
        $device = New-ClusterFenceDevice -Name bmc-node1 -Agent fence_ipmilan -Parameter @{ ip = '192.0.2.31'; lanplus = $true; password = $secret } -Node node1
        $device | Should -BeOfType 'ClusterTools.Contract.FenceDevice'
        $device.Nodes | Should -Be 'node1'
        $device.Parameters['password'] | Should -Be '(secret)'
        $device.Parameters['lanplus'] | Should -Be 'true'
        (Get-Method node1).name | Should -Be @('power', 'bmc-node1')
        # It went in as it is, and is still there after another change.
        Set-ClusterFenceDevice -Name bmc-node1 -Parameter @{ ip = '192.0.2.32' } | Out-Null
        $log = Get-ChildItem -LiteralPath $lab.Folder -Recurse -File -Filter '*.log'
        $log | Select-String -SimpleMatch 'very-hidden' | Should -BeNullOrEmpty
    }

    It 'adds a device for several nodes, each with its own parameters, first' {
        New-ClusterFenceDevice -Name pdu-c -Agent $agent -Parameter $own -Method third -First -NodeParameter @{ node1 = @{ plug = 'node1'; device = 'pdu-c' }; node2 = @{ plug = 'node2'; device = 'pdu-c'; feeds = 'pdu-c' } } | Out-Null
        (Get-Method node1)[0].name | Should -Be 'third'
        (Get-Method node2)[0].steps[0].parameters.feeds | Should -Be 'pdu-c'
        (Get-Method node2)[0].steps[0].action | Should -Be 'reboot'
    }

    It 'refuses nodes that are not there, and a name that is taken' {
        $said = $null
        New-ClusterFenceDevice -Name none -Agent fence_apc -Node node9 -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].FullyQualifiedErrorId | Should -BeLike 'NotFound,*'
        New-ClusterFenceDevice -Name pdu-a -Agent fence_apc -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].FullyQualifiedErrorId | Should -BeLike 'AlreadyExists,*'
        New-ClusterFenceDevice -Name none -Agent fence_apc -NodeParameter @{ port = 1 } -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].FullyQualifiedErrorId | Should -BeLike 'BadRequest,*'
    }
}

Describe 'Set-ClusterFenceDevice' {
    It 'changes parameters, and which nodes use it' {
        (Set-ClusterFenceDevice -Name bmc-node1 -Parameter @{ lanplus = $null; port = 2 }).Parameters['port'] | Should -Be '2'
        (Get-ClusterFenceDevice -Name bmc-node1).Parameters.Keys | Should -Not -Contain 'lanplus'
        (Set-ClusterFenceDevice -Name bmc-node1 -Node node2 -RemoveNode node1 -NodeParameter @{ port = 7 } -Action Off).Nodes | Should -Be 'node2'
        (Get-Method node1).name | Should -Not -Contain 'bmc-node1'
        (Get-Method node2 | Where-Object name -EQ bmc-node1).steps[0].action | Should -Be 'off'
    }

    It 'says with -WhatIf what would change, without the secret' {
        $said = pwsh -NoProfile -Command "Import-Module -Name '$(Get-TestedManifest)'; Set-ClusterFenceDevice -Name bmc-node3 -Parameter @{ password = 'hidden-too' } -Force -WhatIf"
        $said -join ' ' | Should -BeLike '*fence device bmc-node3 is changed: *password = (secret)*'
        $said -join ' ' | Should -Not -BeLike '*hidden-too*'
    }
}

Describe 'Test-ClusterFenceDevice' {
    It 'says which devices answer, and whether their nodes are on' {
        $tests = Test-ClusterFenceDevice -Name pdu-a, pdu-b -Node node1
        $tests | Should -BeOfType 'ClusterTools.Contract.FenceDeviceTest'
        $tests.Device | Sort-Object -Unique | Should -Be @('pdu-a', 'pdu-b')
        $tests.Answers | Sort-Object -Unique | Should -Be $true
        $tests.On | Sort-Object -Unique | Should -Be $true
    }

    It 'says that one does not answer, and why' {
        New-ClusterFenceDevice -Name dead -Agent fence_nothing_of_the_kind -Node node1 -Force -WarningAction SilentlyContinue | Out-Null
        $test = Test-ClusterFenceDevice -Name dead
        $test.Answers | Should -BeFalse
        $test.Message | Should -Not -BeNullOrEmpty
        Test-ClusterFenceDevice -Name dead -Quiet | Should -BeFalse
        Test-ClusterFenceDevice -Name bmc-node3 -Quiet | Should -BeTrue
    }

    It 'is for operators' {
        $said = $null
        Test-ClusterFenceDevice -Name pdu-a -Cluster $lab.Viewer -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].FullyQualifiedErrorId | Should -BeLike 'RoleRequired,*'
    }
}

Describe 'Remove-ClusterFenceDevice' {
    It 'refuses one that nodes use, unless it is forced' {
        $said = $null
        Remove-ClusterFenceDevice -Name dead -Confirm:$false -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].FullyQualifiedErrorId | Should -BeLike 'InUse,*'
        $said[0].Exception.Message | Should -BeLike '*node1*'
        (Remove-ClusterFenceDevice -Name dead -Force -Confirm:$false -PassThru).Name | Should -Be 'dead'
        (Get-Method node1).name | Should -Not -Contain 'dead'
        Get-ClusterFenceDevice -Name 'dead*' | Should -BeNullOrEmpty
    }
}

Describe 'Get-ClusterFenceAgent' {
    It 'lists agents, and says all of one' {
        $agents = Get-ClusterFenceAgent
        $agents | Should -BeOfType 'ClusterTools.Contract.FenceAgent'
        $agents.Name | Should -Contain $agent
        (Get-ClusterFenceAgent -Name $agent).Parameters | Should -Not -BeNullOrEmpty
        (Get-ClusterFenceDevice -Name pdu-a | Get-ClusterFenceAgent).Name | Should -Be $agent
    }

    It 'says that there is none' {
        $said = $null
        Get-ClusterFenceAgent -Name fence_nothing_of_the_kind -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].FullyQualifiedErrorId | Should -BeLike 'NotFound,*'
    }
}
