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

Describe 'Write-ClusterLog' {
    It 'writes a message that Get-ClusterEvent shows, with who wrote it' {
        Write-ClusterLog -Message 'Something happens' -Severity Warning -Group WEBSHOP -Node node1 | Should -BeNullOrEmpty
        $entry = Get-ClusterEvent -MaxEvents 1
        $entry | Should -BeOfType 'ClusterTools.Contract.JournalEntry'
        $entry.Message | Should -Be 'Something happens'
        $entry.Severity | Should -Be 'Warning'
        $entry.Group | Should -Be 'webshop'
        $entry.Node | Should -Be 'node1'
        $entry.Who | Should -BeLike 'admin*'
    }

    It 'takes messages from the pipeline and gives them with -PassThru' {
        ('One', 'Two' | Write-ClusterLog -PassThru).Message | Should -Be @('One', 'Two')
    }

    It 'does nothing by -WhatIf' {
        Write-ClusterLog -Message 'Nothing' -WhatIf
        (Get-ClusterEvent -MaxEvents 5).Message | Should -Not -Contain 'Nothing'
    }

    It 'says that there is no such group, that a line is a line, and who may not' {
        { Write-ClusterLog -Message x -Group nogroup -ErrorAction Stop } | Should -Throw -ErrorId 'NotFound,*'
        { Write-ClusterLog -Message "x`ny" -ErrorAction Stop } | Should -Throw -ErrorId 'BadRequest,*'
        { Write-ClusterLog -Message x -Cluster $lab.Viewer -ErrorAction Stop } | Should -Throw -ErrorId 'RoleRequired,*'
    }
}

Describe 'Get-ClusterEvent' {
    It 'gives the newest, oldest first' {
        $entries = @(Get-ClusterEvent -MaxEvents 5)
        $entries.Count | Should -Be 5
        $entries.Sequence | Should -Be @($entries.Sequence | Sort-Object)
    }

    It 'gives what concerns groups and nodes, by wildcard, by name and from the pipeline' {
        (Get-ClusterEvent -Group 'web*').Group | Sort-Object -Unique | Should -Be 'webshop'
        (Get-ClusterEvent reports).Group | Sort-Object -Unique | Should -Be 'reports'
        (Get-ClusterEvent -Node NODE3).Node | Sort-Object -Unique | Should -Be 'node3'
        (Get-ClusterGroup -Name reports | Get-ClusterEvent).Group | Sort-Object -Unique | Should -Be 'reports'
        (Get-ClusterNode -Name node3 | Get-ClusterEvent).Node | Sort-Object -Unique | Should -Be 'node3'
        Get-ClusterGroup -Name 'none*' | Get-ClusterEvent | Should -BeNullOrEmpty
    }

    It 'gives what is of a severity and worse' {
        Write-ClusterLog -Message 'Bad' -Severity Error
        (Get-ClusterEvent -Severity Error).Message | Should -Contain 'Bad'
        (Get-ClusterEvent -Severity Warning).Severity | Should -Not -Contain 'Information'
    }

    It 'gives what came since a time' {
        $all = Get-ClusterEvent -Since ([datetime]::Now.AddHours(-1))
        $all.Message | Should -Contain 'Node node1 has joined.'
        Get-ClusterEvent -Since ([datetime]::Now.AddHours(1)) | Should -BeNullOrEmpty
    }

    It 'says that there is no such group' {
        { Get-ClusterEvent -Group nogroup -ErrorAction Stop } | Should -Throw -ErrorId 'NotFound,*'
        $said = $null
        (7, (Get-ClusterGroup -Name reports) | Get-ClusterEvent -MaxEvents 1 -ErrorAction SilentlyContinue -ErrorVariable said).Group | Should -Be 'reports'
        $said[0].FullyQualifiedErrorId | Should -BeLike 'BadRequest,*'
    }
}

Describe 'Get-ClusterEvent -Follow' {
    BeforeAll {
        # To enumerate it would wait until the command ends.
        function Get-Heard {
            for ($at = 0; $at -lt $heard.Count; $at++) {
                $heard[$at]
            }
        }
    }

    BeforeEach {
        $shell = [powershell]::Create([System.Management.Automation.RunspaceMode]::NewRunspace)
        $heard = [System.Management.Automation.PSDataCollection[psobject]]::new()
    }

    AfterEach {
        $shell.Dispose()
    }

    It 'begins with what came since a time and goes on, each entry once' {
        Write-ClusterLog -Message 'Before'
        $since = (Get-ClusterEvent -MaxEvents 1).At
        [void] $shell.AddScript("Import-Module '$(Get-TestedManifest)'; Get-ClusterEvent -Since '$($since.ToString('o'))' -Follow | ForEach-Object { `$_.Message }")
        [void] $shell.BeginInvoke([System.Management.Automation.PSDataCollection[psobject]]::new(), $heard)
        [void] (Wait-TestCondition -Description 'what was before has come' -Condition { (Get-Heard) -contains 'Before' })
        Write-ClusterLog -Message 'After'
        [void] (Wait-TestCondition -Description 'what came after has come' -Condition { (Get-Heard) -contains 'After' })
        @(@(Get-Heard) -eq 'Before').Count | Should -Be 1
        @(@(Get-Heard) -eq 'After').Count | Should -Be 1
        $shell.Stop()
        $shell.InvocationStateInfo.State | Should -Be 'Stopped'
    }

    It 'streams into the next command, which may end it' {
        [void] $shell.AddScript("Import-Module '$(Get-TestedManifest)'; Get-ClusterEvent -Group reports -Follow | Select-Object -First 1")
        $running = $shell.BeginInvoke([System.Management.Automation.PSDataCollection[psobject]]::new(), $heard)
        [void] (Wait-TestCondition -Description 'the first entry has come and ended it' -Condition {
                Write-ClusterLog -Message 'For reports' -Group reports
                $running.IsCompleted
            })
        $heard.Count | Should -Be 1
        $heard[0].Message | Should -Be 'For reports'
    }

    It 'ends after -MaxEvents' {
        @(Get-ClusterEvent -Since ([datetime]::Now.AddHours(-1)) -Follow -MaxEvents 3).Count | Should -Be 3
    }

    It 'survives the death of the node that it listens to' {
        # All commands of a process share a connection; it is to the node that answered last.
        $node = (Get-Cluster).Node
        [void] $shell.AddScript("Import-Module '$(Get-TestedManifest)'; Get-ClusterEvent -Follow")
        [void] $shell.BeginInvoke([System.Management.Automation.PSDataCollection[psobject]]::new(), $heard)
        [void] (Wait-TestCondition -Description 'it listens' -Condition {
                Write-ClusterLog -Message 'Does it listen?'
                (Get-Heard).Message -contains 'Does it listen?'
            })
        Invoke-TestLabFault -Lab $lab -Node $node -Fault kill
        [void] (Wait-TestCondition -Description 'the fencing is heard of' -Condition { Get-Heard | Where-Object { $_.Kind -eq 'fence.success' -and $_.Node -eq $node } })
        Write-ClusterLog -Message 'Still there'
        [void] (Wait-TestCondition -Description 'it goes on' -Condition { (Get-Heard).Message -contains 'Still there' })
        @(Get-Heard | Where-Object { $_.Kind -eq 'node.lost' -and $_.Node -eq $node }).Count | Should -Be 1
        $shell.Stop()
        Reset-TestLab -Lab $lab
    }
}
