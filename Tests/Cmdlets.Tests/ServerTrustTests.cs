using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using ClusterTools.Client;

namespace ClusterTools.Cmdlets.Tests;

public sealed class ServerTrustTests : IDisposable
{
    private readonly TestAuthority authority = new("ClusterTools CA of shop");

    [Fact]
    public void A_node_of_the_clusters_own_authority_is_trusted()
    {
        using X509Certificate2 node = authority.Issue(TestAuthority.ForServers);

        // What the system says of it does not count: it knows the authority as little as any other of its kind.
        Assert.Null(new ServerTrust(authority.Certificate).WhyNot(node, SslPolicyErrors.RemoteCertificateChainErrors));
    }

    [Fact]
    public void A_node_of_another_authority_is_refused()
    {
        using var other = new TestAuthority("ClusterTools CA of bank");
        using X509Certificate2 node = other.Issue(TestAuthority.ForServers);
        Assert.Contains(
            "of another authority (CN=ClusterTools CA of bank)", new ServerTrust(authority.Certificate).WhyNot(node, SslPolicyErrors.None),
            StringComparison.Ordinal);
    }

    [Fact]
    public void An_authority_of_the_same_name_with_another_key_is_refused()
    {
        using var impostor = new TestAuthority("ClusterTools CA of shop");
        using X509Certificate2 node = impostor.Issue(TestAuthority.ForServers);
        Assert.NotNull(new ServerTrust(authority.Certificate).WhyNot(node, SslPolicyErrors.None));
    }

    [Fact]
    public void A_certificate_that_has_expired_is_refused()
    {
        using X509Certificate2 node = authority.Issue(TestAuthority.ForServers, TimeSpan.FromDays(-1));
        Assert.Contains("not valid", new ServerTrust(authority.Certificate).WhyNot(node, SslPolicyErrors.None), StringComparison.Ordinal);
    }

    [Fact]
    public void A_users_certificate_is_refused_as_a_nodes()
    {
        using X509Certificate2 user = authority.Issue(TestAuthority.ForClients);
        Assert.Contains("not valid", new ServerTrust(authority.Certificate).WhyNot(user, SslPolicyErrors.None), StringComparison.Ordinal);
    }

    [Fact]
    public void A_certificate_for_another_address_is_refused()
    {
        using X509Certificate2 node = authority.Issue(TestAuthority.ForServers);
        Assert.Contains(
            "another address", new ServerTrust(authority.Certificate).WhyNot(node, SslPolicyErrors.RemoteCertificateNameMismatch),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_server_without_certificate_is_refused() =>
        Assert.NotNull(new ServerTrust(authority.Certificate).WhyNot(null, SslPolicyErrors.RemoteCertificateNotAvailable));

    public void Dispose() => authority.Dispose();
}
