#Requires -Version 7.4
BeforeAll {
    Set-StrictMode -Version 3
    Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'Fixture.psm1') -Force
    Import-TestedModule
    $lab = Start-TestLab
    $out = Join-Path -Path $TestDrive -ChildPath 'out'
}

AfterAll {
    Stop-TestLab -Lab $lab
}

Describe 'Get-ClusterAccess' {
    It 'lists who may do what, and marks who asks' {
        $all = @(Get-ClusterAccess)
        $all.Name | Should -Contain 'operator'
        @($all | Where-Object -Property Current).Role | Should -Be 'Administrator'
        (Get-ClusterAccess view*).Role | Should -Be 'Viewer'
        { Get-ClusterAccess nobody -ErrorAction Stop } | Should -Throw -ErrorId 'NotFound,*'
    }

    It '-Current says who you are, to a viewer too' {
        $me = Get-ClusterAccess -Current -Cluster $lab.Viewer
        $me.Name | Should -Be 'viewer'
        $me.Role | Should -Be 'Viewer'
        $me.Expires | Should -BeGreaterThan ([DateTimeOffset]::Now)
        $me.Fingerprint | Should -Match '^[0-9A-F]{64}$'
    }
}

Describe 'Grant- and Revoke-ClusterAccess' {
    It 'make a certificate that only its owner can read, with which somebody reaches the cluster until it is revoked' {
        $access = Grant-ClusterAccess nagios Operator -OutputPath $out -ValidFor 3.00:00:00 -Reason 'monitoring'
        $access.Role | Should -Be 'Operator'
        $access.Expires | Should -BeLessThan ([DateTimeOffset]::Now.AddDays(4))
        foreach ($file in $access.CertificatePath, $access.ContextPath) {
            [System.IO.File]::GetUnixFileMode($file) | Should -Be ([System.IO.UnixFileMode] 'UserRead, UserWrite')
        }

        # Signed by the authority, with nothing of the authority's key in it.
        Get-ChildItem -LiteralPath $out | ForEach-Object -MemberName Name | Should -Be @('nagios.contexts.json', 'nagios.pfx')
        Get-Content -LiteralPath $access.ContextPath -Raw | Should -Not -Match 'PRIVATE'
        (Get-ClusterAccess nagios).Fingerprint | Should -Be $access.Fingerprint

        $before = $env:CLUSTERTOOLS_CONTEXTS
        $env:CLUSTERTOOLS_CONTEXTS = $access.ContextPath
        try {
            (Get-ClusterAccess -Current).Name | Should -Be 'nagios'
            (Move-ClusterGroup reports node3).Owner | Should -Be 'node3'
            { Grant-ClusterAccess other Viewer -Fingerprint ('AB' * 32) -ErrorAction Stop } | Should -Throw -ErrorId 'RoleRequired,*'
            (Get-ClusterOperation | Select-Object -Last 1).Who | Should -BeLike 'nagios (*'
        }
        finally {
            $env:CLUSTERTOOLS_CONTEXTS = $before
        }

        (Revoke-ClusterAccess nagios -Confirm:$false -PassThru).Fingerprint | Should -Be $access.Fingerprint
        $env:CLUSTERTOOLS_CONTEXTS = $access.ContextPath
        try {
            { Get-ClusterNode -ErrorAction Stop } | Should -Throw -ErrorId 'UnknownCertificate,*'
        }
        finally {
            $env:CLUSTERTOOLS_CONTEXTS = $before
        }
    }

    It 'write over nothing, and nothing at all with -WhatIf' {
        $folder = Join-Path -Path $TestDrive -ChildPath 'once'
        Grant-ClusterAccess olivia Viewer -OutputPath $folder -WhatIf
        Test-Path -LiteralPath $folder | Should -BeFalse
        Get-ClusterAccess oliv* | Should -BeNullOrEmpty
        [void] (Grant-ClusterAccess olivia Viewer -OutputPath $folder)
        { Grant-ClusterAccess olivia Viewer -OutputPath $folder -ErrorAction Stop } | Should -Throw -ErrorId 'ContextExists,*'
        @(Get-ClusterAccess olivia).Count | Should -Be 1
    }

    It 'encrypt the certificate with a password, which Connect-Cluster takes' {
        $password = [System.Net.NetworkCredential]::new('', 'sesame').SecurePassword
        $access = Grant-ClusterAccess service Viewer -OutputPath $out -Password $password
        $access.ContextPath | Should -BeNullOrEmpty
        $context = Get-ClusterContext -Current
        $authority = Join-Path -Path $TestDrive -ChildPath 'ca.pem'
        Set-Content -LiteralPath $authority -Value $context.Authority
        [void] (Connect-Cluster -Name service -Server $context.Servers -Certificate $access.CertificatePath -CertificatePassword $password -Authority $authority)
        (Get-ClusterAccess -Current -Cluster service).Name | Should -Be 'service'
        Disconnect-Cluster service -Forget
        [void] (Set-ClusterContext $context.Name)
    }

    It 'take a certificate that there is, by its file or its fingerprint, and change what it may do' {
        $access = Grant-ClusterAccess paul Viewer -OutputPath $out
        [void] (Revoke-ClusterAccess -Fingerprint $access.Fingerprint -Confirm:$false)
        (Grant-ClusterAccess paul Viewer -CertificatePath $access.CertificatePath).Fingerprint | Should -Be $access.Fingerprint
        $written = ($access.Fingerprint -replace '(..)(?!$)', '$1:').ToLowerInvariant()
        (Grant-ClusterAccess paul Operator -Fingerprint "SHA256 Fingerprint=$written").Role | Should -Be 'Operator'
        @(Get-ClusterAccess paul).Role | Should -Be 'Operator'
        { Grant-ClusterAccess paul Operator -Fingerprint 'AB:CD' -ErrorAction Stop } | Should -Throw -ExpectedMessage '*no SHA-256 fingerprint*'
        Get-ClusterAccess paul | Revoke-ClusterAccess -Confirm:$false
        Get-ClusterAccess pau* | Should -BeNullOrEmpty
    }

    It 'say where the authority is wanted, and keep the last administrator' {
        { Grant-ClusterAccess x Viewer -AuthorityPath $TestDrive -OutputPath $out -ErrorAction Stop } | Should -Throw -ErrorId 'CertificateUnreadable,*' -ExpectedMessage '*ca.key.pem*'
        { Get-ClusterAccess | Where-Object -Property Role -EQ -Value 'Administrator' | Revoke-ClusterAccess -Confirm:$false -ErrorAction Stop } | Should -Throw -ExpectedMessage '*administrator*'
        @(Get-ClusterAccess | Where-Object -Property Current).Count | Should -Be 1
    }
}
