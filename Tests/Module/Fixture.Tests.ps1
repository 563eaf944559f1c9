#Requires -Version 7.4
#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    Set-StrictMode -Version 3
    Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Fixture.psm1') -Force
    $before = $env:CLUSTERTOOLS_CONTEXTS
    $lab = Start-TestLab
}

AfterAll {
    Stop-TestLab -Lab $lab
}

Describe 'The lab of the tests' {
    It 'has the web shop with its groups at home' {
        $lab.Nodes | Should -Be @('node1', 'node2', 'node3')
        (Invoke-TestRequest -Lab $lab -Path '/v1/groups/webshop').owner | Should -Be 'node1'
        (Invoke-TestRequest -Lab $lab -Path '/v1/groups/reports').owner | Should -Be 'node2'
        (Invoke-WebRequest -Uri $lab.WebAddress -NoProxy).Content | Should -Match 'node1'
    }

    It 'has a context for each role' {
        $env:CLUSTERTOOLS_CONTEXTS | Should -Be $lab.Contexts
        foreach ($role in 'Administrator', 'Operator', 'Viewer') {
            & (Get-TestedDaemon) status --context $lab.Contexts --cluster $lab.$role | Should -Not -BeNullOrEmpty
            $LASTEXITCODE | Should -Be 0
        }
    }

    It 'is mended after all that a test may do to it' {
        [void] (Invoke-TestRequest -Lab $lab -Method Post -Path '/v1/groups/reports/disable?wait=20')
        [void] (Invoke-TestRequest -Lab $lab -Method Post -Path '/v1/groups/batch/enable?wait=20')
        $changed = Invoke-TestRequest -Lab $lab -Path '/v1/configuration'
        $changed.groups.PSObject.Properties.Remove('reports')
        [void] (Invoke-TestRequest -Lab $lab -Method Post -Path '/v1/configuration/import?wait=30' -Body $changed)
        Invoke-TestLabFault -Lab $lab -Node node3 -Fault kill
        [void] (Wait-TestCondition -Description 'node3 is not online' -Condition {
                (Invoke-TestRequest -Lab $lab -Path '/v1/nodes/node3').phase -ne 'online'
            })
        [void] (Invoke-TestRequest -Lab $lab -Method Post -Path '/v1/nodes/node1/drain?wait=30')
        Reset-TestLab -Lab $lab
        @(Invoke-TestRequest -Lab $lab -Path '/v1/nodes' | Where-Object phase -ne 'online') | Should -BeNullOrEmpty
        $groups = Invoke-TestRequest -Lab $lab -Path '/v1/groups'
        ($groups | Where-Object phase -eq 'started').name | Should -Be @('reports', 'webshop')
        ($groups | Where-Object name -eq 'webshop').owner | Should -Be 'node1'
        ($groups | Where-Object name -eq 'reports').owner | Should -Be 'node2'
    }

    It 'ends without leaving anything, and gives the context file before it back' {
        $second = Start-TestLab
        Stop-TestLab -Lab $second
        $second.Folder | Should -Not -Exist
        $env:CLUSTERTOOLS_CONTEXTS | Should -Be $lab.Contexts
    }
}
