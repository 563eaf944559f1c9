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

    /// <summary>Certificate, then PKCS #8 key, both PEM.</summary>
    public string ToPem()
    {
        using ECDsa key = Certificate.GetECDsaPrivateKey()!;
        return $"{Certificate.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n";
    }

    /// <summary>Writes the PFX, readable by its owner only.</summary>
    public void WritePfx(string path) => PrivateFile.Write(path, ToPfx());

    /// <summary>Writes certificate and key as PEM, readable by its owner only.</summary>
    public void WritePem(string path) => PrivateFile.Write(path, System.Text.Encoding.ASCII.GetBytes(ToPem()));

    public void Dispose() => Certificate.Dispose();
}
