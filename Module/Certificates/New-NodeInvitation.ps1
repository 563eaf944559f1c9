# What a machine joins a cluster with: a certificate that lets it in once, and its own, whose key only the join token opens. Add-ClusterNode
# calls it in a session of its own. The authority's key is read by New-Certificate.ps1 and kept nowhere.
[CmdletBinding()]
[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '', Justification = 'It changes nothing; the caller sends what comes back.')]
[OutputType([hashtable])]
param(
    # ca.pem and ca.key.pem of the cluster.
    [Parameter(Mandatory)] [string] $Authority,
    [Parameter(Mandatory)] [string] $AuthorityKey,
    # The node, and the addresses that clients reach it by.
    [Parameter(Mandatory)] [string] $Node,
    [Parameter(Mandatory)] [string[]] $Address
)

Set-StrictMode -Version 3
$ErrorActionPreference = 'Stop'
$issue = Join-Path -Path $PSScriptRoot -ChildPath 'New-Certificate.ps1'
# Clocks of machines differ; the member that keeps the invitation ends it by its own.
$join = & $issue -Authority $Authority -AuthorityKey $AuthorityKey -Name "join $Node" -ValidFor ([timespan]::FromDays(2))
$own = & $issue -Authority $Authority -AuthorityKey $AuthorityKey -Name $Node -ValidFor ([timespan]::FromDays(1826)) -HostName (@($Node) + $Address)
$joinKey = [System.Security.Cryptography.X509Certificates.ECDsaCertificateExtensions]::GetECDsaPrivateKey($join)
$ownKey = [System.Security.Cryptography.X509Certificates.ECDsaCertificateExtensions]::GetECDsaPrivateKey($own)
$ca = [System.Security.Cryptography.X509Certificates.X509Certificate2]::CreateFromPem((Get-Content -LiteralPath $Authority -Raw))
try {
    $password = [Convert]::ToBase64String([System.Security.Cryptography.RandomNumberGenerator]::GetBytes(32))
    # The password is random: rounds add nothing to it.
    $encryption = [System.Security.Cryptography.PbeParameters]::new(
        'Aes256Cbc', [System.Security.Cryptography.HashAlgorithmName]::SHA256, 1000)
    @{
        Fingerprint = $join.GetCertHashString([System.Security.Cryptography.HashAlgorithmName]::SHA256)
        Join        = $join.RawData
        JoinKey     = $joinKey.ExportPkcs8PrivateKey()
        Authority   = $ca.RawData
        Password    = $password
        Certificate = $own.ExportCertificatePem() + "`n" + $ownKey.ExportEncryptedPkcs8PrivateKeyPem($password, $encryption)
    }
}
finally {
    $joinKey, $ownKey, $join, $own, $ca | ForEach-Object -Process { $_.Dispose() }
}
