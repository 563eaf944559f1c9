#Requires -Version 7.4
#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    Set-StrictMode -Version 3
    Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Fixture.psm1') -Force
    Import-TestedModule
    $lab = Start-TestLab
    $contexts = $lab.Contexts
    $known = @(Get-ClusterContext)
    $servers = @($lab.Addresses.Values)
    $certificate = Join-Path -Path (Split-Path -Path $lab.Authority -Parent) -ChildPath 'admin.pfx'

    # Another authority's certificate, of the same name.
    function Get-OtherAuthority {
        $key = [System.Security.Cryptography.ECDsa]::Create()
        $request = [System.Security.Cryptography.X509Certificates.CertificateRequest]::new('CN=ClusterTools CA of webshop', $key, 'SHA256')
        $request.CertificateExtensions.Add([System.Security.Cryptography.X509Certificates.X509BasicConstraintsExtension]::new($true, $false, 0, $true))
        $path = Join-Path -Path $TestDrive -ChildPath 'other.pem'
        Set-Content -LiteralPath $path -Value $request.CreateSelfSigned([datetime]::UtcNow.AddDays(-1), [datetime]::UtcNow.AddDays(1)).ExportCertificatePem()
        $path
    }
}

AfterAll {
    Stop-TestLab -Lab $lab
}

Describe 'Get-Cluster' {
    It 'gives the cluster on one screen' {
        $cluster = Get-Cluster
        $cluster | Should -BeOfType 'ClusterTools.Contract.ClusterStatus'
        $cluster.Name | Should -Be 'webshop'
        $cluster.Quorum | Should -Be 'Quorate'
        $cluster.Votes | Should -Be 3
        $cluster.VotesNeeded | Should -Be 2
        $cluster.LossesSurvived | Should -Be 1
        $cluster.Nodes.Name | Should -Be @('node1', 'node2', 'node3')
        $cluster.Groups.Name | Should -Be @('batch', 'reports', 'webshop')
        $cluster.FailedGroups | Should -BeNullOrEmpty
    }

    It 'shows the newest warnings and errors of the journal, and what is under way' {
        Write-ClusterLog -Message 'Something is wrong' -Severity Error
        (Get-Cluster).Problems.Message | Should -Contain 'Something is wrong'
        Write-Output -InputObject (Get-Cluster).Operations -NoEnumerate | Should -BeNullOrEmpty
    }

    It 'takes contexts by name and from the pipeline' {
        (Get-Cluster -Name $lab.Viewer).ClusterContext | Should -Be $lab.Viewer
        @(Get-ClusterContext | Get-Cluster).Count | Should -Be $known.Count
    }

    It 'shows the clusters that answer when one does not' {
        [System.IO.File]::WriteAllText($contexts, $lab.ContextsText.Replace('"contexts": [', '"contexts": [ { "name": "gone", "cluster": "gone", "servers": ["https://127.0.0.1:1"], "authority": "", "certificatePath": "none.pfx" },'))
        try {
            $said = $null
            @(Get-ClusterContext | Get-Cluster -ErrorAction SilentlyContinue -ErrorVariable said).Count | Should -Be $known.Count
            $said[0].TargetObject | Should -Be 'gone'
        }
        finally {
            [System.IO.File]::WriteAllText($contexts, $lab.ContextsText)
        }
    }

    It 'ends with an error that says what to do when no node answers' {
        $nobody = Join-Path -Path $TestDrive -ChildPath 'nobody.json'
        $dead = ConvertFrom-Json -InputObject $lab.ContextsText
        $dead.contexts[0].servers = @('https://127.0.0.1:1', 'https://127.0.0.1:2')
        $dead.contexts[0].certificatePath = $certificate
        ConvertTo-Json -InputObject $dead -Depth 5 | Set-Content -LiteralPath $nobody
        [System.IO.File]::SetUnixFileMode($nobody, [System.IO.UnixFileMode] 'UserRead, UserWrite')
        $env:CLUSTERTOOLS_CONTEXTS = $nobody
        try {
            $said = { Get-Cluster -Name $dead.contexts[0].name } | Should -Throw -ErrorId 'NoServerAnswered,*' -ExpectedMessage '*127.0.0.1:1*127.0.0.1:2*' -PassThru
            $said.CategoryInfo.Category | Should -Be 'ConnectionError'
            $said.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
        }
        finally {
            $env:CLUSTERTOOLS_CONTEXTS = $contexts
        }
    }

    It 'ends with an error that names the ways to a cluster when there is no context' {
        $env:CLUSTERTOOLS_CONTEXTS = Join-Path -Path $TestDrive -ChildPath 'none.json'
        try {
            $said = { Get-Cluster } | Should -Throw -ErrorId 'NoCurrentContext,*' -PassThru
            $said.ErrorDetails.RecommendedAction | Should -BeLike '*Connect-Cluster*Start-ClusterLab*'
        }
        finally {
            $env:CLUSTERTOOLS_CONTEXTS = $contexts
        }
    }
}

Describe 'Contexts' {
    BeforeEach {
        $file = Join-Path -Path $TestDrive -ChildPath "$([guid]::NewGuid().ToString('N'))/contexts.json"
        $env:CLUSTERTOOLS_CONTEXTS = $file
    }

    AfterEach {
        $env:CLUSTERTOOLS_CONTEXTS = $contexts
    }

    Context 'Connect-Cluster' {
        It 'makes a context named like the cluster, current, readable by its owner alone' {
            $made = Connect-Cluster -Server $servers -Certificate $certificate -Authority $lab.Authority
            $made | Should -BeOfType 'ClusterTools.Contract.ClientContext'
            $made.Name | Should -Be 'webshop'
            $made.Servers | Should -Be $servers
            $made.Current | Should -BeTrue
            [System.IO.File]::GetUnixFileMode($file) | Should -Be 'UserWrite, UserRead'
            (Get-Cluster).Name | Should -Be 'webshop'
            (Get-ClusterNode -Cluster webshop).Count | Should -Be 3
        }

        It 'shows no key' {
            Connect-Cluster -Server $servers -Certificate $certificate -Authority $lab.Authority | ConvertTo-Json -Depth 3 | Should -Not -BeLike "*$([Convert]::ToBase64String([System.IO.File]::ReadAllBytes($certificate)).Substring(0, 40))*"
        }

        It 'takes a certificate with a password and does without it from then on' {
            $locked = Join-Path -Path $TestDrive -ChildPath 'locked.pfx'
            $key = [System.Security.Cryptography.X509Certificates.X509CertificateLoader]::LoadPkcs12FromFile($certificate, $null, 'Exportable')
            [System.IO.File]::WriteAllBytes($locked, $key.Export('Pfx', 'open sesame'))
            [System.IO.File]::SetUnixFileMode($locked, [System.IO.UnixFileMode] 'UserRead, UserWrite')
            { Connect-Cluster -Server $servers -Certificate $locked -Authority $lab.Authority -ErrorAction Stop } | Should -Throw -ErrorId 'CertificateUnreadable,*'
            $password = [securestring]::new()
            'open sesame'.ToCharArray().ForEach{ $password.AppendChar($_) }
            (Connect-Cluster -Name mine -Server $servers -Certificate $locked -CertificatePassword $password -Authority $lab.Authority).Name | Should -Be 'mine'
            (Get-Cluster -Name mine).Name | Should -Be 'webshop'
        }

        It 'refuses a cluster of another authority, and keeps nothing' {
            $other = Get-OtherAuthority
            $said = { Connect-Cluster -Server $servers -Certificate $certificate -Authority $other -ErrorAction Stop } |
                Should -Throw -ErrorId 'ServerNotTrusted,*' -ExpectedMessage '*another authority*' -PassThru
            $said.CategoryInfo.Category | Should -Be 'SecurityError'
            Test-Path -LiteralPath $file | Should -BeFalse
        }

        It 'refuses a certificate that others can read, with the remedy' {
            $open = Join-Path -Path $TestDrive -ChildPath 'open.pfx'
            Copy-Item -LiteralPath $certificate -Destination $open
            [System.IO.File]::SetUnixFileMode($open, [System.IO.UnixFileMode] 'UserRead, UserWrite, OtherRead')
            $said = { Connect-Cluster -Server $servers -Certificate $open -Authority $lab.Authority -ErrorAction Stop } | Should -Throw -ErrorId 'FileNotPrivate,*' -PassThru
            $said.ErrorDetails.RecommendedAction | Should -BeLike "*chmod 600 '$open'*"
            $said.TargetObject | Should -Be $open
        }

        It 'says which file is not there, and which address is none' {
            { Connect-Cluster -Server $servers -Certificate (Join-Path -Path $TestDrive -ChildPath 'none.pfx') -Authority $lab.Authority -ErrorAction Stop } |
                Should -Throw -ErrorId 'CertificateUnreadable,*' -ExpectedMessage '*none.pfx*'
            { Connect-Cluster -Server $servers -Certificate $certificate -Authority $certificate -ErrorAction Stop } | Should -Throw -ErrorId 'CertificateUnreadable,*'
            { Connect-Cluster -Server 'node1' -Certificate $certificate -Authority $lab.Authority -ErrorAction Stop } | Should -Throw -ExpectedMessage "*'node1'*"
            Test-Path -LiteralPath $file | Should -BeFalse
        }

        It 'does not replace a context of the same name unless it is told to' {
            $new = @{ Name = 'mine'; Server = $servers; Certificate = $certificate; Authority = $lab.Authority }
            [void] (Connect-Cluster @new)
            { Connect-Cluster @new -ErrorAction Stop } | Should -Throw -ErrorId 'ContextExists,*'
            [void] (Connect-Cluster @new -Force)
            @(Get-ClusterContext).Count | Should -Be 1
        }

        It 'makes a context current when its cluster answers' {
            [void] (Connect-Cluster -Name one -Server $servers -Certificate $certificate -Authority $lab.Authority)
            [void] (Connect-Cluster -Name two -Server $servers -Certificate $certificate -Authority $lab.Authority)
            Connect-Cluster -Name one -WhatIf
            (Get-ClusterContext -Current).Name | Should -Be 'two'
            (Connect-Cluster -Name ONE).Current | Should -BeTrue
            (Get-ClusterContext -Current).Name | Should -Be 'one'
            { Connect-Cluster -Name three -ErrorAction Stop } | Should -Throw -ErrorId 'ContextNotFound,*' -ExpectedMessage '*one, two*'
        }
    }

    Context 'Set-, Get-ClusterContext and Disconnect-Cluster' {
        BeforeEach {
            foreach ($name in 'one', 'two') {
                [void] (Connect-Cluster -Name $name -Server $servers -Certificate $certificate -Authority $lab.Authority)
            }
        }

        It 'Set-ClusterContext makes a context current' {
            (Set-ClusterContext -Name one).Current | Should -BeTrue
            (Get-ClusterContext -Current).Name | Should -Be 'one'
            Set-ClusterContext -Name two -WhatIf
            (Get-ClusterContext -Current).Name | Should -Be 'one'
        }

        It 'Set-ClusterContext renames a context, which stays current' {
            [void] (Get-Cluster)
            (Set-ClusterContext -Name two -NewName second).Name | Should -Be 'second'
            (Get-ClusterContext).Name | Should -Be @('one', 'second')
            (Get-ClusterContext -Current).Name | Should -Be 'second'
            (Get-Cluster).Name | Should -Be 'webshop'
            { Set-ClusterContext -Name one -NewName SECOND -ErrorAction Stop } | Should -Throw -ErrorId 'ContextExists,*'
            { Set-ClusterContext -Name none -ErrorAction Stop } | Should -Throw -ErrorId 'ContextNotFound,*'
        }

        It 'Disconnect-Cluster closes the connection and keeps the context' {
            [void] (Get-Cluster)
            Disconnect-Cluster | Should -BeNullOrEmpty
            (Get-Cluster).Name | Should -Be 'webshop'
        }

        It 'Disconnect-Cluster -Forget removes contexts' {
            Disconnect-Cluster -Name one -Forget -WhatIf
            @(Get-ClusterContext).Count | Should -Be 2
            (Disconnect-Cluster -Name 't*' -Forget -PassThru).Name | Should -Be 'two'
            (Get-ClusterContext).Name | Should -Be 'one'
            Get-ClusterContext -Current | Should -BeNullOrEmpty
            (Get-ClusterContext | Disconnect-Cluster -Forget -PassThru).Name | Should -Be 'one'
            { Disconnect-Cluster -Name one -ErrorAction Stop } | Should -Throw -ErrorId 'ContextNotFound,*'
        }

        It 'nothing works with a context file that others can read' {
            [System.IO.File]::SetUnixFileMode($file, [System.IO.UnixFileMode] 'UserRead, UserWrite, GroupRead')
            { Get-ClusterContext -ErrorAction Stop } | Should -Throw -ErrorId 'FileNotPrivate,*'
            { Get-ClusterGroup } | Should -Throw -ErrorId 'FileNotPrivate,*'
        }
    }
}

Describe 'Remove-Module' {
    It 'closes the connections' {
        $folder = Join-Path -Path $lab.Folder -ChildPath 'lab'
        $script = "
            `$env:CLUSTERTOOLS_CONTEXTS = '$contexts'
            Import-Module '$(Get-TestedManifest)'
            [void] (Get-Cluster)
            function Get-Connection { @([System.Net.NetworkInformation.IPGlobalProperties]::GetIPGlobalProperties().GetActiveTcpConnections() |
                Where-Object { `$_.State -eq 'Established' -and `$_.RemoteEndPoint.Port -in $(($servers | ForEach-Object { ([uri] $_).Port }) -join ',') }).Count }
            `$before = Get-Connection
            Remove-Module ClusterTools
            `$clock = [System.Diagnostics.Stopwatch]::StartNew()
            while ((Get-Connection) -ge `$before -and `$clock.Elapsed.TotalSeconds -lt 30) { Start-Sleep -Milliseconds 50 }
            ""`$before `$(Get-Connection)"""
        $numbers = (& pwsh -NoProfile -NonInteractive -Command $script).Split(' ')
        Test-Path -LiteralPath $folder | Should -BeTrue
        [int] $numbers[0] | Should -BeGreaterThan ([int] $numbers[1])
    }
}
