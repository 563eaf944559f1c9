using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ClusterTools.Api;

/// <summary>How a certificate is named in the configuration.</summary>
public static class CertificateFingerprint
{
    /// <summary>SHA-256 of the certificate, hexadecimal, upper case, no separators.</summary>
    public static string Of(X509Certificate2 certificate) => certificate.GetCertHashString(HashAlgorithmName.SHA256);

    /// <summary>Enough of it to tell two apart in a journal.</summary>
    public static string Beginning(string fingerprint) => fingerprint.Length <= 12 ? fingerprint : fingerprint[..12];
}
