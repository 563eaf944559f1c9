using System.Net.Security;
#if !NET
using System.Reflection;
#endif
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ClusterTools.Client;

/// <summary>Trust in the cluster's own authority and nothing else; the machine's roots don't count.</summary>
internal sealed class ServerTrust
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

#if !NET
    // Not known to netstandard2.0, but to the runtime that it is loaded into.
    private static readonly PropertyInfo? DisableDownloads = typeof(X509ChainPolicy).GetProperty("DisableCertificateDownloads");
#endif

    private readonly X509Certificate2 authority;

    /// <param name="authority">The cluster's CA.</param>
    public ServerTrust(X509Certificate2 authority) => this.authority = authority;

    /// <summary>Why this certificate is not that of a node of the cluster; null: it is.</summary>
    public string? WhyNot(X509Certificate2? certificate, SslPolicyErrors errors)
    {
        if (certificate is null || (errors & SslPolicyErrors.RemoteCertificateNotAvailable) != 0)
        {
            return "it shows no certificate";
        }

        if ((errors & SslPolicyErrors.RemoteCertificateNameMismatch) != 0)
        {
            return $"its certificate is for another address ({certificate.Subject})";
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.VerificationFlags = X509VerificationFlags.AllowUnknownCertificateAuthority;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ServerAuthentication));
        chain.ChainPolicy.ExtraStore.Add(authority);

        // Nothing is fetched from addresses that a stranger's certificate names.
#if NET
        chain.ChainPolicy.DisableCertificateDownloads = true;
#else
        DisableDownloads?.SetValue(chain.ChainPolicy, true);
#endif
        bool built = chain.Build(certificate);
        try
        {
            X509Certificate2 root = chain.ChainElements[chain.ChainElements.Count - 1].Certificate;
            if (!root.RawData.SequenceEqual(authority.RawData))
            {
                return $"its certificate ({certificate.Subject}) is of another authority ({certificate.Issuer}), not of this cluster's";
            }

            // An unknown root is expected, as the cluster has its own CA; any other status is an error.
            X509ChainStatus[] wrong =
            [
                .. chain.ChainStatus.Where(s => s.Status is not (X509ChainStatusFlags.NoError or X509ChainStatusFlags.UntrustedRoot)),
            ];
            return built && wrong.Length == 0
                ? null
                : $"its certificate ({certificate.Subject}) is not valid: "
                    + $"{string.Join(" ", wrong.Select(s => s.StatusInformation.Trim()))}";
        }
        finally
        {
            foreach (X509ChainElement element in chain.ChainElements)
            {
                element.Certificate.Dispose();
            }
        }
    }
}
