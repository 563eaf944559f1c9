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

Describe 'Test-ClusterFailover' {
    It 'says where the groups of a node would go, why, and what to think of' {
        $answer = @(Test-ClusterFailover -Node node1)
        $answer | Should -HaveCount 1
        $answer[0] | Should -BeOfType 'ClusterTools.Client.ClusterFailover'
        $answer[0].Group | Should -Be 'webshop'
        $answer[0].From | Should -Be 'node1'
        $answer[0].To | Should -Be 'node2'
        $answer[0].State | Should -Be 'Started'
        $answer[0].Why | Should -BeLike '*node1 is Down*'
        $answer[0].Risk | Should -BeLike '*no other node could take it then*one more loss of a node stops the cluster*'
        $answer[0].If | Should -Be 'node1 is lost'
        (Get-ClusterGroup -Name webshop).Owner | Should -Be 'node1'
    }

    It 'says where a failing group would go' {
        $answer = Test-ClusterFailover -Group web*
        $answer.Group | Should -Be 'webshop'
        $answer.To | Should -Be 'node2'
        $answer.Risk | Should -BeNullOrEmpty
        (Get-ClusterGroup -Name reports | Test-ClusterFailover).From | Should -Be 'node2'
        Test-ClusterFailover -Group batch | Should -BeNullOrEmpty
    }

    It 'takes nodes from the pipeline, one by one, and several together' {
        (Get-ClusterNode | Test-ClusterFailover).If | Should -Be @('node1 is lost', 'node2 is lost')
        $together = Test-ClusterFailover -Node node1, node2 -Together
        $together.Group | Should -Be @('reports', 'webshop')
        $together.To | Should -Be @($null, $null)
        $together.Risk | Should -Be @('it is down', 'it is down')
    }

    It 'tells all groups when asked' {
        (Test-ClusterFailover -Node node3 -All).Group | Should -Be @('batch', 'reports', 'webshop')
        Test-ClusterFailover -Node node3 | Should -BeNullOrEmpty
    }

    It 'says no more than whether all would run' {
        Test-ClusterFailover -Node node1 -Quiet | Should -BeTrue
        Test-ClusterFailover -Node node1, node2 -Together -Quiet | Should -BeFalse
    }

    It 'is open to viewers, and says that there is none of this name' {
        (Test-ClusterFailover -Node node1 -Cluster $lab.Viewer).To | Should -Be 'node2'
        $said = $null
        Test-ClusterFailover -Node node9 -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].FullyQualifiedErrorId | Should -BeLike 'NotFound,*'
        Test-ClusterFailover -Group webshops -ErrorAction SilentlyContinue -ErrorVariable said
        $said[0].FullyQualifiedErrorId | Should -BeLike 'NotFound,*'
        Test-ClusterFailover -Group webshops -Quiet -ErrorAction SilentlyContinue | Should -BeFalse
    }

    It 'is shown as a table under its question, as a list and wide' {
        $answer = Test-ClusterFailover -Node node1
        $table = ($answer | Out-String -Width 160) -replace '\e\[[0-9;]*m'
        $table | Should -Match 'If: node1 is lost'
        $table | Should -Match '(?m)^webshop\s+node1\s+node2\s+Started\s+\S'
        (($answer | Format-List | Out-String) -replace '\e\[[0-9;]*m') | Should -Match '(?m)^Risk\s+: \S'
        $answer | Format-Wide | Out-String | Should -Match 'webshop: node1 -> node2'
    }

    It 'offers names of nodes and groups' {
        foreach ($case in @{ Line = 'Test-ClusterFailover node2'; Offered = 'node2' }, @{ Line = 'Test-ClusterFailover -Group rep'; Offered = 'reports' }) {
            $offered = Wait-TestCondition -Description $case.Line -Condition {
                (TabExpansion2 -inputScript $case.Line -cursorColumn $case.Line.Length).CompletionMatches | Where-Object ResultType -EQ 'ParameterValue'
            }
            $offered.CompletionText | Should -Be $case.Offered
        }
    }

    It 'comes true' {
        $answer = Test-ClusterFailover -Node node1
        Invoke-TestLabFault -Lab $lab -Node node1 -Fault kill
        [void] (Wait-TestCondition -Description 'the web shop runs again' -Condition { (Get-ClusterGroup -Name webshop) | Where-Object { $_.State -eq 'Started' -and $_.Owner -ne 'node1' } })
        (Get-ClusterGroup -Name webshop).Owner | Should -Be $answer.To
        Reset-TestLab -Lab $lab
    }
}
