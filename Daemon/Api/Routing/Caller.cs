using System.Security.Cryptography.X509Certificates;
using ClusterTools.Core;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Api;

/// <summary>Who is asking: a certificate of the cluster's CA, and what the configuration in force grants it at this moment.</summary>
/// <param name="Fingerprint">Of the certificate.</param>
/// <param name="Grant">Its grant.</param>
/// <param name="Expires">When the certificate does.</param>
internal sealed record Caller(string Fingerprint, AccessGrant Grant, DateTimeOffset Expires)
{
    /// <summary>As it stands in the journal.</summary>
    public string Who => $"{Grant.Name} ({CertificateFingerprint.Beginning(Fingerprint)})";

    public bool IsAdministrator => Grant.Role == AccessRole.Administrator;

    /// <summary>What a certificate is granted; null: nothing.</summary>
    public static AccessRole? RoleOf(X509Certificate2 certificate, ClusterState state) =>
        state.Configuration.Access.TryGetValue(CertificateFingerprint.Of(certificate), out AccessGrant? grant)
            && certificate.NotAfter >= DateTime.Now
            ? grant.Role
            : null;

    /// <exception cref="ApiException">There is no grant, or its role does not suffice.</exception>
    public static Caller Require(X509Certificate2 certificate, ClusterState state, AccessRole role)
    {
        string fingerprint = CertificateFingerprint.Of(certificate);
        if (!state.Configuration.Access.TryGetValue(fingerprint, out AccessGrant? grant) || certificate.NotAfter < DateTime.Now)
        {
            throw Problems.UnknownCertificate(fingerprint);
        }

        return grant.Role >= role
            ? new Caller(fingerprint, grant, certificate.NotAfter)
            : throw Problems.RoleRequired(grant.Name, Word(grant.Role), Word(role));
    }

    /// <summary>Whether the configuration in force still grants the role.</summary>
    public bool StillMay(ClusterState state, AccessRole role) =>
        state.Configuration.Access.TryGetValue(Fingerprint, out AccessGrant? grant) && grant.Role >= role
            && Expires > DateTimeOffset.UtcNow;

    private static string Word(AccessRole role) => role switch
    {
        AccessRole.Viewer => "viewer",
        AccessRole.Operator => "operator",
        AccessRole.Administrator => "administrator",
        _ => throw new ArgumentOutOfRangeException(nameof(role), role, null),
    };
}
