# Issues a certificate, signed by the cluster's own authority: a client's, or a node's if it has host names. Grant-ClusterAccess and
# New-NodeInvitation.ps1 call it.
# The authority's key is read here and kept nowhere. What the certificate says is what the daemon's 'clusterd init' makes, too.
[CmdletBinding()]
[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '', Justification = 'It changes nothing; the caller writes what comes back.')]
[OutputType([System.Security.Cryptography.X509Certificates.X509Certificate2])]
param(
    # ca.pem and ca.key.pem of the cluster.
    [Parameter(Mandatory)] [string] $Authority,
    [Parameter(Mandatory)] [string] $AuthorityKey,
    # The person or service.
    [Parameter(Mandatory)] [string] $Name,
    [Parameter(Mandatory)] [timespan] $ValidFor,
    # Names and addresses of a node.
    [string[]] $HostName
)

Set-StrictMode -Version 3
$ErrorActionPreference = 'Stop'
$ca = [System.Security.Cryptography.X509Certificates.X509Certificate2]::CreateFromPemFile($Authority, $AuthorityKey)
$key = [System.Security.Cryptography.ECDsa]::Create([System.Security.Cryptography.ECCurve+NamedCurves]::nistP256)
try {
    $subject = [System.Security.Cryptography.X509Certificates.X500DistinguishedNameBuilder]::new()
    $subject.AddCommonName($Name)
    $subject.AddOrganizationName($ca.GetNameInfo([System.Security.Cryptography.X509Certificates.X509NameType]::SimpleName, $true))
    $request = [System.Security.Cryptography.X509Certificates.CertificateRequest]::new(
        $subject.Build(), $key, [System.Security.Cryptography.HashAlgorithmName]::SHA256)
    $usages = [System.Security.Cryptography.OidCollection]::new()
    [void] $usages.Add([System.Security.Cryptography.Oid]::new('1.3.6.1.5.5.7.3.2'))
    if ($HostName) {
        [void] $usages.Add([System.Security.Cryptography.Oid]::new('1.3.6.1.5.5.7.3.1'))
        $names = [System.Security.Cryptography.X509Certificates.SubjectAlternativeNameBuilder]::new()
        foreach ($name in $HostName) {
            $ip = $null
            if ([ipaddress]::TryParse($name, [ref] $ip)) { $names.AddIpAddress($ip) } else { $names.AddDnsName($name) }
        }

        $request.CertificateExtensions.Add($names.Build())
    }

    foreach ($extension in @(
            [System.Security.Cryptography.X509Certificates.X509SubjectKeyIdentifierExtension]::new($request.PublicKey, $false)
            [System.Security.Cryptography.X509Certificates.X509BasicConstraintsExtension]::new($false, $false, 0, $true)
            [System.Security.Cryptography.X509Certificates.X509KeyUsageExtension]::new('DigitalSignature', $true)
            [System.Security.Cryptography.X509Certificates.X509EnhancedKeyUsageExtension]::new($usages, $true)
            [System.Security.Cryptography.X509Certificates.X509AuthorityKeyIdentifierExtension]::CreateFromCertificate($ca, $true, $false))) {
        $request.CertificateExtensions.Add($extension)
    }

    # A day back, for machines whose clocks differ; never longer than the authority.
    $now = [DateTimeOffset]::UtcNow
    $from = if ($now.AddDays(-1) -lt $ca.NotBefore) { [DateTimeOffset] $ca.NotBefore } else { $now.AddDays(-1) }
    $to = if ($now + $ValidFor -gt $ca.NotAfter) { [DateTimeOffset] $ca.NotAfter } else { $now + $ValidFor }
    $serial = [System.Security.Cryptography.RandomNumberGenerator]::GetBytes(16)
    $serial[0] = ($serial[0] -band 0x7F) -bor 0x40
    $issued = $request.Create($ca, $from, $to, $serial)
    [System.Security.Cryptography.X509Certificates.ECDsaCertificateExtensions]::CopyWithPrivateKey($issued, $key)
    $issued.Dispose()
}
finally {
    $key.Dispose()
    $ca.Dispose()
}
