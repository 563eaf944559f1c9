using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ClusterTools.Client;

namespace ClusterTools.Api;

/// <summary>Trust in the cluster's CA and nothing else.</summary>
public static class CertificateTrust
{
    private static readonly Oid ServerAuthentication = new("1.3.6.1.5.5.7.3.1");

    private static readonly Oid ClientAuthentication = new("1.3.6.1.5.5.7.3.2");

    /// <summary>For checking clients' certificates. Nothing is fetched from the network, the machine's own roots don't count.</summary>
    internal static X509ChainPolicy ForClients(X509Certificate2 authority) => Policy(authority, ClientAuthentication);

    /// <summary>For checking servers' certificates.</summary>
    internal static X509ChainPolicy ForServers(X509Certificate2 authority) => Policy(authority, ServerAuthentication);

    /// <summary>Reads a certificate with its key from a PFX without password.</summary>
    /// <exception cref="InvalidDataException">Missing or damaged; the message says what to do.</exception>
    /// <exception cref="ContextException">Readable by others.</exception>
    public static X509Certificate2 LoadPfx(string path)
    {
        try
        {
            PrivateFile.Check(path);
            return X509CertificateLoader.LoadPkcs12FromFile(path, null);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InvalidDataException($"The certificate {path} is not there. Run 'clusterd init', or copy it there.", e);
        }
        catch (CryptographicException e)
        {
            throw new InvalidDataException($"The certificate {path} can't be read: {e.Message} Issue it again.", e);
        }
    }

    /// <summary>Reads the CA's certificate.</summary>
    /// <exception cref="InvalidDataException">Missing or damaged; the message says what to do.</exception>
    public static X509Certificate2 LoadAuthority(string path)
    {
        try
        {
            return X509Certificate2.CreateFromPem(File.ReadAllText(path));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InvalidDataException($"The authority {path} is not there. Copy ca.pem of the cluster there.", e);
        }
        catch (CryptographicException e)
        {
            throw new InvalidDataException($"The authority {path} can't be read: {e.Message} Copy ca.pem of the cluster there.", e);
        }
    }

    /// <summary>Whether clients that trust the CA will trust this server.</summary>
    /// <returns>Why not; null: they will.</returns>
    public static string? WhyNotTrusted(X509Certificate2 server, X509Certificate2 authority)
    {
        ArgumentNullException.ThrowIfNull(server);
        using var chain = new X509Chain { ChainPolicy = ForServers(authority) };
        return chain.Build(server)
            ? null
            : string.Join(" ", chain.ChainStatus.Select(s => s.StatusInformation.Trim()).Where(s => s.Length > 0).Distinct());
    }

    private static X509ChainPolicy Policy(X509Certificate2 authority, Oid usage) => new()
    {
        TrustMode = X509ChainTrustMode.CustomRootTrust,
        CustomTrustStore = { authority },
        ApplicationPolicy = { usage },
        DisableCertificateDownloads = true,
        // A certificate is revoked by taking its grant out of the configuration.
        RevocationMode = X509RevocationMode.NoCheck,
    };
}
