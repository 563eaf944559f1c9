using System.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace ClusterTools.Client;

/// <summary>
/// Files of certificates: the authority's, which stay on the administrator's side, and those that are given to people and services.
/// </summary>
internal static class CertificateFiles
{
    private const string Authority = "ca.pem";

    private const string AuthorityKey = "ca.key.pem";

    /// <summary>The authority's certificate and key in a folder.</summary>
    /// <exception cref="ContextException">They are not there, or can be read by others.</exception>
    public static (string Certificate, string Key) FindAuthority(string folder)
    {
        (string certificate, string key) = (Path.Combine(folder, Authority), Path.Combine(folder, AuthorityKey));
        if (!File.Exists(certificate) || !File.Exists(key))
        {
            throw new ContextException(
                ContextException.CertificateUnreadable,
                $"'{folder}' holds no authority: {Authority} and {AuthorityKey} are needed to issue a certificate.",
                "Give with -AuthorityPath the folder that 'clusterd init' kept them in, or grant a certificate that there is with "
                    + "-CertificatePath or -Fingerprint.", folder);
        }

        PrivateFile.Check(key);
        return (certificate, key);
    }

    /// <summary>The folder of a context's own certificate, where <c>clusterd init</c> keeps the authority too.</summary>
    public static string OwnFolder(ClientContext context, string contexts) =>
        Path.GetDirectoryName(
            Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(contexts))!, context.CertificatePath ?? "")))!;

    /// <summary>A certificate without its key, from a PEM, DER or PFX file.</summary>
    /// <exception cref="ContextException">It can't be read.</exception>
    public static X509Certificate2 Read(string path, SecureString? password)
    {
        if (Path.GetExtension(path).ToUpperInvariant() is ".PFX" or ".P12")
        {
            return ContextFile.LoadPfx(path, password);
        }

        try
        {
            byte[] content = File.ReadAllBytes(path);
            return content.Length > 0 && content[0] == '-'
                ? ContextFile.Authority(Encoding.ASCII.GetString(content), path)
                : new X509Certificate2(content);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new ContextException(
                ContextException.CertificateUnreadable, $"The certificate '{path}' can't be read: {e.Message}",
                "Give a PEM, DER or PFX file.", path, e);
        }
    }

    /// <summary>SHA-256, hexadecimal, upper case.</summary>
    public static string Fingerprint(X509Certificate2 certificate)
    {
        using var hash = SHA256.Create();
        return string.Concat(
            hash.ComputeHash(certificate.RawData).Select(b => b.ToString("X2", System.Globalization.CultureInfo.InvariantCulture)));
    }

    /// <summary>Refuses to write over what is there.</summary>
    /// <exception cref="ContextException">Something is there.</exception>
    public static void CheckNew(params string[] paths)
    {
        if (paths.FirstOrDefault(File.Exists) is { } there)
        {
            throw new ContextException(
                ContextException.Exists, $"'{there}' is there already.", "Give another -OutputPath, or replace it with -Force.", there);
        }
    }

    /// <summary>Writes a certificate with its key, and a context for its owner; readable by the user alone.</summary>
    public static void Write(X509Certificate2 certificate, SecureString? password, string pfx, string? context, ClientContext connection)
    {
        PrivateFile.Write(
            pfx, password is null ? certificate.Export(X509ContentType.Pfx) : certificate.Export(X509ContentType.Pfx, password));
        if (context is null)
        {
            return;
        }

        ContextFile.Write(context, new ClientContexts
        {
            Current = connection.Cluster,
            Contexts =
            [
                new ClientContext
                {
                    Name = connection.Cluster,
                    Cluster = connection.Cluster,
                    Servers = connection.Servers,
                    Authority = connection.Authority,
                    CertificatePath = Path.GetFileName(pfx),
                },
            ],
        }, ApiJson.Wire);
    }
}
