using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ClusterTools.Client;

namespace ClusterTools.Api;

/// <summary>
/// The cluster's own certificate authority (ECDSA P-256). Its key is needed to issue certificates only and belongs on the
/// administrator's side; the nodes have <c>ca.pem</c> alone.
/// </summary>
public sealed class ClusterAuthority : IDisposable
{
    public const string CertificateFile = "ca.pem";

    public const string KeyFile = "ca.key.pem";

    /// <summary>How long the CA is valid.</summary>
    public static readonly TimeSpan AuthorityValidity = TimeSpan.FromDays(3653);

    /// <summary>How long a node's or user's certificate is valid unless said otherwise; never longer than the CA.</summary>
    public static readonly TimeSpan DefaultValidity = TimeSpan.FromDays(1826);

    // Machines whose clocks differ must be able to talk at once.
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromDays(1);

    private static readonly Oid ServerAuthentication = new("1.3.6.1.5.5.7.3.1");

    private static readonly Oid ClientAuthentication = new("1.3.6.1.5.5.7.3.2");

    private readonly X509Certificate2 certificate;

    private ClusterAuthority(X509Certificate2 certificate) => this.certificate = certificate;

    /// <summary>The CA's certificate without its key; a copy, to be disposed of by the caller.</summary>
    public X509Certificate2 Certificate => X509CertificateLoader.LoadCertificate(certificate.RawData);

    /// <summary>The CA's certificate, PEM.</summary>
    public string CertificatePem => certificate.ExportCertificatePem() + "\n";

    /// <summary>Makes a new authority for a cluster.</summary>
    public static ClusterAuthority Create(string cluster)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(cluster);
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = Request(cluster, $"{cluster} CA", key);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        DateTimeOffset now = DateTimeOffset.UtcNow;
        return new ClusterAuthority(request.CreateSelfSigned(now - ClockTolerance, now + AuthorityValidity));
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <exception cref="InvalidDataException">Missing, or not an authority; the message says what to do.</exception>
    /// <exception cref="ContextException">The key is readable by others.</exception>
    public static ClusterAuthority Load(string folder)
    {
        string certificatePath = Path.Combine(folder, CertificateFile);
        string keyPath = Path.Combine(folder, KeyFile);
        if (!File.Exists(certificatePath) || !File.Exists(keyPath))
        {
            throw new InvalidDataException(
                $"{folder} holds no authority: {CertificateFile} and {KeyFile} are needed. "
                    + "Give the folder that 'clusterd init' kept the CA's key in.");
        }

        PrivateFile.Check(keyPath);
        try
        {
            return new ClusterAuthority(X509Certificate2.CreateFromPemFile(certificatePath, keyPath));
        }
        catch (CryptographicException e)
        {
            throw new InvalidDataException(
                $"{certificatePath} and {keyPath} don't belong together or are damaged: {e.Message} Restore them from a backup.", e);
        }
    }

    /// <summary>Writes <c>ca.pem</c> and <c>ca.key.pem</c>, readable by their owner only; makes the folder with mode 0700.</summary>
    public void Save(string folder)
    {
        PrivateFile.CreateFolder(folder);
        using ECDsa key = certificate.GetECDsaPrivateKey()!;
        PrivateFile.Write(Path.Combine(folder, KeyFile), System.Text.Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem() + "\n"));
        SaveCertificate(Path.Combine(folder, CertificateFile));
    }

    /// <summary>Writes the CA's certificate alone: what a node or a client needs.</summary>
    public void SaveCertificate(string path) => PrivateFile.Write(path, System.Text.Encoding.ASCII.GetBytes(CertificatePem));

    /// <summary>A node's certificate: server and client, for its name and the given ones.</summary>
    /// <param name="node">The node's name in the configuration.</param>
    /// <param name="hosts">Host names and IP addresses by which clients reach it.</param>
    /// <param name="validity">Null: <see cref="DefaultValidity"/>.</param>
    public IssuedCertificate IssueNode(string node, IEnumerable<string> hosts, TimeSpan? validity = null)
    {
        ArgumentNullException.ThrowIfNull(hosts);
        var names = new SubjectAlternativeNameBuilder();
        foreach (string host in hosts.Prepend(node).Distinct(StringComparer.OrdinalIgnoreCase))
        {
            if (IPAddress.TryParse(host, out IPAddress? address))
            {
                names.AddIpAddress(address);
            }
            else
            {
                names.AddDnsName(host);
            }
        }

        return Issue(node, validity, [ServerAuthentication, ClientAuthentication], names.Build());
    }

    /// <summary>
    /// A person's or program's certificate: client only. Its fingerprint needs a grant in the configuration to be of use.
    /// </summary>
    /// <param name="name">Of the person or program.</param>
    /// <param name="validity">Null: <see cref="DefaultValidity"/>.</param>
    public IssuedCertificate IssueUser(string name, TimeSpan? validity = null) => Issue(name, validity, [ClientAuthentication], null);

    public void Dispose() => certificate.Dispose();

    private static CertificateRequest Request(string organization, string name, ECDsa key)
    {
        var subject = new X500DistinguishedNameBuilder();
        subject.AddCommonName(name);
        subject.AddOrganizationName(organization);
        var request = new CertificateRequest(subject.Build(), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return request;
    }

    private IssuedCertificate Issue(string name, TimeSpan? validity, OidCollection usages, X509Extension? names)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = Request(certificate.GetNameInfo(X509NameType.SimpleName, true), name, key);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(usages, true));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(certificate, true, false));
        if (names is not null)
        {
            request.CertificateExtensions.Add(names);
        }

        DateTimeOffset now = DateTimeOffset.UtcNow;
        DateTimeOffset end = now + (validity ?? DefaultValidity);
        DateTimeOffset last = certificate.NotAfter;
        DateTimeOffset begin = now - ClockTolerance;
        DateTimeOffset first = certificate.NotBefore;
        byte[] serial = RandomNumberGenerator.GetBytes(16);
        serial[0] = (byte)((serial[0] & 0x7F) | 0x40);
        using X509Certificate2 issued = request.Create(certificate, begin < first ? first : begin, end > last ? last : end, serial);
        using X509Certificate2 withKey = issued.CopyWithPrivateKey(key);

        // Through a PFX: on Windows a key that lives in memory only can't be used for TLS.
        return new IssuedCertificate(X509CertificateLoader.LoadPkcs12(
            withKey.ExportPkcs12(Pkcs12ExportPbeParameters.Pbes2Aes256Sha256, null), null, X509KeyStorageFlags.Exportable));
    }
}
