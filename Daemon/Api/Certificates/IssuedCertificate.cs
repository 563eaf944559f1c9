using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ClusterTools.Client;

namespace ClusterTools.Api;

/// <summary>A certificate with its private key, fresh from the <see cref="ClusterAuthority"/>.</summary>
public sealed class IssuedCertificate : IDisposable
{
    internal IssuedCertificate(X509Certificate2 certificate) => Certificate = certificate;

    /// <summary>With the private key.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>SHA-256, hexadecimal, upper case: what the configuration's access grants go by.</summary>
    public string Fingerprint => CertificateFingerprint.Of(Certificate);

    /// <summary>PKCS #12, AES-256. Without a password: the file's mode protects it.</summary>
    public byte[] ToPfx(string? password = null) => Certificate.ExportPkcs12(Pkcs12ExportPbeParameters.Pbes2Aes256Sha256, password);

    /// <summary>Writes the PFX, readable by its owner only.</summary>
    public void WritePfx(string path) => PrivateFile.Write(path, ToPfx());

    public void Dispose() => Certificate.Dispose();
}
